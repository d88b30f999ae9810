"""Every picture: what is opened, in which size and look, and what is pressed before it is taken."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from msgspec.structs import replace
from textual.screen import ModalScreen

from core.identity.errors import WrongCredentials
from core.identity.secret import Secret
from core.model.documents import Account, AccountError, StaffProfile, SyncState, to_data
from core.model.ids import account_path, presence_path, staff_path, thread_path
from core.service.callables import AccountHealth
from core.service.errors import BridgeUnreachable
from core.settings import Console
from core.store.port import Set, Update
from screenshots.bookings import ELENA, SIMONA, book
from screenshots.company import NOW
from screenshots.drawing import svg_of
from screenshots.stage import Stage, console, healthy
from tui.screens.sign_in import SignInScreen

WIDE = (160, 48)
SMALL = (80, 24)
TALL = (100, 44)

Steps = Callable[[Stage], Awaitable[None]]

IOANA = "+40700010001"
"""The customer whose chat shows most."""
DENISA = "+40700010018"
"""The customer who tells everything that a booking needs."""


class Picture(NamedTuple):
    """One picture."""

    name: str
    steps: Steps
    size: tuple[int, int]
    look: Console
    is_empty: bool

    @property
    def language(self) -> str:
        """The language of its texts."""
        return self.look.language

    async def draw(self, company: Path, folder: Path) -> str:
        """Return the picture as SVG; `folder` is made for it."""
        source = None if self.is_empty else company
        async with console(source, folder, self.size, self.look) as stage:
            await self.steps(stage)
            await stage.settle()
            return svg_of(stage.app)


PICTURES: list[Picture] = []


def picture(
    name: str, size: tuple[int, int], *, language: str = "en", theme: str = "capcoada-dark",
    is_empty: bool = False,
) -> Callable[[Steps], Steps]:  # fmt: skip
    """Take the decorated steps as the way to a picture."""
    look = Console(language=language, theme=theme)

    def add(steps: Steps) -> Steps:
        PICTURES.append(Picture(name, steps, size, look, is_empty))
        return steps

    return add


# -- conversations --------------------------------------------------------------------------------


@picture("inbox-160x48", WIDE)
@picture("inbox-light", WIDE, theme="capcoada-light")
@picture("inbox-romanian", WIDE, language="ro")
@picture("chat-80x24", SMALL)
async def inbox_and_chat(stage: Stage) -> None:
    """Show the inbox beside an open chat; a narrow window shows the chat alone."""
    await stage.opens(IOANA)
    await stage.type("Sigur! Vata pe băț este 150 lei")


@picture("inbox-80x24", SMALL)
@picture("inbox-romanian-80x24", SMALL, language="ro")
async def inbox(stage: Stage) -> None:
    """Show the inbox alone."""
    await stage.press("down", "down")


@picture("chat-trouble", (120, 36))
async def chat_in_trouble(stage: Stage) -> None:
    """Show what failed, what is uncertain, an edit, a quotation, a reaction and media."""
    thread_id = await stage.opens(IOANA)
    await stage.change(thread_id, True, 1, status="uncertain")
    await stage.change(
        thread_id, True, 2, status="failed", error="WhatsApp does not know this number."
    )
    await stage.change(thread_id, False, 1, isEdited=True)
    stage.bridge.answer = healthy(outbox_uncertain=1)
    await stage.shows("1 uncertain")
    await stage.press("up", "up", "up")


@picture("filter-160x48", WIDE)
async def filtered(stage: Stage) -> None:
    """Show the conversations that a typed text finds."""
    await stage.press("slash")
    await stage.type("andr")


@picture("search", (120, 36))
async def found(stage: Stage) -> None:
    """Show the messages that hold a typed word."""
    await stage.press("ctrl+f")
    await stage.type("avans")
    await stage.shows("message")


@picture("store-away", (120, 36))
async def store_away(stage: Stage) -> None:
    """Show what the console says while the store is out of reach of the bridge."""
    waiting = [
        AccountHealth(account_id="WA-01", status="connected", journal_backlog=12,
                      last_heard_at=NOW - timedelta(seconds=4)),
        AccountHealth(account_id="WA-02", status="connected",
                      last_heard_at=NOW - timedelta(minutes=2)),
    ]  # fmt: skip
    stage.bridge.answer = healthy(store="away", accounts=waiting)
    await stage.shows("store away")


@picture("bridge-away", SMALL)
async def bridge_away(stage: Stage) -> None:
    """Show what the console says while no bridge runs."""
    stage.bridge.answer = BridgeUnreachable("The bridge cannot be reached.", hint="Start it.")
    await stage.shows("bridge away")


@picture("empty-start", SMALL, is_empty=True)
async def empty(stage: Stage) -> None:
    """Show the first start."""
    await stage.shows("no account")


# -- accounts -------------------------------------------------------------------------------------


async def _put(stage: Stage, *accounts: Account) -> None:
    await stage.store.commit([Set(account_path(one.account_id), to_data(one)) for one in accounts])


async def _go(stage: Stage, key: str, place: str) -> None:
    await stage.press(key)
    await stage.until(lambda: stage.app.current_mode == place)


def _other(number: int, name: str, status: str, code: str = "", **fields: object) -> Account:
    error = AccountError(code=code, at=NOW - timedelta(minutes=3)) if code else None
    return Account(
        account_id=f"WA-{number:02}", name=name, status=status,  # type: ignore[arg-type]
        created_at=NOW - timedelta(days=2), last_error=error, **fields,  # type: ignore[arg-type]
    )  # fmt: skip


@picture("accounts-states", TALL)
@picture("accounts-romanian", TALL, language="ro")
async def accounts(stage: Stage) -> None:
    """Show an account in each state."""
    await _put(
        stage,
        _other(3, "Sala de joacă", "connected", phone_e164="+40700099003",
               sync=SyncState(progress=42, threads=118, messages=6310)),
        _other(4, "Baloane", "logged_out", "logged_out", phone_e164="+40700099004"),
        _other(5, "Torturi", "disconnected", "network", phone_e164="+40700099005"),
        _other(6, "Vechiul număr", "banned", "banned", phone_e164="+40700099006"),
        _other(7, "Ursitoare", "qr_ready", qr_code=_payload(),
               qr_expires_at=NOW + timedelta(seconds=18)),
    )  # fmt: skip
    await _go(stage, "f2", "accounts")
    await stage.shows("WA-07")


def _payload() -> str:
    """Return a payload as long as WhatsApp's: a reference and three keys, in base64."""
    letters = "q3Zx8mB0sLw5tR2nV7yK1cF4hJ6pD9gAeUoITXHjWbMk"
    keys = [letters[place:] + letters[:place] for place in (3, 11, 23)]
    return ",".join([f"2@{letters * 2}", *(f"{key[:43]}=" for key in keys)])


