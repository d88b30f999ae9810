"""`capcoada export` and `capcoada import` as they are typed."""

import asyncio
import io
import sys
from pathlib import Path
from typing import Any

import pytest

from bridge.cli import main
from bridge.lock import BridgeLock
from bridge.moving.progress import Progress
from core.paths import DataFolder
from core.store.open import open_store
from core.store.port import Set
from tests.support.moving import THREAD, lines_of, paths_of, small_company


class Desk:
    """Two data folders, the first one filled, and the command run on them."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.full = DataFolder(root / "full")
        self.empty = DataFolder(root / "empty")
        self.file = root / "out.ndjson"
        self._capsys = capsys
        self.out = self.error = ""
        self.put(self.full, small_company())
        self.empty.prepare()

    def put(self, folder: DataFolder, content: dict[str, dict[str, Any]]) -> None:
        folder.prepare()

        async def put() -> None:
            async with open_store(folder) as store:
                await store.commit([Set(path, data) for path, data in content.items()])

        asyncio.run(put())

    def paths(self, folder: DataFolder) -> list[str]:
        async def paths() -> list[str]:
            async with open_store(folder) as store:
                return await paths_of(store)

        return asyncio.run(paths())

    def run(self, *arguments: str | Path, folder: DataFolder | None = None) -> int:
        command, *rest = map(str, arguments)
        data = str((folder or self.full).root)
        code = main([command, "--data", data, *rest])
        self.out, self.error = self._capsys.readouterr()
        return code


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def test_out_and_in_again(desk: Desk) -> None:
    assert desk.run("export", desk.file, "--no-times") == 0
    assert "13 documents written" in desk.out
    assert desk.file.stat().st_mode & 0o777 == 0o600
    assert desk.run("import", desk.file, folder=desk.empty) == 0
    assert "out.ndjson: 13 added, 0 were there already." in desk.out
    assert "1 message in it waits to be sent" in desk.error
    assert desk.run("import", desk.file, folder=desk.empty) == 0
    assert "0 added, 13 were there already." in desk.out
    other = desk.file.with_name("again.ndjson")
    assert desk.run("export", other, "--no-times", folder=desk.empty) == 0
    assert other.read_bytes() == desk.file.read_bytes()


def test_standard_output_holds_nothing_else(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    buffer = io.BytesIO()
    stream = io.TextIOWrapper(buffer, write_through=True)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", stream)
        assert main(["export", "--data", str(desk.full.root), "-"]) == 0
    content = buffer.getvalue()
    assert len(lines_of(content)) == 15
    desk.file.write_bytes(content)
    assert desk.run("import", desk.file, folder=desk.empty) == 0


def test_a_part(desk: Desk) -> None:
    assert desk.run("export", desk.file, "--collection", "accounts", "--collection", "outbox") == 0
    paths = [line.get("path") for line in lines_of(desk.file.read_bytes())]
    assert paths == [None, "accounts/WA-01", "outbox/r1", None]
    assert desk.run("export", desk.file, "--thread", THREAD) == 0
    assert len(lines_of(desk.file.read_bytes())) == 5
    assert desk.run("export", desk.file, "--thread", "WA-09__nobody") == 1
    assert "There is no conversation WA-09__nobody." in desk.error
    assert len(lines_of(desk.file.read_bytes())) == 5


def test_conversations_as_text(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "texts"
    assert desk.run("export", "--text", folder) == 0
    assert "2 conversations in" in desk.out
    assert len(list(folder.glob("*.txt"))) == 2
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_dry_run_changes_nothing(desk: Desk) -> None:
    desk.run("export", desk.file)
    assert desk.run("import", "--dry-run", desk.file, folder=desk.empty) == 0
    assert "13 added" in desk.out
    assert "dry run" in desk.out
    assert desk.paths(desk.empty) == []


def test_documents_that_differ_need_a_word(desk: Desk) -> None:
    desk.run("export", desk.file)
    desk.put(desk.empty, {"accounts/WA-01": {"name": "Mine"}})
    assert desk.run("import", desk.file, folder=desk.empty) == 1
    assert "accounts/WA-01" in desk.error
    assert "--skip" in desk.error
    assert desk.paths(desk.empty) == ["accounts/WA-01"]
    assert desk.run("import", "--dry-run", desk.file, folder=desk.empty) == 0
    assert "1 differ: it would not be imported." in desk.out
    assert desk.run("import", "--skip", desk.file, folder=desk.empty) == 0
    assert "1 differ and stay as they are." in desk.out
    assert desk.run("import", "--overwrite", desk.file, folder=desk.empty) == 0
    assert "1 overwritten." in desk.out


def test_no_bridge_runs_while_an_export_is_imported(desk: Desk) -> None:
    desk.run("export", desk.file)
    assert desk.paths(desk.empty) == []
    with BridgeLock.hold(desk.empty.lock_file):
        assert desk.run("import", desk.file, folder=desk.empty) == 3
        assert desk.run("export", desk.file, folder=desk.empty) == 0
    assert desk.paths(desk.empty) == []


def test_a_damaged_file_is_told_with_its_line(desk: Desk) -> None:
    desk.run("export", desk.file)
    content = desk.file.read_bytes().replace(b"Petreceri", b"Petrecerx")
    desk.file.write_bytes(content)
    assert desk.run("import", desk.file, folder=desk.empty) == 1
    assert "out.ndjson, line 15: the file was altered" in desk.error
    assert desk.paths(desk.empty) == []


def test_wrong_use_is_said(desk: Desk, tmp_path: Path) -> None:
    assert desk.run("export") == 2
    assert desk.run("export", desk.file, "--text", tmp_path) == 2
    assert desk.run("export", "--text", tmp_path, "--no-times") == 2
    desk.run("export", desk.file)
    chat = tmp_path / "WhatsApp Chat with Ana.txt"
    chat.write_text("1/2/26, 10:00 - Ana: Salut")
    assert desk.run("import", desk.file, chat) == 2
    assert desk.run("import", "--skip", chat) == 2
    with pytest.raises(SystemExit) as caught:
        desk.run("import", "--skip", "--overwrite", desk.file)
    assert caught.value.code == 2
    with pytest.raises(SystemExit) as caught:
        desk.run("export", desk.file, "--collection", "flights")
    assert caught.value.code == 2


def test_a_folder_without_a_store_is_no_empty_export(desk: Desk, tmp_path: Path) -> None:
    nowhere = DataFolder(tmp_path / "mistyped")
    assert desk.run("export", desk.file, folder=nowhere) == 1
    assert f"There is no store in {nowhere.root}. Name the data folder" in desk.error
    assert not desk.file.exists()
    assert not nowhere.root.exists()


def test_a_store_that_lies_elsewhere_is_named(desk: Desk, tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "parted")
    folder.prepare()
    log = folder.store_file.with_name(f"{folder.store_file.name}-wal")
    log.write_bytes(b"committed")
    assert desk.run("export", desk.file, folder=folder) == 1
    assert f"The store {folder.store_file} is gone, but its log is there." in desk.error
    assert log.read_bytes() == b"committed"


def test_a_file_that_is_no_export_is_not_replaced(desk: Desk) -> None:
    desk.file.write_text("my novel")
    assert desk.run("export", desk.file) == 1
    assert "is no export" in desk.error
    assert desk.file.read_text() == "my novel"
    assert desk.run("export", desk.file.parent) == 1


def test_progress_tells_rate_and_what_is_left() -> None:
    now = [0.0]
    stream = io.StringIO()
    progress = Progress(stream, 10_000, seconds=lambda: now[0])
    progress.add(1000)
    assert stream.getvalue() == ""
    now[0] = 40.0
    progress.add(2000)
    assert stream.getvalue() == "3,000 of 10,000 documents, 50 a second, 2 minutes left\n"
    progress.close()
    assert stream.getvalue().count("\n") == 1
