"""The agenda marks what overlaps, and nothing else."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from core.crm.agenda import agenda_query, clashes_of, plan, span_of, week_of
from core.crm.events import Event, EventPayment, EventRole, event_of
from core.crm.save import create_event
from core.crm.slots import put_in_slots
from core.store.port import Store

DAY = date(2026, 2, 10)


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
    assert names(clashes_of(first, others)) == ["b", "e"]


def test_past_midnight() -> None:
    late = party("a", "23:00", 120)
    early = party("b", "00:30", 60, DAY + timedelta(days=1))
    days = plan([late, early], DAY, 2)
    assert [day.has_clash for day in days] == [True, True]
    assert days[0].entries[0].ends_at == "01:00"


def test_a_length_that_nobody_stated_is_the_catalogue_s() -> None:
    animator = EventRole(role_type="ANIMATOR")
    fairies = EventRole(role_type="URSITOARE", start_time="19:00")
    span = span_of(party("a", "18:00", None, DAY, animator))
    assert span is not None
    assert (span.end - span.begin, span.is_assumed) == (120, True)
    span = span_of(party("a", None, None, DAY, fairies))
    assert span is not None
    assert (span.end - span.begin, span.begin % 1440) == (60, 19 * 60)
    span = span_of(party("a", "18:00", 90, DAY, animator, fairies))
    assert span is not None
    assert (span.end - span.begin, span.is_assumed) == (90, False)


def test_what_is_off_clashes_with_nothing() -> None:
    cancelled = replace(party("a", "18:00"), payment=EventPayment(status="CANCELLED"))
    archived = replace(party("b", "18:00"), is_archived=True)
    there = party("c", "18:00")
    assert clashes_of(there, [cancelled, archived]) == ()
    assert clashes_of(cancelled, [there]) == ()
    assert [names(tuple(e.event for e in day.entries)) for day in
            plan([cancelled, archived, there], DAY, 1)] == [["c"]]  # fmt: skip


@given(st.lists(st.tuples(st.integers(0, 23), st.integers(1, 300)), min_size=2, max_size=6))
def test_clashes_are_mutual_and_true(times: list[tuple[int, int]]) -> None:
    events = [party(str(n), f"{hour:02d}:00", length) for n, (hour, length) in enumerate(times)]
    entries = {e.event.event_id: set(names(e.clashes)) for e in plan(events, DAY, 1)[0].entries}
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
    days = plan(events, DAY)
    assert [len(day.entries) for day in days] == [2, 0, 0, 0, 0, 0, 1]
    assert [day.has_clash for day in days] == [True] + [False] * 6
    assert len(clashes_of(party("new", "18:15", 60), events)) == 2
    assert clashes_of(party("new", None), events) == ()
