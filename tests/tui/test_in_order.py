"""Keys that come in one burst, as over a slow line, are obeyed in their order everywhere."""

from pathlib import Path

from textual.events import Key

from tests.support.console import NOW, Stage, accounts, console, message, thread, thread_id_of
from tui.screens.dialogs import AskText


def burst(stage: Stage, *keys: str) -> None:
    """Press keys faster than any of them can be worked off."""
    for key in keys:
        stage.app.post_message(Key(key, key if len(key) == 1 else None))


async def test_what_is_opened_is_what_the_arrows_went_to(tmp_path: Path) -> None:
    async with console(tmp_path, [thread(n) for n in range(5)], size=(80, 24)) as stage:
        burst(stage, "down", "j", "j", "up", "enter", *"da")
        await stage.until(lambda: stage.screen.chat.composer.text == "da")
        assert stage.screen.chat.thread_id == thread_id_of(2)


async def test_a_key_behind_the_way_to_a_place_is_for_that_place(tmp_path: Path) -> None:
    async with console(tmp_path, [*accounts("WA-01", "WA-02"), thread(0)]) as stage:
        inbox = stage.screen.inbox
        burst(stage, "f2", "a")
        await stage.until(lambda: isinstance(stage.app.screen, AskText))
        assert inbox.view.account_id is None
        burst(stage, "escape", "escape", "a")
        await stage.until(lambda: inbox.view.account_id == "WA-01")


async def test_what_follows_an_answer_is_its_text(tmp_path: Path) -> None:
    texts = [message(thread_id_of(0), f"M{n}", f"text {n}", at=NOW) for n in range(3)]
    async with console(tmp_path, [thread(0, "Maria"), *texts]) as stage:
        await stage.pilot.press("enter")
        await stage.writing()
        burst(stage, "up", "up", "r", *"nu")
        await stage.until(lambda: stage.screen.chat.composer.text == "nu")
        assert "↩ Maria: text 1" in stage.text()
        burst(stage, "up", "i", *"ne")
        await stage.until(lambda: stage.screen.chat.composer.text == "nune")
        burst(stage, "up", "down", *"ua")
        await stage.until(lambda: stage.screen.chat.composer.text == "nuneua")
