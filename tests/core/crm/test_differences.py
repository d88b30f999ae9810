"""What a draft would change in an event, and which event it means."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from core.crm.differences import (
    apply_draft,
    changed_fields,
    decide,
    differences,
    event_of_draft,
)
from core.crm.draft import Action, EventDraft, Extraction, Payment, Role
from core.crm.events import Event, EventPayment, EventRole
from core.crm.slots import put_in_slots, rename_slots

EVENT = Event(
    event_id="e1",
    event_short_id=12,
    phone_e164="+40712345678",
    date="2026-02-10",
    start_time="18:00",
    address="Str. X nr 3",
    payment=EventPayment(
        amount=Decimal(1200), currency="RON", status="DEPOSIT", deposit=Decimal(300)
    ),
    roles_by_slot=put_in_slots([EventRole(role_type="ANIMATOR", label="Elsa")], 12),
)


def test_the_differences_in_words() -> None:
    wanted = replace(
        EVENT,
        date="2026-02-11",
        child_age=5,
        payment=replace(EVENT.payment, amount=Decimal("1300.50"), status="PAID"),
        roles_by_slot=put_in_slots([*EVENT.roles, EventRole(role_type="POPCORN")], 12),
    )
    assert [(d.label, d.before, d.after) for d in differences(EVENT, wanted)] == [
        ("Date", "Tuesday 2026-02-10", "Wednesday 2026-02-11"),
        ("Age", "", "5"),
        ("Services", "Animator Elsa", "Animator Elsa · Popcorn"),
        ("Amount", "1200 RON", "1300.50 RON"),
        ("Payment", "deposit paid", "paid"),
    ]


def test_the_short_id_in_slots_is_no_difference() -> None:
    renamed = replace(EVENT, roles_by_slot=rename_slots(EVENT.roles_by_slot, 99))
    assert changed_fields(EVENT, renamed) == ()


def test_a_draft_resets_nothing_that_it_does_not_mention() -> None:
    assert apply_draft(EVENT, EventDraft()) == EVENT
    moved = apply_draft(EVENT, EventDraft(date="2026-02-12"))
    assert changed_fields(EVENT, moved) == ("date",)
    assert moved.payment == EVENT.payment


def test_a_draft_adds_services_and_a_payment() -> None:
    draft = EventDraft(
        roles=[
            Role(role_type="ANIMATOR", label="elsa"),
            Role(role_type="ANIMATOR"),
            Role(role_type="ANIMATOR", label="Olaf"),
            Role(role_type="POPCORN"),
        ],
        payment=Payment(amount=Decimal(1500), status="PAID"),
    )
    wanted = apply_draft(EVENT, draft)
    assert [(r.slot, r.label) for r in wanted.roles] == [
        ("12A", "Elsa"), ("12B", "Olaf"), ("12C", None),
    ]  # fmt: skip
    assert wanted.payment == EventPayment(
        amount=Decimal(1500), currency="RON", status="PAID", deposit=Decimal(300)
    )


def test_a_draft_becomes_a_new_event() -> None:
    draft = EventDraft(
        date="2026-02-10",
        roles=[Role(role_type="ANIMATOR", label="Spiderman")],
        payment=Payment(amount=Decimal(1200), currency="RON"),
    )
    event = event_of_draft(draft, phone_e164="+40712345678")
    assert event.duration_min is None
    assert list(event.roles_by_slot) == ["01A"]
    assert event.payment.status == "UNPAID"


def found(action: Action, day: str | None = None, target: str | None = None) -> Extraction:
    event = None if action == "NOOP" else EventDraft(date=day)
    return Extraction(intent="BOOKING", action=action, target_event_id=target, event=event)


OTHER = replace(EVENT, event_id="e2", date="2026-03-20")
TWIN = replace(EVENT, event_id="e3")
OFF = replace(EVENT, event_id="e4", is_archived=True)
CALLED_OFF = replace(EVENT, event_id="e5", payment=EventPayment(status="CANCELLED"))


@pytest.mark.parametrize(
    ("extraction", "events", "action", "target", "candidates"),
    [
        (found("NOOP"), [EVENT], "none", None, []),
        (found("CREATE_EVENT", "2026-05-01"), [EVENT], "create", None, ["e1"]),
        (found("CREATE_EVENT", "2026-02-10"), [EVENT, OTHER], "update", "e1", ["e1", "e2"]),
        (found("CREATE_EVENT", "2026-02-10"), [OFF, CALLED_OFF], "create", None, []),
        (found("CREATE_EVENT", "2026-02-10"), [EVENT, TWIN], "choose", None, ["e1", "e3"]),
        (found("UPDATE_EVENT", "2026-02-10", "e1"), [EVENT, TWIN], "choose", None, ["e1", "e3"]),
        (found("UPDATE_EVENT", "2026-02-12", "e1"), [EVENT, OTHER], "update", "e1", ["e1", "e2"]),
        (found("UPDATE_EVENT", None, "e4"), [OFF], "create", None, []),
        (found("UPDATE_EVENT"), [EVENT, OTHER], "choose", None, ["e1", "e2"]),
        (found("UPDATE_EVENT"), [EVENT], "update", "e1", ["e1"]),
        (found("CREATE_EVENT"), [EVENT], "create", None, ["e1"]),
    ],
)
def test_which_event_is_meant(
    extraction: Extraction, events: list[Event], action: str, target: str | None,
    candidates: list[str],
) -> None:  # fmt: skip
    decision = decide(extraction, events)
    assert decision.action == action
    assert (decision.target.event_id if decision.target else None) == target
    assert [event.event_id for event in decision.candidates] == candidates


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("str X", "Str. X nr 3"),
        ("STR. X, NR. 3", "Str. X nr 3"),
        ("Str. X nr 33", "Str. X nr 33"),
        ("Str. X nr 3, et. 2", "Str. X nr 3, et. 2"),
        ("Str. Y", "Str. Y"),
    ],
)
def test_an_address_that_says_no_more_leaves_the_known_one(told: str, kept: str) -> None:
    assert apply_draft(EVENT, EventDraft(address=told)).address == kept


def test_what_takes_a_dropped_service_s_place_takes_its_slot_and_hour() -> None:
    roles = [
        EventRole(role_type="ANIMATOR", label="Minnie Mouse", start_time="18:30", note="pink"),
        EventRole(role_type="POPCORN"),
    ]
    stored = replace(EVENT, roles_by_slot=put_in_slots(roles, 12))
    swap = EventDraft(
        roles=[Role(role_type="ANIMATOR", label="Mickey")],
        dropped_roles=[Role(role_type="ANIMATOR", label="Minnie")],
    )
    changed = apply_draft(stored, swap)
    assert [(role.slot, role.label, role.start_time, role.note) for role in changed.roles] == [
        ("12A", "Mickey", "18:30", None),
        ("12B", None, None, None),
    ]
    assert [(d.label, d.before, d.after) for d in differences(stored, changed)] == [
        (
            "Services",
            "Animator Minnie Mouse 18:30 pink · Popcorn",
            "Animator Mickey 18:30 · Popcorn",
        )
    ]
    assert apply_draft(changed, swap) == changed
    without = apply_draft(stored, EventDraft(dropped_roles=[Role(role_type="POPCORN")]))
    assert [role.label for role in without.roles] == ["Minnie Mouse"]
    other = EventDraft(dropped_roles=[Role(role_type="ANIMATOR", label="Elsa")])
    assert apply_draft(stored, other) == stored