@picture("pairing-qr", TALL)
@picture("pairing-small-window", SMALL)
async def pairing(stage: Stage) -> None:
    """Show the code that a phone scans, or how large the window must be."""
    await _pair(stage, "Valid for")


@picture("pairing-phone-code", SMALL)
async def pairing_by_phone(stage: Stage) -> None:
    """Show the code that is typed on the phone."""
    await _pair(stage, "Waiting for the phone", pairing_code="K7QX2M9T")


async def _pair(stage: Stage, text: str, **fields: Any) -> None:
    expires = NOW + timedelta(seconds=18)
    name = "Sala de joacă"
    await _put(
        stage, _other(3, name, "qr_ready", qr_code=_payload(), qr_expires_at=expires, **fields)
    )
    await _go(stage, "f2", "accounts")
    await stage.shows("WA-03")
    await stage.press("end", "enter")
    await stage.shows(text)


# -- events ---------------------------------------------------------------------------------------


@picture("event-draft-160x48", WIDE)
@picture("event-draft-80x24", SMALL)
async def event_draft(stage: Stage) -> None:
    """Show what the rules read out of a conversation, and the message that a field is from."""
    await stage.opens(DENISA)
    await stage.press("ctrl+e")
    await stage.shows("% sure")
    await stage.press("down")


@picture("event-changes", WIDE)
async def event_changes(stage: Stage) -> None:
    """Show how a conversation changes an event that is stored, old beside new."""
    await book(stage.store)
    await stage.opens(SIMONA)
    await stage.press("ctrl+e")
    await stage.shows("Changes to")


async def _profile(stage: Stage) -> None:
    await book(stage.store)
    await stage.opens(ELENA)
    await stage.press("escape", "p")
    await stage.shows("1100 RON")


@picture("client", (120, 36))
async def client(stage: Stage) -> None:
    """Show what a client booked, paid and owes."""
    await _profile(stage)


@picture("client-answer", (120, 36))
async def client_answer(stage: Stage) -> None:
    """Show an answer about a client, and the events that it is from."""
    await _profile(stage)
    await stage.press("i")
    await stage.type("cât a plătit și ce rest mai are?")
    await stage.press("enter")
    await stage.shows("from the data")


@picture("agenda", (120, 36))
async def agenda(stage: Stage) -> None:
    """Show a week with two events at the same time."""
    await book(stage.store)
    await stage.press("f6")
    await stage.shows("clash")
    await stage.press("down", "down")


