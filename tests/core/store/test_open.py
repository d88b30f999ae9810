"""Opening a store costs little and picks the engine."""

import subprocess
import sys
from pathlib import Path

from core.paths import DataFolder
from core.store.open import open_store
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


def test_the_engine_loads_nothing_heavy() -> None:
    program = "import core.store.embedded, core.store.open, sys; print(*sys.modules)"
    found = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    heavy = {"pydantic", "google", "grpc", "httpx", "aiohttp", "textual", "rich", "neonize"}
    assert "core.store.embedded" in found
    assert not heavy & {name.partition(".")[0] for name in found}
