"""What follows from saved events, whatever is interrupted, repeated or done by two at once."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from bridge.tasks import cancel_all
from bridge.triggers.names import find_display_name
from bridge.triggers.run import EventTriggers
from bridge.triggers.settle import Context
from bridge.triggers.settling import Settling
from core.crm.events import EventSource
from core.crm.save import archive_event, change_payment, restore_event, update_event
from core.model.ids import client_path, event_path, thread_path
from core.settings import Business
from core.store.counting import CountingStore, Usage
from core.store.errors import StoreUnavailable
from core.store.port import Create, Query, Set, Store, Update, Write
from tests.bridge.crm.world import OTHER_PHONE, PHONE, World, party
from tests.core.crm.test_events import VERSION_2
from tests.support.waiting import document_where, until_found


async def test_a_saved_event_gets_its_number_its_slots_and_its_client(world: World) -> None:
    first = (await world.save("r1", party("2026-02-10", "1200", "Spiderman", "Elsa"))).stored.event
    await world.triggers.catch_up()
    event = (await world.event(first.event_id)).event
    assert event.event_short_id == 1
    assert list(event.roles_by_slot) == ["01A", "01B"]
    client = await world.client()
    created, updated = client.pop("createdAt"), client.pop("updatedAt")
    assert created == updated
    assert client == {
        "phoneE164": PHONE,
        "displayName": "Ana Pop",
        "lifetimeSpendPaid": 0,
        "lifetimeSpendAll": 1200,
        "spendByCurrency": {"RON": {"paid": 0, "all": 1200}},
        "outstanding": 1200,
        "eventsCount": 1,
        "lastEventAt": "2026-02-10",
        "nextEventAt": "2026-02-10",
    }
    second = (await world.save("r2", party("2026-03-20", "900", "Mickey"))).stored.event
    await world.triggers.catch_up()
    assert list((await world.event(second.event_id)).event.roles_by_slot) == ["02A"]
    client = await world.client()
    assert (client["eventsCount"], client["lifetimeSpendAll"], client["lifetimeSpendPaid"]) == (
        2, 2100, 0,
    )  # fmt: skip
    assert (client["lastEventAt"], client["nextEventAt"]) == ("2026-03-20", "2026-02-10")
    assert (await world.event(first.event_id)).event == event


async def test_doing_it_again_writes_nothing(world: World) -> None:
    await world.save("r1", party())
    await world.triggers.catch_up()
    before = await world.store.last_seq()
    await world.store.commit([Update("counters/eventTriggers", {"seq": 0})])
    await world.triggers.catch_up()
    after = [c.path for c in await world.store.changes_since("evenimente", before, 9)]
    assert after == []
    assert [c.path for c in await world.store.changes_since("clients", before, 9)] == []


async def test_the_history_tells_each_change(world: World) -> None:
    base = (await world.save("r1", party())).stored
    await world.triggers.catch_up()
    base = await world.event(base.event.event_id)
    await update_event(world.store, base, replace(base.event, start_time="17:00"), uid="dan")
    await world.triggers.catch_up()
    base = await world.event(base.event.event_id)
    await change_payment(world.store, base, uid="ana", status="DEPOSIT", deposit=Decimal(300))
    await world.triggers.catch_up()
    await archive_event(world.store, base.event.event_id, reason="dublură", uid="dan")
    await world.triggers.catch_up()
    await restore_event(world.store, base.event.event_id, uid="ana")
    await world.triggers.catch_up()
    entries = await world.history(base.event.event_id)
    assert [(e["kind"], e["by"]) for e in entries] == [
        ("created", "ana"), ("changed", "dan"), ("changed", "ana"),
        ("archived", "dan"), ("restored", "ana"),
    ]  # fmt: skip
    created = {c["field"]: c["after"] for c in entries[0]["changes"]}
    assert created["date"] == "2026-02-10"
    assert created["payment.amount"] == 1200
    assert created["rolesBySlot.A"] == {"slot": "A", "roleType": "ANIMATOR", "label": "Elsa"}
    assert entries[1]["changes"] == [{"field": "startTime", "before": "18:00", "after": "17:00"}]
    assert entries[2]["changes"] == [
        {"field": "payment.deposit", "before": None, "after": 300},
        {"field": "payment.status", "before": "UNPAID", "after": "DEPOSIT"},
    ]
    assert [e["historyId"] for e in entries] == sorted(e["historyId"] for e in entries)
    assert entries[1]["at"] > entries[0]["at"]


async def test_a_new_phone_changes_both_clients(world: World) -> None:
    base = (await world.save("r1", party())).stored
    await world.save("r2", party("2026-04-01", "500"))
    await world.triggers.catch_up()
    base = await world.event(base.event.event_id)
    await update_event(world.store, base, replace(base.event, phone_e164=OTHER_PHONE), uid="ana")
    await world.triggers.catch_up()
    before, after = await world.client(), await world.client(OTHER_PHONE)
    assert (before["eventsCount"], before["lifetimeSpendAll"]) == (1, 500)
    assert (after["eventsCount"], after["lifetimeSpendAll"]) == (1, 1200)


async def test_what_counts_where(world: World) -> None:
    await world.save("a", party("2026-02-01", "100.10", status="PAID"))
    await world.save("b", party("2026-02-02", "200.20", status="DEPOSIT", deposit="50.05"))
    await world.save("c", party("2026-02-03", "400", status="CANCELLED"))
    await world.save("d", party("2026-02-04", "80", currency="EUR", status="PAID"))
    await world.save("e", party("2025-12-24", "10", currency=None))
    gone = (await world.save("f", party("2026-12-31", "1000"))).stored.event.event_id
    await archive_event(world.store, gone, reason="", uid="ana")
    old = {**VERSION_2, "telefonClientE164": PHONE, "esteArhivat": True}
    await world.store.commit([Create(event_path("old"), old)])
    await world.triggers.catch_up()
    client = await world.client()
    assert client["eventsCount"] == 4
    assert client["lifetimeSpendPaid"] == 150.15
    assert client["lifetimeSpendAll"] == 310.3
    assert client["outstanding"] == 160.15
    assert client["spendByCurrency"] == {
        "EUR": {"paid": 80, "all": 80}, "RON": {"paid": 150.15, "all": 310.3},
    }  # fmt: skip
    assert client["lastEventAt"] == "2026-02-04"
    assert client["nextEventAt"] == "2026-02-01"


async def test_the_next_event_moves_on_with_the_day(world: World) -> None:
    await world.save("a", party("2026-01-06", "100"))
    await world.save("b", party("2026-02-02", "200"))
    await world.triggers.catch_up()
    await Settling(world.context).begin_day()
    assert (await world.client())["nextEventAt"] == "2026-01-06"
    world.now += timedelta(hours=36.1)  # after midnight in Bucharest, not yet in UTC
    await Settling(world.context).begin_day()
    assert (await world.client())["nextEventAt"] == "2026-02-02"


async def test_the_client_is_called_as_their_conversation(world: World) -> None:
    thread = {"threadId": "T", "phoneE164": PHONE, "displayName": "Ana\u202e Pop 🎈"}
    await world.store.commit([Create(thread_path("T"), thread)])
    await world.save("a", replace(party(), parent_name=None))
    await world.triggers.catch_up()
    assert (await world.client())["displayName"] == "Ana Pop 🎈"


async def test_version_2_becomes_3_and_keeps_its_number(world: World) -> None:
    await world.store.commit([Create("evenimente/old", VERSION_2)])
    await world.triggers.catch_up()
    await world.save("a", party("2026-02-11", "100"))
    await world.triggers.catch_up()
    document = await world.store.get("evenimente/old")
    assert document is not None
    assert (document.data["schemaVersion"], document.data["eventShortId"]) == (3, 17)
    assert "telefonClientE164" not in document.data
    numbers = [e.data["eventShortId"] for e in await world.store.query(Query("evenimente"))]
    assert sorted(numbers) == [17, 18]
    assert (await world.client())["lifetimeSpendPaid"] == 490.5


async def test_a_number_that_came_twice_is_given_once(world: World) -> None:
    for name in ("old1", "old2"):
        await world.store.commit([Create(f"evenimente/{name}", VERSION_2)])
    await world.triggers.catch_up()
    numbers = [e.data["eventShortId"] for e in await world.store.query(Query("evenimente"))]
    assert sorted(numbers) == [17, 18]


async def test_a_spoilt_counter_goes_on_behind_the_highest_number(world: World) -> None:
    await world.save("a", party())
    await world.triggers.catch_up()
    await world.store.commit([Set("counters/evenimente", {"value": "many"})])
    await world.save("b", party())
    await world.triggers.catch_up()
    numbers = [e.data["eventShortId"] for e in await world.store.query(Query("evenimente"))]
    assert sorted(numbers) == [1, 2]


@pytest.mark.parametrize("data", [{}, {"schemaVersion": 3, "phoneE164": "../x/y"}, {"roles": 5}])
async def test_odd_documents_do_not_stop_the_others(world: World, data: dict[str, Any]) -> None:
    await world.store.commit([Create("evenimente/odd", data)])
    await world.save("a", party())
    await world.triggers.catch_up()
    assert (await world.client())["eventsCount"] == 1


class Breaking:
    """A store that fails at one of its writes, before or after it happened."""

    def __init__(self, store: Store, at: int, *, after: bool) -> None:
        self._store = store
        self._left = at
        self._after = after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def _breaks(self) -> bool:
        self._left -= 1
        return self._left == 0

    async def commit(self, writes: Sequence[Write]) -> Any:
        breaks = self._breaks()
        if breaks and not self._after:
            raise StoreUnavailable("before")
        result = await self._store.commit(writes)
        if breaks:
            raise StoreUnavailable("after")
        return result

    async def transact(self, body: Any, *, attempts: int = 10) -> Any:
        breaks = self._breaks()
        if breaks and not self._after:
            raise StoreUnavailable("before")
        result = await self._store.transact(body, attempts=attempts)
        if breaks:
            raise StoreUnavailable("after")
        return result


async def do_things(world: World) -> None:
    base = (await world.save("r1", party())).stored
    await world.save("r2", party("2026-03-20", "900", "Mickey"))
    await update_event(world.store, base, replace(base.event, phone_e164=OTHER_PHONE), uid="dan")


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(1, 8))
async def test_a_crash_anywhere_is_made_good(world: World, at: int, after: bool) -> None:
    await do_things(world)
    breaking: Any = Breaking(world.store, at, after=after)
    context = Context(breaking, Business(), lambda: world.now)
    with suppress(StoreUnavailable):
        await EventTriggers(context, world.store).catch_up()
    await world.triggers.catch_up()
    found = await world.everything()
    assert {path: data.get("eventsCount") for path, data in found.items() if "clients" in path} == {
        f"clients/{PHONE}": 1, f"clients/{OTHER_PHONE}": 1,
    }  # fmt: skip
    assert found["counters/evenimente"]["value"] == 2
    numbers = [d["eventShortId"] for p, d in found.items() if p.count("/") == 1 and "even" in p
               and "counters" not in p]  # fmt: skip
    assert sorted(numbers) == [1, 2]
    assert sum("/history/" in path for path in found) == 2


async def test_two_bridges_give_numbers_without_gaps_or_repeats(world: World) -> None:
    count = 24
    other = world.open()
    try:
        second = EventTriggers(Context(other, Business(), lambda: world.now), other)
        running = [
            asyncio.create_task(one.run(), name=name)
            for name, one in (("first", world.triggers), ("second", second))
        ]
        phones = (PHONE, OTHER_PHONE)
        await asyncio.gather(
            *(world.save(f"r{n}", party(phone=phones[n % 2], amount="10")) for n in range(count))
        )

        async def all_numbered() -> bool:
            numbered = Query("evenimente").where("eventShortId", ">", 0)
            return (await world.store.aggregate(numbered)).count == count

        await until_found(all_numbered, "all events numbered")
        await cancel_all(running)
    finally:
        await other.close()
    events = await world.store.query(Query("evenimente"))
    assert sorted(e.data["eventShortId"] for e in events) == list(range(1, count + 1))
    assert [len(await world.history(e.id)) for e in events] == [1] * count
    assert (await world.client())["lifetimeSpendAll"] == 10 * count // 2


async def test_running_triggers_follow_a_write_at_once(world: World) -> None:
    running = asyncio.create_task(world.triggers.run(), name="triggers")
    try:
        saved = (await world.save("r1", party())).stored
        path = event_path(saved.event.event_id)
        await document_where(world.store, path, lambda event: event.get("eventShortId") == 1)
        # A write that sets no `updatedAt` is found by the slow look.
        await world.store.commit([Update(path, {"payment.amount": 1300})])
        await document_where(
            world.store, client_path(PHONE), lambda client: client["lifetimeSpendAll"] == 1300
        )
    finally:
        await cancel_all([running])


async def test_a_client_s_conversation_is_asked_for_their_name_once(world: World) -> None:
    source = EventSource(thread_id="WA-01__x")
    events = [replace(party(), event_id=f"e{number}", source=source) for number in range(3)]
    usage = Usage()
    name = await find_display_name(CountingStore(world.store, usage), PHONE, events)
    assert name == "Ana Pop"  # as the events say: there is no such conversation
    assert usage.reads["threads"] == 2  # and another is looked for by the number
