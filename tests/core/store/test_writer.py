"""The writer's thread: groups of commits, and nothing lost at the end."""

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.store.embedded import EmbeddedStore, log_push
from core.store.errors import AlreadyExists, StoreUnavailable
from core.store.port import SERVER_TIMESTAMP, CommitResult, Create, Query, Set, Transaction

_MANY = 150
_NORMAL, _FULL = 1, 2  # SQLite's names of `PRAGMA synchronous`
NOON = datetime(2026, 5, 12, 12, tzinfo=UTC)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[EmbeddedStore]:
    async with EmbeddedStore.open(tmp_path / "store.db", clock=lambda: NOON) as store:
        yield store


async def test_commits_that_wait_together_fail_one_by_one(store: EmbeddedStore) -> None:
    results = await asyncio.gather(
        *(store.commit([Create(f"things/{at % 7}", {"n": at})]) for at in range(20)),
        return_exceptions=True,
    )
    assert [isinstance(one, CommitResult) for one in results] == [at < 7 for at in range(20)]
    assert all(isinstance(one, AlreadyExists) for one in results[7:])
    assert [one.data["n"] for one in await store.query(Query("things"))] == list(range(7))


async def test_a_mistake_in_one_commit_spares_its_neighbours(store: EmbeddedStore) -> None:
    results = await asyncio.gather(
        store.commit([Set("things/a", {})]),
        store.commit(["not a write"]),  # type: ignore[list-item]
        store.commit([Set("things/b", {})]),
        return_exceptions=True,
    )
    assert [type(one) for one in results] == [CommitResult, AttributeError, CommitResult]
    assert len(await store.query(Query("things"))) == 2


async def test_time_goes_forward_while_the_clock_stands_still(store: EmbeddedStore) -> None:
    times = [
        (await store.commit([Set(f"things/{at}", {"at": SERVER_TIMESTAMP})])).commit_time
        for at in range(3)
    ]
    assert times == [NOON + timedelta(microseconds=at) for at in range(3)]
    assert [one.data["at"] for one in await store.query(Query("things"))] == times


async def test_handles_never_give_one_time_twice(store: EmbeddedStore, tmp_path: Path) -> None:
    async with EmbeddedStore.open(tmp_path / "store.db", clock=lambda: NOON) as other:
        times = [
            (await handle.commit([Set(f"things/{at}", {"n": at})])).commit_time
            for at, handle in enumerate((store, other, store, other, other, store))
        ]
    assert times == [NOON + timedelta(microseconds=at) for at in range(6)]


async def test_closing_finishes_what_waits(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = EmbeddedStore.open(path)
    waiting = [
        asyncio.ensure_future(store.commit([Set(f"things/{at}", {"n": at})])) for at in range(30)
    ]
    await asyncio.sleep(0)
    await asyncio.gather(store.close(), store.close())
    await asyncio.gather(*waiting)
    with pytest.raises(StoreUnavailable):
        await store.commit([Set("things/late", {})])
    assert "store-writer" not in {thread.name for thread in threading.enumerate()}
    async with EmbeddedStore.open(path) as again:
        assert (await again.aggregate(Query("things"))).count == 30


async def test_a_commit_handed_over_happens_though_nobody_waits(store: EmbeddedStore) -> None:
    task = asyncio.ensure_future(store.commit([Set("things/one", {})]))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await store.commit([Set("things/two", {})])
    assert len(await store.query(Query("things"))) == 2


async def test_only_durable_commits_wait_for_the_disk(store: EmbeddedStore) -> None:
    async def body(transaction: Transaction) -> None:
        transaction.write(Set("things/one", {}))

    def level() -> int:
        assert store._writer is not None
        connection = store._writer._connection
        assert connection is not None
        found: int = connection.execute("PRAGMA synchronous").fetchone()[0]
        return found

    await store.transact(body, durable=False)
    assert level() == _NORMAL
    await store.commit([])
    assert level() == _FULL


async def test_the_log_of_much_that_nobody_waits_for_is_pushed_to_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed: list[str] = []
    is_pushed = threading.Event()

    def sync(descriptor: int) -> None:
        pushed.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        is_pushed.set()

    monkeypatch.setattr(log_push, "_sync", sync)

    async def body(transaction: Transaction) -> None:
        transaction.write(*(Set(f"things/{number}", {}) for number in range(_MANY)))

    async with EmbeddedStore.open(tmp_path / "store.db") as store:
        await store.transact(body)
        await store.transact(body, durable=False)
        assert await asyncio.to_thread(is_pushed.wait, 60)
        assert pushed == [str(tmp_path / "store.db-wal")]
        assert store._writer is not None
        pushing = store._writer._push._thread
        assert pushing is not None
        assert pushing.is_alive()
    assert not pushing.is_alive()


async def test_an_import_wakes_nobody_until_its_last_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[int] = []

    def writing(count: int) -> Callable[[Transaction], Awaitable[None]]:
        async def body(transaction: Transaction) -> None:
            transaction.write(*(Set(f"things/{number}", {"n": count}) for number in range(count)))

        return body

    async with EmbeddedStore.open(tmp_path / "store.db") as store:
        monkeypatch.setattr(store, "_ring_others", lambda: rung.append(len(rung)))
        await store.transact(writing(_MANY), durable=False)
        assert rung == []
        await store.transact(writing(2), durable=False)
        await store.commit([])
        await store.transact(writing(_MANY))
        assert len(rung) == 3
