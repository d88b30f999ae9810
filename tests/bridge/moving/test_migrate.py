"""A store moves into another whole, in pieces if need be, and never over what is there."""

import asyncio
import io
import os
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from bridge.moving.errors import MovingRefused
from bridge.moving.migrate import Place, PlaceFile
from bridge.moving.migrate_job import Ends, MigrateJob
from core.store.counting import CountingStore, Usage
from core.store.embedded import EmbeddedStore
from core.store.port import CommitResult, Delete, Set, Store, Update, Write
from tests.contract.engines import ENGINES
from tests.support.moving import (
    MOMENT,
    Breaking,
    a_store,
    exported,
    paths_of,
    small_company,
    stores,
)


class Move:
    """A migration between two stores, and what it said."""

    def __init__(self, source: Store, target: Store, folder: Path, **options: bool) -> None:
        self.output = io.StringIO()
        self.job = MigrateJob(
            Ends(source, target, "source", "target"),
            PlaceFile(folder / "place.json"),
            lambda: MOMENT,
            output=self.output,
            progress=io.StringIO(),
            **options,
        )

    @property
    def said(self) -> str:
        return self.output.getvalue()


async def move(source: Store, target: Store, folder: Path, **options: bool) -> tuple[int, str]:
    job = Move(source, target, folder, **options)
    return await job.job.run(), job.said


@asynccontextmanager
async def a_target(engine: str) -> AsyncIterator[Store]:
    """An empty store of an engine."""
    with tempfile.TemporaryDirectory() as folder, ENGINES[engine](Path(folder)) as one:
        async with one.open() as store:
            yield store


@pytest.mark.parametrize("engine", sorted(ENGINES))
async def test_there_and_back(engine: str, tmp_path: Path) -> None:
    async with a_store(small_company()) as source, a_target(engine) as target, a_store() as back:
        code, said = await move(source, target, tmp_path)
        assert code == 0
        assert "13 documents copied." in said
        assert "Everything is there and the same." in said
        assert not os.listdir(tmp_path)
        code, said = await move(target, back, tmp_path)
        assert code == 0
        assert await exported(back) == await exported(source)
        assert await back.get("counters/eventTriggers") is None


@settings(max_examples=15, deadline=None)
@given(stores())
def test_whatever_the_documents_hold(content: dict[str, dict[str, Any]]) -> None:
    async def check() -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with a_store(content) as source, a_store() as target:
                code, _said = await move(source, target, Path(folder))
                assert code == 0
                assert await exported(target) == await exported(source)

    asyncio.run(check())


def large(count: int = 1300) -> dict[str, dict[str, Any]]:
    """Return a store of several commits a collection."""
    thread = "threads/WA-01__1@lid"
    return small_company() | {
        f"{thread}/messages/M{number:05}": {"n": number, "tsClient": MOMENT}
        for number in range(count)
    }


async def filled(store: EmbeddedStore, content: dict[str, dict[str, Any]]) -> None:
    paths = list(content)
    for start in range(0, len(paths), 500):
        await store.commit([Set(path, content[path]) for path in paths[start : start + 500]])


@pytest.mark.parametrize("is_done", [True, False])
async def test_killed_at_any_commit_the_next_run_goes_on(tmp_path: Path, is_done: bool) -> None:
    async with a_store() as source, a_store() as target:
        await filled(source, large())
        runs = 0
        for commits in (0, 1, 2, 0, 3, 1, 2, 5):
            broken = Breaking(target, commits, is_done=is_done)
            try:
                await move(source, broken, tmp_path)
            except ConnectionAbortedError:
                runs += 1
                continue
            break
        assert runs > 3
        usage = Usage()
        code, _said = await move(source, CountingStore(target, usage), tmp_path)
        assert code == 0
        assert await exported(target) == await exported(source)


class Halting(CountingStore):
    """A store whose process is gone after some commits."""

    def __init__(self, store: Store, usage: Usage, commits: int) -> None:
        super().__init__(store, usage)
        self._left = commits

    async def commit(self, writes: Sequence[Write]) -> CommitResult:
        self._left -= 1
        if self._left < 0:
            raise ConnectionAbortedError
        return await super().commit(writes)


