"""The rules engine: reads a chat turn by turn and proposes what it says, never more."""

import re
from zoneinfo import ZoneInfo

from core.crm.catalogue import Catalogue, load_catalogue
from core.crm.draft import Extraction, ExtractionInput
from core.crm.extract.rules import (
    acceptance,
    lexicon,
    offered,
    offers,
    payments,
    points,
    schedule,
    services,
    totals,
)
from core.crm.extract.rules.address_values import further_parts, is_vaguer, join
from core.crm.extract.rules.birthdays import take_birthday
from core.crm.extract.rules.days import read_day
from core.crm.extract.rules.intents import judge
from core.crm.extract.rules.ledger import Ledger
from core.crm.extract.rules.people import read_people
from core.crm.extract.rules.places import find_address
from core.crm.extract.rules.result import propose
from core.crm.extract.rules.second_look import look_again
from core.crm.extract.rules.turns import Turn, read_turns
from core.crm.extract.rules.withdrawals import take_back

ENGINE = "rules"
_DEPOSIT_QUESTION = re.compile(r"\b(?:avans|deposit|acont)\w*[^.!?\n]{0,40}\?")


def extract(
    chat: ExtractionInput, *, catalogue: Catalogue | None = None, currency: str = "RON"
) -> Extraction:
    """Return what a chat proposes: intent, action, event draft, evidence and reasons.

    `currency` is the business's own, which a bare price is in. Raises ZoneInfoNotFoundError for an
    unknown time zone.
    """
    words = catalogue or load_catalogue()
    turns = read_turns(chat.messages, ZoneInfo(chat.timezone), words)
    begin = _latest_party(turns, chat)
    still_open = [event for event in chat.existing_events if not event.is_archived]
    ledger = Ledger(
        stored=bool(still_open),
        price_stored=still_open[0].payment.amount if len(still_open) == 1 else None,
    )
    for turn in turns[begin:]:
        if not turn.folded.strip():
            continue
        before = turns[turn.index - 1].inbound if turn.index else None
        if turn.inbound:
            ledger.lengths = set() if before is False else ledger.lengths
            ledger.lengths |= {m.minutes for m in turn.durations}
            _note_topic(turn, ledger)
            ledger.deposit_asked = bool(_DEPOSIT_QUESTION.search(turn.folded))
            is_all = take_back(turn, turns[begin:], ledger, still_open)
            if not is_all and not _answers_about_past(turn, ledger):
                _hear(turn, ledger, words, currency)
        else:
            if before is not False:
                ledger.asked, ledger.day_proposed = set(), False
            offers.read_outbound(turn, ledger, currency)
            offered.answer_services(turn, ledger)
            points.note_points(turn, ledger)
            ledger.last_outbound = turn.folded
    verdict = judge(turns[begin:], ledger, chat.existing_events, every=turns)
    verdict = look_again(verdict, turns, ledger, chat.existing_events)
    if verdict.intent == "BOOKING":
        take_birthday(turns[begin:], ledger)
    return propose(verdict, ledger, shielded=any(turn.shielded for turn in turns), engine=ENGINE)


def _hear(turn: Turn, ledger: Ledger, catalogue: Catalogue, currency: str) -> None:
    """Take in one message of the customer."""
    offer = ledger.offer
    names = read_people(turn, ledger)
    place = find_address(turn, ledger, names)
    known = ledger.facts.get("address")
    if place is None and known is not None and (parts := further_parts(turn)):
        place = (parts, 0.8) if join(known.value, parts) else None
    if place is not None:
        _take_address(turn, ledger, *place)
        at = turn.text.find(place[0])
        names += [(at, at + len(place[0]))] if at >= 0 else []
    offered.adopt_character(turn, ledger, offer.services)
    payments.read_payment(turn, ledger, currency)
    priced = ledger.value("payment.amount")
    accepted = acceptance.read_acceptance(turn, ledger)
    read_day(turn, ledger)
    schedule.read_hour(turn, ledger)
    schedule.read_length(turn, ledger)
    totals.read_price(turn, ledger, currency)
    services.read_services(turn, ledger, names)
    points.read_points(turn, ledger)
    points.note_points(turn, ledger)
    if accepted:
        agreed = ledger.value("payment.amount") != priced
        offered.accept_services(turn, ledger, offer, agreed=agreed)


