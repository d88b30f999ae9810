"""Help and palette by keys: both know the commands of the moment, both show names as text."""

from pathlib import Path
from typing import cast

import pytest
from textual.command import CommandPalette

from core.model.documents import Account, Thread, to_data
from core.model.ids import thread_path
from core.settings import Console, Settings
from core.store.errors import StoreUnavailable
from core.store.port import Set
from tests.support.clocks import NOON
from tests.support.desk import Desk, console
from tui.app import CapcoadaApp
from tui.screens.accounts import AccountsScreen
from tui.screens.dialogs import AskText, Confirm
from tui.screens.help import HelpScreen
from tui.screens.pairing import PairingScreen
from tui.screens.search import SearchScreen

ANA = Account(account_id="WA-01", name="Ana [b]x[/nope]", status="connected")


async def thread(desk: Desk, name: str, phone: str) -> None:
    jid = f"{phone.removeprefix('+')}@s.whatsapp.net"
    document = Thread(
        thread_id=f"WA-01__{jid}",
        account_id="WA-01",
        client_jid=jid,
        phone_e164=phone,
        display_name=name,
        last_message_text="Bună!",
        last_message_at=NOON,
    )
    await desk.store.commit([Set(thread_path(document.thread_id), to_data(document))])


async def test_help_lists_the_keys_of_the_place_and_closes(tmp_path: Path) -> None:
    async with console(tmp_path, ANA, size=(100, 40)) as desk:
        await desk.shows("WA-01")
        await desk.press("question_mark")
        await desk.shows("Each account is one WhatsApp number")
        text = desk.text()
        assert "Add a WhatsApp account and pair it with its phone." in text
        assert "Find any command or conversation by typing." in text
        assert "? f1 " in text
        assert "ctrl+q q " in text
        assert "Send the text." not in text
        await desk.press("escape")
        await desk.until(lambda: isinstance(desk.screen, AccountsScreen))


async def test_help_shows_a_key_that_was_changed(tmp_path: Path) -> None:
    settings = Settings(console=Console(keys={"account-add": "f7"}))
    async with console(tmp_path, ANA, size=(100, 40), settings=settings) as desk:
        await desk.shows("WA-01")
        await desk.press("question_mark")
        await desk.until(lambda: isinstance(desk.screen, HelpScreen))
        await desk.shows("f7 ")
        await desk.press("escape")
        await desk.press("f7")
        await desk.shows("Add a WhatsApp account")


async def test_the_palette_runs_a_command_of_the_place(tmp_path: Path) -> None:
    async with console(tmp_path, ANA) as desk:
        await desk.shows("WA-01")
        await desk.press("ctrl+p")
        await desk.shows("Command, account, name or number…")
        await desk.write("Accounts: Add")
        await desk.shows("Add a WhatsApp account and pair it with its phone. (a)")
        await desk.press("enter")
        await desk.shows("Name, as your people call it:")


async def test_the_palette_goes_to_an_account_whose_name_looks_like_markup(tmp_path: Path) -> None:
    other = Account(account_id="WA-02", name="Rezervă", status="connected")
    async with console(tmp_path, other, ANA, place="settings") as desk:
        await desk.press("ctrl+p")
        await desk.until(lambda: isinstance(desk.screen, CommandPalette))
        await desk.write("[b]x")
        await desk.shows("Account: WA-01 Ana [b]x[/nope]")
        await desk.press("enter")
        await desk.until(lambda: isinstance(desk.screen, AccountsScreen))
        screen = desk.screen
        assert isinstance(screen, AccountsScreen)
        await desk.until(lambda: screen.chosen and screen.chosen.account_id == "WA-01")


async def test_the_palette_finds_a_conversation_by_name_and_number(tmp_path: Path) -> None:
    async with console(tmp_path, ANA) as desk:
        await thread(desk, "Maria [/Ionescu]", "+40712345678")
        await thread(desk, "Andrei", "+40722000111")
        await desk.press("ctrl+p")
        await desk.write("maria")
        await desk.shows("Conversation: Maria [/Ionescu]")
        await desk.shows("+40 712 345 678 · WA-01")
        assert "Conversation: Andrei" not in desk.text()
        await desk.press(*["backspace"] * 5)
        await desk.write("Bună!")  # which both wrote last, and nobody is called
        await desk.shows("Nothing is called so.")
        await desk.press(*["backspace"] * 5)
        await desk.press("escape")
        await desk.press("ctrl+p")
        await desk.write("0722000")
        await desk.shows("Conversation: Andrei")
        await desk.press("enter")
        await desk.until(lambda: desk.app.current_mode == "inbox")


async def test_the_palette_says_when_conversations_cannot_be_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with console(tmp_path, ANA) as desk:

        async def fail(*_query: object) -> None:
            raise StoreUnavailable("The store is out of reach.")

        monkeypatch.setattr(cast("CapcoadaApp", desk.app).services.store, "query", fail)
        await desk.press("ctrl+p")
        await desk.write("maria")
        await desk.shows("Conversations cannot be found now.")
        await desk.press("enter")
        await desk.until(lambda: not isinstance(desk.screen, CommandPalette))
        await desk.shows("The store is out of reach.")


