"""The agenda: events of all clients by day, and which of them overlap.

A length that neither the event nor its roles tell is taken from the catalogue, for planning alone.
Times are in the business's time zone; an event may last past midnight.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from core.crm.catalogue import Catalogue, load_catalogue
from core.crm.events import Event
from core.model.ids import EVENTS
from core.store.port import Query

USUAL_MINUTES: Final = 120
"""The length of an event that nothing tells the length of."""
WEEK: Final = 7
_DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when an event lasts, in minutes since the first midnight of the calendar."""

    begin: int
    end: int
    is_assumed: bool
    """Whether the length is the usual one instead of a stated one."""

    def overlaps(self, other: "Span") -> bool:
        """Whether both last at the same moment; one that begins as the other ends does not."""
        return self.begin < other.end and other.begin < self.end


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of the agenda."""

    event: Event
    span: Span | None
    """None while the start is not known."""
    clashes: tuple[Event, ...] = ()
    """Other events that last at the same time."""

    @property
    def ends_at(self) -> str:
        """When it ends, as `HH:MM`; empty while that is not known."""
        return _clock(self.span.end) if self.span else ""


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the agenda, its events by their start, those without one first."""

    date: date
    entries: tuple[Entry, ...]

    @property
    def has_clash(self) -> bool:
        """Whether any two of its events overlap."""
        return any(entry.clashes for entry in self.entries)


def span_of(event: Event, catalogue: Catalogue | None = None) -> Span | None:
    """Return from when to when an event and all its roles last; None without date or start."""
    if event.date is None:
        return None
    words = catalogue or load_catalogue()
    midnight = date.fromisoformat(event.date).toordinal() * _DAY_MINUTES
    begins = []
    ends = []
    assumed = event.duration_min is None
    if event.start_time:
        begins.append(_minutes(event.start_time))
        if event.duration_min:
            ends.append(begins[0] + event.duration_min)
    for role in event.roles:
        start = role.start_time or event.start_time
        if start is None:
            continue
        begins.append(_minutes(start))
        length = role.duration_min
        if length is None and event.duration_min is None:
            length = words.usual_minutes(role.role_type)
        elif length is not None:
            assumed = False
        if length:
            ends.append(_minutes(start) + length)
    if not begins:
        return None
    begin = min(begins)
    return Span(midnight + begin, midnight + max(ends, default=begin + USUAL_MINUTES), assumed)


def clashes_of(
    event: Event, others: Iterable[Event], catalogue: Catalogue | None = None
) -> tuple[Event, ...]:
    """Return the other events that last at the same time; cancelled and archived ones never do."""
    span = span_of(event, catalogue)
    if span is None or not event.is_open:
        return ()
    found = []
    for other in others:
        its = span_of(other, catalogue)
        if other.event_id != event.event_id and other.is_open and its and span.overlaps(its):
            found.append(other)
    return tuple(found)


def plan(
    events: Iterable[Event], first: date, days: int = WEEK, catalogue: Catalogue | None = None
) -> list[Day]:
    """Return `days` days from `first` on, also those without events.

    Events of the day before count for clashes past midnight.
    """
    open_events = [event for event in events if event.is_open and event.date]
    planned = []
    for number in range(days):
        day = first + timedelta(days=number)
        near = [e for e in open_events if _distance(e, day) <= 1]
        entries = [
            Entry(event, span_of(event, catalogue), clashes_of(event, near, catalogue))
            for event in near
            if event.date == day.isoformat()
        ]
        entries.sort(key=lambda entry: (entry.event.start_time or "", entry.event.event_id))
        planned.append(Day(day, tuple(entries)))
    return planned


def week_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def agenda_query(first: date, days: int = WEEK) -> Query:
    """Return the query of the events that `plan` needs; it may be watched."""
    begin, end = first - timedelta(days=1), first + timedelta(days=days)
    return (
        Query(EVENTS)
        .where("isArchived", "==", False)
        .where("date", ">=", begin.isoformat())
        .where("date", "<=", end.isoformat())
        .order_by("date")
    )


def _distance(event: Event, day: date) -> int:
    return abs((date.fromisoformat(event.date) - day).days) if event.date else _DAY_MINUTES


def _minutes(time: str) -> int:
    return int(time[:2]) * 60 + int(time[3:])


def _clock(minutes: int) -> str:
    return f"{minutes % _DAY_MINUTES // 60:02d}:{minutes % 60:02d}"