_PAST_QUESTION = re.compile(
    r"\bati\s+(?:mai\s+)?(?:fost|lucrat|avut)\b[^.!]{0,60}\?|\bde\s+unde\s+(?:ati|ne)\b|\bcum\s+ati\s+(?:aflat|auzit|ajuns)"
    r"|\bhow\s+did\s+you\s+(?:hear|find)|\bhave\s+you\s+(?:used|been|had)\b[^.!]{0,60}\?|\bwho\s+recommended"
)


def _answers_about_past(turn: Turn, ledger: Ledger) -> bool:
    """Whether a message only answers where the customer knows the company from."""
    asked = _PAST_QUESTION.search(ledger.last_outbound) and not ledger.asked
    return bool(asked) and not lexicon.REQUEST.search(turn.folded)


def _note_topic(turn: Turn, ledger: Ledger) -> None:
    """Note which services a question of the customer is about."""
    asked = [
        r.entry
        for r in turn.roles
        if lexicon.QUESTION_WORDS.search(turn.sentence_at(r.start))
        and not lexicon.REQUEST.search(turn.sentence_at(r.start))
    ]
    if turn.roles or not lexicon.INQUIRY.search(turn.folded):
        ledger.topic = asked
    else:
        ledger.topic = [entry for entry, text in ledger.offer.services if "?" in text]


def _take_address(turn: Turn, ledger: Ledger, address: str, confidence: float) -> None:
    """Note an address; one that only completes the known one is added to it."""
    known = ledger.facts.get("address")
    changed = any(
        pattern.search(turn.folded)
        for pattern in (lexicon.CORRECTION, lexicon.MOVE, lexicon.OTHER_ONE)
    )
    both = join(known.value, address) if known is not None and not changed else None
    if known is not None and not both and not changed and is_vaguer(address, known.value):
        return
    ids = (*known.ids, turn.id) if known is not None and both else (turn.id,)
    ledger.put("address", both or address, *ids, confidence=confidence, weak=confidence < 0.7)
    ledger.asked.discard("address")


def _latest_party(turns: list[Turn], chat: ExtractionInput) -> int:
    """Return the index of the turn where the talk about the party asked about last begins."""
    open_days = {e.date for e in chat.existing_events if not e.is_archived}
    begin = 0
    current: str | None = None
    for turn in turns:
        if not turn.inbound:
            continue
        days = [m for m in turn.dates if m.value is not None and not _is_settled(turn, m.start)]
        values = [m.value.isoformat() for m in days if m.value is not None]
        other = lexicon.OTHER_PARTY.search(turn.folded)
        if other and turn.index > begin and (current is not None or _started(turns, begin, turn)):
            begin, current = turn.index, None
        moving = lexicon.MOVE.search(turn.folded) or lexicon.CORRECTION.search(turn.folded)
        for value in values:
            switched = current in open_days and value != current
            about = re.search(
                r"petrecer|botez|party|eveniment|rezerv|vreau|vrem|aniversar|event", turn.folded
            )
            if switched and about and turn.index > begin and (not moving or value in open_days):
                begin = turn.index
            current = value
    return begin


def _is_settled(turn: Turn, position: int) -> bool:
    """Whether the words at an offset speak of a party that is over or stays as it is."""
    sentence = turn.sentence_at(position)
    return turn.is_past(position) or bool(lexicon.UNCHANGED.search(sentence))


def _started(turns: list[Turn], begin: int, now: Turn) -> bool:
    """Whether an earlier party was already talked about in detail."""
    earlier = [t for t in turns if begin <= t.index < now.index]
    return any(t.dates for t in earlier if t.inbound) and any(not t.inbound for t in earlier)
