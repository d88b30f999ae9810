"""Numbers that a text spells out in Romanian or English words, with the currency behind them."""

import re
from collections.abc import Iterator

from core.crm.money import CURRENCIES
from core.crm.resolve.numbers import SIMPLE

_MORE = {"saptezeci": 70, "optzeci": 80, "nouazeci": 90, "seventy": 70, "eighty": 80, "ninety": 90,
         "dozen": 12, "duzina": 12, "zero": 0}  # fmt: skip
_VALUES = {**SIMPLE, **_MORE}
_HUNDREDS = frozenset({"suta", "sute", "hundred", "hundreds"})
_THOUSANDS = frozenset({"mie", "mii", "thousand", "thousands"})
_MILLIONS = frozenset({"milion", "milioane", "million", "millions"})
_JOINERS = frozenset({"si", "and", "de", "a"})
_ARTICLES = frozenset({"un", "o", "una", "unu", "one", "a", "noua"})
"""Words that mostly are no numbers: articles, and Romanian `nouă`, which is `new` and `to us`."""
_TOKEN = re.compile(r"[a-z]+|[€$£]|\||[^\sa-z]")


def spelled_numbers(folded: str) -> Iterator[tuple[str, int, str | None]]:
    """Yield (words, value, ISO currency or None) of each number in folded text."""
    run: list[str] = []
    for token in [*_TOKEN.findall(folded.replace("-", " ")), "|"]:
        if _is_part(token) or (run and token in _JOINERS):
            run.append(token)
            continue
        if (value := _value(run)) is not None:
            yield " ".join(run), value, CURRENCIES.get(token)
        run = []


def _is_part(token: str) -> bool:
    return token in _VALUES or token in _HUNDREDS | _THOUSANDS | _MILLIONS


def _value(run: list[str]) -> int | None:
    """Return what a run of number words says; None for mere articles."""
    words = [word for word in run if word not in _JOINERS]
    if not words or all(word in _ARTICLES for word in words):
        return None
    total = part = 0
    for word in words:
        if word in _HUNDREDS:
            part = max(part, 1) * 100
        elif word in _THOUSANDS or word in _MILLIONS:
            total += max(part, 1) * (1000 if word in _THOUSANDS else 1_000_000)
            part = 0
        else:
            part += _VALUES[word]
    return total + part
