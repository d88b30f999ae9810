"""Turns quoted words into values, with the resolvers that the rules engine uses.

What stands around the words in their message counts too: "12" of "12 copii" is no day.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Generic, Protocol, TypeVar

from core.crm.catalogue import Catalogue, Entry
from core.crm.extract.rules.ages import AGE_WORDS
from core.crm.extract.rules.names import nominative
from core.crm.extract.rules.turns import Turn
from core.crm.folding import squash
from core.crm.resolve.dates import MONTHS, THINGS_AHEAD, DateMention, find_dates
from core.crm.resolve.money import Money, find_bare_sums, find_money
from core.crm.resolve.numbers import NUMBER, to_int
from core.crm.resolve.times import find_durations, find_times
from core.text import clean_line

T = TypeVar("T")
Span = tuple[int, int]
SURE, LIKELY = 0.9, 0.7
"""Confidence in a value that the message plainly states, and in one that only the words give."""


class _Mention(Protocol):
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


M = TypeVar("M", bound=_Mention)


@dataclass(frozen=True, slots=True)
class Value(Generic[T]):
    """A resolved value."""

    value: T
    confidence: float = SURE
    partial: bool = False
    """Whether a date is only a day of some month."""


def _at(mentions: Iterable[M], span: Span) -> list[M]:
    """Return the mentions that a quotation touches."""
    return [one for one in mentions if one.start < span[1] and span[0] < one.end]


def _one(values: Iterable[T]) -> T | None:
    """Return the one distinct value, None when there is none or they differ."""
    distinct = list(dict.fromkeys(values))
    return distinct[0] if len(distinct) == 1 else None


def _free(turn: Turn, span: Span) -> bool:
    """Whether the words are nothing that the message already uses for something else."""
    taken = any(start < span[1] and span[0] < end for start, end in turn.claims())
    return not taken and bool(re.compile(THINGS_AHEAD).match(turn.folded, span[1]))


def read_date(turn: Turn, span: Span) -> Value[date] | None:
    """Return the day that the words mean, counted from the message's own local day."""
    mentions = _at(turn.dates, span)
    days = [one for one in mentions if one.value is not None]
    if mentions:
        day = _one(one.value for one in days if one.value is not None)
        return None if day is None else Value(day, partial=_is_partial(days))
    words = turn.folded[slice(*span)]
    if not _free(turn, span):
        return None
    number = re.search(rf"(?<!\w){NUMBER}(?!\w)", words)
    found = find_dates(words, turn.day) or (
        find_dates(f"pe {number[0]}", turn.day) if number and len(words.split()) <= 3 else []
    )
    day = _one(one.value for one in found if one.value is not None)
    return None if day is None else Value(day, LIKELY, _is_partial(found))


def _is_partial(mentions: Sequence[DateMention]) -> bool:
    return all(one.certainty == "day" for one in mentions if one.value is not None)


def read_month(turn: Turn, span: Span) -> Value[int] | None:
    """Return the month, 1 to 12, that the words name without a day."""
    words = re.findall(r"[a-z]+", turn.folded[slice(*span)])
    month = _one(MONTHS[word] for word in words if word in MONTHS)
    return None if month is None else Value(month)


def read_time(turn: Turn, span: Span) -> Value[tuple[time, int | None]] | None:
    """Return the hour, and the minutes of a span of hours."""
    mentions = _at(turn.times, span)
    if mentions:
        found = _one((one.value, one.minutes) for one in mentions)
        return None if found is None else Value(found)
    if not _free(turn, span):
        return None
    words = turn.folded[slice(*span)].strip()
    number = re.fullmatch(rf"{NUMBER}(?:\s+si\s+jumatate)?", words)
    plain = find_times(words) or (find_times(f"ora {words}") if number else [])
    found = _one((one.value, one.minutes) for one in plain)
    return None if found is None else Value(found, LIKELY)


def read_minutes(turn: Turn, span: Span) -> Value[int] | None:
    """Return the length in minutes, of a duration or of a span of hours."""
    lengths = [one.minutes for one in _at(turn.durations, span)]
    lengths += [one.minutes for one in _at(turn.times, span) if one.minutes is not None]
    if lengths:
        found = _one(lengths)
        return None if found is None else Value(found)
    found = _one(one.minutes for one in find_durations(turn.folded[slice(*span)]))
    return None if found is None else Value(found, LIKELY)


def read_sum(turn: Turn, span: Span, currency: str) -> Value[tuple[Decimal, str]] | None:
    """Return amount and currency; a bare number is in `currency`, a price per piece is none."""
    sums = [*_at(turn.sums, span), *_at(turn.bare_sums, span)]
    confidence = SURE if sums and sums[0].currency else 0.8
    if not sums:
        words = turn.folded[slice(*span)]
        sums, confidence = find_money(words) or find_bare_sums(words), LIKELY
    if any(one.per_unit for one in sums):
        return None
    found = _one(_priced(one, currency) for one in sums)
    return None if found is None or found[0] <= 0 else Value(found, confidence)


