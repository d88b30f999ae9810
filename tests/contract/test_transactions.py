"""Transactions read, decide and write as if they were alone."""

import asyncio
from collections.abc import Iterator

import pytest

from core.store.embedded.packed import Packed, PackedCreates, checked, with_room
from core.store.embedded.pieces import Pieces
from core.store.errors import AlreadyExists, Contention, InvalidRequest
from core.store.port import Create, Creates, Delete, Query, Set, Store, Transaction, Update


async def number(store: Store, path: str) -> int:
    document = await store.get(path)
    assert document is not None
    value: int = document.data["n"]
    return value


async def test_many_counters_count_right(store: Store, other: Store) -> None:
    await store.commit([Set("counters/one", {"n": 0})])

    async def add(transaction: Transaction) -> int:
        document = await transaction.get("counters/one")
        assert document is not None
        value: int = document.data["n"] + 1
        await asyncio.sleep(0)
        transaction.write(Update("counters/one", {"n": value}))
        return value

    results = await asyncio.gather(
        *(handle.transact(add, attempts=100) for handle in (store, other) * 10)
    )
    assert sorted(results) == list(range(1, 21))
    assert await number(store, "counters/one") == 20


class Three:
    """Three documents, created in whatever way the engine has for many."""

    def each(self) -> Iterator[Create]:
        return (Create(f"runs/1/items/{name}", {"n": 1}) for name in "abc")


@pytest.mark.parametrize(
    "three",
    [
        Three(),
        PackedCreates(
            "runs/1/items",
            ["a", "b", "c"],
            Pieces.of("abc", [with_room(checked({}), 1)] * 3),
            shared=Packed.of({"n": 1}),
        ),
    ],
    ids=["plain", "packed"],
)
async def test_many_documents_are_created_or_none(store: Store, three: Creates) -> None:
    async def create(transaction: Transaction) -> None:
        transaction.write(Set("runs/1", {"n": 3}), three)

    await store.transact(create)
    found = await store.query(Query("runs/1/items"))
    assert [(one.id, one.data) for one in found] == [(name, {"n": 1}) for name in "abc"]
    await store.commit([Delete("runs/1/items/a"), Delete("runs/1")])
    with pytest.raises(AlreadyExists):
        await store.transact(create)
    assert [one.id for one in await store.query(Query("runs/1/items"))] == ["b", "c"]
    assert await store.get("runs/1") is None


async def test_a_document_that_appears_is_noticed(store: Store, other: Store) -> None:
    calls = 0

    async def claim(transaction: Transaction) -> str:
        nonlocal calls
        calls += 1
        if await transaction.get("claims/one") is not None:
            return "taken"
        if calls == 1:
            await other.commit([Create("claims/one", {"by": "other"})])
        transaction.write(Create("claims/one", {"by": "us"}))
        return "ours"

    assert await store.transact(claim) == "taken"
    assert calls == 2


async def test_a_query_that_would_find_more_is_noticed(store: Store, other: Store) -> None:
    await store.commit([Set("runs/1/items/a", {"kind": "x", "n": 1})])
    query = Query("runs/1/items").where("kind", "==", "x")
    calls = 0

    async def count(transaction: Transaction) -> int:
        nonlocal calls
        calls += 1
        found = len(await transaction.query(query))
        total = (await transaction.aggregate(query)).count
        if calls == 1:
            await other.commit([Set("runs/1/items/b", {"kind": "x", "n": 1})])
        transaction.write(Set("sums/x", {"n": found + total}))
        return found

    assert await store.transact(count) == 2
    assert await number(store, "sums/x") == 4


async def test_a_change_that_the_query_does_not_see_is_no_conflict(
    store: Store, other: Store
) -> None:
    await store.commit([Set("runs/1/items/a", {"kind": "x"})])
    calls = 0

    async def read(transaction: Transaction) -> None:
        nonlocal calls
        calls += 1
        await transaction.query(Query("runs/1/items").where("kind", "==", "x"))
        await other.commit([Set("runs/1/items/other", {"kind": "y"})])
        transaction.write(Set("sums/x", {"n": 1}))

    await store.transact(read, attempts=1)
    assert calls == 1


async def test_losing_too_often_is_contention(store: Store, other: Store) -> None:
    await store.commit([Set("counters/one", {"n": 0})])

    async def lose(transaction: Transaction) -> None:
        document = await transaction.get("counters/one")
        assert document is not None
        await other.commit([Set("counters/one", {"n": document.data["n"] + 1})])
        transaction.write(Set("counters/one", {"n": -1}))

    with pytest.raises(Contention):
        await store.transact(lose, attempts=3)
    assert await number(store, "counters/one") == 3


async def test_reads_alone_are_checked_too(store: Store, other: Store) -> None:
    await store.commit([Set("things/a", {"n": 1}), Set("things/b", {"n": 1})])
    calls = 0

    async def read(transaction: Transaction) -> tuple[int, int]:
        nonlocal calls
        calls += 1
        one = await transaction.get("things/a")
        if calls == 1:
            await other.commit([Set("things/a", {"n": 2}), Set("things/b", {"n": 2})])
        two = await transaction.get("things/b")
        assert one is not None
        assert two is not None
        return one.data["n"], two.data["n"]

    assert await store.transact(read) == (2, 2)


async def test_a_failing_body_writes_nothing(store: Store) -> None:
    async def fail(transaction: Transaction) -> None:
        transaction.write(Set("things/one", {}))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await store.transact(fail)
    assert await store.get("things/one") is None


async def test_a_write_that_fails_fails_the_transaction(store: Store) -> None:
    await store.commit([Set("things/one", {})])

    async def create(transaction: Transaction) -> None:
        transaction.write(Create("things/one", {}))

    with pytest.raises(AlreadyExists):
        await store.transact(create)


async def test_reads_come_before_writes(store: Store) -> None:
    async def read_late(transaction: Transaction) -> None:
        transaction.write(Set("things/one", {}))
        await transaction.get("things/one")

    with pytest.raises(InvalidRequest):
        await store.transact(read_late)
    with pytest.raises(InvalidRequest):
        await store.transact(read_late, attempts=0)
