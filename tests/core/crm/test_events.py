"""The event document: what is written is read again, whichever version wrote it."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.crm.events import (
    Event,
    EventPayment,
    EventRole,
    clock_time,
    event_data,
    event_of,
    iso_date,
    make_client_request_id,
    read_event,
)
from core.crm.money import from_number, to_number
from core.crm.slots import put_in_slots, rename_slots, slot_letters
from core.store.port import Document

NOW = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)
VERSION_2: dict[str, Any] = {
    "schemaVersion": 2,
    "numarEveniment": "17",
    "data": "10-02-2026",
    "adresa": "Str. X nr 3",
    "sarbatoritNume": "Maria",
    "sarbatoritVarsta": 5,
    "numeParinte": "Ana Pop",
    "telefonClientE164": "+40712345678",
    "roluriPeSlot": {
        "17A": {"slot": "17A", "label": "Batman", "time": "14:00", "durationMin": 120},
        "17B": {"slot": "17B", "label": "Ursitoare", "time": "15:00", "durationMin": 60},
    },
    "incasare": {"suma": 490.5, "stare": "INCASAT", "metoda": "CASH"},
    "esteArhivat": False,
    "creatDe": "admin",
    "sofer": "D1",
}


def document(data: dict[str, Any]) -> Document:
    return Document("evenimente/e1", data, NOW, NOW)


def test_version_2_is_read_under_the_new_names() -> None:
    stored = read_event(document(VERSION_2))
    event = stored.event
    assert stored.is_legacy
    assert event.event_short_id == 17
    assert event.date == "2026-02-10"
    assert event.address == "Str. X nr 3"
    assert (event.child_name, event.child_age, event.parent_name) == ("Maria", 5, "Ana Pop")
    assert event.phone_e164 == "+40712345678"
    assert event.payment == EventPayment(amount=Decimal("490.5"), status="PAID", method="CASH")
    assert [(r.slot, r.role_type, r.label, r.start_time, r.duration_min) for r in event.roles] == [
        ("17A", "ANIMATOR", "Batman", "14:00", 120),
        ("17B", "URSITOARE", "Ursitoare", "15:00", 60),
    ]
    assert event.created_by == "admin"
    assert not event.is_archived
    kept = {"schemaVersion", "sofer"}
    assert set(stored.leftovers) == set(VERSION_2) - kept


def test_what_version_2_holds_that_is_not_understood_is_not_given_up() -> None:
    odd = VERSION_2 | {"data": "peste o lună", "incasare": {"suma": "cât o fi"}}
    stored = read_event(document(odd))
    assert stored.event.date is None
    assert "data" not in stored.leftovers
    assert "incasare" not in stored.leftovers


def test_a_currency_of_version_2_that_is_none_is_not_given_up() -> None:
    stored = read_event(document(VERSION_2 | {"incasare": {"suma": 500, "moneda": "lei grei"}}))
    assert (stored.event.payment.amount, stored.event.payment.currency) == (Decimal(500), None)
    assert "incasare" not in stored.leftovers


@pytest.mark.parametrize("begun", [{}, {"status": "DEPOSIT", "amount": None}])
def test_what_only_version_2_knows_of_a_payment_counts(begun: dict[str, Any]) -> None:
    old = {"suma": 490.5, "stare": "AVANS", "avans": 100, "moneda": "lei"}
    stored = read_event(document(VERSION_2 | {"incasare": old, "payment": begun}))
    assert stored.event.payment == EventPayment(
        amount=Decimal("490.5"), currency="RON", status="DEPOSIT", deposit=Decimal(100)
    )
    assert "incasare" in stored.leftovers


def test_english_version_2_with_a_list_of_roles() -> None:
    event = event_of(
        {
            "schemaVersion": 2,
            "date": "03-01-2026",
            "incasare": {"status": "NEINCASAT", "metoda": None, "suma": 0},
            "roles": [{"slot": "A", "label": "Vată de zahăr", "startTime": "9:30"}],
            "isArchived": True,
        },
        "e1",
    )
    assert event.date == "2026-01-03"
    assert event.payment.status == "UNPAID"
    assert event.is_archived
    assert [(r.slot, r.role_type, r.start_time) for r in event.roles] == [
        ("01A", "COTTON_CANDY", "09:30")
    ]


texts = st.text("aZ9-.:+ăș \x00", max_size=12) | st.sampled_from(["10-02-2026", "18:00", "9" * 30])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from([*event_data(Event()), *VERSION_2, "roles", "payment", "sarbatoritDob"])


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(names, json_values))
def test_no_document_stops_the_reader(data: dict[str, Any]) -> None:
    event = read_event(document(data)).event
    assert event_of(event_data(event), "e1") == event


@given(st.decimals(min_value=0, max_value=10_000_000, places=2))
def test_money_goes_through_a_document_exactly(amount: Decimal) -> None:
    number = to_number(amount)
    assert isinstance(number, int | float)
    assert from_number(number) == amount


@pytest.mark.parametrize("value", [None, True, "zece", float("nan"), float("inf"), 1e300, [], {}])
def test_what_is_no_amount(value: Any) -> None:
    assert from_number(value) is None


def test_a_written_event_is_read_again() -> None:
    event = Event(
        event_id="e1",
        phone_e164="+40712345678",
        date="2026-02-10",
        payment=EventPayment(amount=Decimal("1200.50"), currency="RON"),
        roles_by_slot=put_in_slots([EventRole(role_type="ANIMATOR", label="Elsa")], None),
        created_at=NOW,
    )
    data = event_data(event)
    assert data["payment"]["amount"] == 1200.5
    assert data["schemaVersion"] == 3
    assert data["phoneE164"] == "+40712345678"
    assert list(data["rolesBySlot"]) == ["01A"]
    stored = read_event(document(data))
    assert stored.event == event
    assert not stored.is_legacy


def test_slots_follow_the_short_id() -> None:
    roles = put_in_slots([EventRole(role_type="ANIMATOR", label=str(n)) for n in range(28)], None)
    assert list(roles)[:2] == ["01A", "01B"]
    assert list(roles)[-2:] == ["01AA", "01AB"]
    assert next(iter(rename_slots(roles, 123))) == "123A"
    without_b = {slot: role for slot, role in roles.items() if slot != "01B"}
    assert list(rename_slots(without_b, 7))[:2] == ["07A", "07C"]
    assert slot_letters(25) == "Z"


@pytest.mark.parametrize(
    ("text", "iso"),
    [("2026-02-10", "2026-02-10"), ("1-2-2026", "2026-02-01"), ("31.02.2026", None), ("", None)],
)
def test_dates(text: str, iso: str | None) -> None:
    assert iso_date(text) == iso


@pytest.mark.parametrize(("text", "time"), [("9:05", "09:05"), ("24:00", None), ("18", None)])
def test_times(text: str, time: str | None) -> None:
    assert clock_time(text) == time


def test_the_request_id_is_the_hash_of_thread_and_message() -> None:
    import hashlib

    assert make_client_request_id("T", "m") == hashlib.sha256(b"Tm").hexdigest()
