"""The bottom line: what fits, help always, and never the way to where one is."""

from pathlib import Path

import pytest

from core.settings import Console
from tests.support.console import Stage, accounts, console, thread


def keys(stage: Stage) -> str:
    """Return the bottom line."""
    return stage.text().splitlines()[-1].rstrip()


@pytest.mark.parametrize("columns", [60, 80, 120])
async def test_help_keeps_its_place_whatever_the_width(tmp_path: Path, columns: int) -> None:
    writes = [*accounts("WA-01"), thread(0, "Maria")]
    async with console(tmp_path, writes, size=(columns, 24)) as stage:
        line = stage.text().splitlines()[-1].rstrip()
        assert line.startswith(" enter Open")
        assert line.endswith("? Help")
        assert "Inbox" not in line


async def test_each_place_shows_the_way_to_the_others(tmp_path: Path) -> None:
    async with console(tmp_path, [*accounts("WA-01"), thread(0, "Maria")]) as stage:
        await stage.pilot.press("f2")
        await stage.until(lambda: "f3 Inbox" in stage.text().splitlines()[-1])
        assert "f2" not in stage.text().splitlines()[-1]


async def test_who_writes_is_shown_the_way_to_help_and_to_the_messages(tmp_path: Path) -> None:
    async with console(tmp_path, [*accounts("WA-01"), thread(0, "Maria")], size=(80, 24)) as stage:
        await stage.pilot.press("enter")
        await stage.writing()
        await stage.until(lambda: keys(stage).endswith("f1 Help"))
        assert "enter Send" in keys(stage)
        assert "esc Back" in keys(stage)
        await stage.until(lambda: "Write a message…  ↑ messages" in stage.text())
        await stage.pilot.press("up")
        await stage.until(lambda: stage.app.focused is stage.screen.chat.view)
        await stage.until(lambda: "↑ messages" not in stage.text())
        await stage.until(lambda: keys(stage).endswith("? Help"))


async def test_a_letter_is_text_where_one_writes_whatever_it_is_bound_to(tmp_path: Path) -> None:
    look = Console(keys={"help": "h", "quit": "x", "crm-extract": "e"})
    async with console(tmp_path, [*accounts("WA-01"), thread(0, "Maria")], settings=look) as stage:
        await stage.pilot.press("enter")
        await stage.writing()
        await stage.pilot.press(*"hex")
        await stage.until(lambda: stage.screen.chat.composer.text == "hex")
        await stage.pilot.press("up", "x")
        await stage.until(lambda: not stage.app.is_running)


@pytest.mark.parametrize("keys", ["ctrl+q", "ctrl+x"])
async def test_who_tries_to_leave_by_ctrl_c_is_told_the_key(tmp_path: Path, keys: str) -> None:
    look = Console(keys={"quit": keys})
    async with console(tmp_path, [thread(0, "Maria")], settings=look) as stage:
        await stage.pilot.press("ctrl+c")
        await stage.until(lambda: f"{keys} leaves the console." in stage.text())
        assert "Do you want" not in stage.text()


@pytest.mark.parametrize("key", ["minus", "slash", "plus", "underscore"])
async def test_a_key_that_is_text_is_not_offered_to_who_writes(tmp_path: Path, key: str) -> None:
    look = Console(keys={"thread-next-unread": key, "thread-filter": "f"})
    async with console(tmp_path, [*accounts("WA-01"), thread(0, "Maria")], settings=look) as stage:
        assert "Next unread" in keys(stage)
        await stage.pilot.press("enter")
        await stage.writing()
        await stage.until(lambda: "enter Send" in keys(stage))
        assert "Next unread" not in keys(stage)
