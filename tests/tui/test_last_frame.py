"""The screen as it was left is shown while the console loads, and nothing of it stays behind."""

import os
import stat
import sys
import termios
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridge.lock import BridgeLock
from core.paths import DataFolder
from core.store.open import open_store
from tests.support.console import thread
from tests.support.terminal import ScreenTimeout, Terminal
from tui import last_frame

ROOT = Path(__file__).resolve().parents[2]
MARK = "As it was at"
OWN_SCREEN = b"\x1b[?1049h"
LIVE = b"\x1b[?1004h"
"""What Textual writes when it takes the terminal over."""


def console(folder: Path, *, columns: int = 80) -> Terminal:
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "LC_ALL": "C.UTF-8",
        "CAPCOADA_SIMULATOR": "http://127.0.0.1:9",
    }
    argv = [sys.executable, "-m", "tui.cli", "--data", str(folder), "--language", "en"]
    return Terminal(argv, env=environment, cwd=ROOT, columns=columns)


@pytest.fixture
async def left(tmp_path: Path) -> AsyncIterator[DataFolder]:
    """A data folder whose console was opened on a conversation, and left.

    The lock keeps consoles from leaving a bridge behind.
    """
    folder = DataFolder(tmp_path / "data")
    folder.prepare()
    async with open_store(folder) as store:
        await store.commit([thread(1, "Maria Ionescu")])
    with BridgeLock.hold(folder.lock_file):
        with console(folder.root) as terminal:
            terminal.wait_for("Maria Ionescu")
            terminal.press("ctrl+q")
            assert terminal.wait_end() == 0
        yield folder


def test_the_frame_is_there_before_the_console_and_gives_way_to_it(left: DataFolder) -> None:
    kept = left.root / last_frame.FILE_NAME
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    with console(left.root) as terminal:
        terminal.wait_until(lambda _: LIVE in terminal.raw, what="the console")
        before = bytes(terminal.raw).partition(LIVE)[0]
        assert MARK.encode() in before
        assert b"Maria Ionescu" in before
        terminal.wait_gone(MARK)
        terminal.wait_for("Maria Ionescu")
        assert bytes(terminal.raw).count(OWN_SCREEN) == 1
        terminal.press("ctrl+q")
        assert terminal.wait_end() == 0
        assert termios.tcgetattr(terminal._master)[3] & termios.ECHO


def test_a_frame_for_another_window_is_not_shown(left: DataFolder) -> None:
    with console(left.root, columns=100) as terminal:
        terminal.wait_until(lambda _: LIVE in terminal.raw, what="the console")
        assert MARK.encode() not in terminal.raw


def test_an_error_is_told_on_the_screen_that_was_there_before(left: DataFolder) -> None:
    left.settings_file.write_text("[console]\ntheme = 7\n")
    with console(left.root) as terminal:
        assert terminal.wait_end() == 1
        with pytest.raises(ScreenTimeout, match="the program ended"):
            terminal.wait_for("never written")  # reads what was written to the end
        written = bytes(terminal.raw)
        assert MARK.encode() in written
        assert b"cannot be used" in written.partition(b"\x1b[?1049l")[2]
        assert termios.tcgetattr(terminal._master)[3] & termios.ECHO


@pytest.mark.parametrize("content", [b"", b"something else\nframe", b"\xff\xfe", None])
def test_what_is_no_frame_is_passed_over(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / last_frame.FILE_NAME).write_bytes(content)
    assert not last_frame.show(str(tmp_path))


def test_a_forgotten_frame_is_gone(tmp_path: Path) -> None:
    last_frame.keep(str(tmp_path), ["one", "two"], "mark")
    assert "mark" in (tmp_path / last_frame.FILE_NAME).read_text(encoding="utf-8")
    last_frame.forget(str(tmp_path))
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_keeps_none(tmp_path: Path) -> None:
    last_frame.keep(str(tmp_path / "missing"), ["one"], "mark")
    assert not list(tmp_path.iterdir())


def test_a_key_that_a_terminal_would_keep_for_itself_waits_for_the_console(
    left: DataFolder,
) -> None:
    with console(left.root) as terminal:
        terminal.wait_until(lambda _: MARK.encode() in terminal.raw, what="the frame")
        terminal.press("ctrl+q")
        assert terminal.wait_end() == 0
