"""The triggers of a store that has no feed: by watches, one bridge at a time, with few reads."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bridge.leases import Leases
from bridge.metrics import Metrics
from bridge.observed_store import ObservedStore
from bridge.tasks import cancel_all
from bridge.triggers import watched
from bridge.triggers.settle import Context
from bridge.triggers.watched import WatchedTriggers
from core.crm.events import SCHEMA_VERSION
from core.crm.save import change_payment
from core.model.collections import EVENT_CURSOR
from core.model.ids import client_path, event_path
from core.settings import Business
from core.store.capabilities import ChangeFeed
from core.store.errors import StoreUnavailable
from core.store.port import Create, Document, Query, Watch
from tests.bridge.crm.world import PHONE, World, party
from tests.core.crm.test_events import VERSION_2
from tests.support.waiting import document_where, until


class Feedless(ObservedStore):
    """A store as the cloud's is: it has watches, and no feed; it counts what is read of events."""

    def __init__(self, world: World) -> None:
        store = world.open()
        super().__init__(store, Metrics())
        self.settled: Counter[str] = Counter()
        self.pages = 0
        self.watched = 0
        self.is_away = False

    async def query(self, query: Query) -> list[Document]:
        if self.is_away:
            raise StoreUnavailable("It is away.")
        found = await super().query(query)
        if query.collection == "evenimente" and query.limit_count == watched._PAGE:
            self.pages += 1
        return found

    def watch(self, target: Query | str) -> Watch:
        self.watched += 1
        return super().watch(target)


class Bridge:
    """The triggers of one bridge."""

    def __init__(self, world: World, name: str = "one", *, seconds: float = 60.0) -> None:
        self.store = Feedless(world)
        assert not isinstance(self.store, ChangeFeed)
        leases = Leases(self.store, name, seconds=seconds, is_shared=True)
        self.triggers = WatchedTriggers(Context(self.store, Business(), lambda: world.now), leases)
        self._count(self.triggers)

    def _count(self, triggers: WatchedTriggers) -> None:
        settle = triggers._settling.settle

        async def counted(event_id: str) -> None:
            self.store.settled[event_id] += 1
            await settle(event_id)

        triggers._settling.settle = counted  # type: ignore[method-assign]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.triggers.run())
        try:
            yield
        finally:
            await cancel_all([task])

    async def close(self) -> None:
        await self.store.close()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with World(tmp_path, datetime(2026, 1, 5, 9, 0, tzinfo=UTC)) as world:
        yield world


async def client_is(world: World, **fields: object) -> None:
    await document_where(
        world.store,
        client_path(PHONE),
        lambda client: all(client.get(name) == value for name, value in fields.items()),
    )


async def numbered(world: World, count: int) -> None:
    """Wait until so many events were settled: each gets a number then."""
    await document_where(
        world.store, "counters/evenimente", lambda counter: counter["value"] == count
    )


async def test_events_are_settled_as_they_change(world: World) -> None:
    bridge = Bridge(world)
    async with bridge.running():
        saved = (await world.save("r1", party())).stored
        await client_is(world, eventsCount=1, lifetimeSpendAll=1200)
        event = await world.event(saved.event.event_id)
        assert event.event.event_short_id == 1
        await change_payment(world.store, event, uid="ana", status="PAID")
        await client_is(world, lifetimeSpendPaid=1200)
        assert len(await world.history(saved.event.event_id)) == 2
    await bridge.close()


async def test_its_own_writes_do_not_go_round_in_circles(world: World) -> None:
    bridge = Bridge(world)
    async with bridge.running():
        saved = (await world.save("r1", party())).stored
        await client_is(world, eventsCount=1)
        await world.save("r2", party("2026-03-20", "900"))
        await numbered(world, 2)
    assert bridge.store.settled[saved.event.event_id] == 1
    await bridge.close()


async def test_what_changed_while_nobody_followed_is_caught_up(world: World) -> None:
    first = Bridge(world)
    async with first.running():
        await world.save("r1", party())
        await client_is(world, eventsCount=1)
    await first.close()
    await world.save("r2", party("2026-03-20", "900"))
    second = Bridge(world)
    async with second.running():
        await client_is(world, eventsCount=2, lifetimeSpendAll=2100)
    await second.close()


