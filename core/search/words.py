"""Words as the index knows them: runs of letters and digits, in lower case, without diacritics.

A phone number is one word besides, however it is written: `+40 712 345 678` and `0712-345-678` are
`712345678`.
"""

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from core.crm.folding import fold, tidy
from core.crm.resolve.phones import find_phones

_WORD: Final = re.compile(r"[^\W_]+")
_LONG: Final = re.compile(r"\d(?:[\s./-]?\d){8}")
"""As many digits as a phone number has."""
_BARE_PHONE: Final = re.compile(r"(?<![\w+])[1-9]\d{9,12}(?!\w)")
"""A phone number with its country's code but no sign before it, as in WhatsApp's addresses."""
_PHONE_DIGITS: Final = 9
"""The last digits of a phone number, which are the same with and without the country's code."""
MOST_CHARACTERS: Final = 1000
"""Of a search; what is pasted beyond them counts for nothing."""
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


class _Word(msgspec.Struct, frozen=True):
    """A word and where it stands."""

    text: str
    start: int
    end: int


def words_of(text: str) -> list[str]:
    """Return the words of a text, folded, each once."""
    return list(_distinct(tidy(text)))


def wanted_words(text: str) -> list[Wanted]:
    """Return what a search asks for; the last word may still be being typed.

    Empty while there is too little to look for.
    """
    tidied = tidy(text[:MOST_CHARACTERS])
    phones = list(_phones(tidied))
    words = [
        word
        for word in _words(tidied)
        if not any(phone.start <= word.start < phone.end for phone in phones)
    ]
    typed = len(tidied) if tidied[-1:].isalnum() else 0
    return [
        Wanted(word.text, word.end - word.start >= LEAST_BEGINNING or word.end == typed)
        for word in sorted([*words, *phones], key=lambda word: word.start)[:MOST_WORDS]
        if len(word.text) >= LEAST_LETTERS
    ]


def expression(words: list[Wanted]) -> str:
    """Return the FTS5 query for messages that hold all words.

    https://www.sqlite.org/fts5.html#full_text_query_syntax
    """
    return " ".join(f'"{one.word}"' + "*" * one.is_beginning for one in words)


def holds(body: str, words: list[Wanted]) -> bool:
    """Whether a tidied text holds all words."""
    there = _distinct(body) if _has_number(words) else _WORD.findall(fold(body))
    return all(any(map(one.fits, there)) for one in words)


def places(body: str, words: list[Wanted]) -> list[tuple[int, int]]:
    """Return where in a tidied text words of the search stand, in order: start and end."""
    found = {}
    for word in _words(body):
        longest = max((len(one.word) for one in words if one.fits(word.text)), default=0)
        if longest:
            zeros = word.end - word.start - len(word.text)
            found[word.start] = min(word.start + zeros + longest, word.end)
    for phone in _phones(body) if _has_number(words) else ():
        if any(one.fits(phone.text) for one in words):
            found = {at: end for at, end in found.items() if not phone.start <= at < phone.end}
            found[phone.start] = phone.end
    return sorted(found.items())


def _has_number(words: list[Wanted]) -> bool:
    return any(one.word.isdigit() for one in words)


def _distinct(text: str) -> dict[str, None]:
    words = map(_without_zeros, _WORD.findall(fold(text)))
    return dict.fromkeys([*words, *(phone.text for phone in _phones(text))])


def _words(text: str) -> Iterator[_Word]:
    """Yield the runs of letters and digits."""
    for match in _WORD.finditer(fold(text)):
        yield _Word(_without_zeros(match[0]), match.start(), match.end())


def _without_zeros(word: str) -> str:
    """Return a number of three digits or more without the zeros before it, else the word."""
    if word[0] != "0" or not word.isdigit():
        return word
    number = word.lstrip("0")
    return number if len(number) > LEAST_LETTERS else word


def _phones(text: str) -> Iterator[_Word]:
    """Yield the phone numbers, each as its last digits."""
    if _LONG.search(text) is None:
        return
    spans = find_phones(text)
    spans += [match.span() for match in _BARE_PHONE.finditer(text)]
    for start, end in spans:
        digits = "".join(filter(str.isdigit, text[start:end])).lstrip("0")
        if digits:
            yield _Word(digits[-_PHONE_DIGITS:], start, end)