# -- operators ------------------------------------------------------------------------------------

_TEAM = (
    StaffProfile(uid="local", display_name="Ana", code="A1", role="admin",
                 email="ana@petreceri.ro"),
    StaffProfile(uid="mihai", display_name="Mihai Pop", code="M1", email="mihai@petreceri.ro",
                 allowed_account_ids=["WA-01"]),
    StaffProfile(uid="ioana", display_name="Ioana Rusu", code="I1", email="ioana@petreceri.ro",
                 allowed_account_ids=["WA-01", "WA-02"]),
    StaffProfile(uid="dan", display_name="Dan", email="dan@petreceri.ro"),
    StaffProfile(uid="radu", display_name="Radu", allowed_account_ids=["WA-02"], is_active=False),
)  # fmt: skip


async def _hire(stage: Stage, *people: StaffProfile) -> None:
    hired = people or _TEAM
    await stage.store.commit([Set(staff_path(one.uid), to_data(one)) for one in hired])
    world = stage.app.world
    await stage.until(lambda: len(world.team.profiles) >= len(hired))
    me = next((one for one in hired if one.uid == "local"), None)
    await stage.until(lambda: me is None or world.team.me == me)


@picture("team-chat", (120, 36))
@picture("team-chat-romanian-80x24", SMALL, language="ro")
async def team_chat(stage: Stage) -> None:
    """Show a conversation that a colleague answers, and who else is in it."""
    me = replace(_TEAM[0], role="operator", allowed_account_ids=["WA-01", "WA-02"])
    await _hire(stage, me, *_TEAM[1:])
    thread_id = await stage.opens(IOANA)
    there = NOW + timedelta(hours=1)
    await stage.store.commit([
        Update(thread_path(thread_id), {"ownerUid": "mihai"}),
        *(Set(f"{presence_path(thread_id)}/{uid}", {"uid": uid, "name": name, "state": state,
              "updatedAt": NOW, "expiresAt": there})
          for uid, name, state in (("mihai", "Mihai Pop", "typing"),
                                   ("ioana", "Ioana Rusu", "viewing"))),
    ])  # fmt: skip
    await stage.until(lambda: "Ioana is here" in stage.text() or "Ioana vede" in stage.text())


@picture("operators-80x24", SMALL)
@picture("operators-romanian-80x24", SMALL, language="ro")
async def operators(stage: Stage) -> None:
    """Show who works here and what each may do."""
    await _hire(stage)
    await _go(stage, "f8", "staff")
    await stage.press("down", "down")


@picture("operator-form-80x24", SMALL)
async def operator_form(stage: Stage) -> None:
    """Show what an admin says about an operator."""
    await operators(stage)
    await stage.press("enter")
    await stage.until(lambda: isinstance(stage.app.screen, ModalScreen))
    await stage.press("down", "down", "down")


@picture("shut-out-80x24", SMALL)
async def shut_out(stage: Stage) -> None:
    """Show what an operator sees whose access was switched off."""
    await _hire(stage, *_TEAM[1:], replace(_TEAM[1], uid="ioana", display_name="Ioana Rusu"),
                replace(_TEAM[0], uid="elena", display_name="Elena"))  # fmt: skip
    await stage.store.commit([Update(staff_path("local"), {"isActive": False})])
    await stage.shows("switched off")


# -- everywhere -----------------------------------------------------------------------------------


@picture("help", TALL)
async def help_page(stage: Stage) -> None:
    """Show what has the focus, and its keys."""
    await stage.press("question_mark")


@picture("palette", (120, 36))
async def palette(stage: Stage) -> None:
    """Show the palette finding commands and conversations."""
    await stage.press("ctrl+p")
    await stage.type("ma")


class _Stranger:
    """A session of nobody, which no password opens."""

    email = emulator = ""

    async def sign_in(self, _email: str, _password: Secret) -> None:
        """Refuse, as the service does."""
        raise WrongCredentials


@picture("sign-in", SMALL, is_empty=True)
async def sign_in(stage: Stage) -> None:
    """Show what somebody sees who mistyped their password."""
    stage.app.push_screen(SignInScreen(_Stranger(), "petreceri-cluj"))
    await stage.shows("E-mail")
    await stage.type("ana@petreceri.ro")
    await stage.press("enter")
    await stage.type("castelul-rosu")
    await stage.press("enter")
    await stage.shows("is wrong")


@picture("settings", TALL)
async def settings(stage: Stage) -> None:
    """Show the settings."""
    await _go(stage, "f9", "settings")
