"""Messages are found while typing and opened where they stand, however far back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from bridge.search_indexer import SearchIndexer
from core.paths import DataFolder
from core.search.index import SearchIndex
from core.service.chat import Chat
from core.store.embedded import EmbeddedStore
from core.store.port import Reader
from tests.support.console import NOW, Stage, accounts, console, message, thread, thread_id_of
from tui.screens.search import SearchScreen

MESSAGES = 900
MARIA, ANDREI = thread_id_of(1), thread_id_of(2)


@asynccontextmanager
async def conversations(folder: Path, *, size: tuple[int, int]) -> AsyncIterator[Stage]:
    """A long conversation with one message about a magician, and a short one."""
    writes = [*accounts("WA-01", "WA-02"), thread(1, "Maria Ionescu"), thread(2, "Andrei Pop")]
    for number in range(MESSAGES):
        body = "Aveți și un magician [bold]?" if number == 100 else f"mesajul {number}"
        moment = NOW - timedelta(minutes=MESSAGES - number)
        writes.append(message(MARIA, f"M{number}", body, at=moment))
    writes.append(message(ANDREI, "A1", "mulțumim", at=NOW, is_outbound=True))
    async with console(folder, writes, size=size) as stage:
        data = DataFolder(folder)
        index = SearchIndex.open(data.search_file)
        async with EmbeddedStore.open(data.store_file) as store:
            await SearchIndexer(store, data.search_file, 1).catch_up(index)
        index.close()
        yield stage


async def test_a_message_far_back_is_found_and_opened_in_its_place(tmp_path: Path) -> None:
    async with conversations(tmp_path, size=(80, 24)) as stage:
        await stage.pilot.press("ctrl+f", *"magici")
        await stage.until(lambda: "Aveți și un magician [bold]?" in stage.text())
        assert "Maria Ionescu" in stage.text()
        assert "1 message" in stage.text()
        await stage.pilot.press("enter")
        await stage.until(lambda: not _is_searching(stage))
        view = stage.screen.chat.view
        await stage.until(lambda: view.cursor_id == "M100")
        assert "Aveți și un magician" in stage.text()
        await stage.until(lambda: "mesajul 99 " in stage.text() and "mesajul 101 " in stage.text())
        await stage.pilot.press("end")
        await stage.until(lambda: "mesajul 899" in stage.text())


async def test_what_is_found_is_to_be_read_in_a_tiny_window(tmp_path: Path) -> None:
    async with conversations(tmp_path, size=(40, 12)) as stage:
        await stage.pilot.press("ctrl+f", *"magici")
        await stage.until(lambda: "Maria Ion…  Aveți" in stage.text())
        assert "WA-01" not in stage.text().splitlines()[4]
        await stage.pilot.resize_terminal(80, 24)
        await stage.until(lambda: "Maria Ionescu" in stage.text())
        await stage.until(lambda: "Aveți și un magician" in stage.text())


async def test_many_are_told_newest_first_and_one_more_word_narrows(tmp_path: Path) -> None:
    async with conversations(tmp_path, size=(160, 48)) as stage:
        await stage.pilot.press("ctrl+f", *"mesajul")
        await stage.until(lambda: "the newest 50" in stage.text())
        assert "mesajul 899" in stage.text()
        await stage.pilot.press("down", "down", "space", *"891")
        await stage.until(lambda: "1 message" in stage.text())
        await stage.pilot.press("enter")
        await stage.until(lambda: stage_cursor(stage) == "M891")


async def test_nothing_found_is_said_and_escape_goes_back(tmp_path: Path) -> None:
    async with conversations(tmp_path, size=(80, 24)) as stage:
        await stage.pilot.press("ctrl+f")
        await stage.until(lambda: "Type what the message says." in stage.text())
        await stage.pilot.press(*"zebra")
        await stage.until(lambda: "No message holds all these words." in stage.text())
        await stage.pilot.press("escape")
        await stage.until(lambda: not _is_searching(stage))


async def test_while_the_index_is_not_there_that_is_said(tmp_path: Path) -> None:
    async with console(tmp_path, [thread(1)], size=(80, 24)) as stage:
        await stage.pilot.press("ctrl+f", *"orice")
        await stage.until(lambda: "still being read" in stage.text())


async def test_the_end_reached_while_older_messages_are_read_is_gone_beyond_after_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_come, is_under_way = asyncio.Event(), asyncio.Event()
    read_older = Chat.read_older

    async def slowly(self: Chat, store: Reader) -> bool:
        is_under_way.set()
        await may_come.wait()
        return await read_older(self, store)

    async with conversations(tmp_path, size=(80, 24)) as stage:
        await stage.pilot.press("ctrl+f", *"magici")
        await stage.until(lambda: "Aveți și un magician [bold]?" in stage.text())
        await stage.pilot.press("enter")
        await stage.until(lambda: stage_cursor(stage) == "M100")
        view = stage.screen.chat.view
        monkeypatch.setattr(Chat, "read_older", slowly)
        await stage.pilot.press("home")
        await stage.until(is_under_way.is_set)
        while view.top < view.last_top:
            await stage.pilot.press("pagedown")
        chat = view.chat
        assert chat is not None
        newest = chat.window.at(-1).id
        may_come.set()
        await stage.until(lambda: chat.window.at(-1).id != newest)


def stage_cursor(stage: Stage) -> str | None:
    return None if _is_searching(stage) else stage.screen.chat.view.cursor_id


def _is_searching(stage: Stage) -> bool:
    return isinstance(stage.app.screen, SearchScreen)
