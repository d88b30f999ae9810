"""The console of a team as a process: it asks who is there, remembers it, and forgets it."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.identity.rest import EMULATOR_VARIABLE
from core.paths import DataFolder
from core.settings import Cloud, Console, Settings
from core.settings_file import save_settings
from tests.support.fake_firebase_auth import PROJECT, FakeFirebaseAuth, running
from tests.support.terminal import Terminal

ROOT = Path(__file__).resolve().parents[2]
EMAIL, PASSWORD = "ana@example.com", "corect cal"
ASKED, INSIDE = "Show password", "? Help"


@pytest.fixture
async def fake() -> AsyncIterator[FakeFirebaseAuth]:
    async with running() as each:
        each.add(EMAIL, PASSWORD, name="Ana")
        yield each


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    folder = DataFolder(tmp_path / "data")
    folder.prepare()
    settings = Settings(cloud=Cloud(project=PROJECT), console=Console(language="en"))
    save_settings(folder, settings)
    return folder


def console(folder: DataFolder, fake: FakeFirebaseAuth) -> Terminal:
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "LANG": "C.UTF-8",
        "CAPCOADA_SIMULATOR": "http://127.0.0.1:9",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        "FIRESTORE_EMULATOR_HOST": "127.0.0.1:9",
        EMULATOR_VARIABLE: fake.host,
    }
    argv = [sys.executable, "-m", "tui.cli", "--data", str(folder.root)]
    return Terminal(argv, env=environment, cwd=ROOT)


async def sees(terminal: Terminal, text: str) -> None:
    await asyncio.to_thread(terminal.wait_for, text)


async def leaves(terminal: Terminal) -> None:
    terminal.press("ctrl+q")
    assert await asyncio.to_thread(terminal.wait_end) == 0


async def test_signing_in_once_is_enough_until_one_signs_out(
    fake: FakeFirebaseAuth, folder: DataFolder
) -> None:
    with console(folder, fake) as terminal:
        await sees(terminal, ASKED)
        terminal.type(f"{EMAIL}\t{PASSWORD}\r")  # in one burst, as password managers do it
        await sees(terminal, INSIDE)
        assert PASSWORD.encode() not in terminal.raw
        await leaves(terminal)
    assert fake.calls["signInWithPassword"] == 1
    with console(folder, fake) as terminal:
        await sees(terminal, INSIDE)
        assert ASKED.encode() not in terminal.raw
        terminal.press("ctrl+o")
        await sees(terminal, "Sign out, Ana?")
        terminal.press("y")
        await sees(terminal, ASKED)
        assert not folder.sign_in_file.exists()
        await leaves(terminal)
    with console(folder, fake) as terminal:
        await sees(terminal, ASKED)
        await leaves(terminal)
    assert fake.calls["signInWithPassword"] == 1
