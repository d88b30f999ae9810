"""Given names, as data: what tells "Edi" from a place, and "luca" from any other word."""

import re
from functools import cache
from pathlib import Path

GIVEN_NAMES = Path(__file__).with_name("given_names.txt")
"""Names in lower case without diacritics; in lines that begin with `!` those that are words too."""


@cache
def _given() -> tuple[frozenset[str], frozenset[str]]:
    """Return all given names, and those among them that are words as well."""
    names: set[str] = set()
    words: set[str] = set()
    for line in GIVEN_NAMES.read_text(encoding="utf-8").splitlines():
        if line.startswith("! "):
            words.update(line[2:].split())
        elif not line.startswith("#"):
            names.update(line.split())
    return frozenset(names | words), frozenset(words)


def is_given(folded: str, *, lower: bool = False) -> bool:
    """Whether folded words begin with a given name; with `lower`, one that is no other word."""
    first = re.split(r"[\s'-]", folded, maxsplit=1)[0]
    names, words = _given()
    return first in names and not (lower and first in words)
