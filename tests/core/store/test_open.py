"""Opening a store costs little and picks the engine."""

import subprocess
import sys
from pathlib import Path

import pytest

from core.identity.session import LocalSession
from core.paths import DataFolder
from core.settings import Cloud, Settings
from core.store.open import open_operator_store, open_store
from core.store.port import Query, Set


async def test_the_stores_of_one_folder_share_documents_and_doorbells(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    folder.prepare()
    async with open_store(folder) as store, open_store(folder) as other:
        watch = other.watch(Query("things"))
        await anext(watch)
        await store.commit([Set("things/one", {})])
        assert len((await anext(watch)).documents) == 1
        assert len(list(folder.doorbells.iterdir())) == 1
    assert folder.store_file.exists()


async def test_a_project_means_the_cloud(tmp_path: Path) -> None:
    settings = Settings(cloud=Cloud(project="demo"))
    folder = DataFolder(tmp_path / "data")
    for store in (
        open_store(folder, settings),
        open_operator_store(folder, settings, LocalSession()),
    ):
        assert type(store).__name__ == "FirestoreStore"
        await store.close()
    assert not folder.store_file.exists()


@pytest.mark.parametrize("engine", ["embedded", "firestore"])
def test_an_engine_loads_nothing_heavy(engine: str) -> None:
    program = f"import core.store.{engine}, core.store.open, sys; print(*sys.modules)"
    found = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    heavy = {"pydantic", "google", "grpc", "httpx", "aiohttp", "textual", "rich", "neonize"}
    assert f"core.store.{engine}" in found
    assert not heavy & {name.partition(".")[0] for name in found}
