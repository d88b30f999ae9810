"""From the text of an export to its entries: one header each, with the lines that belong to it.

A header is `[date, time] ` on iOS and `date, time - ` on Android, sprinkled with invisible marks.
All headers of one export have one shape. A line that looks like a header of another shape is a
piece of some pasted text and belongs to the message before it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

MARKS = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
"""Invisible marks that WhatsApp puts around its own words."""
SPACES = " \u00a0\u2007\u2009\u200a\u202f"
"""Blanks between the parts of a header; U+202F stands before AM and PM in newer exports."""

LONGEST_BODY = 65_536
"""Characters; WhatsApp takes no longer texts, so what goes on beyond is not one message."""

_HEADER = re.compile(
    rf"""
    [{MARKS}]*+(?P<open>\[)?[{MARKS}]*+
    (?P<a>\d{{1,4}})(?P<separator>[./-])[{SPACES}]?
    (?P<b>\d{{1,2}})(?P=separator)[{SPACES}]?
    (?P<c>\d{{1,4}})\.?,?[{MARKS}]*+[{SPACES}]++[{MARKS}]*+
    (?P<hour>\d{{1,2}})[:.](?P<minute>\d\d)(?:[:.](?P<second>\d\d))?
    (?:[{SPACES}{MARKS}]*+(?P<half>[AaPp])\.?[{SPACES}]?[Mm]\.?)?
    [{MARKS}]*+(?(open)\]|[{SPACES}][-–])(?:[{SPACES}]|$)
    """,
    re.VERBOSE,
)
_FIRST = frozenset(f"0123456789[{MARKS}")
_BLANK = f"{MARKS}{SPACES}\t"
_DAMAGED = re.compile("[\udc80-\udcff]")
"""What the `surrogateescape` error handler makes of bytes that are no UTF-8."""


class Shape(NamedTuple):
    """How an export writes its headers: the same throughout one file."""

    is_ios: bool
    separator: str
    year: str
    """`first`, `last`, or `short` when no part of the date has four digits."""
    has_seconds: bool
    has_halves: bool
    """Whether the clock counts to twelve."""


class Stamp(NamedTuple):
    """A date and time as printed: which number is the day is not known yet."""

    a: int
    b: int
    c: int
    hour: int
    minute: int
    second: int
    half: str
    """`a`, `p`, or empty."""
    is_padded: bool
    """Whether the first number of the date has a leading zero."""
    is_upper: bool
    """Whether the half of the day is written in capitals."""


class Header(NamedTuple):
    """The beginning of an entry."""

    shape: Shape
    stamp: Stamp
    rest: str
    """What follows on the line: sender and text, or a notice."""


def parse_header(line: str) -> Header | None:
    """Return the header that a line begins with, or None."""
    if line[:1] not in _FIRST or not (found := _HEADER.match(line)):
        return None
    opened, a, separator, b, c, hour, minute, second, half = found.groups()
    if len(a) > 2 and len(c) > 2:
        return None
    year = "first" if len(a) > 2 else "last" if len(c) > 2 else "short"
    return Header(
        Shape(opened is not None, separator, year, second is not None, half is not None),
        Stamp(
            int(a), int(b), int(c), int(hour), int(minute), int(second or 0),
            (half or "").lower(), a[0] == "0", half is not None and half.isupper(),
        ),
        line[found.end() :],
    )  # fmt: skip


@dataclass(slots=True)
class Entry:
    """One message or notice of an export."""

    line: int
    """The number of its first line, from 1."""
    stamp: Stamp
    text: str
    """Sender and text, still with invisible marks; lines are joined by line feeds."""
    lines: int = 1
    """How many lines it takes, dropped ones included."""
    is_damaged: bool = False
    """Whether bytes of it were no text."""
    dropped: list[int] = field(default_factory=list)
    """Numbers of the lines that were, or went on, beyond what one message can hold."""

    @property
    def numbers(self) -> range:
        """The numbers of its lines."""
        return range(self.line, self.line + self.lines)


@dataclass(slots=True)
class Notes:
    """What was noticed about lines while reading."""

    stray: list[int] = field(default_factory=list)
    """Lines before the first header."""
    foreign: list[int] = field(default_factory=list)
    """Lines that look like headers of another shape and were kept as text."""


def is_blank(line: str) -> bool:
    """Whether a line shows nothing."""
    return not line.strip(_BLANK)


def read_entries(lines: Iterable[str], shape: Shape, notes: Notes) -> Iterator[Entry]:
    """Join lines into entries, in order, one at a time."""
    entry: Entry | None = None
    more: list[str] = []
    length = 0
    for number, line in enumerate(lines, 1):
        header = parse_header(line)
        if header is not None and header.shape == shape:
            if entry is not None:
                yield _close(entry, more)
            entry = Entry(number, header.stamp, header.rest[:LONGEST_BODY])
            more, length = [], len(header.rest)
            if length > LONGEST_BODY:
                entry.dropped.append(number)
        elif entry is None:
            if not is_blank(line):
                notes.stray.append(number)
        else:
            entry.lines += 1
            if header is not None:
                notes.foreign.append(number)
            length += len(line) + 1
            if length > LONGEST_BODY:
                entry.dropped.append(number)
            else:
                more.append(line)
    if entry is not None:
        yield _close(entry, more)


def _close(entry: Entry, more: list[str]) -> Entry:
    if more:
        entry.text = "\n".join((entry.text, *more))
    if not entry.text.isascii() and _DAMAGED.search(entry.text):
        entry.is_damaged = True
        entry.text = _DAMAGED.sub("\ufffd", entry.text)
    return entry
