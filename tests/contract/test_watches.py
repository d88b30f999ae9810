"""Watches deliver whole snapshots, and what changed since the one before."""

import asyncio

import pytest

from core.store.errors import InvalidRequest
from core.store.port import Delete, Query, Set, Snapshot, Store, Update, Watch, Write

ITEMS = Query("runs/1/items")


def item(name: str, **data: object) -> Set:
    return Set(f"runs/1/items/{name}", data)


def ids(snapshot: Snapshot) -> str:
    return " ".join(document.id for document in snapshot.documents)


def changes(snapshot: Snapshot) -> set[tuple[str, str]]:
    return {(change.kind, change.document.id) for change in snapshot.changes}


async def until(watch: Watch, wanted: str) -> Snapshot:
    """Take snapshots until the ids are as wanted."""
    while True:
        snapshot = await anext(watch)
        if ids(snapshot) == wanted:
            return snapshot


async def test_the_first_snapshot_comes_at_once(store: Store) -> None:
    await store.commit([item("a", rank=1), item("b", rank=2)])
    watch = store.watch(ITEMS.order_by("rank", "desc"))
    snapshot = await anext(watch)
    assert ids(snapshot) == "b a"
    assert changes(snapshot) == {("added", "a"), ("added", "b")}
    assert snapshot.is_live
    await watch.close()


async def test_an_empty_result_is_a_snapshot(store: Store) -> None:
    watch = store.watch(ITEMS)
    assert await anext(watch) == Snapshot((), ())
    await watch.close()


@pytest.mark.parametrize("writer", ["same handle", "other handle"])
async def test_changes_are_told(store: Store, other: Store, writer: str) -> None:
    handle = store if writer == "same handle" else other
    await store.commit([item("a", rank=1), item("b", rank=2), item("c", rank=3)])
    watch = store.watch(ITEMS.where("rank", ">", 0).order_by("rank").limit(3))
    await anext(watch)

    await handle.commit([item("d", rank=0), item("b", rank=9)])
    snapshot = await anext(watch)
    assert (ids(snapshot), changes(snapshot)) == ("a c b", {("modified", "b")})

    await handle.commit([item("d", rank=2)])
    snapshot = await anext(watch)
    assert (ids(snapshot), changes(snapshot)) == ("a d c", {("added", "d"), ("removed", "b")})

    await handle.commit([Delete("runs/1/items/a"), Update("runs/1/items/c", {"rank": -1})])
    snapshot = await anext(watch)
    assert ids(snapshot) == "d b"
    assert changes(snapshot) == {("removed", "a"), ("removed", "c"), ("added", "b")}
    removed = {
        one.document.id: one.document.data for one in snapshot.changes if one.kind == "removed"
    }
    assert removed == {"a": {"rank": 1}, "c": {"rank": 3}}
    await watch.close()


async def test_snapshots_that_nobody_took_are_one(store: Store) -> None:
    watch = store.watch(ITEMS)
    await anext(watch)
    await store.commit([item("a", n=1), item("b", n=1)])
    await store.commit([item("a", n=2)])
    await store.commit([Delete("runs/1/items/b"), item("c", n=1)])
    snapshot = await until(watch, "a c")
    assert changes(snapshot) <= {
        ("added", "a"),
        ("modified", "a"),
        ("added", "c"),
        ("removed", "b"),
    }
    assert {document.id: document.data for document in snapshot.documents} == {
        "a": {"n": 2},
        "c": {"n": 1},
    }
    await watch.close()


async def test_other_collections_do_not_wake_a_watch(store: Store) -> None:
    watch = store.watch(ITEMS)
    await anext(watch)
    waiting = asyncio.ensure_future(anext(watch))
    await store.commit([Set("runs/2/items/x", {}), Set("runs/1", {})])
    await store.commit([item("a", n=1)])
    assert ids(await waiting) == "a"
    await watch.close()


async def test_a_document_is_watched(store: Store, other: Store) -> None:
    watch = store.watch("things/one")
    assert (await anext(watch)).documents == ()
    for write, kind in (
        (Set("things/one", {"n": 1}), "added"),
        (Set("things/one", {"n": 2}), "modified"),
        (Delete("things/one"), "removed"),
    ):
        assert isinstance(write, Write)
        await other.commit([Set("things/two", {"n": kind}), write])
        snapshot = await anext(watch)
        assert changes(snapshot) == {(kind, "one")}
        assert len(snapshot.documents) == (kind != "removed")
    await watch.close()


async def test_a_group_is_watched(store: Store, other: Store) -> None:
    watch = store.watch(Query("items", all_descendants=True).order_by("rank"))
    assert ids(await anext(watch)) == ""
    await other.commit([Set("runs/7/items/a", {"rank": 2}), Set("items/b", {"rank": 1})])
    assert ids(await anext(watch)) == "b a"
    await watch.close()


async def test_a_closed_watch_ends_its_loop(store: Store) -> None:
    watch = store.watch(ITEMS)
    seen = []
    begun = asyncio.Event()

    async def follow() -> None:
        async for snapshot in watch:
            seen.append(ids(snapshot))
            begun.set()

    task = asyncio.create_task(follow())
    await begun.wait()
    await watch.close()
    await watch.close()
    await task
    assert seen == [""]


async def test_closing_the_store_ends_its_watches(store: Store) -> None:
    watch = store.watch(ITEMS)
    await anext(watch)
    waiting = asyncio.ensure_future(anext(watch))
    await asyncio.sleep(0)
    await store.close()
    with pytest.raises(StopAsyncIteration):
        await waiting


async def test_a_watch_that_was_cancelled_can_go_on(store: Store) -> None:
    watch = store.watch(ITEMS)
    await anext(watch)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(anext(watch), 0.01)
    await store.commit([item("a", n=1)])
    assert ids(await anext(watch)) == "a"
    await watch.close()


@pytest.mark.parametrize("target", ["things", Query("runs/1"), ITEMS.limit(0)])
async def test_a_watch_of_nonsense_is_refused(store: Store, target: Query | str) -> None:
    with pytest.raises(InvalidRequest):
        await anext(store.watch(target))