async def test_over_a_dialog_the_palette_leads_nowhere_else(tmp_path: Path) -> None:
    async with console(tmp_path, ANA) as desk:
        await thread(desk, "Principal", "+40712345678")
        await desk.press("a")
        await desk.shows("Name, as your people call it:")
        await desk.press("ctrl+p")
        await desk.until(lambda: isinstance(desk.screen, CommandPalette))
        await desk.write("WA-01")
        await desk.shows("Nothing is called so.")
        await desk.press("escape")
        await desk.shows("Name, as your people call it:")


async def test_the_palette_leads_to_an_account_from_the_pairing_of_another(tmp_path: Path) -> None:
    new = Account(account_id="WA-02", name="Rezervă", status="logged_out")
    async with console(tmp_path, new, ANA) as desk:
        accounts = desk.screen
        assert isinstance(accounts, AccountsScreen)
        await desk.until(lambda: accounts.chosen is not None)
        accounts.choose("WA-02")
        await desk.press("enter")
        await desk.until(lambda: isinstance(desk.screen, PairingScreen))
        await desk.press("f9", "ctrl+p")
        await desk.until(lambda: isinstance(desk.screen, CommandPalette))
        await desk.write("Account: WA-01")
        await desk.shows("Account: WA-01 Ana")
        await desk.press("enter")
        await desk.until(lambda: desk.screen is accounts)
        await desk.until(lambda: accounts.chosen and accounts.chosen.account_id == "WA-01")


async def test_f1_helps_where_a_question_mark_is_text_and_closes_the_help(tmp_path: Path) -> None:
    async with console(tmp_path, ANA, size=(100, 40)) as desk:
        await thread(desk, "Maria Ionescu", "+40712345678")
        await desk.press("f3")
        await desk.shows("Maria Ionescu")
        await desk.press("enter")
        await desk.shows("f1 Help")
        await desk.press("f1")
        await desk.shows("Send the text.")
        assert "Show only conversations whose name" not in desk.text()  # its key is text there
        await desk.press("f1")
        await desk.until(lambda: not isinstance(desk.screen, HelpScreen))


async def test_f1_helps_and_ctrl_q_leaves_over_a_dialog_too(tmp_path: Path) -> None:
    async with console(tmp_path, ANA, size=(100, 40)) as desk:
        await desk.shows("WA-01")
        for key, dialog, said in (
            ("ctrl+f", SearchScreen, "A longer word is found by its beginning."),
            ("a", AskText, "Enter takes what is written"),
            ("x", Confirm, "leaves everything as it is."),
            ("ctrl+p", CommandPalette, "A few letters of a name are enough"),
        ):
            await desk.press(key)
            await desk.until(lambda dialog=dialog: isinstance(desk.screen, dialog))  # type: ignore[misc]
            await desk.press("f1")
            await desk.until(lambda: isinstance(desk.screen, HelpScreen))
            assert said in " ".join(desk.text().replace("│", " ").split())
            await desk.press("f1")
            await desk.until(lambda dialog=dialog: isinstance(desk.screen, dialog))  # type: ignore[misc]
            await desk.press("escape")
            await desk.until(lambda: isinstance(desk.screen, AccountsScreen))
        await desk.press("a")
        await desk.until(lambda: isinstance(desk.screen, AskText))
        await desk.press("ctrl+q")
        await desk.until(lambda: not desk.app.is_running)


async def test_help_search_and_palette_make_way_for_one_another(tmp_path: Path) -> None:
    async with console(tmp_path, ANA) as desk:
        await desk.shows("WA-01")
        for key, cover in (("question_mark", HelpScreen), ("ctrl+f", SearchScreen)):
            await desk.press(key)
            await desk.until(lambda cover=cover: isinstance(desk.screen, cover))  # type: ignore[misc]
            await desk.press("ctrl+p")
            await desk.until(lambda: isinstance(desk.screen, CommandPalette))
            await desk.shows("Everywhere: Agenda")
            await desk.press("ctrl+f")
            await desk.until(lambda: isinstance(desk.screen, SearchScreen))
            await desk.press("escape")
            await desk.until(lambda: isinstance(desk.screen, AccountsScreen))


async def test_escape_goes_back_the_way_one_came(tmp_path: Path) -> None:
    async with console(tmp_path, ANA) as desk:
        await desk.shows("WA-01")
        for key in ("f6", "f5"):
            await desk.press(key)
        await desk.until(lambda: desk.app.current_mode == "client")
        await desk.shows("No client is chosen")
        assert "Ask about" not in desk.text()
        assert "i Ask" not in desk.text()
        for place in ("agenda", "inbox", "inbox"):
            await desk.press("escape")
            await desk.until(lambda place=place: desk.app.current_mode == place)  # type: ignore[misc]
