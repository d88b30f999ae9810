"""The agenda marks what overlaps, and nothing else."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from core.crm.agenda import agenda_query, clashes_of, plan, span_of, week_of
from core.crm.events import Event, EventPayment, EventRole, event_of
from core.crm.save import create_event
from core.crm.slots import put_in_slots
from core.store.port import Store

DAY = date(2026, 2, 10)
ZONE = ZoneInfo("Europe/Bucharest")


def party(
    name: str, start: str | None, minutes: int | None = 60, day: date = DAY, *roles: EventRole
) -> Event:
    return Event(
        event_id=name, date=day.isoformat(), start_time=start, duration_min=minutes,
        roles_by_slot=put_in_slots(roles, None),
    )  # fmt: skip


def names(events: tuple[Event, ...]) -> list[str]:
    return [event.event_id for event in events]


def test_overlapping_events_clash_and_neighbours_do_not() -> None:
    first = party("a", "18:00", 120)
    others = [
        party("b", "19:59"), party("c", "20:00"), party("d", "17:00"), party("e", "16:30", 100),
        party("f", "18:00", 120, DAY + timedelta(days=1)), party("g", None), first,
    ]  # fmt: skip
    assert names(clashes_of(first, others, ZONE)) == ["b", "e"]


def test_past_midnight() -> None:
    late = party("a", "23:00", 120)
    early = party("b", "00:30", 60, DAY + timedelta(days=1))
    days = plan([late, early], DAY, 2, zone=ZONE)
    assert [day.has_clash for day in days] == [True, True]
    assert days[0].entries[0].ends_at == "01:00"


BACK, FORWARD = date(2026, 10, 25), date(2027, 3, 28)
"""Bucharest's clocks go from 4 to 3 in the one night and from 3 to 4 in the other."""


@pytest.mark.parametrize(("day", "ends_at"), [(BACK, "03:00"), (FORWARD, "05:00")])
def test_five_hours_of_the_night_in_which_the_clock_is_set(day: date, ends_at: str) -> None:
    late = party("a", "23:00", 300, day - timedelta(days=1))
    span = span_of(late, ZONE)
    assert span is not None
    assert (span.end - span.begin, span.ends_at) == (300, ends_at)


def test_what_meets_in_those_nights() -> None:
    late = party("a", "23:00", 300, FORWARD - timedelta(days=1))
    assert clashes_of(party("b", "04:30", 60, FORWARD), [late], ZONE)
    assert not clashes_of(party("b", "05:00", 60, FORWARD), [late], ZONE)
    late = party("a", "23:00", 300, BACK - timedelta(days=1))
    assert not clashes_of(party("b", "04:00", 60, BACK), [late], ZONE)


def test_an_hour_that_comes_twice_counts_as_both() -> None:
    twice = party("a", "03:30", 60, BACK)
    span = span_of(twice, ZONE)
    assert span is not None
    assert (span.end - span.begin, span.ends_at) == (120, "04:30")
    assert clashes_of(party("b", "02:45", 90, BACK), [twice], ZONE)
    assert clashes_of(party("b", "04:15", 60, BACK), [twice], ZONE)
    assert not clashes_of(party("b", "04:30", 60, BACK), [twice], ZONE)
    left_out = party("a", "03:30", 60, FORWARD)
    assert clashes_of(party("b", "04:30", 60, FORWARD), [left_out], ZONE)