async def test_what_was_done_before_a_stop_is_neither_written_nor_read_again(
    tmp_path: Path,
) -> None:
    async with a_store() as source, a_store() as target:
        await filled(source, large())
        first, second = Usage(), Usage()
        with pytest.raises(ConnectionAbortedError):
            await move(source, Halting(target, first, 8), tmp_path)
        assert (tmp_path / "place.json").exists()
        code, _said = await move(source, CountingStore(target, second), tmp_path)
        assert code == 0
        total = len(large()) - 1
        assert first.writes.total() + second.writes.total() == total
        assert second.reads.total() <= total + 30  # each once to compare, and the counts


async def test_repeating_writes_nothing(tmp_path: Path) -> None:
    async with a_store(small_company()) as source, a_store() as target:
        await move(source, target, tmp_path)
        usage = Usage()
        code, said = await move(source, CountingStore(target, usage), tmp_path)
        assert code == 0
        assert "0 documents copied." in said
        assert usage.writes.total() == usage.deletes.total() == 0


async def test_a_source_that_went_on_is_gone_through_again(tmp_path: Path) -> None:
    async with a_store() as source, a_store() as target:
        await filled(source, large())
        with pytest.raises(ConnectionAbortedError):
            await move(source, Halting(target, Usage(), 8), tmp_path)
        await source.commit([Set("accounts/WA-00", {"late": True})])
        code, _said = await move(source, target, tmp_path)
        assert code == 0
        assert "accounts/WA-00" in await paths_of(target)


async def test_the_place_of_another_migration_is_not_taken(tmp_path: Path) -> None:
    file = PlaceFile(tmp_path / "place.json")
    wanted = Place("a", "b", 7)
    file.write(Place("a", "b", 7, "messages", "threads/1/messages/2"))
    assert file.read(wanted).after == "threads/1/messages/2"
    for other in (Place("x", "b", 7), Place("a", "x", 7), Place("a", "b", 8)):
        assert file.read(other) == other
    file.write(Place("a", "b", 7, "flights", "flights/2"))
    assert file.read(wanted) == wanted
    file.path.write_text("{")
    assert file.read(wanted) == wanted
    file.clear()
    assert file.read(wanted) == wanted


async def test_what_differs_in_the_target_stays_unless_said_otherwise(tmp_path: Path) -> None:
    async with a_store(small_company()) as source, a_store() as target:
        await target.commit([Set("evenimente/e1", {"mine": True}), Set("outbox/zz", {})])
        code, said = await move(source, target, tmp_path)
        assert code == 1
        assert "12 documents copied." in said
        assert "1 differ" in said
        assert "1 only in the target" in said
        assert "    evenimente/e1" in said
        assert "--overwrite" in said
        kept = await target.get("evenimente/e1")
        assert kept is not None
        assert kept.data == {"mine": True}
        code, said = await move(source, target, tmp_path, skip=True)
        assert (code, "1 differ" in said) == (0, True)
        code, said = await move(source, target, tmp_path, overwrite=True)
        assert code == 0
        assert "1 overwritten." in said
        assert "outbox/zz" in await paths_of(target)


async def test_a_comparison_writes_nothing_and_sees_everything(tmp_path: Path) -> None:
    async with a_store(small_company()) as source, a_store(small_company()) as target:
        usage = Usage()
        look = Move(source, CountingStore(target, usage), tmp_path)
        assert await look.job.verify() == 0
        await target.commit([Delete("outbox/r1"), Update("accounts/WA-01", {"n": 1})])
        assert await look.job.verify() == 1
        assert "1 missing" in look.said
        assert "    outbox/r1" in look.said
        await target.commit([Update("app_config/ai_prompts", {"weights": [1, 1, 0.0]})])
        look = Move(source, CountingStore(target, usage), tmp_path)
        assert await look.job.verify() == 1
        assert "    app_config/ai_prompts" in look.said
        assert not usage.writes
        assert not os.listdir(tmp_path)


async def test_accounts_that_a_bridge_works_for_are_not_copied_from_a_cloud(
    tmp_path: Path,
) -> None:
    async with a_store() as inner, a_store() as target:
        cloud = CountingStore(inner, Usage())
        lease = {"owner": "office", "expiresAt": MOMENT + timedelta(seconds=1)}
        await inner.commit([Set("accounts/WA-01", {"lease": lease}), Set("accounts/WA-02", {})])
        with pytest.raises(MovingRefused, match="office works for the account WA-01"):
            await move(cloud, target, tmp_path)
        assert await paths_of(target) == []
        assert await Move(cloud, target, tmp_path).job.verify() == 1
        await inner.commit([Update("accounts/WA-01", {"lease.expiresAt": MOMENT})])
        assert (await move(cloud, target, tmp_path))[0] == 0
