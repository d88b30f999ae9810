"""Which stored event the talk is about."""

import re
from datetime import date

from core.crm.draft import ExistingEvent
from core.crm.extract.rules import lexicon
from core.crm.extract.rules.ledger import Ledger
from core.crm.extract.rules.removals import find_removed
from core.crm.extract.rules.requests import asks_for
from core.crm.extract.rules.services import is_stored
from core.crm.extract.rules.turns import Turn

_TAG = re.compile(
    r"\b(?:(?:e|este|ar\s+fi|is|would)\s+(?:(?:that|it|this)\s+(?:be\s+)?)?(?:ok|okay|bine"
    r"|in\s+regula|alright|all\s+right|fine|posibil|possible|vreo\s+problema|o\s+problema"
    r"|a\s+problem)"
    r"|se\s+poate|ok|bine|right|nu\s+(?:e|este)\s+(?:o\s+)?problema)\s*\?"
)
"""A statement's "is that ok?", which makes no question of it."""


_DETAILS = {"address", "startTime", "numChildren", "durationMin"}
"""Facts that alone make no new party."""


def states(turn: Turn) -> bool:
    """Whether a message asks nothing, or states a number beside what it asks."""
    text = _TAG.sub(" ", turn.folded)
    if "?" not in text:
        return True
    sentences = [turn.folded[start:end] for start, end in turn.sentences]
    return any(
        re.search(r"\d", one) and "?" not in one and not lexicon.INQUIRY.search(one)
        for one in sentences[:-1]
    )


def pick_target(
    turns: list[Turn], ledger: Ledger, events: list[ExistingEvent]
) -> tuple[ExistingEvent | None, bool]:
    """Return the open event that the talk is about, and whether several could be meant."""
    open_events = [event for event in events if not event.is_archived]
    inbound = [turn for turn in turns if turn.inbound]
    text = _TAG.sub(" ", "\n".join(turn.folded for turn in inbound))
    named: date | None = ledger.value("date")
    by_date = [event for event in open_events if named and event.date == named.isoformat()]
    if by_date:
        return by_date[-1], False
    moving = bool(lexicon.MOVE.search(text))
    said = {day.isoformat() for day, _id in ledger.mentioned_days}
    for turn in inbound:
        said |= {m.value.isoformat() for m in turn.dates if m.value and not turn.is_past(m.start)}
    by_mention = [event for event in open_events if event.date in said]
    if moving and by_mention and named is not None:
        return by_mention[-1], False
    postponed = lexicon.POSTPONE.search(text) and not lexicon.OTHER_PARTY.search(text)
    if named is not None and len(open_events) == 1 and postponed:
        return open_events[0], False
    if named is not None and not (moving and _speaks_of_own(text)):
        return None, False
    if lexicon.OTHER_PARTY.search(text) and not moving:
        return None, False
    if len(by_mention) == 1:
        return by_mention[0], False
    christening = [e for e in open_events if any(r.role_type == "URSITOARE" for r in e.roles)]
    if (
        len(open_events) > 1
        and len(christening) == 1
        and re.search(r"botez|ursitoar|christening", text)
    ):
        return christening[0], False
    plain = bool(_speaks_of_own(text) or lexicon.CHANGE.search(text))
    telling = {turn.id for turn in inbound if states(turn)}
    names = {"childName", "childAge", "numChildren", "address", "startTime"} & set(ledger.facts)
    stated = any(telling & set(ledger.facts[name].ids) for name in names)
    if stated and not any(asks_for(turn) for turn in inbound):
        plain = True
    if "payment.status" in ledger.facts:
        plain = True
    if ledger.facts and set(ledger.facts) <= _DETAILS and not ledger.services:
        plain = True  # nobody asks for a new party by an address alone
    if len(open_events) == 1 and plain:
        return open_events[0], False
    shortened = [event for event in open_events if find_removed(ledger, event.roles)]
    if len(shortened) == 1:
        return shortened[0], False
    spoken_of = [event for event in open_events if _names_stored(inbound, event)]
    if len(spoken_of) == 1:
        return spoken_of[0], False
    return None, bool(len(open_events) > 1 and plain)


def _asked_anew(turn: Turn, position: int) -> bool:
    """Whether the clause asks for what it names, other than to come at an hour."""
    wish = lexicon.REQUEST.search(turn.clause_at(position))
    return wish is not None and not wish[0].startswith("sa ")


def _names_stored(inbound: list[Turn], event: ExistingEvent) -> bool:
    """Whether the customer speaks of a character of a stored event without asking for it."""
    named = [
        r.entry
        for t in inbound
        for r in t.roles
        if r.entry.exact_label and not _asked_anew(t, r.start)
    ]
    return any(is_stored(entry, role) for entry in named for role in event.roles)


def _speaks_of_own(text: str) -> bool:
    return bool(lexicon.OWN_BOOKING.search(text))
