"""`capcoada migrate` as it is typed, against a server of Cloud Firestore's own protocol."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bridge.cli import main
from bridge.lock import BridgeLock
from core.paths import DataFolder
from core.settings import Cloud, Settings
from core.store.indexes import IndexSet
from core.store.open import open_store
from core.store.port import Set, Update
from tests.support.firestore_server import serving
from tests.support.moving import paths_of, small_company
from tests.support.waiting import PATIENCE_SECONDS

CLOUD = Settings(cloud=Cloud(project="demo-firm"))


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A Google project of one's own."""
    (tmp_path / "server").mkdir()
    with serving(tmp_path / "server" / "store.db", indexes=IndexSet.packaged()) as server:
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", server.address)
        yield


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    """A data folder with a small company's documents."""
    folder = DataFolder(tmp_path / "data")
    folder.prepare()
    put(folder, Settings(), small_company())
    return folder


def put(folder: DataFolder, settings: Settings, content: dict[str, dict[str, Any]]) -> None:
    async def put() -> None:
        async with open_store(folder, settings) as store:
            paths = list(content)
            for start in range(0, len(paths), 500):
                some = paths[start : start + 500]
                await store.commit([Set(path, content[path]) for path in some])

    asyncio.run(put())


def paths_in(folder: DataFolder, settings: Settings) -> list[str]:
    async def paths() -> list[str]:
        async with open_store(folder, settings) as store:
            return await paths_of(store)

    return asyncio.run(paths())


def migrate(folder: DataFolder, *options: str) -> int:
    return main(["migrate", "--data", str(folder.root), *options])


TO_CLOUD = ("--to", "firestore", "--project", "demo-firm")
TO_HERE = ("--to", "embedded", "--project", "demo-firm")


@pytest.mark.usefixtures("cloud")
def test_to_the_cloud_and_back(
    folder: DataFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert migrate(folder, *TO_CLOUD, "--verify") == 1
    assert migrate(folder, *TO_CLOUD) == 0
    assert "13 documents copied." in capsys.readouterr().out
    assert migrate(folder, *TO_CLOUD, "--verify") == 0
    assert paths_in(folder, CLOUD) == paths_in(folder, Settings())
    other = DataFolder(tmp_path / "other")
    assert migrate(other, *TO_HERE) == 0
    here, there = tmp_path / "here.ndjson", tmp_path / "there.ndjson"
    assert main(["export", "--data", str(folder.root), "--no-times", str(here)]) == 0
    assert main(["export", "--data", str(other.root), "--no-times", str(there)]) == 0
    assert here.read_bytes() == there.read_bytes()


@pytest.mark.usefixtures("cloud")
def test_an_export_of_the_cloud_has_the_same_documents(
    folder: DataFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here, there = tmp_path / "here.ndjson", tmp_path / "there.ndjson"
    assert main(["export", "--data", str(folder.root), "--no-times", str(here)]) == 0
    folder.settings_file.write_text('[cloud]\nproject = "demo-firm"\n')
    assert main(["import", "--data", str(folder.root), str(here)]) == 0
    assert "13 added" in capsys.readouterr().out
    assert main(["export", "--data", str(folder.root), "--no-times", str(there)]) == 0
    assert "What was written meanwhile" in capsys.readouterr().err
    assert there.read_bytes().splitlines()[1:-1] == here.read_bytes().splitlines()[1:-1]


@pytest.mark.usefixtures("cloud")
def test_a_bridge_on_this_folder_must_stop_first(folder: DataFolder) -> None:
    with BridgeLock.hold(folder.lock_file):
        assert migrate(folder, *TO_CLOUD) == 3
        assert migrate(folder, *TO_CLOUD, "--verify") == 1
    assert paths_in(folder, CLOUD) == []


@pytest.mark.usefixtures("cloud")
def test_a_bridge_in_the_cloud_must_stop_before_its_store_is_taken_back(
    folder: DataFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert migrate(folder, *TO_CLOUD) == 0

    async def take() -> None:
        lease = {"owner": "office", "expiresAt": datetime(2999, 1, 1, tzinfo=UTC)}
        async with open_store(folder, CLOUD) as store:
            await store.commit([Update("accounts/WA-01", {"lease": lease})])

    asyncio.run(take())
    other = DataFolder(tmp_path / "other")
    assert migrate(other, *TO_HERE) == 1
    assert "office works for the account WA-01" in capsys.readouterr().err


def test_wrong_use_is_said(folder: DataFolder, capsys: pytest.CaptureFixture[str]) -> None:
    for options in ((), ("--to", "moon"), (*TO_CLOUD, "--skip", "--overwrite")):
        with pytest.raises(SystemExit) as caught:
            migrate(folder, *options)
        assert caught.value.code == 2
    capsys.readouterr()
    assert migrate(folder, "--to", "firestore") == 1
    assert "No Google project is set." in capsys.readouterr().err


@pytest.mark.usefixtures("cloud")
def test_a_killed_process_is_gone_on_with(folder: DataFolder) -> None:
    put(
        folder,
        Settings(),
        {f"threads/WA-01__1@lid/messages/M{n:05}": {"n": n} for n in range(4000)},
    )
    command = [sys.executable, "-m", "bridge", "migrate", "--data", str(folder.root), *TO_CLOUD]
    place = folder.root / "migrate-firestore.json"
    kills = 0
    for _attempt in range(3):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        before = place.read_bytes() if place.exists() else b""
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        while process.poll() is None and (not place.exists() or place.read_bytes() == before):
            assert time.monotonic() < give_up_at
            os.sched_yield()
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            kills += 1
        process.wait()
    assert kills
    assert 0 < len(paths_in(folder, CLOUD)) <= 4013
    assert migrate(folder, *TO_CLOUD) == 0
    assert paths_in(folder, CLOUD) == paths_in(folder, Settings())
    assert not place.exists()
