"""Words as the index knows them: runs of letters and digits, in lower case, without diacritics."""

import re
from typing import Final

from core.crm.folding import fold

_WORD: Final = re.compile(r"[^\W_]+")
MOST_WORDS: Final = 12
"""Words of one search that count; more would only make it slower."""
LEAST_LETTERS: Final = 2
"""A word that is still being typed is looked for from so many letters on."""


def words_of(text: str) -> list[str]:
    """Return the words of a text, folded."""
    return _WORD.findall(fold(text))


def wanted_words(text: str) -> list[str]:
    """Return what a search asks for; the last word may be the beginning of one.

    Empty while there is too little to look for.
    """
    words = words_of(text)[:MOST_WORDS]
    is_typing = bool(words) and text[-1:].isalnum()
    if is_typing and len(words[-1]) < LEAST_LETTERS:
        words.pop()
    return words


def expression(words: list[str]) -> str:
    """Return the FTS5 query for messages that hold all words, each at least as a beginning.

    https://www.sqlite.org/fts5.html#full_text_query_syntax
    """
    return " ".join(f'"{word}"*' for word in words)


def holds(body: str, words: list[str]) -> bool:
    """Whether a text holds all words, each at least as a beginning."""
    there = words_of(body)
    return all(any(one.startswith(word) for one in there) for word in words)


def places(body: str, words: list[str]) -> list[tuple[int, int]]:
    """Return where in a text, given as it is shown, words of the search stand: start and end."""
    found = []
    for match in _WORD.finditer(fold(body)):
        longest = max((len(word) for word in words if match[0].startswith(word)), default=0)
        if longest:
            found.append((match.start(), match.start() + longest))
    return found