async def test_a_start_reads_what_is_new_and_a_minute_more(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watched, "OVERLAP", timedelta(0))
    first = Bridge(world)
    async with first.running():
        for number in range(5):
            await world.save(f"r{number}", party(f"2026-02-1{number}", "100"))
        await numbered(world, 5)
    assert sum(first.store.settled.values()) == 5
    await first.close()
    document = await world.store.get(EVENT_CURSOR)
    assert document is not None
    assert document.data["lease"] is None
    events = await world.store.query(Query("evenimente").order_by("updatedAt", "desc"))
    up_to = document.data["settledUpTo"]
    assert up_to in [one.data["updatedAt"] for one in events[:2]], "it ended in the last one"
    again = sum(one.data["updatedAt"] >= up_to for one in events)
    second = Bridge(world)
    async with second.running():
        await world.save("new", party("2026-04-01", "100"))
        await numbered(world, 6)
    assert sum(second.store.settled.values()) == again + 1, "and the new one"
    await second.close()


async def test_many_events_are_read_page_by_page(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watched, "_PAGE", 3)
    for number in range(8):
        await world.save(f"r{number}", party(f"2026-02-1{number}", "100"))
    bridge = Bridge(world)
    async with bridge.running():
        await numbered(world, 8)
        await until(lambda: bridge.store.watched >= 2, "it follows")
    assert bridge.store.pages == 4
    assert set(bridge.store.settled.values()) == {1}
    await bridge.close()


async def test_a_window_that_has_grown_begins_later(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watched, "_LARGEST_WINDOW", 3)
    monkeypatch.setattr(watched, "OVERLAP", timedelta(0))
    bridge = Bridge(world)
    async with bridge.running():
        for number in range(8):
            await world.save(f"r{number}", party(f"2026-02-1{number}", "100"))
            await numbered(world, number + 1)
    assert bridge.store.watched >= 6, "another pair of watches after every few events"
    assert max(bridge.store.settled.values()) == 1
    await bridge.close()


async def test_events_of_older_programs_without_a_stamp_are_found(world: World) -> None:
    bridge = Bridge(world)
    async with bridge.running():
        await until(lambda: bridge.store.watched >= 2, "it follows")
        old = {key: value for key, value in VERSION_2.items() if key != "updatedAt"}
        await world.store.commit([Create(event_path("old"), old)])
        await document_where(
            world.store, event_path("old"), lambda data: data.get("schemaVersion") == SCHEMA_VERSION
        )
        await world.save("r1", party())
        await client_is(world, eventsCount=1)
    assert bridge.store.settled["old"] <= 2
    await bridge.close()


async def test_two_bridges_take_turns(world: World) -> None:
    one, other = Bridge(world, "one"), Bridge(world, "other")
    async with one.running():
        await world.save("r1", party())
        await client_is(world, eventsCount=1)
        async with other.running():
            await world.save("r2", party("2026-03-20", "900"))
            await client_is(world, eventsCount=2)
        assert not other.store.settled
    async with other.running():
        await world.save("r3", party("2026-04-01", "100"))
        await client_is(world, eventsCount=3)
    assert (await world.client(PHONE))["lifetimeSpendAll"] == Decimal(2200)
    for bridge in (one, other):
        await bridge.close()


async def test_one_that_lost_its_turn_waits_for_it(world: World) -> None:
    one = Bridge(world, "one", seconds=0.5)
    async with one.running():
        await world.save("r1", party())
        await client_is(world, eventsCount=1)
        # The same bridge on another machine, as after a restore: it takes the lease at once.
        taken = await Leases(world.store, "one", is_shared=True).claim(EVENT_CURSOR)
        assert taken is not None
        tenure = taken.lease.tenure
        await document_where(
            world.store, EVENT_CURSOR, lambda cursor: cursor["lease"]["tenure"] != tenure
        )
        await world.save("r2", party("2026-03-20", "900"))
        await client_is(world, eventsCount=2)
    await one.close()


async def test_a_store_that_goes_away_is_told(world: World) -> None:
    bridge = Bridge(world)
    bridge.store.is_away = True
    with pytest.raises(StoreUnavailable):
        await bridge.triggers.run()
    bridge.store.is_away = False
    async with bridge.running():
        await world.save("r1", party())
        await client_is(world, eventsCount=1)
    await bridge.close()
