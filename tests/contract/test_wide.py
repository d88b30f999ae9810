"""A query that names more values than an engine takes gives what one query would."""

import asyncio
import random
from collections.abc import AsyncIterator

import pytest

from core.store.errors import IndexMissing, InvalidRequest
from core.store.port import DOCUMENT_ID, Delete, Query, Set, Snapshot, Store, Update, Watch
from core.store.wide import WideStore
from tests.contract.engines import Engine
from tests.contract.model import answer

ITEMS = Query("runs/1/items")
KINDS = [f"k{number:02}" for number in range(70)]
"""More than two queries take."""
OF_ALL = ITEMS.where("kind", "in", KINDS)


@pytest.fixture
async def wide(engine: Engine) -> AsyncIterator[Store]:
    """A handle that takes any number of values."""
    async with WideStore(engine.open()) as handle:
        yield handle


def item(name: str, kind: str, rank: int = 0) -> Set:
    return Set(f"runs/1/items/{name}", {"kind": kind, "rank": rank})


def ids(snapshot: Snapshot) -> str:
    return " ".join(document.id for document in snapshot.documents)


def changes(snapshot: Snapshot) -> set[tuple[str, str]]:
    return {(change.kind, change.document.id) for change in snapshot.changes}


async def until(watch: Watch, wanted: str) -> set[tuple[str, str]]:
    """Take snapshots until the ids are as wanted; return all that they called changed."""
    told: set[tuple[str, str]] = set()
    while True:
        snapshot = await anext(watch)
        told |= changes(snapshot)
        if ids(snapshot) == wanted:
            return told


@pytest.mark.parametrize("seed", range(3))
async def test_it_finds_what_one_query_would(wide: Store, seed: int) -> None:
    chance = random.Random(seed)
    rows = {
        f"d{number:03}": {
            "kind": chance.choice([*KINDS, "other"]),
            "rank": chance.choice([None, *range(9)]),
        }
        for number in range(150)
    }
    await wide.commit([Set(f"runs/1/items/{name}", data) for name, data in rows.items()])
    start = chance.randrange(9)
    queries = [
        OF_ALL,
        OF_ALL.order_by("rank"),
        OF_ALL.order_by("rank", "desc"),
        OF_ALL.order_by("rank", "desc").limit(20),
        OF_ALL.order_by("rank", "desc").start_after(start).limit(40),
        OF_ALL.order_by("rank", "desc").start_at(start, "d070").limit(40),
        OF_ALL.where("rank", ">", start).order_by("rank", "desc").limit(100),
    ]
    for query in queries:
        found = [document.id for document in await wide.query(query)]
        assert found == answer(rows, query), (seed, query)
        counted = await wide.aggregate(query)
        assert counted.count == len(found), (seed, query)


async def test_document_ids_are_values_as_well(wide: Store) -> None:
    names = [f"d{number:03}" for number in range(100)]
    await wide.commit([item(name, KINDS[n % 70]) for n, name in enumerate(names)])
    for query, wanted in (
        (OF_ALL.order_by(DOCUMENT_ID).start_after("d050").limit(30), names[51:81]),
        (ITEMS.where(DOCUMENT_ID, "in", names[10:90][::-1]), names[10:90]),
    ):
        assert [document.id for document in await wide.query(query)] == wanted


async def test_documents_everywhere_are_in_order(wide: Store) -> None:
    await wide.commit(
        [
            Set(f"runs/{run}/items/d", {"kind": kind, "rank": run % 3})
            for run, kind in enumerate(KINDS[:50])
        ]
    )
    query = Query("items", all_descendants=True).where("kind", "in", KINDS).order_by("rank", "desc")
    found = [(document.data["rank"], document.path) for document in await wide.query(query)]
    assert len(found) == 50
    assert found == sorted(found, reverse=True)


async def test_it_adds_up(wide: Store) -> None:
    await wide.commit([item(f"d{n}", kind, n) for n, kind in enumerate(KINDS)])
    found = await wide.aggregate(OF_ALL, sums=["rank"])
    assert (found.count, found.sums) == (70, {"rank": sum(range(70))})


async def test_a_value_that_is_named_twice_counts_once(wide: Store) -> None:
    await wide.commit([item("a", "k00", 7)])
    query = ITEMS.where("kind", "in", [*KINDS, "k00"])
    assert [document.id for document in await wide.query(query)] == ["a"]
    assert (await wide.aggregate(query, sums=["rank"])).sums == {"rank": 7}


