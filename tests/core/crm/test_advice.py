"""What a form warns of."""

from datetime import UTC, date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from core.crm.advice import advise
from core.crm.events import Event, EventPayment
from tests.core.crm.test_validation import GOOD

TODAY = date(2026, 2, 10)


def test_a_good_event_needs_nothing() -> None:
    assert advise(replace(GOOD, address="Str. X"), today=TODAY, zone=UTC) == {}


def test_what_is_missing() -> None:
    assert set(advise(Event(), today=TODAY, zone=UTC)) == {
        "date", "startTime", "address", "payment.amount", "rolesBySlot",
    }  # fmt: skip


def test_a_past_date_is_told_with_its_weekday() -> None:
    advice = advise(replace(GOOD, date="2026-02-09"), today=TODAY, zone=UTC)
    assert advice["date"] == "Monday 2026-02-09 has passed."


def test_clashes_are_named() -> None:
    other = replace(GOOD, event_short_id=7, parent_name="Ana")
    advice = advise(GOOD, today=TODAY, zone=UTC, clashes=[other])
    assert advice["startTime"] == "At the same time: #7 18:00 Ana."


@pytest.mark.parametrize(
    ("day", "clock", "is_told"),
    [
        ("2026-03-29", "02:59", False),
        ("2026-03-29", "03:00", True),
        ("2026-03-29", "03:59", True),
        ("2026-03-29", "04:00", False),
        ("2026-10-25", "03:30", False),
        ("0001-01-01", "00:00", False),
        ("9999-12-31", "23:59", False),
    ],
)
def test_an_hour_that_the_clocks_leave_out_is_told(day: str, clock: str, *, is_told: bool) -> None:
    event = replace(GOOD, date=day, start_time=clock)
    advice = advise(event, today=TODAY, zone=ZoneInfo("Europe/Bucharest"))
    text = f"The clocks are set forward that night: {clock} does not come."
    assert advice.get("startTime") == (text if is_told else None)


@pytest.mark.parametrize(
    ("before", "after", "is_told"),
    [
        (("PAID", "1200", "RON"), ("PAID", "1500", "RON"), True),
        (("PAID", "1200", "RON"), ("PAID", "1200", "EUR"), True),
        (("PAID", "1200", "RON"), ("PAID", "1200.00", "RON"), False),
        (("PAID", "1200", "RON"), ("DEPOSIT", "1500", "RON"), False),
        (("UNPAID", "1200", "RON"), ("PAID", "1500", "RON"), False),
        (("CANCELLED", "1200", "RON"), ("CANCELLED", "0", "RON"), False),
    ],
)
def test_a_new_amount_is_not_paid_because_the_old_one_was(
    before: Any, after: Any, is_told: bool
) -> None:
    events = [
        replace(GOOD, payment=EventPayment(
            status=status, amount=Decimal(amount), currency=currency, deposit=Decimal(1)
        ))
        for status, amount, currency in (before, after)
    ]  # fmt: skip
    advice = advise(events[1], today=TODAY, zone=UTC, before=events[0])
    assert ("payment.status" in advice) == is_told
    if is_told:
        assert advice["payment.status"].startswith("1200 RON was paid")
    assert "payment.status" not in advise(events[1], today=TODAY, zone=UTC)