def _priced(one: Money, currency: str) -> tuple[Decimal, str]:
    return one.amount.normalize() + 0, one.currency or currency


_ONE_YEAR = re.compile(r"\b(?:un|o|one|a)\s+(?:an\b|anisor|year)")
_AGES = (
    (_ONE_YEAR, 1),
    *((re.compile(rf"\b{word}\b"), age) for word, age in AGE_WORDS.items()),
)
_NUMBERS = re.compile(rf"(?<!\w){NUMBER}(?=(?:st|nd|rd|th)?(?!\w))")


def read_age(turn: Turn, span: Span) -> Value[int] | None:
    """Return an age in whole years: `6 ani`, `un an`, `5th birthday`, `third birthday`."""
    return _count(turn, span, 1, 18, _AGES)


def read_children(turn: Turn, span: Span) -> Value[int] | None:
    """Return a number of children."""
    return _count(turn, span, 1, 999)


def _count(
    turn: Turn,
    span: Span,
    least: int,
    most: int,
    others: Iterable[tuple[re.Pattern[str], int]] = (),
) -> Value[int] | None:
    words = turn.folded[slice(*span)]
    numbers = [to_int(found[0]) for found in _NUMBERS.finditer(words)]
    if not numbers:
        numbers = [number for pattern, number in others if pattern.search(words)]
    found = _one(number for number in numbers if number is not None)
    return Value(found) if found is not None and least <= found <= most else None


_LOOSE = " ,.;:!?-–—"
_NAME_CUE = re.compile(
    r"(?:(?:eu\s+)?sunt|(?:pe\s+)?numele(?:\s+(?:meu|ei|lui))?(?:\s+(?:e|este))?|ma\s+numesc|pe\s+nume"
    r"|(?:o|il|se|pe\s+\w+\s+(?:o|il))\s+(?:cheama|numeste)|(?:my|her|his)\s+name\s+is|name\s+is"
    r"|i\s+am|i'm|this\s+is|is\s+called|called|named)\s*[:,]?\s+"
)
_PLACE_CUE = re.compile(
    r"(?:(?:la\s+(?:noi|mine)\s+)?acasa|(?:our|the)?\s*address(?:\s+is)?|adresa(?:\s+(?:e|este))?"
    r"|at\s+home)\s*[:,]?\s+(?:(?:pe|la|in|at)\s+)?"
)
_HOME = frozenset(
    {"acasa", "la noi acasa", "la mine acasa", "la noi", "home", "at home", "at ours"}
)


def read_name(turn: Turn, span: Span) -> Value[str] | None:
    """Return a person's name as it is called, without the words that introduce it."""
    start, end = _after(_NAME_CUE, turn, span)
    end -= 2 if turn.folded.endswith("'s", start, end) else 0
    if read_words(turn, (start, end), longest=60) is None:
        return None
    return Value(nominative(turn, start, end).strip(_LOOSE))


def read_address(turn: Turn, span: Span) -> Value[str] | None:
    """Return an address in the customer's words, without those that introduce it."""
    return read_words(turn, _after(_PLACE_CUE, turn, span), longest=200)


def _after(cue: re.Pattern[str], turn: Turn, span: Span) -> Span:
    found = cue.match(turn.folded, *span)
    return (found.end(), span[1]) if found is not None else span


def read_words(turn: Turn, span: Span, *, longest: int) -> Value[str] | None:
    """Return the words themselves as one line; None when they are too many, or say nothing."""
    words = clean_line(turn.text[slice(*span)]).strip(_LOOSE)
    known = any(c.isalpha() for c in words) and squash(words) not in _HOME
    return Value(words) if known and len(words) <= longest else None


def read_services(
    turn: Turn, span: Span, kind: str | None, catalogue: Catalogue
) -> Value[tuple[Entry, ...]] | None:
    """Return the services that the words name.

    A character or service that the catalogue does not know keeps the words as its label, and the
    kind that the model gave it, when that kind takes any label.
    """
    named = [one.entry for one in _at(turn.roles, span)]
    if any(entry.label and not entry.world for entry in named):
        named = [entry for entry in named if not entry.world]
    if named:
        return Value(tuple(named))
    words = read_words(turn, span, longest=40)
    known = {service.role_type for service in catalogue.services}
    if words is None or kind not in {"ANIMATOR", "OTHER"} & known:
        return None
    return Value((Entry(kind, words.value, exact_label=True),), 0.6)
