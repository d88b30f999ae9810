"""The counting handle counts what the cloud would bill."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.store.counting import CountingStore, Usage
from core.store.embedded import EmbeddedStore
from core.store.errors import AlreadyExists
from core.store.port import Create, Delete, Query, Set, Transaction, Update

ITEMS = [Set(f"threads/t/messages/{number}", {"n": number}) for number in range(5)]


class Counted:
    def __init__(self, plain: EmbeddedStore) -> None:
        self.plain = plain
        self.usage = Usage()
        self.commits: list[int] = []
        self.store = CountingStore(
            plain, self.usage, lambda writes: self.commits.append(len(writes))
        )


@pytest.fixture
async def counted(folder: Path) -> AsyncIterator[Counted]:
    async with EmbeddedStore.open(folder / "store.db") as plain:
        await plain.commit(ITEMS)
        yield Counted(plain)


async def test_every_document_asked_for_is_a_read(counted: Counted) -> None:
    await counted.store.get("accounts/none")
    await counted.store.get_all([*(item.path for item in ITEMS), "clients/x", ITEMS[0].path])
    assert counted.usage.reads == {"accounts": 1, "messages": 5, "clients": 1}


async def test_a_query_is_what_it_returns_and_at_least_one(counted: Counted) -> None:
    messages = Query("threads/t/messages")
    assert len(await counted.store.query(messages.order_by("n").limit(3))) == 3
    await counted.store.query(messages.where("n", ">", 99))
    await counted.store.query(Query("messages", all_descendants=True))
    assert counted.usage.reads == {"messages": 3 + 1 + 5}


async def test_an_aggregation_is_one_read_a_thousand(counted: Counted) -> None:
    for start in range(0, 2500, 500):
        await counted.plain.commit([Set(f"outbox/{start + n}", {"n": n}) for n in range(500)])
    assert (await counted.store.aggregate(Query("outbox"))).count == 2500
    await counted.store.aggregate(Query("clients"), sums=["n"])
    assert counted.usage.reads == {"outbox": 3, "clients": 1}


async def test_writes_count_when_they_were_done(counted: Counted) -> None:
    await counted.store.commit([Create("accounts/1", {}), Update("accounts/1", {"a": 1})])
    await counted.store.commit([Delete("threads/t/messages/1")])
    with pytest.raises(AlreadyExists):
        await counted.store.commit([Create("accounts/1", {})])
    await counted.store.commit([])
    assert counted.usage.writes == {"accounts": 2}
    assert counted.usage.deletes == {"messages": 1}
    assert counted.commits == [2, 1]


async def test_a_transaction_reads_at_each_attempt_and_writes_once(counted: Counted) -> None:
    attempts = 0

    async def body(transaction: Transaction) -> None:
        nonlocal attempts
        attempts += 1
        await transaction.get("accounts/1")
        await transaction.query(Query("threads/t/messages"))
        if attempts == 1:
            await counted.plain.commit([Set("accounts/1", {"n": 1})])
        transaction.write(Set("accounts/1", {"n": 2}))

    await counted.store.transact(body)
    assert attempts == 2
    assert counted.usage.reads == {"accounts": 2, "messages": 10}
    assert counted.usage.writes == {"accounts": 1}


async def test_a_watch_is_what_it_delivers(counted: Counted) -> None:
    watch = counted.store.watch(Query("threads/t/messages").where("n", ">=", 2))
    empty = counted.store.watch("clients/+40")
    await anext(watch)
    await anext(empty)
    assert counted.usage.reads == {"messages": 3, "clients": 1}
    await counted.plain.commit([Set("threads/t/messages/9", {"n": 9}), ITEMS[0]])
    await anext(watch)
    await counted.plain.commit([Update("threads/t/messages/9", {"n": 0})])
    await anext(watch)
    assert counted.usage.reads == {"messages": 5, "clients": 1}
    await watch.close()
    await empty.close()


async def test_use_between_two_moments(counted: Counted) -> None:
    await counted.store.get("accounts/1")
    before = counted.usage.copy()
    await counted.store.get("accounts/1")
    await counted.store.commit([Set("clients/1", {})])
    used = counted.usage.since(before)
    assert (used.reads, used.writes, used.deletes) == ({"accounts": 1}, {"clients": 1}, {})
