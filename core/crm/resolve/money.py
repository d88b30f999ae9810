"""Sums of money with their currency, and whether a sum is a price per unit."""

import re
from dataclasses import dataclass
from decimal import Decimal

from core.crm.money import CURRENCIES
from core.crm.resolve.numbers import WORDS, to_int


@dataclass(frozen=True, slots=True)
class Money:
    """A sum, where its words stand, and what kind of price it is."""

    start: int
    end: int
    amount: Decimal
    currency: str | None
    """ISO 4217 code; None when the words name none."""
    per_unit: bool = False
    """Whether it is the price of one hour, one child or one piece."""


_NAMES = r"lei|leu(?:ti)?|roni?|euro?[si]?|usd|dolari|dollars|gbp|pounds|€|\$|£"
_DIGITS = r"\d{1,3}(?:[.\s]\d{3})+(?:,\d{1,2})?|\d{1,6}(?:[.,]\d{1,2})?"
_HUNDREDS = (
    rf"(?:o\s+suta|(?:doua|trei|patru|cinci|sase|sapte|opt|noua)\s+sute|o\s+mie|doua\s+mii|"
    rf"(?:one|two|three|four|five|six|seven|eight|nine)\s+hundred)(?:\s+(?:si\s+|and\s+)?{WORDS})?"
)
_SUM = re.compile(
    rf"(?<![\w.,/+-])(?:(?P<before>[€$£])\s?(?P<n1>{_DIGITS})"
    rf"|(?P<n2>{_DIGITS})(?P<k>\s?k\b)?\s*(?:de\s+)?(?P<after>{_NAMES})(?!\w)"
    rf"|(?P<n4>\d)\s+sute\s+(?:de\s+)?(?P<after4>{_NAMES})(?!\w)"
    rf"|(?P<n3>{_HUNDREDS})\s+(?:de\s+)?(?P<after3>{_NAMES})(?!\w))"
)
_PER_UNIT = re.compile(
    r"\s*(?:/\s*|pe\s+|per\s+|de\s+|fiecare\s+|an\s+(?=hour)|a\s+(?=piece))?"
    r"(?:(?:ora|h|hour|hr|copil|kid|child|persoana|bucata|buc|piece|cap|balon|om)\b|each\b"
    r"|bucata\b|fiecare\b)"
)
_BARE = re.compile(r"(?<![\w.,:/+-])(?P<n>\d{3,5}(?:[.,]\d{2})?|\d\.\d{3})(?![\w:/]|[.,-]\d)")


def _decimal(text: str) -> Decimal:
    compact = re.sub(r"[.\s](?=\d{3}(?!\d))", "", text).replace(",", ".")
    return Decimal(compact)


def _hundreds(text: str) -> Decimal:
    words = text.split()
    value = {"mie": 1000, "mii": 1000}.get(words[1], 100) * (
        1 if words[0] == "o" else to_int(words[0]) or 0
    )
    rest = [word for word in words[2:] if word not in {"si", "and"}]
    return Decimal(value + (to_int(" si ".join(rest)) or 0 if rest else 0))


def find_money(folded: str) -> list[Money]:
    """Return the sums with a currency that folded text names, in order."""
    sums: list[Money] = []
    for found in _SUM.finditer(folded):
        name = found["before"] or found["after"] or found["after3"] or found["after4"]
        number = found["n1"] or found["n2"]
        if found["n4"]:
            amount = Decimal(int(found["n4"]) * 100)
        else:
            amount = _decimal(number) if number else _hundreds(found["n3"])
        if found["k"]:
            amount *= 1000
        unit = bool(_PER_UNIT.match(folded, found.end()))
        if unit and re.match(r"\s*(?:o|an|1)\s", folded[found.end() :]):
            unit = False
        sums.append(Money(found.start(), found.end(), amount, CURRENCIES[name], unit))
    return sums


def find_bare_sums(folded: str) -> list[Money]:
    """Return the bare numbers of at least three digits, which may be sums without a currency."""
    return [
        Money(found.start(), found.end(), _decimal(found["n"]), None)
        for found in _BARE.finditer(folded)
    ]
