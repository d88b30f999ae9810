"""Whether the customer puts the booking off, or only one detail of it."""

import re

from core.crm.extract.rules import answers, lexicon
from core.crm.extract.rules.ledger import Ledger
from core.crm.extract.rules.requests import asks_for
from core.crm.extract.rules.turns import Turn

_NEAR = 24
"""How far from the words of doubt the service may stand that they are about."""
_DETAIL = re.compile(
    r"\bcate\s+ore\b|\bcat\s+timp\b|\bhow\s+long\b|\bdurat\w*|\bthe\s+length\b|"
    r"\b(?:la|despre|cu|pentru|about|on)\s+(?:the\s+)?(?:ora|ore|interval\w*|adresa|sala"
    r"|locati\w*|loc|personaj\w*|tema|tort\w*|meniu\w*|numar\w*|invitat\w*"
    r"|copii|culor\w*|rest\w*|pret\w*|price|time|address|venue|theme|cake|menu|number|guest\w*|colou?rs?"
    r"|character)\b"
)


def find_doubt(turn: Turn) -> re.Match[str] | None:
    """Return the words that put the booking off, None where they are about one detail alone."""
    for found in lexicon.NOT_BOOKING.finditer(turn.folded):
        start, end = turn.sentence_span(found.start())
        of_service = any(
            start <= r.start < end
            and (0 <= r.start - found.end() < _NEAR or 0 <= found.start() - r.end < _NEAR)
            for r in turn.roles
        )
        if not of_service and not _DETAIL.search(turn.folded, start, end):
            return found
    return None


_STILL_LOOKING = r"nu\s+rezerv|not\s+booking|compar|gandes|gandim|alta\s+parte"
_AFTERTHOUGHT = re.compile(
    r"mai\s+vedem|(?:ma|ne)\s+mai\s+gand|sa\s+(?:ma|ne)\s+mai\s+gand|we'?ll\s+see|nu\s+acum"
    r"|not\s+now"
)


def _offers_more(turn: Turn) -> bool:
    """Whether the company's last question is about a further service."""
    asked = [(s, e) for s, e in turn.sentences if "?" in turn.folded[s:e]]
    return bool(asked) and any(
        asked[-1][0] <= r.start < asked[-1][1] and answers.MORE.search(turn.folded, *asked[-1])
        for r in turn.roles
    )


_LATER = re.compile(r"^\s*(?:va|te|iti|o\s+sa\s+va)\b")


def _says_not_booking(turn: Turn, turns: list[Turn]) -> bool:
    """Whether a message says that nothing is booked.

    Not where it only thinks about one service, or puts the answer to one question off.
    """
    found = find_doubt(turn)
    if found is None or answers.STILL_YES.search(turn.folded, found.end()):
        return False
    earlier = [t for t in turns if t.index < turn.index and not t.inbound]
    if _LATER.match(found[0]) and earlier and "?" in earlier[-1].folded and not earlier[-1].sums:
        return False
    return not (earlier and _AFTERTHOUGHT.match(found[0]) and _offers_more(earlier[-1]))


_PUT_OFF = re.compile(
    r"reven|^\s*(?:va|te|iti|o\s+sa\s+va)\b|let\s+you\s+know|mai\s+vedem"
    r"|we'?ll\s+see|gand"
)


def _puts_off(turn: Turn) -> bool:
    """Whether a message only leaves something open, which says little once a price is agreed."""
    found = find_doubt(turn)
    return found is not None and bool(_PUT_OFF.search(found[0]))


def wants_nothing(turns: list[Turn], ledger: Ledger) -> bool:
    """Whether the last word on it is that nothing is being booked (yet)."""
    last = -1
    for turn in turns:
        if turn.inbound and turn.id not in ledger.taken_back and _says_not_booking(turn, turns):
            last = turn.index
    if last < 0:
        return False
    refused = next(t for t in turns if t.index == last)
    agreed = ledger.facts.get("payment.amount")
    before = {t.id for t in turns if t.inbound and t.index < last}
    if agreed is not None and before & set(agreed.ids) and _puts_off(refused):
        return False
    later = [t for t in turns if t.inbound and t.index > last]
    if any(asks_for(t) or (t.dates and not re.search(r"\?", t.folded)) for t in later) or (
        ledger.accepted and any(answers.ACCEPT_START.match(t.folded) for t in later)
    ):
        return False
    haggle = answers.HAGGLE.search(refused.folded)
    if haggle and (
        later or ledger.accepted or re.search(r"\bbuget|\bse\s+poate|\d", refused.folded)
    ):
        return False
    return not (asks_for(refused) and not re.search(_STILL_LOOKING, refused.folded))
