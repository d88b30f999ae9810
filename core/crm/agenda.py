"""The agenda: events of all clients by day, and which of them overlap.

A length that neither the event nor its roles tell is taken from the catalogue, for planning alone.
Hours are those of the business's time zone, whose clocks are set forward and back; an event may
last past midnight.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final

from core.crm.catalogue import Catalogue, load_catalogue
from core.crm.events import Event
from core.model.ids import EVENTS
from core.store.port import Query

USUAL_MINUTES: Final = 120
"""The length of an event that nothing tells the length of."""
WEEK: Final = 7
_DAY_MINUTES = 24 * 60
_FIRST_DAY, _LAST_DAY = date.min.toordinal() + 1, date.max.toordinal() - 1
"""Ordinals of the days for which every zone has an hour."""


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when an event lasts, in minutes of UTC since the first midnight of the calendar.

    Where the clocks are set back an hour comes twice, and an event in it lasts as if it began in
    both.
    """

    begin: int
    end: int
    ends_at: str
    """What the clock shows at its end, as `HH:MM`."""
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
    def begins_at(self) -> str:
        """When it begins, as `HH:MM`, or else its first role; empty while that is not known."""
        starts = [role.start_time for role in self.event.roles if role.start_time]
        return self.event.start_time or min(starts, default="")

    @property
    def ends_at(self) -> str:
        """When it ends, as `HH:MM`; empty while that is not known."""
        return self.span.ends_at if self.span else ""


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the agenda, its events by their start, those without one first."""

    date: date
    entries: tuple[Entry, ...]

    @property
    def has_clash(self) -> bool:
        """Whether any two of its events overlap."""
        return any(entry.clashes for entry in self.entries)


def span_of(event: Event, zone: tzinfo, catalogue: Catalogue | None = None) -> Span | None:
    """Return from when to when an event and all its roles last; None without date or start.

    `zone` is the business's. A role that would begin more than half a day before the event begins
    in the night after it.
    """
    if event.date is None:
        return None
    words = catalogue or load_catalogue()
    begins = []
    ends = []
    assumed = event.duration_min is None
    own = _minutes(event.start_time) if event.start_time else None
    if own is not None:
        begins.append(own)
        if event.duration_min:
            ends.append((own, event.duration_min))
    for role in event.roles:
        start = _minutes(role.start_time) if role.start_time else own
        if start is None:
            continue
        if own is not None and own - start > _DAY_MINUTES // 2:
            start += _DAY_MINUTES
        begins.append(start)
        length = role.duration_min
        if length is None and event.duration_min is None:
            length = words.usual_minutes(role.role_type)
        elif length is not None:
            assumed = False
        if length:
            ends.append((start, length))
    if not begins:
        return None
    midnight = date.fromisoformat(event.date).toordinal() * _DAY_MINUTES
    ends = ends or [(min(begins), USUAL_MINUTES)]
    end = max(max(_instants(midnight + start, zone)) + length for start, length in ends)
    begin = min(min(_instants(midnight + start, zone)) for start in begins)
    return Span(begin, end, _clock(end, zone), assumed)


def clashes_of(
    event: Event, others: Iterable[Event], zone: tzinfo, catalogue: Catalogue | None = None
) -> tuple[Event, ...]:
    """Return the other events that last at the same time; cancelled and archived ones never do."""
    spans = [(other, span_of(other, zone, catalogue)) for other in others]
    return _meeting(event, span_of(event, zone, catalogue), spans)


def _meeting(
    event: Event, span: Span | None, others: Iterable[tuple[Event, Span | None]]
) -> tuple[Event, ...]:
    if span is None or not event.is_open:
        return ()
    return tuple(
        other
        for other, its in others
        if other.event_id != event.event_id and other.is_open and its and span.overlaps(its)
    )


def plan(
    events: Iterable[Event],
    first: date,
    days: int = WEEK,
    *,
    zone: tzinfo,
    catalogue: Catalogue | None = None,
) -> list[Day]:
    """Return `days` days from `first` on, also those without events.

    Events of the day before count for clashes past midnight.
    """
    spans = [(e, span_of(e, zone, catalogue)) for e in events if e.is_open and e.date]
    planned = []
    for number in range(days):
        day = first + timedelta(days=number)
        near = [(event, span) for event, span in spans if _distance(event, day) <= 1]
        entries = [
            Entry(event, span, _meeting(event, span, near))
            for event, span in near
            if event.date == day.isoformat()
        ]
        entries.sort(key=_place)
        planned.append(Day(day, tuple(entries)))
    return planned


def _place(entry: Entry) -> tuple[str, str]:
    """Return what the events of a day are sorted by."""
    return entry.begins_at, entry.event.event_id


def week_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def agenda_query(first: date, days: int = WEEK) -> Query:
    """Return the query of the events that `plan` needs; it may be watched."""
    begin = max(first, date.min + timedelta(days=1)) - timedelta(days=1)
    end = min(first, date.max - timedelta(days=days)) + timedelta(days=days)
    return (
        Query(EVENTS)
        .where("isArchived", "==", False)
        .where("date", ">=", begin.isoformat())
        .where("date", "<=", end.isoformat())
        .order_by("date")
    )


def _distance(event: Event, day: date) -> int:
    return abs((date.fromisoformat(event.date) - day).days) if event.date else _DAY_MINUTES


def _minutes(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def _instants(local: int, zone: tzinfo) -> set[int]:
    """Return the minutes of UTC at which the clock shows a local minute: two where it is set back.

    Where it is set forward, the minute that it leaves out counts as before and after.
    """
    shown = _naive(local)
    return {local - _offset(shown.replace(tzinfo=zone, fold=fold)) for fold in (0, 1)}


def _clock(instant: int, zone: tzinfo) -> str:
    """Return what the clock shows at a minute of UTC, as `HH:MM`."""
    shown = zone.fromutc(_naive(instant).replace(tzinfo=zone))
    return f"{shown:%H:%M}"


def _naive(minutes: int) -> datetime:
    """Return a minute since the first midnight of the calendar; the last one that has a name."""
    day, rest = divmod(minutes, _DAY_MINUTES)
    named = min(max(day, _FIRST_DAY), _LAST_DAY)
    return datetime.combine(date.fromordinal(named), time(rest // 60, rest % 60))


def _offset(moment: datetime) -> int:
    """Return how many minutes the clock is ahead of UTC."""
    ahead = moment.utcoffset()
    return int(ahead.total_seconds() // 60) if ahead is not None else 0
