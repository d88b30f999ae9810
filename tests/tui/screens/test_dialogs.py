"""Small questions by keys: whatever the height of the window, all of them can be read."""

from typing import Any

import pytest
from textual import events
from textual.app import ComposeResult
from textual.screen import ModalScreen
from textual.widgets import Static

from core.settings import Console
from tests.support.waiting import until
from tui.screens.dialogs import AskText, Confirm
from tui.screens.pick_operator import PickOperator
from tui.shell import Shell
from tui.widgets.scroll import Scroll

QUESTION = "Archive this event?"
CONSEQUENCE = "It then counts nowhere, and whoever asks for sums is told those of the others alone."


class Asking(Shell):
    """Nothing but a question."""

    def __init__(self, question: ModalScreen[Any]) -> None:
        super().__init__(Console())
        self._question = question

    def compose(self) -> ComposeResult:
        """Put something below."""
        yield Static("below")

    def on_mount(self) -> None:
        """Ask."""
        self.push_screen(self._question)

    @property
    def text(self) -> str:
        """What is on the screen."""
        return "\n".join(strip.text for strip in self.screen._compositor.render_strips())


@pytest.mark.parametrize("rows", [9, 10, 12, 16, 24])
async def test_a_text_is_asked_for_in_every_window(rows: int) -> None:
    app = Asking(AskText(QUESTION, CONSEQUENCE, check=str, placeholder="a reason"))
    parts = (QUESTION, "the others alone.", "a reason", "enter goes on", "╭──", "╰──")
    async with app.run_test(size=(60, rows)):
        await until(lambda: all(part in app.text for part in parts))


@pytest.mark.parametrize("rows", [7, 12])
async def test_a_question_is_whole_in_every_window(rows: int) -> None:
    app = Asking(Confirm(QUESTION, CONSEQUENCE))
    parts = (QUESTION, "the others alone.", "y yes", "╭──", "╰──")
    async with app.run_test(size=(60, rows)):
        await until(lambda: all(part in app.text for part in parts))


async def test_a_consequence_longer_than_the_window_is_scrolled() -> None:
    app = Asking(Confirm(QUESTION, " ".join(f"word{n}" for n in range(90))))
    async with app.run_test(size=(60, 12)) as pilot:
        await until(lambda: "word0 " in app.text)
        assert "word89" not in app.text
        await pilot.press("end")
        await until(lambda: "word89" in app.text and "y yes" in app.text)


async def test_arrows_that_come_in_one_burst_scroll_by_as_many_lines() -> None:
    app = Asking(Confirm(QUESTION, " ".join(f"word{n}" for n in range(400))))
    async with app.run_test(size=(60, 12)) as pilot:
        await until(lambda: "word0 " in app.text)
        box = app.screen.query_one(Scroll)
        for key in ("down", "down", "down", "up", "down"):
            app.post_message(events.Key(key, None))
        await until(lambda: box.scroll_y == 3)
        for key in ("pageup", "down", "pagedown", "pageup"):
            app.post_message(events.Key(key, None))
        await pilot.pause()
        await until(lambda: box.scroll_y == 1)


async def test_as_many_colleagues_are_offered_as_there_is_room_for() -> None:
    names = {f"u{n}": f"Colleague {n}" for n in range(9)}
    app = Asking(PickOperator("Who answers?", "enter chooses", names, {}))
    async with app.run_test(size=(60, 24)):
        await until(lambda: all(name in app.text for name in names.values()))
