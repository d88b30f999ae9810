"""Whether a customer's message puts the booking off, or only one detail of it."""

import re

from core.crm.extract.rules import lexicon
from core.crm.extract.rules.turns import Turn

_NEAR = 24
"""How far from the words of doubt the service may stand that they are about."""
_DETAIL = re.compile(
    r"\b(?:la|despre|cu|pentru|about|on)\s+(?:the\s+)?(?:ora|ore|interval\w*|adresa|sala"
    r"|locati\w*|loc|personaj\w*|tema|tort\w*|meniu\w*|numar\w*|invitat\w*"
    r"|copii|culor\w*|rest\w*|time|address|venue|theme|cake|menu|number|guest\w*|colou?rs?"
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
