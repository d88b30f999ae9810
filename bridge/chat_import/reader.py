"""The second reading of an export: its messages one by one, and the lines that are none."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from bridge.chat_import.classify import Classifier, Content, split_sender
from bridge.chat_import.dates import DateOrder, WallClock, is_possible
from bridge.chat_import.lines import Notes, read_entries
from bridge.chat_import.survey import Survey

Reason = Literal["stray", "no_date", "impossible", "damaged", "too_long"]
"""`damaged` lines are imported, with U+FFFD for what was no text, and of `too_long` ones a part."""


@dataclass(frozen=True, slots=True)
class Exported:
    """One message or notice, as the export tells it."""

    line: int
    local: datetime
    """Naive: what the phone's clock showed."""
    at: datetime
    """The moment, in UTC, at the beginning of the minute or second that is printed."""
    sender: str
    """The name as printed; empty for a notice."""
    content: Content


@dataclass(slots=True)
class Unread:
    """Lines of an export that could not be read, by reason."""

    lines: dict[Reason, list[int]] = field(default_factory=dict)

    def add(self, reason: Reason, *numbers: int) -> None:
        """Note lines."""
        if numbers:
            self.lines.setdefault(reason, []).extend(numbers)

    @property
    def count(self) -> int:
        """How many lines there are."""
        return sum(len(numbers) for numbers in self.lines.values())


@dataclass(slots=True)
class Reading:
    """One reading of an export; iterate `messages` to its end before looking at the rest."""

    survey: Survey
    order: DateOrder
    zone: ZoneInfo
    """Of the phone."""
    today: date
    known: tuple[str, ...] = ()
    """Names that may hold a colon."""
    unread: Unread = field(default_factory=Unread)
    notes: Notes = field(default_factory=Notes)

    def messages(self, lines: Iterable[str]) -> Iterator[Exported]:
        """Read messages in the order of the export, which is nearly that of time."""
        clock = WallClock(self.zone)
        classifier = Classifier(self.survey.shape.is_ios, self.survey.has_marks)
        for entry in read_entries(lines, self.survey.shape, self.notes):
            times = clock.read(entry.stamp, self.order)
            if times is None:
                self.unread.add("no_date", *entry.numbers)
                continue
            if not is_possible(times[0].date(), self.today):
                self.unread.add("impossible", *entry.numbers)
                continue
            if entry.is_damaged:
                self.unread.add("damaged", entry.line)
            self.unread.add("too_long", *entry.dropped)
            sender, text = split_sender(entry.text, self.known)
            content = classifier.content(text) if sender else classifier.notice(text)
            yield Exported(entry.line, *times, sender, content)
        self.unread.add("stray", *self.notes.stray)
