"""Commits happen whole or not at all, and hold their preconditions."""

import asyncio
from datetime import timedelta

import pytest

from core.store.errors import (
    AlreadyExists,
    InvalidRequest,
    NotFound,
    PreconditionFailed,
    StoreError,
    StoreUnavailable,
)
from core.store.port import (
    DELETE_FIELD,
    SERVER_TIMESTAMP,
    Create,
    Data,
    Delete,
    Query,
    Set,
    Store,
    Update,
    Write,
)


async def data_of(store: Store, path: str) -> Data | None:
    document = await store.get(path)
    return None if document is None else document.data


@pytest.mark.parametrize(
    ("write", "error"),
    [
        (Create("things/there", {}), AlreadyExists),
        (Update("things/none", {"a": 1}), NotFound),
        (Delete("things/none", must_exist=True), NotFound),
        (Set("things/there", {"a": DELETE_FIELD}), InvalidRequest),
        (Create("things/new", {"a": DELETE_FIELD}), InvalidRequest),
        (Update("things/there", {}), InvalidRequest),
        (Update("things/there", {"a": {"b": DELETE_FIELD}}), InvalidRequest),
        (Update("things/there", {"a": 1, "a.b": 2}), InvalidRequest),
        (Update("things/there", {"a..b": 2}), InvalidRequest),
        (Update("things/there", {"__name__": "x"}), InvalidRequest),
        (Set("things/there", {"a": [SERVER_TIMESTAMP]}), InvalidRequest),
    ],
)
async def test_a_commit_that_fails_leaves_nothing(
    store: Store, write: Write, error: type[StoreError]
) -> None:
    await store.commit([Set("things/there", {"n": 1})])
    with pytest.raises(error):
        await store.commit([Set("things/first", {}), Set("things/there", {"n": 2}), write])
    assert await store.get("things/first") is None
    assert await data_of(store, "things/there") == {"n": 1}


async def test_writes_on_one_document_apply_in_order(store: Store) -> None:
    await store.commit(
        [
            Create("things/one", {"a": 1}),
            Update("things/one", {"b": 2}),
            Set("things/one", {"c": 3}, merge=True),
        ]
    )
    assert await data_of(store, "things/one") == {"a": 1, "b": 2, "c": 3}
    await store.commit([Delete("things/one"), Create("things/one", {"d": 4})])
    assert await data_of(store, "things/one") == {"d": 4}


async def test_a_commit_made_and_unmade_leaves_nothing(store: Store) -> None:
    await store.commit([Create("things/one", {"a": 1}), Delete("things/one")])
    assert await store.get("things/one") is None


async def test_a_document_can_be_made_again(store: Store) -> None:
    await store.commit([Create("things/one", {"a": 1})])
    await store.commit([Delete("things/one")])
    assert await store.get("things/one") is None
    assert await store.query(Query("things")) == []
    again = await store.commit([Create("things/one", {"a": 2})])
    document = await store.get("things/one")
    assert document is not None
    assert document.create_time == again.commit_time


@pytest.mark.parametrize("kind", ["set", "update", "delete"])
async def test_a_write_of_an_outdated_document_is_refused(store: Store, kind: str) -> None:
    first = (await store.commit([Set("things/one", {"n": 1})])).commit_time
    current = (await store.commit([Set("things/one", {"n": 2})])).commit_time

    def write(time: object) -> Write:
        stamp = first if time == "old" else current
        if kind == "set":
            return Set("things/one", {"n": 3}, update_time=stamp)
        if kind == "update":
            return Update("things/one", {"n": 3}, update_time=stamp)
        return Delete("things/one", update_time=stamp)

    with pytest.raises(PreconditionFailed):
        await store.commit([write("old")])
    assert await data_of(store, "things/one") == {"n": 2}
    await store.commit([write("current")])
    assert await data_of(store, "things/one") == (None if kind == "delete" else {"n": 3})


async def test_a_precondition_on_a_missing_document_fails(store: Store) -> None:
    time = (await store.commit([Set("things/other", {})])).commit_time
    with pytest.raises(StoreError):
        await store.commit([Set("things/one", {}, update_time=time + timedelta(seconds=1))])
    assert await store.get("things/one") is None


async def test_a_write_that_changes_nothing_leaves_the_update_time(store: Store) -> None:
    first = (await store.commit([Set("things/one", {"n": 1})])).commit_time
    await store.commit([Set("things/one", {"n": 1}, merge=True)])
    document = await store.get("things/one")
    assert document is not None
    assert document.update_time == first


async def test_deleting_what_is_not_there_is_no_error(store: Store) -> None:
    await store.commit([Delete("things/none")])
    await store.commit([])


async def test_five_hundred_writes_are_the_most(store: Store) -> None:
    writes = [Set(f"things/{number:03}", {"n": number}) for number in range(501)]
    with pytest.raises(InvalidRequest):
        await store.commit(writes)
    assert await store.query(Query("things")) == []
    await store.commit(writes[:500])
    assert (await store.aggregate(Query("things"))).count == 500


async def test_commit_times_grow_across_handles(store: Store, other: Store) -> None:
    async def write(handle: Store, name: str) -> list[object]:
        return [
            (await handle.commit([Set(f"things/{name}{number}", {"n": number})])).commit_time
            for number in range(10)
        ]

    times = [
        time
        for found in await asyncio.gather(*(write(h, n) for h, n in ((store, "a"), (other, "b"))))
        for time in found
    ]
    assert len(set(times)) == 20
    stamps = [one.update_time for one in await store.query(Query("things"))]
    assert sorted(map(str, times)) == sorted(map(str, stamps))


async def test_what_one_handle_committed_another_reads(store: Store, other: Store) -> None:
    await store.commit([Set("things/one", {"n": 1})])
    assert await data_of(other, "things/one") == {"n": 1}


async def test_a_closed_store_says_so(store: Store) -> None:
    await store.close()
    await store.close()
    with pytest.raises(StoreUnavailable):
        await store.get("things/one")
    with pytest.raises(StoreUnavailable):
        await store.commit([Set("things/one", {})])
