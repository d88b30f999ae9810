"""The store's file: who may read it, and what happens when it is not what it should be."""

import asyncio
import shutil
import sqlite3
import stat
from pathlib import Path

import pytest

from core.store.embedded import EmbeddedStore, database
from core.store.errors import StoreUnavailable, StoreUnusable
from core.store.port import Query, Set


def names(folder: Path) -> dict[str, int]:
    """Return the files of a folder and their modes."""
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


async def make(path: Path) -> None:
    async with EmbeddedStore.open(path) as store:
        await store.commit([Set(f"things/{at}", {"text": "x" * 500}) for at in range(200)])


async def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    async with EmbeddedStore.open(tmp_path / "store.db") as store:
        await store.commit([Set("things/one", {})])
        assert names(tmp_path) == dict.fromkeys(("store.db", "store.db-wal", "store.db-shm"), 0o600)


async def test_it_is_there_after_reopening(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    await make(path)
    async with EmbeddedStore.open(path) as store:
        assert (await store.aggregate(Query("things"))).count == 200
    assert list(names(tmp_path)) == ["store.db"]


async def test_a_backup_taken_while_it_runs_is_whole(tmp_path: Path) -> None:
    async with EmbeddedStore.open(tmp_path / "store.db") as store:
        await store.commit([Set("things/one", {"n": 1})])
        connection = sqlite3.connect(tmp_path / "store.db")
        connection.execute("VACUUM INTO ?", (str(tmp_path / "backup.db"),))
        connection.close()
    async with EmbeddedStore.open(tmp_path / "backup.db") as copy:
        document = await copy.get("things/one")
        assert document is not None
        assert document.data == {"n": 1}


def test_what_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.write_bytes(b"not a database at all, but some text that is long enough" * 50)
    before = path.read_bytes()
    with pytest.raises(StoreUnusable, match="is not a store"):
        EmbeddedStore.open(path)
    assert path.read_bytes() == before


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE notes (text)")
    connection.close()
    with pytest.raises(StoreUnusable, match="is not a store"):
        EmbeddedStore.open(path)


async def test_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    await make(path)
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version={database.SCHEMA_VERSION + 1}")
    connection.close()
    with pytest.raises(StoreUnusable, match="newer version"):
        EmbeddedStore.open(path)


async def test_damage_is_named(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    await make(path)
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xaa" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(StoreUnusable, match="damaged"):
        async with EmbeddedStore.open(path) as store:
            await store.query(Query("things"))


@pytest.mark.parametrize("name", ["none/store.db", "file/store.db", "folder"])
def test_a_place_that_cannot_hold_it_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    with pytest.raises(StoreUnavailable, match="cannot be opened"):
        EmbeddedStore.open(tmp_path / name)


async def test_a_store_that_vanishes_is_unavailable_until_it_is_back(tmp_path: Path) -> None:
    path, elsewhere = tmp_path / "store.db", tmp_path / "elsewhere.db"
    async with EmbeddedStore.open(path) as store:
        await store.commit([Set("things/one", {"n": 1})])
        watch = store.watch(Query("things"))
        assert (await anext(watch)).is_live
        path.rename(elsewhere)
        for call in (store.get("things/one"), store.commit([Set("things/two", {})])):
            with pytest.raises(StoreUnavailable, match="is gone"):
                await call
        lost = await anext(watch)
        assert not lost.is_live
        assert "is gone" in lost.error
        assert [one.id for one in lost.documents] == ["one"]
        assert lost.changes == ()
        elsewhere.rename(path)
        back = await anext(watch)
        assert (back.is_live, back.error, back.changes) == (True, "", ())
        await store.commit([Set("things/two", {})])
        assert [one.id for one in (await anext(watch)).documents] == ["one", "two"]


async def test_a_log_whose_store_was_moved_away_is_not_destroyed(tmp_path: Path) -> None:
    path, elsewhere = tmp_path / "store.db", tmp_path / "elsewhere.db"
    async with EmbeddedStore.open(path) as store:
        await store.commit([Set("things/one", {"n": 1})])
        path.rename(elsewhere)
        with pytest.raises(StoreUnavailable, match="its log is there"):
            EmbeddedStore.open(path)
        elsewhere.rename(path)
        async with EmbeddedStore.open(path) as other:
            assert await other.get("things/one") is not None


async def test_no_store_is_made_where_one_was_moved_away_a_moment_ago(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, elsewhere = tmp_path / "store.db", tmp_path / "elsewhere.db"
    async with EmbeddedStore.open(path) as store:
        path.rename(elsewhere)
        monkeypatch.setattr(database.Database, "check_presence", lambda _self: None)
        with pytest.raises(StoreUnavailable, match="cannot be opened"):
            await store.commit([Set("things/one", {})])  # the writer's own connection
        assert not path.exists()
        elsewhere.rename(path)
        await store.commit([Set("things/one", {})])


async def test_a_file_put_in_its_place_is_not_written_to(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    async with EmbeddedStore.open(path) as store:
        await store.commit([Set("things/one", {})])
        shutil.copy(path, tmp_path / "copy.db")
        (tmp_path / "copy.db").rename(path)
        with pytest.raises(StoreUnavailable, match="replaced"):
            await store.commit([Set("things/two", {})])


async def test_a_full_disk_is_named_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = database.Database.connect

    def small(self: database.Database, *, lock_seconds: float) -> sqlite3.Connection:
        connection = connect(self, lock_seconds=lock_seconds)
        connection.execute("PRAGMA max_page_count=60")
        return connection

    path = tmp_path / "store.db"
    async with EmbeddedStore.open(path) as store:
        await store.commit([Set("things/first", {"n": 1})])
    monkeypatch.setattr(database.Database, "connect", small)
    async with EmbeddedStore.open(path) as store:
        big = [Set(f"things/{at}", {"text": "x" * 5000}) for at in range(200)]
        with pytest.raises(StoreUnavailable, match="no room left"):
            await store.commit(big)
        assert (await store.aggregate(Query("things"))).count == 1
        await store.commit([Set("things/second", {"n": 2})])
        assert (await store.aggregate(Query("things"))).count == 2


async def test_a_lock_that_is_never_freed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.store.embedded.writer.LOCK_SECONDS", 0.05)
    path = tmp_path / "store.db"
    async with EmbeddedStore.open(path) as store:
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="held by another"):
            await store.commit([Set("things/one", {})])
        assert await store.get("things/one") is None
        waiting = asyncio.ensure_future(store.commit([Set("things/one", {})]))
        holder.execute("ROLLBACK")
        holder.close()
        await waiting
        assert await store.get("things/one") is not None
