"""The accounts screen by keys: what it says in each state, and what each key asks the bridge."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from core.model.documents import Account, AccountError, AccountStatus, SyncState
from core.service.callables import (
    AccountAnswer,
    AccountHealth,
    AddAccountRequest,
    DisconnectRequest,
    RegenerateQrRequest,
)
from core.service.errors import CallRefused
from tests.support.bridge import ScriptedBridge
from tests.support.clocks import NOON
from tests.support.desk import console
from tui.screens.accounts import AccountsScreen


def connected(account_id: str = "WA-01", name: str = "Petreceri București") -> Account:
    return Account(
        account_id=account_id,
        name=name,
        status="connected",
        phone_e164="+40712345678",
        jid="40712345678@s.whatsapp.net",
        last_connected_at=NOON - timedelta(hours=2),
        sync=SyncState(progress=40, threads=38, messages=1204),
    )


def troubled(status: AccountStatus, code: str, account_id: str = "WA-02") -> Account:
    error = AccountError(code=code, at=NOON)
    return Account(account_id=account_id, name="Rezervă", status=status, last_error=error)


async def test_an_empty_installation_says_what_to_do(tmp_path: Path) -> None:
    async with console(tmp_path) as desk:
        await desk.shows("No WhatsApp account yet.")
        assert "press a" in desk.text()


async def test_a_connected_account_shows_number_times_and_progress(tmp_path: Path) -> None:
    health = AccountHealth(
        account_id="WA-01", status="connected", last_heard_at=NOON - timedelta(seconds=4)
    )
    async with console(tmp_path, connected(), bridge=ScriptedBridge(health)) as desk:
        await desk.shows("● WA-01  Petreceri București  connected")
        await desk.shows("+40 712 345 678 · heard 4 s ago · connected since 12:00")
        assert "history ━━━━━━━━──────────── 40 %  38 conversations, 1204 messages" in desk.text()


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        ("logged_out", "logged_out", "Pair the account again to go on; nothing was lost."),
        ("banned", "banned", "WhatsApp blocked this number for a time."),
        ("failed", "stream_replaced", "Stop it there, then press reconnect."),
        ("disconnected", "network", "The bridge keeps trying by itself."),
        ("disconnected", "", "press r to connect it"),
    ],
)
async def test_trouble_is_explained_in_one_sentence(
    tmp_path: Path, status: AccountStatus, code: str, said: str
) -> None:
    account = troubled(status, code) if code else Account(account_id="W", name="x", status=status)
    async with console(tmp_path, account, size=(110, 24)) as desk:
        await desk.shows(said)


async def test_the_next_try_is_counted_down(tmp_path: Path) -> None:
    health = AccountHealth(
        account_id="WA-02", status="disconnected", next_attempt_at=NOON + timedelta(seconds=12)
    )
    async with console(
        tmp_path, troubled("disconnected", "network"), bridge=ScriptedBridge(health), size=(110, 24)
    ) as desk:
        await desk.shows("Next try in 12 s.")
        desk.clock.advance(3)
        await desk.shows("Next try in 9 s.")


async def test_hostile_names_are_shown_as_text(tmp_path: Path) -> None:
    evil = connected(name="[red]x[/foo] \x1b]0;t\x07\u202egnp [@click=app.quit]")
    async with console(tmp_path, evil) as desk:
        await desk.shows("[red]x[/foo] gnp [@click=app.quit]")


async def test_the_list_follows_and_keeps_the_selected_account(tmp_path: Path) -> None:
    async with console(tmp_path, connected("WA-01"), connected("WA-03")) as desk:
        await desk.shows("WA-03")
        await desk.press("down")
        screen = desk.screen
        assert isinstance(screen, AccountsScreen)
        await desk.until(lambda: screen.chosen and screen.chosen.account_id == "WA-03")
        await desk.until(lambda: "▌● WA-03" in desk.text())
        assert "▌● WA-01" not in desk.text()
        await desk.put(connected("WA-02"))
        await desk.shows("WA-02")
        assert screen.chosen
        assert screen.chosen.account_id == "WA-03"
        await desk.put(Account(account_id="WA-02", name="x", status="failed", is_archived=True))
        await desk.hides("WA-02")
        assert screen.chosen.account_id == "WA-03"


async def test_adding_asks_for_a_name_and_goes_on_to_the_pairing(tmp_path: Path) -> None:
    bridge = ScriptedBridge()
    async with console(tmp_path, connected(), bridge=bridge) as desk:

        async def add(request: AddAccountRequest) -> AccountAnswer:
            await desk.put(Account(account_id="WA-07", name=request.name, status="connecting"))
            return AccountAnswer(account_id="WA-07")

        bridge.on(AddAccountRequest, add)
        await desk.press("a")
        await desk.shows("Add a WhatsApp account")
        await desk.press("enter")
        await desk.shows("The account needs a name.")
        await desk.write("Rezervari")
        await desk.press("enter")
        await desk.shows("Pair WA-07 · Rezervari")
        assert bridge.calls == [AddAccountRequest(name="Rezervari")]
        await desk.press("escape")
        screen = desk.screen
        assert isinstance(screen, AccountsScreen)
        await desk.until(lambda: screen.chosen and screen.chosen.account_id == "WA-07")


@pytest.mark.parametrize(
    ("keys", "sign", "back"), [("f3", "Inbox", "f2"), ("ctrl+f", "Find messages", "escape")]
)
async def test_an_account_that_comes_late_covers_nothing_else(
    tmp_path: Path, keys: str, sign: str, back: str
) -> None:
    bridge, may_answer = ScriptedBridge(), asyncio.Event()
    async with console(tmp_path, connected(), bridge=bridge) as desk:

        async def add(request: AddAccountRequest) -> AccountAnswer:
            await may_answer.wait()
            await desk.put(Account(account_id="WA-07", name=request.name, status="connecting"))
            return AccountAnswer(account_id="WA-07")

        bridge.on(AddAccountRequest, add)
        await desk.press("a")
        await desk.shows("Add a WhatsApp account")
        await desk.write("Rezervari")
        await desk.press("enter")
        await desk.shows("Adding Rezervari…")
        await desk.press(keys)
        await desk.shows(sign)
        may_answer.set()
        await desk.shows("Rezervari was added as WA-07")
        assert sign in desk.text()
        await desk.press(back)
        screen = desk.screen
        assert isinstance(screen, AccountsScreen)
        await desk.until(lambda: screen.chosen and screen.chosen.account_id == "WA-07")


async def test_escape_adds_nothing(tmp_path: Path) -> None:
    async with console(tmp_path) as desk:
        await desk.press("a")
        await desk.shows("Add a WhatsApp account")
        await desk.press("x", "escape")
        await desk.hides("Add a WhatsApp account")
        assert desk.bridge.calls == []


async def test_a_refusal_is_shown_as_its_sentence(tmp_path: Path) -> None:
    bridge = ScriptedBridge()
    refusal = CallRefused("RESOURCE_EXHAUSTED", "Too [many] accounts.", hint="Archive one.")
    bridge.on(AddAccountRequest, refusal)
    async with console(tmp_path, bridge=bridge) as desk:
        await desk.press("a")
        await desk.write("x")
        await desk.press("enter")
        await desk.shows("Too [many] accounts. Archive one.")


@pytest.mark.parametrize(
    ("keys", "account", "request_"),
    [
        (["d"], connected(), DisconnectRequest(account_id="WA-01")),
        (["l", "y"], connected(), DisconnectRequest(account_id="WA-01", log_out=True)),
        (["x", "y"], connected(), DisconnectRequest(account_id="WA-01", archive=True)),
        (["r"], troubled("banned", "banned"), RegenerateQrRequest(account_id="WA-02")),
        (["enter"], troubled("logged_out", "logged_out"), RegenerateQrRequest(account_id="WA-02")),
    ],
)
async def test_each_key_asks_the_bridge(
    tmp_path: Path, keys: list[str], account: Account, request_: object
) -> None:
    async with console(tmp_path, account) as desk:
        await desk.shows(account.account_id + "  ")
        for key in keys:
            await desk.press(key)
        await desk.until(lambda: desk.bridge.calls == [request_])


@pytest.mark.parametrize("key", ["l", "x"])
@pytest.mark.parametrize("answer", ["n", "escape", "enter"])
async def test_nothing_happens_without_a_yes(tmp_path: Path, key: str, answer: str) -> None:
    async with console(tmp_path, connected()) as desk:
        await desk.shows("WA-01  ")
        await desk.press(key)
        await desk.shows("y yes")
        await desk.press(answer)
        if answer != "enter":
            await desk.hides("y yes")
        assert desk.bridge.calls == []


async def test_keys_that_make_no_sense_are_not_offered(tmp_path: Path) -> None:
    async with console(tmp_path, connected()) as desk:
        await desk.shows("WA-01  ")
        await desk.press("r", "k", "enter")
        assert desk.bridge.calls == []
        assert "Reconnect" not in desk.text().splitlines()[-1]
        assert "Disconnect" in desk.text().splitlines()[-1]


async def test_an_absent_bridge_is_said(tmp_path: Path) -> None:
    bridge = ScriptedBridge()
    bridge.is_away = True
    async with console(tmp_path, connected(), bridge=bridge) as desk:
        await desk.shows("  The bridge cannot be reached. Start it.")
        await desk.shows("? WA-01  Petreceri București  unknown")
        await desk.shows("+40 712 345 678 · last connected 12:00")
        assert "connected since" not in desk.text()
        assert "●" not in desk.text()
        await desk.press("d")
        await desk.until(lambda: desk.text().count("The bridge cannot be reached.") == 2)
