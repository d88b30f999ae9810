"""One sentence for each mistake, at the field where it was made."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from core.crm.events import Event, EventPayment, EventRole
from core.crm.money import show_amount
from core.crm.slots import put_in_slots
from core.crm.validation import InvalidField, check_event, parse_field

GOOD = Event(
    phone_e164="+40712345678",
    date="2026-02-10",
    start_time="18:00",
    duration_min=90,
    payment=EventPayment(amount=Decimal(1200), currency="RON"),
    roles_by_slot=put_in_slots([EventRole(role_type="ANIMATOR")], None),
)


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("date", "10.02.2026", "2026-02-10"),
        ("date", " 2026-2-1 ", "2026-02-01"),
        ("startTime", "9:05", "09:05"),
        ("startTime", "18", "18:00"),
        ("durationMin", "90", 90),
        ("phoneE164", "0712 345 678", "+40712345678"),
        ("phoneE164", "+40712345678", "+40712345678"),
        ("payment.amount", "1.200,50", Decimal("1200.5")),
        ("payment.amount", "1,200", Decimal(1200)),
        ("payment.amount", "99.9", Decimal("99.9")),
        ("payment.currency", "eur", "EUR"),
        ("payment.currency", "lei", "RON"),
        ("payment.currency", "€", "EUR"),
        ("address", "Str.\u202e X\n nr 3 ", "Str. X nr 3"),
        ("notes", "una\ndouă", "una\ndouă"),
        ("childAge", "", None),
    ],
)
def test_what_was_typed_is_read(field: str, text: str, value: Any) -> None:
    assert parse_field(field, text) == value


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("date", "31.02.2026"), ("date", "mâine"), ("date", "2026-02-10x"), ("startTime", "24:00"),
        ("startTime", "seara"), ("durationMin", "0"), ("durationMin", "1441"),
        ("durationMin", "1.5"), ("phoneE164", "12"), ("phoneE164", "Ana"),
        ("payment.amount", "-5"), ("payment.amount", "12,345.678"), ("payment.amount", "mult"),
        ("payment.amount", "99999999"), ("payment.currency", "lei!"), ("childAge", "121"),
        ("numChildren", "-1"), ("address", "x" * 301), ("notes", "x" * 5001),
    ],
)  # fmt: skip
def test_a_mistake_is_told_in_a_sentence(field: str, text: str) -> None:
    with pytest.raises(InvalidField) as caught:
        parse_field(field, text)
    assert caught.value.field == field
    assert caught.value.message.endswith(".")


def with_payment(**fields: Any) -> Event:
    return replace(GOOD, payment=replace(GOOD.payment, **fields))


def with_role(**fields: Any) -> Event:
    return replace(GOOD, roles_by_slot=put_in_slots([EventRole(**fields)], None))


@pytest.mark.parametrize(
    ("event", "fields"),
    [
        (GOOD, set()),
        (replace(GOOD, phone_e164=None), {"phoneE164"}),
        (replace(GOOD, phone_e164="0712345678"), {"phoneE164"}),
        (replace(GOOD, date="2026-02-30", start_time="25:00"), {"date", "startTime"}),
        (with_payment(deposit=Decimal(1201)), {"payment.deposit"}),
        (with_payment(status="DEPOSIT"), {"payment.deposit"}),
        (with_payment(status="PAID", amount=None), {"payment.amount"}),
        (with_payment(amount=Decimal("-0.01")), {"payment.amount"}),
        (with_payment(amount=Decimal("1.001")), {"payment.amount"}),
        (with_role(role_type="OTHER"), {"rolesBySlot.A.label"}),
        (with_role(role_type="ANIMATOR", start_time="7"), {"rolesBySlot.A.startTime"}),
        (replace(GOOD, address="x" * 301), {"address"}),
    ],
)
def test_a_whole_event_is_checked(event: Event, fields: set[str]) -> None:
    wrong = check_event(event)
    assert set(wrong) == fields
    assert all(sentence.endswith(".") for sentence in wrong.values())


@given(st.decimals(min_value=0, max_value=10_000_000, places=2))
def test_an_amount_is_read_as_it_is_shown(amount: Decimal) -> None:
    assert parse_field("payment.amount", show_amount(amount)) == amount
