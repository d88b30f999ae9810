"""Leases between bridges whose machines agree on nothing but the store."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.errors import LeaseLost
from bridge.leases import Held, Leases, lease_of
from core.store.embedded import EmbeddedStore
from core.store.errors import StoreUnavailable
from core.store.port import CommitResult, Create, Document, Transaction, Update, Write

START = datetime(2026, 2, 3, 9, 0, tzinfo=UTC)
PATH = "accounts/WA-01"
SECONDS = 60.0
T = TypeVar("T")


class Earth:
    """Real time, which no machine knows: it passes when the test says so."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def server_clock(self) -> datetime:
        return START + timedelta(seconds=self.seconds)


class Far(EmbeddedStore):
    """A store far away: a commit takes its time, before it is made and after."""

    earth: Earth
    before = after = 0.0
    loses_answer = False

    async def commit(self, writes: Sequence[Write]) -> CommitResult:
        self.earth.seconds += self.before
        result = await super().commit(writes)
        self.earth.seconds += self.after
        if self.loses_answer:
            self.loses_answer = False
            raise StoreUnavailable("The answer was lost.")
        return result

    async def transact(
        self,
        body: Callable[[Transaction], Awaitable[T]],
        *,
        attempts: int = 10,
        durable: bool = True,
    ) -> T:
        self.earth.seconds += self.before
        result = await super().transact(body, attempts=attempts, durable=durable)
        self.earth.seconds += self.after
        return result


class World:
    """One account document, and bridges on machines of their own."""

    def __init__(self, store: Far, earth: Earth) -> None:
        self.store = store
        self.earth = earth

    def bridge(self, owner: str, *, booted: float, is_shared: bool = True) -> Leases:
        """Return the leases of a machine that has been up for `booted` seconds."""
        return Leases(
            self.store,
            owner,
            seconds=SECONDS,
            is_shared=is_shared,
            ticks=lambda: self.earth.seconds + booted,
        )

    async def document(self) -> Document:
        document = await self.store.get(PATH)
        assert document is not None
        return document


@asynccontextmanager
async def a_world(folder: Path) -> AsyncIterator[World]:
    earth = Earth()
    async with Far.open(folder / "store.db", clock=earth.server_clock) as store:
        store.earth = earth
        await store.commit([Create(PATH, {"accountId": "WA-01", "lease": None})])
        yield World(store, earth)


async def hold(leases: Leases) -> Held:
    held = await leases.claim(PATH)
    assert held is not None
    return held


