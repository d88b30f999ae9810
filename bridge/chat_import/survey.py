"""The first reading of an export: its shape, date order, language and people, in flat memory."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from bridge.chat_import.classify import (
    is_chat_notice,
    is_group_notice,
    language_of,
    split_sender,
)
from bridge.chat_import.dates import DateEvidence, Decision
from bridge.chat_import.lines import Header, Shape, is_blank, parse_header

_MOST_SENDERS = 2_000
"""More names than a group may have members are no names."""
_MOST_SHAPES = 64
_ENOUGH_VOTES = 1_000


@dataclass(frozen=True, slots=True)
class Survey:
    """What one export is, as far as it tells."""

    shape: Shape
    decision: Decision
    entries: int
    senders: Counter[str]
    """How many messages each name wrote."""
    language: str
    """`en`, `ro`, or empty when nothing tells."""
    has_marks: bool
    is_group: bool
    chat_sender: str
    """The chat's name, where notices are printed with it as their sender; may be empty."""


@dataclass(slots=True)
class _Tally:
    evidence: DateEvidence
    is_ios: bool
    entries: int = 0
    senders: Counter[str] = field(default_factory=Counter)
    votes: Counter[str] = field(default_factory=Counter)
    has_marks: bool = False
    is_group: bool = False
    chat_sender: str = ""

    def add(self, header: Header, known: Iterable[str]) -> None:
        self.entries += 1
        self.evidence.add(header.stamp)
        rest = header.rest
        sender, text = split_sender(rest, known)
        is_marked = not rest.isascii() and "\u200e" in rest
        self.has_marks |= is_marked
        if not sender:
            self._vote(text)
            self.is_group |= is_group_notice(text)
            return
        if is_marked or text[:1] == "<":
            self._vote(text)
        if is_chat_notice(text):
            self.chat_sender = self.chat_sender or sender
        elif self.is_ios and text[:1] == "\u200e" and is_group_notice(text):
            self.is_group = True
        elif sender in self.senders or len(self.senders) < _MOST_SENDERS:
            self.senders[sender] += 1

    def _vote(self, text: str) -> None:
        if self.votes.total() < _ENOUGH_VOTES and (language := language_of(text)):
            self.votes[language] += 1


def survey(lines: Iterable[str], today: date, known: Iterable[str] = ()) -> Survey | None:
    """Read all headers once. Returns None when there are none: this is no export.

    An export begins with one of its own headers. Where something else stands first, the shape of
    most headers is taken for the export's.
    """
    known = tuple(known)
    tallies: dict[Shape, _Tally] = {}
    is_whole = True
    for line in lines:
        header = parse_header(line)
        if header is None:
            is_whole = is_whole and (bool(tallies) or is_blank(line))
            continue
        tally = tallies.get(header.shape)
        if tally is None:
            if len(tallies) >= _MOST_SHAPES:
                continue
            evidence = DateEvidence(header.shape, today)
            tally = tallies[header.shape] = _Tally(evidence, header.shape.is_ios)
        tally.add(header, known)
    if not tallies:
        return None
    shape = next(iter(tallies))
    if not is_whole:
        shape = max(tallies, key=lambda each: tallies[each].entries)
    tally = tallies[shape]
    language = max(tally.votes, key=lambda code: tally.votes[code], default="")
    return Survey(
        shape, tally.evidence.decide(language), tally.entries, tally.senders, language,
        tally.has_marks, tally.is_group or len(tally.senders) > 2, tally.chat_sender,
    )  # fmt: skip