@given(
    st.sampled_from([BACK, FORWARD]),
    st.lists(
        st.tuples(st.integers(-1, 1), st.integers(0, 1439), st.integers(1, 600)),
        min_size=2,
        max_size=2,
    ),
)
def test_events_clash_when_they_last_at_the_same_moment(
    day: date, times: list[tuple[int, int, int]]
) -> None:
    events, lasting = [], []
    for number, (days, start, length) in enumerate(times):
        here = day + timedelta(days=days)
        local = datetime.combine(here, time(start // 60, start % 60), ZONE)
        first, second = (local.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
        assume(first == second)  # the hours that come twice or never have a test of their own
        events.append(party(str(number), f"{local:%H:%M}", length, here))
        lasting.append((first, first + timedelta(minutes=length)))
        span = span_of(events[-1], ZONE)
        assert span is not None
        assert span.ends_at == f"{lasting[-1][1].astimezone(ZONE):%H:%M}"
    (begin, end), (other, until) = lasting
    assert bool(clashes_of(events[0], events, ZONE)) == (begin < until and other < end)


@pytest.mark.parametrize("day", [date.min, date.max])
def test_the_calendar_s_ends_have_an_agenda(day: date) -> None:
    event = party("a", "23:30", 600, day)
    (entry,) = plan([event], day, 1, zone=ZONE)[0].entries
    assert entry.clashes == ()


def test_a_role_after_midnight_belongs_to_the_evening_before() -> None:
    cake = EventRole(role_type="OTHER", label="tort", start_time="00:30", duration_min=30)
    span = span_of(party("a", "22:00", 120, DAY, cake), ZONE)
    assert span is not None
    assert (span.end - span.begin, span.ends_at) == (180, "01:00")
    balloons = EventRole(role_type="BALLOONS", start_time="14:00", duration_min=30)
    span = span_of(party("a", "18:00", 120, DAY, balloons), ZONE)
    assert span is not None
    assert span.end - span.begin == 360


def test_an_event_of_which_only_a_role_has_an_hour_stands_at_that_hour() -> None:
    role = EventRole(role_type="URSITOARE", start_time="19:00")
    events = [
        party("a", "20:00"),
        party("b", None, 60, DAY, role),
        party("c", "18:00"),
        party("d", None),
    ]
    (day,) = plan(events, DAY, 1, zone=ZONE)
    assert [entry.event.event_id for entry in day.entries] == ["d", "c", "b", "a"]


def test_a_length_that_nobody_stated_is_the_catalogue_s() -> None:
    animator = EventRole(role_type="ANIMATOR")
    fairies = EventRole(role_type="URSITOARE", start_time="19:00")
    span = span_of(party("a", "18:00", None, DAY, animator), ZONE)
    assert span is not None
    assert (span.end - span.begin, span.is_assumed) == (120, True)
    span = span_of(party("a", None, None, DAY, fairies), ZONE)
    assert span is not None
    assert (span.end - span.begin, span.ends_at) == (60, "20:00")
    span = span_of(party("a", "18:00", 90, DAY, animator, fairies), ZONE)
    assert span is not None
    assert (span.end - span.begin, span.is_assumed) == (90, False)


def test_what_is_off_clashes_with_nothing() -> None:
    cancelled = replace(party("a", "18:00"), payment=EventPayment(status="CANCELLED"))
    archived = replace(party("b", "18:00"), is_archived=True)
    there = party("c", "18:00")
    assert clashes_of(there, [cancelled, archived], ZONE) == ()
    assert clashes_of(cancelled, [there], ZONE) == ()
    assert [names(tuple(e.event for e in day.entries)) for day in
            plan([cancelled, archived, there], DAY, 1, zone=ZONE)] == [["c"]]  # fmt: skip


@given(st.lists(st.tuples(st.integers(0, 23), st.integers(1, 300)), min_size=2, max_size=6))
def test_clashes_are_mutual_and_true(times: list[tuple[int, int]]) -> None:
    events = [party(str(n), f"{hour:02d}:00", length) for n, (hour, length) in enumerate(times)]
    entries = {
        e.event.event_id: set(names(e.clashes)) for e in plan(events, DAY, 1, zone=ZONE)[0].entries
    }
    for a, (begin, length) in enumerate(times):
        for b, (other, its) in enumerate(times):
            minutes = set(range(begin * 60, begin * 60 + length))
            meets = bool(minutes & set(range(other * 60, other * 60 + its)))
            assert (str(b) in entries[str(a)]) == (a != b and meets)


def test_weeks_begin_on_monday() -> None:
    assert week_of(date(2026, 3, 1)) == date(2026, 2, 23)
    assert week_of(date(2026, 2, 23)) == date(2026, 2, 23)


async def test_the_agenda_of_a_store(store: Store) -> None:
    for number, (day, start) in enumerate(
        [(DAY, "18:00"), (DAY, "18:30"), (DAY + timedelta(days=6), "10:00"),
         (DAY + timedelta(days=7), "10:00"), (DAY - timedelta(days=1), "10:00")]
    ):  # fmt: skip
        event = party("", start, 60, day)
        await create_event(store, event, uid="ana", client_request_id=f"r{number}")
    found = await store.query(agenda_query(DAY))
    events = [event_of(one.data, one.id) for one in found]
    days = plan(events, DAY, zone=ZONE)
    assert [len(day.entries) for day in days] == [2, 0, 0, 0, 0, 0, 1]
    assert [day.has_clash for day in days] == [True] + [False] * 6
    assert len(clashes_of(party("new", "18:15", 60), events, ZONE)) == 2
    assert clashes_of(party("new", None), events, ZONE) == ()
