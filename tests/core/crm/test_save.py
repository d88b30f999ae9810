"""Saving: once however often, only what was changed, and never over somebody else's change."""

from dataclasses import replace as with_fields
from decimal import Decimal

import pytest
from msgspec.structs import replace

from core.crm.events import Event, EventPayment, EventRole, StoredEvent, make_event_id, read_event
from core.crm.save import (
    EditConflict,
    EventMissing,
    archive_event,
    change_payment,
    create_event,
    load_event,
    new_client_request_id,
    restore_event,
    update_event,
)
from core.crm.slots import put_in_slots
from core.model.ids import EVENTS, event_path
from core.store.port import Create, Query, Store, Update
from tests.core.crm.conftest import By
from tests.core.crm.test_events import VERSION_2

EVENT = Event(
    phone_e164="+40712345678",
    date="2026-02-10",
    start_time="18:00",
    address="Str. X nr 3",
    payment=EventPayment(amount=Decimal(1200), currency="RON"),
    roles_by_slot=put_in_slots([EventRole(role_type="ANIMATOR", label="Elsa")], None),
)


async def saved(by: By) -> StoredEvent:
    return (await create_event(by("ana"), EVENT, uid="ana", client_request_id="r1")).stored


async def test_a_new_event_meets_the_rules(store: Store, by: By) -> None:
    done = await create_event(by("ana"), EVENT, uid="ana", client_request_id="r1")
    document = await store.get(event_path(make_event_id("r1")))
    assert done.is_new
    assert document is not None
    data = document.data
    assert data["createdBy"] == "ana"
    assert data["isArchived"] is False
    assert data["schemaVersion"] == 3
    assert data["eventShortId"] is None
    assert data["source"]["clientRequestId"] == "r1"
    assert data["createdAt"] == data["updatedAt"] == document.create_time
    assert data["payment"] == {
        "amount": 1200, "currency": "RON", "status": "UNPAID", "method": None, "deposit": None,
    }  # fmt: skip


async def test_twice_is_once(store: Store, by: By) -> None:
    first = await create_event(by("ana"), EVENT, uid="ana", client_request_id="r1")
    again = await create_event(
        by("dan"), replace(EVENT, address="altundeva"), uid="dan", client_request_id="r1"
    )
    assert not again.is_new
    assert again.stored == first.stored
    assert (await store.aggregate(Query(EVENTS))).count == 1


async def test_an_update_writes_only_what_changed(store: Store, by: By) -> None:
    base = await saved(by)
    await store.commit([Update(event_path(base.event.event_id), {"sofer": "D1"})])
    done = await update_event(by("dan"), base, replace(base.event, start_time="17:00"), uid="dan")
    document = await store.get(event_path(base.event.event_id))
    assert document is not None
    assert document.data["sofer"] == "D1"
    assert document.data["updatedBy"] == "dan"
    assert done.stored.event.start_time == "17:00"
    assert done.stored.event.address == EVENT.address


async def test_nothing_changed_writes_nothing(store: Store, by: By) -> None:
    base = await saved(by)
    assert not (await update_event(by("dan"), base, base.event, uid="dan")).is_new
    assert (await load_event(store, base.event.event_id)).update_time == base.update_time


async def test_changes_of_different_fields_both_stay(store: Store, by: By) -> None:
    base = await saved(by)
    await update_event(by("dan"), base, replace(base.event, address="Str. Y"), uid="dan")
    done = await update_event(by("ana"), base, replace(base.event, start_time="17:00"), uid="ana")
    assert (done.stored.event.address, done.stored.event.start_time) == ("Str. Y", "17:00")


async def test_a_conflict_tells_the_differences(store: Store, by: By) -> None:
    base = await saved(by)
    await update_event(by("dan"), base, replace(base.event, address="Str. Y"), uid="dan")
    mine = replace(base.event, address="Str. Z", start_time="17:00")
    with pytest.raises(EditConflict) as caught:
        await update_event(by("ana"), base, mine, uid="ana")
    assert [(d.field, d.before, d.after) for d in caught.value.clashes] == [
        ("address", "Str. Y", "Str. Z")
    ]
    now = await load_event(store, base.event.event_id)
    assert (now.event.address, now.event.start_time) == ("Str. Y", "18:00")
    over = await update_event(by("ana"), caught.value.current, mine, uid="ana")
    assert over.stored.event.address == "Str. Z"


async def test_the_short_id_given_meanwhile_is_no_conflict(store: Store, by: By) -> None:
    base = await saved(by)
    role = {"slot": "12A", "roleType": "ANIMATOR", "label": "Elsa"}
    fields = {"eventShortId": 12, "rolesBySlot": {"12A": role}}
    await store.commit([Update(event_path(base.event.event_id), fields)])
    roles = [*base.event.roles, EventRole(role_type="POPCORN")]
    wanted = replace(base.event, roles_by_slot=put_in_slots(roles, None))
    done = await update_event(by("ana"), base, wanted, uid="ana")
    assert list(done.stored.event.roles_by_slot) == ["12A", "12B"]
    assert done.stored.event.event_short_id == 12


async def test_the_payment(store: Store, by: By) -> None:
    base = await saved(by)
    done = await change_payment(
        by("ana"), base, uid="ana", status="DEPOSIT", deposit=Decimal("300.5")
    )
    assert done.stored.event.payment == EventPayment(
        amount=Decimal(1200), currency="RON", status="DEPOSIT", deposit=Decimal("300.5")
    )


async def test_archiving_and_taking_it_back(store: Store, by: By) -> None:
    event_id = (await saved(by)).event.event_id
    done = await archive_event(by("ana"), event_id, reason=" dublură ", uid="ana")
    event = done.stored.event
    assert (event.is_archived, event.archive_reason, event.archived_by) == (True, "dublură", "ana")
    assert event.archived_at is not None
    again = await archive_event(by("dan"), event_id, reason="altceva", uid="dan")
    assert not again.is_new
    assert again.stored.event.archive_reason == "dublură"
    back = (await restore_event(by("dan"), event_id, uid="dan")).stored.event
    assert (back.is_archived, back.archived_at, back.archive_reason) == (False, None, None)


async def test_version_2_is_written_back_as_3(store: Store, by: By) -> None:
    await store.commit([Create("evenimente/old", VERSION_2)])
    base = await load_event(store, "old")
    await update_event(by("ana"), base, replace(base.event, start_time="16:00"), uid="ana")
    document = await store.get("evenimente/old")
    assert document is not None
    stored = read_event(document)
    wanted = with_fields(stored, event=replace(base.event, start_time="16:00")).event
    assert not stored.is_legacy
    assert replace(stored.event, updated_at=None, updated_by=None) == wanted
    assert document.data["sofer"] == "D1"
    assert not {"data", "adresa", "incasare", "roluriPeSlot"} & set(document.data)


async def test_archiving_version_2(store: Store, by: By) -> None:
    await store.commit([Create("evenimente/old", VERSION_2)])
    done = await archive_event(by("ana"), "old", reason="", uid="ana")
    assert done.stored.event.is_archived
    assert done.stored.event.date == "2026-02-10"


async def test_an_event_that_is_not_there(store: Store, by: By) -> None:
    with pytest.raises(EventMissing):
        await archive_event(by("ana"), "nowhere", reason="", uid="ana")


def test_every_form_has_its_own_request_id() -> None:
    assert new_client_request_id() != new_client_request_id()
