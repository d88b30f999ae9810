"""An extra that the customer takes back once its price is told: "hmm, lăsați atunci"."""

import re
from itertools import takewhile

from core.crm.catalogue import Entry
from core.crm.draft import ExistingEvent
from core.crm.extract.rules import answers, lexicon
from core.crm.extract.rules.ledger import Ledger
from core.crm.extract.rules.mentions import same
from core.crm.extract.rules.turns import Turn
from core.crm.resolve.roles import RoleMention

_PIECE = re.compile(r"[^\w\s'-]+|\n")
_SIGH = r"h+m+|a+h?|o+f|oh|eh|pai|aoleu|stai|stati|wait"
_OPENING = (
    rf"(?:(?:{_SIGH}|nu|no|ok|okay|bine|well|atunci|then|mai\s+bine|deocamdata|for\s+now|sorry"
    r"|scuze|(?:am\s+)?inteles|i\s+see|in\s+cazul\s+(?:asta|acesta)|in\s+that\s+case)\s+)*"
)
_THEN = r"(?:\s+(?:atunci|then|mai\s+bine|acum|deocamdata|for\s+now))*"
_LEAVES = (
    r"(?:lasati(?:-[lo]|-le)?|lasa(?:-[lo]|-le)?|(?:il\s+|o\s+|le\s+)?las(?:am)?"
    r"|never\s?mind|(?:(?:we|i)'?ll\s+)?(?:leave|skip)\s+(?:it|that|them|those)"
    r"|forget\s+(?:about\s+)?(?:it|that)|no\s+need|nu\s+mai\s+(?:trebuie|e\s+nevoie|luam|punem)"
    r"|(?:ne\s+descurcam|putem)\s+(?:si\s+)?fara)"
)
_WITHDRAWAL = re.compile(
    rf"\s*{_OPENING}(?:{_LEAVES}{_THEN}|(?<=atunci )(?:nu|fara)|(?<=then )no)\s*"
)
"""A piece of a message that says nothing but that something is to be left."""
_SAYS_NOTHING = re.compile(
    rf"\s*{_OPENING}(?:{_SIGH}|nu|no|ok|okay|bine|(?:am\s+)?inteles|i\s+see|atunci|then|scuze|sorry"
    r"|va\s+rog|please|(?:va\s+)?(?:mult?z?um\w*|mersi|ms|thanks?)(?:\s+(?:you|mult|frumos))?)\s*"
)
_LEADS = re.compile(rf"\s*{_OPENING}(?:lasati|lasa|lasam|leave|skip)\s+(?:the\s+)?")
_TRAILS = re.compile(rf"{_THEN}\s*(?:[^\w\s]|\n|$)")
_SIGHS = re.compile(rf"\b(?:{_SIGH}|atunci|then)\b")
_CHOOSES = re.compile(
    r"\b(?:sau|or|scoa\w+|scot|renunt\w*|raman\w*|pastr\w*|las(?:am|ati|a|)|keep|drop|remove"
    r"|leave)\b[^.!?]*\?"
)
"""A question of the company what stays or goes, to which "leave it" is no refusal."""


def take_back(
    turn: Turn, turns: list[Turn], ledger: Ledger, still_open: list[ExistingEvent]
) -> bool:
    """Drop the extra that a message takes back without naming it; return whether that is all.

    An extra is a service that came up after others: in the customer's messages before the
    company's last one, or in that itself. In a change to a stored event all are.
    """
    pieces = [piece for piece in _PIECE.split(turn.folded) if piece.strip()]
    told = [piece for piece in pieces if not _WITHDRAWAL.fullmatch(piece)]
    if len(told) == len(pieces) or _CHOOSES.search(ledger.last_outbound):
        return False
    gone = _extras(turn, turns, ledger, still_open)
    ledger.services = [one for one in ledger.services if one.entry not in gone]
    ledger.dropped |= {(entry.role_type, entry.label) for entry in gone}
    said_before = any(one.id in ledger.taken_back for one in _since(turn, turns))
    if not (gone or said_before) or any(lexicon.CANCEL.search(piece) for piece in told):
        return False
    ledger.taken_back.add(turn.id)
    return all(_SAYS_NOTHING.fullmatch(piece) or _objects(piece) for piece in told)


def leaves(turn: Turn, mention: RoleMention, ledger: Ledger) -> bool:
    """Whether a message takes back the extra that it names: "hmm, lăsați popcornul atunci".

    "Lăsați Elsa" may well choose her.
    """
    begin, _end = turn.clause_span(mention.start)
    sighs = _SIGHS.search(turn.folded) or answers.OBJECTION.search(turn.folded)
    beside = any(one.asked and not same(one.entry, mention.entry) for one in ledger.services)
    return bool(
        sighs
        and mention.entry.role_type != "ANIMATOR"
        and (beside or ledger.stored)
        and _LEADS.fullmatch(turn.folded, begin, mention.start)
        and _TRAILS.match(turn.folded, mention.end)
        and not _CHOOSES.search(ledger.last_outbound)
    )


def _objects(piece: str) -> bool:
    """Whether a piece only finds the price too high."""
    return bool(answers.OBJECTION.search(piece)) and not re.search(r"\d", piece)


def _extras(
    turn: Turn, turns: list[Turn], ledger: Ledger, still_open: list[ExistingEvent]
) -> list[Entry]:
    """Return the services that a message without a name of one can take back."""
    since = _since(turn, turns)
    before = _before(turn, turns)[len(since) :]
    told = list(takewhile(lambda one: not one.inbound, before))
    asked = list(takewhile(lambda one: one.inbound, before[len(told) :]))
    for block in (since, asked):
        ids = {one.id for one in block}
        fresh = [one.entry for one in ledger.services if one.ids[0] in ids]
        if fresh:
            break
    else:
        offered = ledger.offer.services
        fresh = [entry for entry, words in offered if words in ledger.last_outbound]
        fresh = [e for e in fresh if not any(same(e, one.entry) for one in ledger.services)]
    beside = any(one.asked and one.entry not in fresh for one in ledger.services)
    return fresh if beside or _is_change(turns, ledger, still_open) else []


def _is_change(turns: list[Turn], ledger: Ledger, still_open: list[ExistingEvent]) -> bool:
    """Whether the talk can only be about a stored event."""
    day = ledger.value("date")
    if day is not None and day.isoformat() not in {event.date for event in still_open}:
        return False
    inbound = (turn.folded for turn in turns if turn.inbound)
    return bool(still_open) and not any(map(lexicon.OTHER_PARTY.search, inbound))


def _since(turn: Turn, turns: list[Turn]) -> list[Turn]:
    """Return the customer's messages between the company's last one and this, the newest first."""
    return list(takewhile(lambda one: one.inbound, _before(turn, turns)))


def _before(turn: Turn, turns: list[Turn]) -> list[Turn]:
    return [one for one in reversed(turns) if one.index < turn.index]
