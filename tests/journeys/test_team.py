"""A team on a Google project: all sign in; rules judge what they read, the bridge who calls."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest
from grpc import StatusCode

from core.identity.rest import EMULATOR_VARIABLE
from core.model.ids import account_path, staff_path, thread_path
from core.paths import DataFolder
from core.settings import Cloud, Console, Settings
from core.settings_file import save_settings
from core.store.embedded import EmbeddedStore
from core.store.port import Set, Update
from tests.journeys.stack import ROOT, processes_on
from tests.support.console import thread, thread_id_of
from tests.support.fake_firebase_auth import (
    PROJECT,
    FakeFirebaseAuth,
    claims_of,
    hangs_up,
    running,
)
from tests.support.firestore_server.rules import RulesJudge
from tests.support.firestore_server.server import FirestoreServer
from tests.support.staff import admin
from tests.support.terminal import Terminal
from tests.support.waiting import PATIENCE_SECONDS, document_where, until

pytestmark = pytest.mark.journey
ANA, DAN, PASSWORD = "ana@example.com", "dan@example.com", "corect cal"
ASKED, CUSTOMER = "Show password", "Maria Ionescu"


@dataclass
class Team:
    """What a team stands on, with one console of it at a time."""

    folder: DataFolder
    auth: FakeFirebaseAuth
    firestore: FirestoreServer
    store: EmbeddedStore
    """The file behind Firestore, which no rules judge."""
    terminal: Terminal | None = None

    def open_console(self) -> None:
        """Start a console on a machine without a keyring."""
        environment = os.environ | {
            "PYTHONPATH": str(ROOT),
            "LC_ALL": "C.UTF-8",
            "CAPCOADA_SIMULATOR": "http://127.0.0.1:9",
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            "FIRESTORE_EMULATOR_HOST": self.firestore.address,
            EMULATOR_VARIABLE: self.auth.host,
        }
        argv = [sys.executable, "-m", "tui.cli", "--data", str(self.folder.root)]
        self.terminal = Terminal(argv, env=environment, cwd=ROOT, columns=100)

    @property
    def console(self) -> Terminal:
        assert self.terminal is not None
        return self.terminal

    async def sees(self, *texts: str) -> None:
        await asyncio.to_thread(self.console.wait_for, *texts, timeout=PATIENCE_SECONDS)

    async def leave(self) -> None:
        """Leave the console in order."""
        self.console.press("ctrl+q")
        assert await asyncio.to_thread(self.console.wait_end) == 0
        self.console.close()
        self.terminal = None

    async def opens_the_chat(self) -> None:
        """Have Ana sign in at a new console and open the conversation."""
        self.open_console()
        await self.sees(ASKED)
        self.console.type(f"{ANA}\t{PASSWORD}\r")
        await self.sees(CUSTOMER)
        self.console.press("enter")
        await self.sees("Send")

    async def until(self, condition: Callable[[], object]) -> None:
        await until(condition)

    def readers(self) -> set[str]:
        """Return who asked Firestore, by their tokens."""
        tokens = {call.token for call in self.firestore.calls.seen} - {"", "owner"}
        return {str(claims_of(token)["sub"]) for token in tokens}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the console, and the bridge that it started."""
        if self.terminal is not None:
            self.terminal.close()
        for pid in processes_on(self.folder):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        await self.until(lambda: not processes_on(self.folder))


@pytest.fixture
async def team(tmp_path: Path) -> AsyncIterator[Team]:
    """A project with Ana, who is an admin, Dan, who is nobody, and one conversation."""
    folder = DataFolder(tmp_path / "data")
    folder.prepare()
    save_settings(folder, Settings(cloud=Cloud(project=PROJECT), console=Console(language="en")))
    file = tmp_path / "firestore.db"
    account: dict[str, Any] = {"accountId": "WA-01", "name": "Principal", "status": "connected"}
    async with running() as auth, EmbeddedStore.open(file) as store:
        auth.add(ANA, PASSWORD, name="Ana", uid="ana")
        auth.add(DAN, PASSWORD, name="Dan", uid="dan")
        await store.commit([admin("ana"), thread(1, CUSTOMER), Set(account_path("WA-01"), account)])
        server = FirestoreServer(file)
        server.calls.judge = RulesJudge()
        async with server, Team(folder, auth, server, store) as team:
            yield team


