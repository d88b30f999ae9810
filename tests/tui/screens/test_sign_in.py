"""Signing in by keys, at the start and again when a sign-in is over; and signing out."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from core.identity.firebase import FirebaseSession
from core.identity.rest import FirebaseAuth
from core.identity.safe import Safe
from core.identity.secret import Secret
from core.paths import DataFolder
from core.settings import Cloud, Console, Settings
from core.store.open import open_store
from tests.support.bridge import ScriptedBridge
from tests.support.clocks import HeldClock
from tests.support.console import commit, thread
from tests.support.fake_firebase_auth import (
    PROJECT,
    FakeFirebaseAuth,
    fails,
    hangs,
    hangs_up,
    running,
)
from tests.support.staff import admin
from tests.support.waiting import PATIENCE_SECONDS
from tui import last_frame
from tui.app import CapcoadaApp
from tui.screens.help import HelpScreen
from tui.screens.inbox import InboxScreen
from tui.screens.sign_in import SignInScreen
from tui.services import Services
from tui.sign_in import SignInApp

EMAIL, PASSWORD = "a@b.ro", "c?l"
SETTINGS = Settings(cloud=Cloud(project=PROJECT, api_key="key"), console=Console(language="en"))


class Desk:
    """A running app, to whoever sits there."""

    def __init__(self, pilot: Pilot[Any], session: FirebaseSession) -> None:
        self.pilot = pilot
        self.app = pilot.app
        self.session = session

    async def write(self, text: str) -> None:
        names = {" ": "space", "@": "at", ".": "full_stop", "?": "question_mark"}
        await self.pilot.press(*(names.get(letter, letter) for letter in text))

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    def text(self) -> str:
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips)

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not condition():
                await self.pilot.pause(0.01)

    async def shows(self, text: str) -> None:
        try:
            await self.until(lambda: text in self.text())
        except TimeoutError:
            raise AssertionError(f"waited in vain for {text!r}; shown:\n{self.text()}") from None

    def field(self, name: str) -> Input:
        return self.app.screen.query_one(f"#sign-in-{name}", Input)


@pytest.fixture
async def fake() -> AsyncIterator[FakeFirebaseAuth]:
    async with running(clock=HeldClock()) as each:
        each.add(EMAIL, PASSWORD, name="Ana [b]P[/b]", uid="ana")
        each.add("d@b.ro", "p", name="Dan", uid="dan")
        yield each


@pytest.fixture
def clock(fake: FakeFirebaseAuth) -> HeldClock:
    assert isinstance(fake.clock, HeldClock)
    return fake.clock


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    folder = DataFolder(tmp_path)
    folder.prepare()
    return folder


@pytest.fixture
def session(fake: FakeFirebaseAuth, folder: DataFolder, clock: HeldClock) -> FirebaseSession:
    service = FirebaseAuth("key", emulator=fake.host)
    return FirebaseSession(service, Safe(folder, PROJECT, lambda: None), clock, check_seconds=0.01)


@asynccontextmanager
async def at_the_door(
    session: FirebaseSession, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[Desk]:
    """Open what is shown while nobody is signed in."""
    app = SignInApp(session, SETTINGS)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield Desk(pilot, session)


@asynccontextmanager
async def inside(
    session: FirebaseSession, folder: DataFolder, clock: HeldClock, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[Desk]:
    """Open the console with Ana signed in and one conversation."""
    await session.sign_in(EMAIL, Secret(PASSWORD))
    async with open_store(folder, clock=clock) as store:
        await commit(store, [admin("ana"), admin("bob"), thread(1, "Maria")])
        app = CapcoadaApp(Services(store, ScriptedBridge(), SETTINGS, clock, folder, session))
        async with app.run_test(size=size, notifications=True) as pilot:
            desk = Desk(pilot, session)
            await desk.shows("Maria")
            yield desk


# -- the door -------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(80, 24), (160, 48), (40, 12), (24, 10)])
async def test_signing_in_by_keys(
    session: FirebaseSession, folder: DataFolder, size: tuple[int, int]
) -> None:
    async with at_the_door(session, size) as desk:
        await desk.shows("E-mail")
        await desk.shows("Password")
        await desk.write(EMAIL)
        await desk.press("enter")
        await desk.write(PASSWORD)
        assert PASSWORD not in desk.text()
        await desk.press("enter")
        await desk.until(lambda: desk.app._exit)
    assert (session.uid, session.name) == ("ana", "Ana [b]P[/b]")
    assert folder.sign_in_file.exists()


async def test_the_fields_lead_to_each_other(session: FirebaseSession) -> None:
    async with at_the_door(session) as desk:
        await desk.press("enter")
        assert desk.app.screen.focused is desk.field("password")
        await desk.press("enter")
        await desk.shows("Write the e-mail address of your account.")
        await desk.write(EMAIL)
        await desk.press("enter", "enter")
        await desk.shows("Write your password.")
        await desk.press("x")
        await desk.until(lambda: "Write your password." not in desk.text())
        await desk.press("shift+tab")
        assert desk.app.screen.focused is desk.field("email")
        await desk.press("down")
        assert desk.app.screen.focused is desk.field("password")


async def test_a_wrong_password_is_said_and_written_anew(session: FirebaseSession) -> None:
    async with at_the_door(session) as desk:
        await desk.write(EMAIL)
        await desk.press("enter")
        await desk.write("alt")
        await desk.press("enter")
        await desk.shows("E-mail or password is wrong.")
        await desk.shows("Check both")
        await desk.write(PASSWORD)
        assert desk.field("password").value == PASSWORD, "typing replaces the wrong one"
        assert "is wrong" not in desk.text()
        await desk.press("enter")
        await desk.until(lambda: desk.app._exit)
    assert session.uid == "ana"


async def test_without_a_network_enter_tries_again(
    session: FirebaseSession, fake: FakeFirebaseAuth
) -> None:
    fake.faults["signInWithPassword"] = hangs_up
    async with at_the_door(session) as desk:
        await desk.write(EMAIL)
        await desk.press("enter")
        await desk.write(PASSWORD)
        await desk.press("enter")
        await desk.shows("The sign-in service cannot be reached")
        assert desk.field("password").value == PASSWORD
        del fake.faults["signInWithPassword"]
        await desk.press("enter")
        await desk.until(lambda: desk.app._exit)
    assert session.uid == "ana"


async def test_an_attempt_under_way_is_said_and_gives_way_to_another(
    session: FirebaseSession, fake: FakeFirebaseAuth
) -> None:
    fake.faults["signInWithPassword"] = hangs
    async with at_the_door(session) as desk:
        await desk.write(EMAIL)
        await desk.press("enter")
        await desk.write(PASSWORD)
        await desk.press("enter")
        await desk.shows("Signing in…")
        await desk.until(lambda: fake.calls["signInWithPassword"] == 1)
        fake.faults["signInWithPassword"] = fails(400, "USER_DISABLED")
        await desk.press("enter")
        await desk.shows("This account is disabled.")
    assert session.uid == ""


async def test_a_sign_in_that_cannot_be_kept_says_so_and_goes_on(
    session: FirebaseSession, folder: DataFolder
) -> None:
    folder.sign_in_file.mkdir()
    async with at_the_door(session) as desk:
        await desk.write(EMAIL)
        await desk.press("enter")
        await desk.write(PASSWORD)
        await desk.press("enter")
        await desk.shows("The sign-in cannot be kept")
        await desk.press("enter")
        await desk.until(lambda: desk.app._exit)
    assert session.uid == "ana"


async def test_the_password_can_be_shown(session: FirebaseSession) -> None:
    async with at_the_door(session) as desk:
        await desk.press("tab")
        await desk.write(PASSWORD)
        assert PASSWORD not in desk.text()
        await desk.press("ctrl+r")
        await desk.shows(PASSWORD)
        await desk.press("ctrl+r")
        await desk.until(lambda: PASSWORD not in desk.text())


async def test_help_is_a_key_away_and_a_question_mark_is_typed(session: FirebaseSession) -> None:
    async with at_the_door(session, (100, 40)) as desk:
        await desk.press("tab")
        await desk.write("a?b")
        assert desk.field("password").value == "a?b"
        await desk.press("f1")
        await desk.until(lambda: isinstance(desk.app.screen, HelpScreen))
        await desk.shows("sent to Google alone")
        await desk.shows("Show the password as you type it, or hide it again.")
        await desk.press("escape")
        await desk.until(lambda: isinstance(desk.app.screen, SignInScreen))
        assert desk.field("password").value == "a?b"


async def test_help_is_not_closed_by_a_sign_in_that_succeeds(
    session: FirebaseSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go_on, sign_in = asyncio.Event(), session.sign_in

    async def slowly(email: str, password: Secret) -> None:
        await may_go_on.wait()
        await sign_in(email, password)

    monkeypatch.setattr(session, "sign_in", slowly)
    async with at_the_door(session) as desk:
        await desk.write(EMAIL)
        await desk.press("enter")
        await desk.write(PASSWORD)
        await desk.press("enter")
        await desk.shows("Signing in…")
        await desk.press("f1")
        await desk.until(lambda: isinstance(desk.app.screen, HelpScreen))
        may_go_on.set()
        await desk.until(lambda: session.uid == "ana")
        await desk.pilot.pause()
        assert isinstance(desk.app.screen, HelpScreen)
        await desk.press("escape")
        await desk.until(lambda: desk.app._exit)


@pytest.mark.parametrize("key", ["ctrl+p", "f2", "f3", "f9", "escape", "ctrl+o"])
async def test_no_key_leads_past_the_door(session: FirebaseSession, key: str) -> None:
    async with at_the_door(session) as desk:
        await desk.press(key)
        await desk.pilot.pause()
        assert isinstance(desk.app.screen, SignInScreen)
        await desk.press("ctrl+q")
        await desk.until(lambda: desk.app._exit)
    assert session.uid == ""


async def test_it_says_where_one_signs_in(session: FirebaseSession, fake: FakeFirebaseAuth) -> None:
    async with at_the_door(session, (100, 30)) as desk:
        await desk.shows(f"Sign in to {PROJECT}\n")
        await desk.shows(f"Auth emulator at {fake.host}")


# -- inside ---------------------------------------------------------------------------------------


async def test_a_sign_in_that_is_over_covers_the_console_and_loses_nothing(
    session: FirebaseSession, folder: DataFolder, clock: HeldClock, fake: FakeFirebaseAuth
) -> None:
    (folder.root / last_frame.FILE_NAME).write_text("what was left", encoding="utf-8")
    async with inside(session, folder, clock) as desk:
        screen = desk.app.screen
        assert isinstance(screen, InboxScreen)
        await desk.press("enter")
        await desk.until(lambda: screen.chat.composer.has_editor_focus)
        await desk.write("scris")
        fake.revoke("ana")
        clock.advance(3600)
        await desk.shows("Your sign-in holds no more. Sign in again.")
        assert "Maria" not in desk.text()
        assert not (folder.root / last_frame.FILE_NAME).exists()
        assert desk.field("email").value == EMAIL
        assert desk.app.screen.focused is desk.field("password")
        for key in ("ctrl+p", "f2", "escape"):
            await desk.press(key)
        assert isinstance(desk.app.screen, SignInScreen)
        await desk.write(PASSWORD)
        await desk.press("enter")
        await desk.shows("Maria")
        await desk.until(lambda: "scris" in desk.text())
        assert not desk.app._exit
        await desk.press("ctrl+p")
        await desk.shows("Command, account, name or number…")
    assert (folder.root / "drafts.ana.json").exists()


async def test_somebody_else_gets_a_console_of_their_own(
    session: FirebaseSession, folder: DataFolder, clock: HeldClock, fake: FakeFirebaseAuth
) -> None:
    async with inside(session, folder, clock) as desk:
        fake.revoke("ana")
        clock.advance(3600)
        await desk.shows("Your sign-in holds no more.")
        await desk.press("shift+tab")
        desk.field("email").value = ""
        await desk.write("d@b.ro")
        await desk.press("enter")
        await desk.write("p")
        await desk.press("enter")
        await desk.until(lambda: desk.app._exit)
    assert session.uid == "dan"


async def test_who_signs_out_is_forgotten(
    session: FirebaseSession, folder: DataFolder, clock: HeldClock
) -> None:
    async with inside(session, folder, clock) as desk:
        await desk.press("ctrl+o")
        await desk.shows("Sign out, Ana [b]P[/b]?")
        await desk.press("n")
        assert folder.sign_in_file.exists()
        await desk.press("ctrl+p")
        await desk.write("sign out")
        await desk.shows("Everywhere: Sign out")
        await desk.press("enter")
        await desk.shows("Sign out, Ana")
        await desk.press("y")
        await desk.until(lambda: desk.app._exit)
    assert session.uid == ""
    assert not folder.sign_in_file.exists()


async def test_the_settings_say_who_is_signed_in(
    session: FirebaseSession, folder: DataFolder, clock: HeldClock
) -> None:
    async with inside(session, folder, clock, (100, 40)) as desk:
        await desk.press("f9")
        await desk.shows(f"Ana [b]P[/b] · {EMAIL}, signed in to {PROJECT}; ctrl+o signs out")
