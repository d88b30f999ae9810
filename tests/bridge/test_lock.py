"""The lock of a data folder, and what it tells when the folder is taken away."""

import fcntl
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bridge.errors import DataFolderGone
from bridge.lock import BridgeLock, holder
from core.paths import DataFolder


def _delete(folder: DataFolder) -> None:
    shutil.rmtree(folder.root)


def _move(folder: DataFolder) -> None:
    folder.root.rename(folder.root.with_name("elsewhere"))


def _replace(folder: DataFolder) -> None:
    _move(folder)
    folder.prepare()
    folder.lock_file.touch()


def _empty(folder: DataFolder) -> None:
    folder.lock_file.unlink()


def _put_a_file_there(folder: DataFolder) -> None:
    shutil.rmtree(folder.root)
    folder.root.write_text("in the way")


@pytest.mark.parametrize(
    ("take_away", "said"),
    [
        (_delete, "/data is gone"),
        (_move, "/data is gone"),
        (_replace, "bridge.lock is gone"),
        (_empty, "bridge.lock is gone"),
        (_put_a_file_there, "bridge.lock is gone"),
    ],
)
def test_a_folder_that_is_taken_away_is_noticed(
    tmp_path: Path, take_away: Callable[[DataFolder], None], said: str
) -> None:
    folder = DataFolder(tmp_path / "data")
    folder.prepare()
    with BridgeLock.hold(folder.lock_file) as lock:
        lock.check_presence()
        take_away(folder)
        with pytest.raises(DataFolderGone, match=said):
            lock.check_presence()


def test_a_folder_that_is_put_back_is_the_same(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    folder.prepare()
    with BridgeLock.hold(folder.lock_file) as lock:
        _move(folder)
        folder.root.with_name("elsewhere").rename(folder.root)
        lock.check_presence()


def test_a_disk_that_does_not_answer_is_no_proof(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = DataFolder(tmp_path / "data")
    folder.prepare()

    def fails(_path: Path) -> None:
        raise OSError(5, "Input/output error")

    with BridgeLock.hold(folder.lock_file) as lock, monkeypatch.context() as patch:
        patch.setattr("bridge.lock.os.stat", fails)
        lock.check_presence()


def test_who_only_looks_for_a_bridge_keeps_none_from_starting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bridge.lock"
    doctor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(doctor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    monkeypatch.setattr(time, "sleep", lambda _seconds: os.close(doctor))
    with BridgeLock.hold(path):
        assert holder(path) == os.getpid()
    assert holder(path) is None
