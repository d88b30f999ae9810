"""Index entries are always what the documents say, also when the index file changes."""

import asyncio
import itertools
import sqlite3
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.store.embedded import EmbeddedStore
from core.store.embedded.catalogue import Catalogue
from core.store.embedded.codec import decode
from core.store.errors import IndexMissing
from core.store.indexes import IndexSet
from core.store.port import Create, Delete, Query, Set
from tests.contract.engines import INDEXES

ITEMS = Query("runs/1/items")
BY_KIND = ITEMS.where("kind", "==", "x").order_by("rank", "desc")
NOTHING = IndexSet()


def entries(path: Path) -> dict[str, set[tuple[int, bytes, int]]]:
    """Return what the index tables hold, after comparing it with what the documents say."""
    connection = sqlite3.connect(path)
    catalogue = Catalogue.load(connection)
    rows = connection.execute(
        "SELECT c.grp, c.no, c.path, d.no, d.id, d.data FROM collections c"
        " JOIN documents d ON d.col = c.no WHERE d.data IS NOT NULL"
    ).fetchall()
    held: dict[str, set[tuple[int, bytes, int]]] = {}
    for index in catalogue.indexes:
        one = catalogue.find(index)
        assert one is not None
        held[one.table] = set(connection.execute(f"SELECT scope, key, doc FROM {one.table}"))
        assert held[one.table] == {
            (0 if one.is_group else col, key, no)
            for group, col, parent, no, name, blob in rows
            if group == index.group
            for key in one.keys(parent, name, decode(blob))
        }
    connection.close()
    return held


async def fill(store: EmbeddedStore) -> None:
    await store.commit(
        [
            Set(f"runs/1/items/{at:02}", {"kind": "xy"[at % 2], "rank": at, "tags": [1, at]})
            for at in range(20)
        ]
    )


async def test_a_new_index_is_filled_and_an_old_one_dropped(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    async with EmbeddedStore.open(path, indexes=NOTHING) as store:
        await fill(store)
        with pytest.raises(IndexMissing):
            await store.query(BY_KIND)
    assert entries(path) == {}
    async with EmbeddedStore.open(path, indexes=INDEXES) as store:
        assert [one.id for one in await store.query(BY_KIND.limit(2))] == ["18", "16"]
    assert sum(map(len, entries(path).values())) > 100
    async with EmbeddedStore.open(path, indexes=NOTHING) as store:
        with pytest.raises(IndexMissing):
            await store.query(BY_KIND)
    assert entries(path) == {}


async def test_handles_of_two_versions_live_side_by_side(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    async with EmbeddedStore.open(path, indexes=NOTHING) as old:
        await fill(old)
        async with EmbeddedStore.open(path, indexes=INDEXES) as new:
            await old.commit([Set("runs/1/items/20", {"kind": "x", "rank": 20})])
            assert [one.id for one in await new.query(BY_KIND.limit(1))] == ["20"]
            assert entries(path)
            await EmbeddedStore.open(path, indexes=NOTHING).close()
            assert [one.id for one in await new.query(BY_KIND.limit(1))] == ["20"]
            assert (await new.aggregate(BY_KIND)).count == 11
            await new.commit([Set("runs/1/items/22", {"kind": "x", "rank": 22})])
            assert [one.id for one in await new.query(BY_KIND.limit(1))] == ["22"]


async def test_the_same_file_is_not_rebuilt(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    async with EmbeddedStore.open(path, indexes=INDEXES) as store:
        await fill(store)
    before = entries(path)
    content = path.read_bytes()
    await EmbeddedStore.open(path, indexes=INDEXES).close()
    assert path.read_bytes() == content
    assert entries(path) == before


VALUES = st.one_of(
    st.none(), st.integers(0, 3), st.sampled_from(["x", "y"]), st.lists(st.integers(0, 2))
)
DATA = st.dictionaries(st.sampled_from(["kind", "rank", "size", "tags", "place"]), VALUES)
WRITES = st.lists(
    st.tuples(st.sampled_from(["set", "merge", "delete"]), st.sampled_from("abcd"), DATA),
    min_size=1,
    max_size=12,
)


def test_entries_follow_any_order_of_writes() -> None:
    runs = itertools.count()
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        path = Path(folder) / "store.db"

        async def opened() -> EmbeddedStore:
            return EmbeddedStore.open(path, indexes=INDEXES)

        store = runner.run(opened())

        @settings(max_examples=40, deadline=None)
        @given(st.lists(WRITES, min_size=1, max_size=4))
        def follow(commits: list[list[tuple[str, str, dict[str, Any]]]]) -> None:
            base = f"runs/{next(runs)}/items"
            for commit in commits:
                runner.run(
                    store.commit(
                        [
                            Delete(f"{base}/{name}")
                            if kind == "delete"
                            else Set(f"{base}/{name}", data, merge=kind == "merge")
                            for kind, name, data in commit
                        ]
                    )
                )

        follow()
        assert len(entries(path)) == 10
        runner.run(store.close())


async def test_a_refused_commit_leaves_no_entries(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    async with EmbeddedStore.open(path, indexes=INDEXES) as store:
        await fill(store)
        before = entries(path)
        with pytest.raises(Exception, match="exists already"):
            await store.commit([Set("runs/1/items/99", {"rank": 1}), Create("runs/1/items/00", {})])
        assert entries(path) == before
