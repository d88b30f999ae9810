"""Whole numbers written in digits or in Romanian or English words."""

import re

_UNITS_RO = {
    "unu": 1, "una": 1, "un": 1, "o": 1, "intai": 1, "doi": 2, "doua": 2, "trei": 3, "patru": 4,
    "cinci": 5, "sase": 6, "sapte": 7, "opt": 8, "noua": 9,
}  # fmt: skip
_TEENS_RO = {
    "zece": 10, "unsprezece": 11, "unspe": 11, "doisprezece": 12, "douasprezece": 12, "doispe": 12,
    "douaspe": 12, "treisprezece": 13, "treispe": 13, "paisprezece": 14, "paispe": 14,
    "cincisprezece": 15, "cinsprezece": 15, "cinspe": 15, "saisprezece": 16, "saispe": 16,
    "saptesprezece": 17, "saptespe": 17, "saptişpe": 17, "optsprezece": 18, "optspe": 18,
    "nouasprezece": 19, "nouaspe": 19,
}  # fmt: skip
_TENS_RO = {"douazeci": 20, "treizeci": 30, "patruzeci": 40, "cincizeci": 50, "saizeci": 60}
_UNITS_EN = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9,
}  # fmt: skip
_TEENS_EN = {
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
    "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS_EN = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50}

SIMPLE = {**_UNITS_RO, **_TEENS_RO, **_TENS_RO, **_UNITS_EN, **_TEENS_EN, **_TENS_EN}


def _any(words: dict[str, int], *, without: frozenset[str] = frozenset()) -> str:
    return "|".join(sorted(set(words) - without, key=len, reverse=True))


_ARTICLES = frozenset({"un", "o", "una", "one"})
WORDS = (
    rf"(?:(?:{_any(_TENS_RO)})\s+si\s+(?:{_any(_UNITS_RO)})"
    rf"|(?:{_any(_TENS_EN)})[\s-](?:{_any(_UNITS_EN)})"
    rf"|(?:{_any(SIMPLE, without=_ARTICLES)}))"
)
"""Pattern of a number in words; articles (`o`, `un`, `one`) are too common to count as one."""
NUMBER = rf"(?:\d{{1,3}}|{WORDS})"
"""Pattern of a number of at most three digits, or in words."""

_SPLIT = re.compile(r"\s+si\s+|[\s-]+")


def to_int(folded: str) -> int | None:
    """Return the number that folded text such as `17` or `douazeci si unu` says, else None."""
    text = folded.strip()
    if text.isascii() and text.isdigit():
        return int(text)
    parts = _SPLIT.split(text)
    if any(part not in SIMPLE for part in parts) or len(parts) > 2:
        return None
    values = [SIMPLE[part] for part in parts]
    if len(values) == 2 and (values[0] < 20 or values[1] > 9):
        return None
    return sum(values)