async def test_signing_in_once_is_enough_until_one_signs_out(team: Team) -> None:
    team.open_console()
    await team.sees(ASKED)
    assert not team.readers()
    team.console.type(f"{ANA}\t{PASSWORD}\r")  # in one burst, as password managers do it
    await team.sees(CUSTOMER)
    assert PASSWORD.encode() not in team.console.raw
    assert team.readers() == {"ana"}
    await team.leave()

    team.auth.faults["token"] = hangs_up
    team.open_console()
    await team.sees("× sign-in away", "The sign-in service cannot be")
    assert "store away" not in team.console.text
    team.auth.faults.clear()
    await team.sees(CUSTOMER, "connected")
    assert "sign-in away" not in team.console.text
    assert ASKED.encode() not in team.console.raw
    assert team.auth.calls["signInWithPassword"] == 1
    team.console.press("ctrl+o")
    await team.sees("Sign out, Ana?")
    team.console.press("y")
    await team.sees(ASKED)
    assert not team.folder.sign_in_file.exists()

    seen = len(team.console.raw)
    team.console.type(f"{DAN}\t{PASSWORD}\r")
    await team.until(lambda: "dan" in team.readers())
    await team.sees("You are not one of the operators here.", "ctrl+o signs out.")
    console = team.console
    await team.leave()
    assert CUSTOMER.encode() not in console.raw[seen:], "Dan may see nothing of the business"


async def test_what_ana_sends_is_hers(team: Team) -> None:
    await team.opens_the_chat()
    team.console.type("Bună ziua!")
    team.console.press("enter")
    path = thread_path(thread_id_of(1))
    document = await document_where(team.store, path, lambda data: data.get("ownerUid"))
    assert document.data["ownerUid"] == "ana"


async def test_a_sign_in_that_is_revoked_covers_the_console(team: Team) -> None:
    team.auth.lifetime_seconds = 60  # so short that it is renewed whenever it is asked for
    await team.opens_the_chat()
    team.console.type("pe jumătate")
    team.auth.revoke("ana")
    team.firestore.listeners.kill(StatusCode.UNAVAILABLE)
    await team.sees("Your sign-in holds no more. Sign in again.")
    assert CUSTOMER not in team.console.text
    team.console.type(f"{PASSWORD}\r")
    await team.sees(CUSTOMER, "pe jumătate")


async def test_an_admin_hires_by_address_and_an_operator_sees_what_is_allowed(team: Team) -> None:
    other: dict[str, Any] = {"accountId": "WA-02", "name": "Rezervă", "status": "connected"}
    await team.store.commit([
        Set(account_path("WA-02"), other), thread(2, "Elena Pop", account="WA-02"),
    ])  # fmt: skip
    team.open_console()
    await team.sees(ASKED)
    team.console.type(f"{ANA}\t{PASSWORD}\r")
    await team.sees(CUSTOMER, "Elena Pop")
    team.console.press("f8")
    await team.sees("You are alone here.")
    team.console.press("a")
    await team.sees("Their e-mail address")
    team.console.type(DAN)
    team.console.press("down", "down", "down", "down", "down", "right")
    await team.sees("Principal: seen and answered")
    team.console.press("ctrl+s")
    await team.sees("● Dan", "WA-01")
    dan = await team.store.get(staff_path("dan"))
    assert dan is not None
    assert dan.data["allowedAccountIds"] == ["WA-01"]
    team.console.press("ctrl+o")
    await team.sees("Sign out, Ana?")
    team.console.press("y")
    await team.sees(ASKED)

    seen = len(team.console.raw)
    team.console.type(f"{DAN}\t{PASSWORD}\r")
    await team.sees(CUSTOMER)
    team.console.press("enter")
    await team.sees("Send")
    team.console.type("aproape gata")
    assert b"Elena" not in team.console.raw[seen:], "Dan may see nothing of another account"
    await team.store.commit([
        Update(staff_path("dan"), {"allowedAccountIds": ["WA-01", "WA-02"]})
    ])  # fmt: skip
    await team.sees("Elena Pop", "aproape gata")
    await team.store.commit([Update(staff_path("dan"), {"isActive": False})])
    await team.sees("Your access was switched off.", "Ask an admin: Ana.")
    await team.store.commit([Update(staff_path("dan"), {"isActive": True})])
    await team.sees(CUSTOMER, "Elena Pop", "aproape gata")
