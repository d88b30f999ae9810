"""What a form warns of."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from core.crm.advice import advise
from core.crm.events import Event, EventPayment
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
    advice = advise(events[1], today=TODAY, before=events[0])
    assert ("payment.status" in advice) == is_told
    if is_told:
        assert advice["payment.status"].startswith("1200 RON was paid")
    assert "payment.status" not in advise(events[1], today=TODAY)
