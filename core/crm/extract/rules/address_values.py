"""What an address in words is: a street, a venue or only parts, and what two make together."""

import re

from core.crm.extract.rules.address_words import (
    ANCHOR,
    PART,
    STREET,
    STREET_WORDS,
    TOWN,
    VENUE,
    VENUE_WORDS,
)
from core.crm.extract.rules.turns import Turn
from core.crm.folding import fold

_BARE = re.compile(rf"(?:{STREET_WORDS}|{VENUE_WORDS}|la|de|in|the|joaca|a|\s)+")


def join(known: str, new: str) -> str | None:
    """Return a venue and its street, or a street and its flat or town, as one address.

    None when the new address does not complete the known one.
    """
    if fold(known) in fold(new) or fold(new) in fold(known):
        return None
    street = street_rank(new)
    if street and not street_rank(known) and ANCHOR.search(fold(known)):
        venue = VENUE.search(re.sub(PART.pattern, " ", fold(new)))
        return None if venue else f"{known}, {new}"
    if street_rank(known) and not street and ONLY_PARTS.fullmatch(fold(new)):
        return f"{known}, {new}"
    if ONLY_PARTS.fullmatch(fold(known)) and not TOWN.search(fold(new)) and is_numbered(new):
        return f"{known}, {new}"
    return None


def is_vaguer(new: str, known: str) -> bool:
    """Whether an address says less than the known one: a venue in passing, after a street."""
    return street_rank(known) == _MOST and not is_numbered(new)


_MOST = 2
ONLY_PARTS = re.compile(
    rf"(?:(?:{PART.pattern}\s*[\w-]{{0,5}}|{TOWN.pattern})(?:[\s,.]+(?:in\s+|la\s+)?|$))+"
)


def is_numbered(value: str) -> bool:
    """Whether an address holds a number."""
    return bool(re.search(r"\d", value))


def street_rank(value: str) -> int:
    """Return 2 for a street with a number, 1 for a street, 0 for other places."""
    street = bool(STREET.search(fold(value)))
    return street + (street and is_numbered(value))


def further_parts(turn: Turn) -> str | None:
    """Return a message that holds nothing but parts of an address: "bl 3, ap 15"."""
    text = turn.text.strip(" .,;\n")
    known = PART.match(fold(text)) or TOWN.match(fold(text))
    return text if known and ONLY_PARTS.fullmatch(fold(text)) else None


def is_placelike(value: str) -> bool:
    """Whether words after "adresa:" can be a place."""
    folded = fold(value)
    known = is_numbered(folded) or ANCHOR.search(folded) or TOWN.search(folded)
    return bool(known) or (len(value) > 4 and value[0].isupper())


def is_bare(value: str) -> bool:
    """Whether the words only say that there is a place: "Strada", "la restaurant"."""
    words = re.sub(r"[^\w\s-]", " ", fold(value)).strip()
    return not is_numbered(value) and bool(_BARE.fullmatch(words))
