"""A message that tells of two parties: only the last of them is read."""

import re
from datetime import date

from core.crm.resolve.dates import find_dates

_TWO = re.compile(
    r"\b(?:doua|2|two)\s+(?:\w+\s+)?(?:petreceri|botezuri|evenimente|aniversari|rezervari"
    r"|serbari|parties|events|bookings)\b[^\d\n]{0,24}?(?=:|,|\n|\bpe\b|\bon\b|\ball?\b)"
    r"|\b(?:prima|unul|una|primul|first|one)\b(?:\s+(?:petrecere|party|eveniment|event"
    r"|one))?(?=\s*(?:e|este|is|pe|on|in|va\s+fi|:|-))"
)
_SECOND = re.compile(
    r"\b(?:(?:iar|si|and)\s+)?(?:a\s+doua|al\s+doilea|cealalta|celalalt|(?:the\s+)?(?:second"
    r"|other))\b"
)
_BREAKS = (
    re.compile(r"[;\n]|\.\s"),
    re.compile(r",\s*(?:si|iar|and|dar|but)\s"),
    re.compile(r"\s(?:si|iar|and)\s"),
)


def earlier_party(folded: str, today: date) -> tuple[int, int] | None:
    """Return the offsets of what a message says of the first of two parties, None for one party.

    Two parties have two days, and words that say so ("two parties", "the first … the second").
    `today` is the message's local day.
    """
    told = _TWO.search(folded)
    if told is None:
        return None
    days = [m for m in find_dates(folded, today) if m.value is not None]
    if len({m.value for m in days}) < 2 or told.start() > days[0].end:
        return None
    last = days[-1]
    first = next(m for m in reversed(days) if m.value != last.value)
    second = list(_SECOND.finditer(folded, told.end(), last.end))
    if second:
        return told.start(), second[-1].start()
    if not told[0].startswith(("doua", "2", "two")):
        return None
    for pattern in _BREAKS:
        breaks = list(pattern.finditer(folded, first.end, last.start))
        if breaks:
            return told.end(), breaks[-1].start()
    return None
