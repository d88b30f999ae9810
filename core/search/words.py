"""Words as the index knows them: runs of letters and digits, in lower case, without diacritics."""

import re
from typing import Final

import msgspec

from core.crm.folding import fold

_WORD: Final = re.compile(r"[^\W_]+")
MOST_WORDS: Final = 12
"""Words of one search that count; more would only make it slower."""
LEAST_LETTERS: Final = 2
"""Shorter words hardly narrow a search down, and are in too many messages to be quick."""
LEAST_BEGINNING: Final = 4
"""A finished word of so many letters finds longer ones too: petrecere also petrecerea."""


class Wanted(msgspec.Struct, frozen=True):
    """A word that a message must hold."""

    word: str
    is_beginning: bool
    """Whether longer words that begin with it will do."""

    def fits(self, word: str) -> bool:
        """Whether a folded word is one of those that are meant."""
        return word.startswith(self.word) if self.is_beginning else word == self.word


def words_of(text: str) -> list[str]:
    """Return the words of a text, folded."""
    return _WORD.findall(fold(text))


def wanted_words(text: str) -> list[Wanted]:
    """Return what a search asks for; the last word may still be being typed.

    Empty while there is too little to look for.
    """
    words = words_of(text)[:MOST_WORDS]
    is_typing = text[-1:].isalnum()
    return [
        Wanted(word, len(word) >= LEAST_BEGINNING or (is_typing and place == len(words)))
        for place, word in enumerate(words, start=1)
        if len(word) >= LEAST_LETTERS
    ]


def expression(words: list[Wanted]) -> str:
    """Return the FTS5 query for messages that hold all words.

    https://www.sqlite.org/fts5.html#full_text_query_syntax
    """
    return " ".join(f'"{one.word}"' + "*" * one.is_beginning for one in words)


def holds(body: str, words: list[Wanted]) -> bool:
    """Whether a text holds all words."""
    there = words_of(body)
    return all(any(map(one.fits, there)) for one in words)


def places(body: str, words: list[Wanted]) -> list[tuple[int, int]]:
    """Return where in a text, given as it is shown, words of the search stand: start and end."""
    found = []
    for match in _WORD.finditer(fold(body)):
        longest = max((len(one.word) for one in words if one.fits(match[0])), default=0)
        if longest:
            found.append((match.start(), match.start() + longest))
    return found