async def test_only_one_gets_it_and_the_other_waits_for_its_end(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        one, other = world.bridge("one", booted=5), world.bridge("other", booted=90_000)
        held = await hold(one)
        lease = lease_of(await world.document())
        assert lease is not None
        assert lease.owner == "one"
        assert lease.expires_at - world.earth.server_clock() == pytest.approx(
            timedelta(seconds=SECONDS), abs=timedelta(milliseconds=1)
        )
        assert await other.claim(PATH) is None
        left = other.seconds_until_free(await world.document())
        assert left == pytest.approx(SECONDS, abs=0.01)
        world.earth.seconds += SECONDS - 0.1
        assert not held.is_sure
        assert await other.claim(PATH) is None
        world.earth.seconds += 0.2
        taken = await hold(other)
        assert taken.is_sure
        with pytest.raises(LeaseLost):
            await held.write({"status": "connected"})
        assert "status" not in (await world.document()).data
        assert (await hold(other)).lease.tenure != taken.lease.tenure


async def test_renewing_keeps_it_and_writes_along(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        one, other = world.bridge("one", booted=5), world.bridge("other", booted=1)
        held = await hold(one)
        for number in range(10):
            world.earth.seconds += held.renew_in()
            assert held.is_sure
            await held.write({"number": number})
            assert await other.claim(PATH) is None
        assert (await world.document()).data["number"] == 9


async def test_a_lease_counts_from_before_its_renewal_was_sent(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        held = await hold(world.bridge("one", booted=5))
        world.store.before, world.store.after = 3.0, 30.0
        sent_at = world.earth.seconds + 5
        await held.write({})
        assert held.stop_at <= sent_at + 0.75 * SECONDS
        assert held.gone_at < sent_at + SECONDS


async def test_what_is_released_is_free_at_once(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        held = await hold(world.bridge("one", booted=5))
        await held.release({"status": "disconnected"})
        assert not held.is_sure
        document = await world.document()
        assert (document.data["lease"], document.data["status"]) == (None, "disconnected")
        await hold(world.bridge("other", booted=7))


async def test_the_same_bridge_started_again_does_not_wait(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        before = await hold(world.bridge("one", booted=5))
        after = await hold(world.bridge("one", booted=5))
        with pytest.raises(LeaseLost):
            await before.write({})
        assert after.is_sure


async def test_a_bridge_alone_takes_what_it_finds_and_never_has_to_stop(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await hold(world.bridge("name of the machine before", booted=5))
        held = await hold(world.bridge("name of the machine now", booted=5, is_shared=False))
        world.earth.seconds += 10 * SECONDS
        assert held.is_sure
        await held.write({})


async def test_others_may_write_the_document_but_not_take_it(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        held = await hold(world.bridge("one", booted=5))
        await world.store.commit([Update(PATH, {"name": "Principal"})])
        await held.write({"status": "connected"})
        document = await world.document()
        assert (document.data["name"], document.data["status"]) == ("Principal", "connected")


async def test_a_renewal_whose_answer_was_lost_is_found_to_be_ours(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        held = await hold(world.bridge("one", booted=5))
        world.store.loses_answer = True
        with pytest.raises(StoreUnavailable):
            await held.write({"status": "connected"})
        await held.write({"status": "connected"})
        assert held.is_sure


async def test_a_guarded_transaction_of_the_loser_does_nothing(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        one, other = world.bridge("one", booted=5), world.bridge("other", booted=6)
        held = await hold(one)
        assert await other.claim(PATH) is None

        async def body(transaction: Transaction) -> None:
            await held.guard(transaction)
            transaction.write(Create("outbox/one", {"status": "sending"}))

        world.earth.seconds += SECONDS + 1
        await hold(other)
        with pytest.raises(LeaseLost):
            await world.store.transact(body)
        assert await world.store.get("outbox/one") is None


async def test_waiting_for_the_end_of_it(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        held = await hold(world.bridge("one", booted=5))
        assert not await held.unsure(0.001)
        waiting = asyncio.create_task(held.unsure())
        world.earth.seconds += SECONDS
        assert await waiting
        again = await hold(world.bridge("one", booted=5))
        again.note(await world.document())
        assert again.is_sure
        await hold(world.bridge("one", booted=5))
        again.note(await world.document())
        assert not again.is_sure


@settings(max_examples=60)
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["one renews", "other renews", "one claims", "other claims", "look"]),
            st.sampled_from([0.0, 0.5, 7.0, 20.0, 31.0, 45.0, 61.0]),
            st.sampled_from([0.0, 0.2, 20.0]),
            st.sampled_from([0.0, 0.2, 20.0]),
        ),
        max_size=25,
    ),
    booted=st.sampled_from([0.0, 3.0, 100_000.0]),
)
def test_no_two_are_ever_sure_at_once(
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[tuple[str, float, float, float]],
    booted: float,
) -> None:
    async def live() -> None:
        async with a_world(tmp_path_factory.mktemp("world")) as world:
            bridges = {
                "one": world.bridge("one", booted=booted),
                "other": world.bridge("other", booted=1.0),
            }
            tenures: dict[str, list[Held]] = {"one": [], "other": []}
            for step, pause, before, after in steps:
                world.earth.seconds += pause
                world.store.before, world.store.after = before, after
                who, _space, what = step.partition(" ")
                if what == "claims" and not any(one.is_sure for one in tenures[who]):
                    held = await bridges[who].claim(PATH)
                    tenures[who] += [held] if held else []
                elif what == "renews" and tenures[who]:
                    with suppress(LeaseLost):
                        await tenures[who][-1].write({})
                sure = [name for name, held in tenures.items() if any(one.is_sure for one in held)]
                assert len(sure) <= 1

    asyncio.run(live())