async def test_an_engine_alone_refuses_it(store: Store) -> None:
    with pytest.raises(InvalidRequest):
        await store.query(OF_ALL)


async def test_changes_of_every_part_are_told(wide: Store, other: Store) -> None:
    await other.commit([item("a", "k00", 5), item("b", "k35", 4), item("c", "k69", 3)])
    watch = wide.watch(OF_ALL.order_by("rank", "desc").limit(3))
    first = await anext(watch)
    assert ids(first) == "a b c"
    assert changes(first) == {("added", "a"), ("added", "b"), ("added", "c")}
    assert first.is_live

    await other.commit([item("d", "k40", 9)])
    assert await until(watch, "d a b") == {("added", "d"), ("removed", "c")}
    await other.commit([Update("runs/1/items/a", {"rank": 1})])
    assert await until(watch, "d b c") == {("removed", "a"), ("added", "c")}
    await other.commit([Delete("runs/1/items/d")])
    assert await until(watch, "b c a") == {("removed", "d"), ("added", "a")}
    await watch.close()


async def test_a_document_that_goes_over_to_another_part_stays(wide: Store, other: Store) -> None:
    await other.commit([item("a", "k00", 1), item("b", "k69", 2)])
    watch = wide.watch(OF_ALL.order_by("rank"))
    await until(watch, "a b")
    await other.commit([item("a", "k69", 3)])
    await until(watch, "b a")
    await other.commit([item("a", "elsewhere", 3)])
    await until(watch, "b")
    await watch.close()


async def test_what_lies_beyond_the_limit_is_not_told(wide: Store, other: Store) -> None:
    await other.commit([item("a", "k00", 9), item("b", "k69", 1)])
    watch = wide.watch(OF_ALL.order_by("rank", "desc").limit(1))
    await until(watch, "a")
    waiting = asyncio.ensure_future(anext(watch))
    await other.commit([item("c", "k35", 5)])
    await other.commit([item("d", "k35", 10)])
    snapshot = await waiting
    assert (ids(snapshot), changes(snapshot)) == ("d", {("added", "d"), ("removed", "a")})
    await watch.close()


async def test_snapshots_that_nobody_took_are_one(wide: Store, other: Store) -> None:
    watch = wide.watch(OF_ALL.order_by("rank"))
    await until(watch, "")
    for number in range(5):
        await other.commit([item("a", "k00", number), item(f"b{number}", "k69", number)])
    assert ("added", "a") in await until(watch, "b0 b1 b2 b3 a b4")
    await watch.close()


async def test_waiting_may_be_given_up_and_nothing_is_lost(wide: Store, other: Store) -> None:
    watch = wide.watch(OF_ALL.order_by("rank"))
    await until(watch, "")
    waiting = asyncio.ensure_future(anext(watch))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await other.commit([item("a", "k00", 1), item("b", "k69", 2)])
    assert await until(watch, "a b") == {("added", "a"), ("added", "b")}
    await watch.close()


async def test_a_closed_watch_ends_its_loop(wide: Store) -> None:
    watch = wide.watch(OF_ALL)
    await anext(watch)
    waiting = asyncio.ensure_future(anext(watch))
    await asyncio.sleep(0)
    await watch.close()
    await watch.close()
    with pytest.raises(StopAsyncIteration):
        await waiting
    with pytest.raises(StopAsyncIteration):
        await anext(watch)


async def test_closing_the_store_ends_it(engine: Engine) -> None:
    store = WideStore(engine.open())
    watch = store.watch(OF_ALL)
    await anext(watch)
    waiting = asyncio.ensure_future(anext(watch))
    await asyncio.sleep(0)
    await store.close()
    with pytest.raises(StopAsyncIteration):
        await waiting


async def test_what_an_engine_refuses_is_raised_and_ends_it(wide: Store) -> None:
    query = OF_ALL.order_by("size")
    with pytest.raises(IndexMissing):
        await wide.query(query)
    watch = wide.watch(query)
    with pytest.raises(IndexMissing):
        await anext(watch)
    with pytest.raises(StopAsyncIteration):
        await anext(watch)
    assert [task for task in asyncio.all_tasks() if task.get_name().startswith("part of")] == []
