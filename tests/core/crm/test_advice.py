"""What a form warns of."""

from datetime import date

from msgspec.structs import replace

from core.crm.advice import advise
from core.crm.events import Event
from tests.core.crm.test_validation import GOOD

TODAY = date(2026, 2, 10)


def test_a_good_event_needs_nothing() -> None:
    assert advise(replace(GOOD, address="Str. X"), today=TODAY) == {}


def test_what_is_missing() -> None:
    assert set(advise(Event(), today=TODAY)) == {
        "date", "startTime", "address", "payment.amount", "rolesBySlot",
    }  # fmt: skip


def test_a_past_date_is_told_with_its_weekday() -> None:
    advice = advise(replace(GOOD, date="2026-02-09"), today=TODAY)
    assert advice["date"] == "Monday 2026-02-09 has passed."


def test_clashes_are_named() -> None:
    other = replace(GOOD, event_short_id=7, parent_name="Ana")
    advice = advise(GOOD, today=TODAY, clashes=[other])
    assert advice["startTime"] == "At the same time: #7 18:00 Ana."
