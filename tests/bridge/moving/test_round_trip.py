"""What was exported comes back the same, whatever the documents hold."""

import asyncio
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.moving.export import Wanted
from bridge.moving.lines import data_bytes
from bridge.moving.values import from_json, to_json
from bridge.moving.walk import pages
from core.model.collections import COLLECTIONS, STAYING, named
from core.store.port import Set
from tests.support.moving import (
    DATA,
    OTHER,
    THREAD,
    VALUES,
    WITHOUT_TIMES,
    a_store,
    exported,
    imported,
    lines_of,
    paths_of,
    small_company,
    stores,
)


def same(left: Any, right: Any) -> bool:
    """Whether two values are the same, their types and the sign of zero included."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    return str(left) == str(right) and (bool(left == right) or str(left) == "nan")


@given(VALUES)
def test_a_value_survives_json(value: Any) -> None:
    assert same(from_json(json.loads(json.dumps(to_json(value)))), value)


@given(DATA, DATA)
def test_data_has_the_same_bytes_only_when_it_is_the_same(
    one: dict[str, Any], two: dict[str, Any]
) -> None:
    assert data_bytes(one) == data_bytes(dict(reversed(one.items())))
    assert (data_bytes(one) == data_bytes(two)) == same(one, two)


def test_types_that_compare_equal_are_told_apart() -> None:
    assert len({data_bytes({"n": value}) for value in (1, 1.0, True, 0, 0.0, -0.0, False)}) == 7


def test_a_moment_is_written_in_utc_to_the_microsecond() -> None:
    eastern = datetime(2026, 2, 3, 11, 0, 0, 5, tzinfo=timezone(timedelta(hours=2)))
    assert to_json(eastern) == {"$time": "2026-02-03T09:00:00.000005Z"}
    assert from_json({"$time": "2026-02-03T11:00:00.000005+02:00"}) == eastern.astimezone(UTC)


@pytest.mark.parametrize(
    "value",
    [
        {"$time": "yesterday"},
        {"$time": "2026-02-03T09:00:00"},
        {"$time": 1},
        {"$bytes": "?"},
        {"$bytes": None},
        {"$float": "1.5"},
        {"$float": []},
        {"$map": []},
        {"$what": 1},
        {"$time": "2026-02-03T09:00:00Z", "more": 1},
    ],
)
def test_what_no_export_writes_is_no_value(value: Any) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        from_json([value])


@settings(max_examples=40)
@given(stores())
def test_an_export_imported_into_an_empty_store_exports_the_same_bytes(
    content: dict[str, dict[str, Any]],
) -> None:
    async def check() -> None:
        async with a_store(content) as store, a_store() as other:
            first = await exported(store)
            tally = await imported(other, first)
            assert tally.added == tally.total == len(content)
            assert await exported(other) == first
            for path, data in content.items():
                document = await other.get(path)
                assert document is not None
                assert same(dict(document.data), data)

    asyncio.run(check())


@settings(max_examples=25)
@given(st.permutations(sorted(small_company())))
def test_the_order_of_writing_leaves_no_trace(shuffled: list[str]) -> None:
    async def check() -> None:
        content = small_company()
        async with a_store() as one, a_store() as two:
            for path in content:
                await one.commit([Set(path, content[path])])
            await two.commit(
                [Set(path, dict(reversed(content[path].items()))) for path in shuffled]
            )
            assert await exported(one) == await exported(two)

    asyncio.run(check())


@pytest.mark.parametrize("size", [1, 2, 3, 500])
async def test_pages_of_any_size_yield_every_document_once(size: int) -> None:
    async with a_store(small_company()) as store:
        found = [
            document.path
            for collection in COLLECTIONS
            async for page in pages(store, collection.query, size=size)
            for document in page
        ]
    assert sorted(found) == sorted(small_company().keys() - STAYING)


async def test_parents_come_before_what_is_below_them() -> None:
    async with a_store(small_company()) as store:
        header, *documents, end = lines_of(await exported(store))
    paths = [line["path"] for line in documents]
    for path in paths:
        parent = "/".join(path.split("/")[:-2])
        assert not parent or paths.index(parent) < paths.index(path)
    assert header["documents"]["messages"] == 2
    assert header["oneMoment"] is True
    assert end["end"]["documents"] == len(paths) == len(small_company()) - 1


async def test_times_are_told_but_are_the_stores_own() -> None:
    async with a_store(small_company()) as store, a_store() as other:
        first = await exported(store, Wanted())
        document = await store.get("evenimente/e1")
        assert document is not None
        line = next(one for one in lines_of(first) if one.get("path") == document.path)
        assert datetime.fromisoformat(line["updateTime"]) == document.update_time
        assert datetime.fromisoformat(line["createTime"]) == document.create_time
        await imported(other, first)
        assert await exported(other) == await exported(store)


async def test_the_bookmark_of_one_stores_changes_stays_there() -> None:
    async with a_store(small_company()) as store, a_store() as other:
        await imported(other, await exported(store))
        assert await other.get("counters/eventTriggers") is None
        assert await other.get("counters/evenimente") is not None


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (
            Wanted(named(["messages"])),
            [f"threads/{THREAD}/messages/M1", f"threads/{OTHER}/messages/M1"],
        ),
        (Wanted(named(["accounts", "counters"])), ["accounts/WA-01", "counters/evenimente"]),
        (
            Wanted(threads=[THREAD]),
            [
                f"threads/{THREAD}",
                f"threads/{THREAD}/messages/M1",
                f"threads/{THREAD}/extractions/M1",
            ],
        ),
        (
            Wanted(named(["messages"]), threads=[OTHER, THREAD, OTHER]),
            [f"threads/{THREAD}/messages/M1", f"threads/{OTHER}/messages/M1"],
        ),
    ],
)
async def test_a_part_is_exported_and_comes_back(wanted: Wanted, expected: list[str]) -> None:
    async with a_store(small_company()) as store, a_store() as other:
        content = await exported(store, wanted)
        header, *documents, _end = lines_of(content)
        assert [line["path"] for line in documents] == expected
        assert sum(header["documents"].values()) == len(expected)
        await imported(other, content)
        assert sorted(await paths_of(other)) == sorted(expected)


async def test_the_export_is_of_one_moment() -> None:
    async with a_store(small_company()) as store:
        before = await exported(store)
        async with store.stand_still() as still:
            await store.commit([Set("accounts/WA-09", {}), Set("evenimente/e1", {"changed": True})])
            assert "accounts/WA-09" not in await paths_of(still)
        assert await exported(store, WITHOUT_TIMES) != before
