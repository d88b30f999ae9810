"""Keys that come in one burst, as over a slow line, are obeyed in their order everywhere."""

from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.events import Key
from textual.widgets import Input

from core.service.callables import AddAccountRequest, AskAnswer, AskRequest, SendRequest
from core.service.errors import CallRefused
from tests.support.console import NOW, accounts, console, message, thread, thread_id_of
from tests.support.desk import console as desk_console
from tui.screens.dialogs import AskText
from tui.screens.inbox import InboxScreen
from tui.widgets import composer


def burst(app: App[Any], *keys: str) -> None:
    """Press keys faster than any of them can be worked off."""
    for key in keys:
        app.post_message(Key(key, key if len(key) == 1 else None))


async def test_what_is_opened_is_what_the_arrows_went_to(tmp_path: Path) -> None:
    async with console(tmp_path, [thread(n) for n in range(5)], size=(80, 24)) as stage:
        burst(stage.app, "down", "j", "j", "up", "enter", *"da")
        await stage.until(lambda: stage.screen.chat.composer.text == "da")
        assert stage.screen.chat.thread_id == thread_id_of(2)


async def test_a_key_behind_the_way_to_a_place_is_for_that_place(tmp_path: Path) -> None:
    async with console(tmp_path, [*accounts("WA-01", "WA-02"), thread(0)]) as stage:
        inbox = stage.screen.inbox
        burst(stage.app, "f2", "a")
        await stage.until(lambda: isinstance(stage.app.screen, AskText))
        assert inbox.view.account_id is None
        burst(stage.app, "escape", "escape", "a")
        await stage.until(lambda: inbox.view.account_id == "WA-01")


async def test_what_follows_an_answer_is_its_text(tmp_path: Path) -> None:
    texts = [message(thread_id_of(0), f"M{n}", f"text {n}", at=NOW) for n in range(3)]
    async with console(tmp_path, [thread(0, "Maria"), *texts]) as stage:
        await stage.pilot.press("enter")
        await stage.writing()
        burst(stage.app, "up", "up", "r", *"nu")
        await stage.until(lambda: stage.screen.chat.composer.text == "nu")
        assert "↩ Maria: text 1" in stage.text()
        burst(stage.app, "up", "i", *"ne")
        await stage.until(lambda: stage.screen.chat.composer.text == "nune")
        burst(stage.app, "up", "down", *"ua")
        await stage.until(lambda: stage.screen.chat.composer.text == "nuneua")


async def test_what_follows_the_way_to_a_dialog_is_for_the_dialog(tmp_path: Path) -> None:
    async with desk_console(tmp_path, place="inbox") as desk:
        burst(desk.pilot.app, "f2", "a", *"darlx", "enter")
        await desk.until(lambda: desk.bridge.calls == [AddAccountRequest(name="darlx")])


async def test_what_follows_the_way_to_search_and_palette_is_searched(tmp_path: Path) -> None:
    async with console(tmp_path, [thread(0, "Maria"), thread(1, "Unu")]) as stage:
        for key in ("ctrl+f", "ctrl+p"):
            burst(stage.app, key, *"unu")
            await stage.until(lambda: bool(stage.app.screen.query("Input")))
            field = stage.app.screen.query_one(Input)
            await stage.until(lambda field=field: field.value == "unu")  # type: ignore[misc]
            burst(stage.app, "escape")
            await stage.until(lambda: isinstance(stage.app.screen, InboxScreen))
        burst(stage.app, "slash", *"unu")
        await stage.until(lambda: stage.screen.inbox.view.text == "unu")


@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
async def test_two_customers_are_answered_in_one_burst(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with console(tmp_path, [thread(0), thread(1)], size=size) as stage:
        burst(stage.app, "enter", *"da", "enter", "escape", "down", "enter", *"nu", "enter")
        await stage.until(lambda: len(stage.bridge.calls) == 2)
        sent = [each for each in stage.bridge.calls if isinstance(each, SendRequest)]
        assert [(each.text, each.thread_id) for each in sent] == [
            ("da", thread_id_of(0)), ("nu", thread_id_of(1)),
        ]  # fmt: skip


async def test_a_question_follows_the_way_to_the_client(tmp_path: Path) -> None:
    async with console(tmp_path, [thread(0)], size=(80, 24)) as stage:

        async def ask(request: AskRequest) -> AskAnswer:
            raise CallRefused("UNAVAILABLE", f"asked: {request.question}")

        stage.bridge.answers[AskRequest] = ask
        burst(stage.app, "p", "i", *"cat", "enter")
        await stage.until(lambda: "asked: cat" in stage.text())


async def test_a_text_field_that_comes_late_takes_nobodys_focus(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(composer, "BRING_SECONDS", 3600)
    async with console(tmp_path, [thread(0)]) as stage:
        chat = stage.screen.chat
        chat.focus_composer()
        stage.screen.set_focus(chat.view)
        await stage.until(lambda: bool(stage.screen.query("Editor")))
        await stage.pilot.pause()
        assert chat.view.has_focus
        chat.focus_composer()
        await stage.writing()
