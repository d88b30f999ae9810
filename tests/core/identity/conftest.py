"""What the tests of sign-in share: a clock that is held, a safe without a desktop, a server."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.identity.firebase import FirebaseSession
from core.identity.rest import FirebaseAuth
from core.identity.safe import Safe
from core.paths import DataFolder
from tests.support.auth_server import AuthServer, auth_server
from tests.support.clocks import HeldClock
from tests.support.fake_firebase_auth import PROJECT, FakeFirebaseAuth, running


@pytest.fixture
def clock() -> HeldClock:
    return HeldClock()


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    folder = DataFolder(tmp_path / "data")
    folder.prepare()
    return folder


@pytest.fixture
async def server() -> AsyncIterator[AuthServer]:
    """The emulator where the environment names one, else the fake."""
    async with auth_server() as each:
        yield each


@pytest.fixture
async def fake(clock: HeldClock) -> AsyncIterator[FakeFirebaseAuth]:
    """The fake, for what no emulator does on request."""
    async with running(clock=clock) as each:
        yield each


def session_at(host: str, folder: DataFolder, clock: HeldClock) -> FirebaseSession:
    """Return a session as the console makes it, on a machine without a keyring."""
    safe = Safe(folder, PROJECT, lambda: None)
    return FirebaseSession(FirebaseAuth("key", emulator=host), safe, clock, check_seconds=0.01)
