"""Reading a chat by keys: opening, scrolling, what comes in, what is said in passing."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from textual import events

from core.service.chat import Chat
from core.store.port import Reader
from tests.support.console import NOW, commit, console, message, thread, thread_id_of
from tests.tui.chat_stage import T, open_and_write, talk


async def test_a_chat_opens_at_its_end_and_follows_it(tmp_path: Path) -> None:
    async with console(tmp_path, [thread(0), *talk(200)]) as stage:
        assert "message number 199" in stage.text()
        await commit(stage.store, [message(T, "N1", "just in", at=NOW)])
        await stage.until(lambda: "just in" in stage.text())


async def test_scrolling_up_reads_older_messages_without_a_jump(tmp_path: Path) -> None:
    async with console(tmp_path, [thread(0), *talk(400)]) as stage:
        view = stage.screen.chat.view
        view.focus()
        await stage.pilot.press("pageup", "pageup")
        before = stage.text().splitlines()[5:20]
        top, count = view.top, view.line_count
        view.post_message(view.NearStart())
        await stage.until(lambda: view.line_count > count)
        await stage.pilot.pause()
        assert view.top > top
        assert stage.text().splitlines()[5:20] == before
        for _ in range(60):
            await stage.pilot.press("pageup")
            if "message number 0 " in stage.text():
                break
        assert "message number 0 " in stage.text()


async def test_new_messages_below_are_counted_while_scrolled_up(tmp_path: Path) -> None:
    async with console(tmp_path, [thread(0), *talk(100)]) as stage:
        view = stage.screen.chat.view
        view.focus()
        await stage.pilot.press("pageup", "pageup")
        top = view.top
        await commit(stage.store, [message(T, "N1", "just in", at=NOW)])
        await stage.until(lambda: view.new_below == 1)
        await stage.pilot.pause()
        assert view.top == top
        assert "1 new below" in stage.text()
        await stage.pilot.press("end")
        assert view.new_below == 0
        assert "just in" in stage.text()


async def test_a_window_that_grows_down_to_the_end_follows_it(tmp_path: Path) -> None:
    async with console(tmp_path, [thread(0), *talk(15)], size=(120, 14)) as stage:
        view = stage.screen.chat.view
        view.focus()
        await stage.pilot.press("pageup")
        assert view.top < view.last_top
        await stage.pilot.resize_terminal(120, 60)
        await commit(stage.store, [message(T, "N1", "just in", at=NOW)])
        await stage.until(lambda: "just in" in stage.text())
        assert "new below" not in stage.text()
        await stage.pilot.resize_terminal(120, 14)
        await stage.until(lambda: "just in" in stage.text())


@pytest.mark.parametrize(("keys", "number"), [(("down", "enter"), 2), (("up",), 0)])
async def test_a_chat_that_comes_late_holds_nothing_up_and_takes_nobodys_place(
    keys: tuple[str, ...], number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_come, is_under_way = asyncio.Event(), asyncio.Event()
    read_head = Chat.read_head

    async def slowly(self: Chat, store: Reader) -> bool:
        if self.thread_id == thread_id_of(1):
            is_under_way.set()
            await may_come.wait()
        return await read_head(self, store)

    monkeypatch.setattr(Chat, "read_head", slowly)
    async with console(tmp_path, [thread(0), thread(1), thread(2), *talk(3)]) as stage:
        chat, threads = stage.screen.chat, stage.screen.inbox.list
        await stage.pilot.press("down")
        await stage.until(is_under_way.is_set)
        await stage.pilot.press(*keys)
        await stage.until(lambda: chat.thread_id == thread_id_of(number))
        may_come.set()
        await stage.until(
            lambda: all(each.is_finished for each in stage.app.workers if each.group == "preview")
        )
        await stage.pilot.pause()
        assert chat.thread_id == threads.selected_id == threads.open_id == thread_id_of(number)


async def test_a_narrow_window_shows_one_pane_at_a_time(tmp_path: Path) -> None:
    async with console(tmp_path, [thread(0, "Maria"), *talk(30)], size=(80, 24)) as stage:
        assert "message number 29" not in stage.text()
        await open_and_write(stage)
        assert "message number 29" in stage.text()
        assert "Inbox" not in stage.text()
        await stage.pilot.press("escape")
        assert "Inbox" in stage.text()
        await stage.pilot.resize_terminal(160, 48)
        await stage.pilot.pause()
        assert "Inbox" in stage.text()
        assert "message number 29" in stage.text()


async def test_a_window_that_becomes_narrow_shows_the_pane_with_the_focus(tmp_path: Path) -> None:
    async with console(tmp_path, [thread(0, "Maria"), *talk(30)], size=(160, 48)) as stage:
        await stage.until(lambda: "message number 29" in stage.text())
        await stage.pilot.press("tab")  # to the messages
        await stage.pilot.resize_terminal(80, 24)
        await stage.until(lambda: "Inbox" not in stage.text())
        assert stage.screen.chat.has_focus_within
        await stage.pilot.resize_terminal(160, 48)
        await stage.until(lambda: "Inbox" in stage.text())
        await stage.pilot.press("escape", "f4", "escape", "escape")  # the event stays beside it
        await stage.until(lambda: stage.screen.inbox.list.has_focus)
        assert stage.screen.is_panel_shown
        await stage.pilot.resize_terminal(80, 24)
        await stage.until(lambda: "message number" not in stage.text())
        assert stage.screen.inbox.list.has_focus
        assert "Inbox" in stage.text()
        await stage.pilot.press("f4")
        await stage.pilot.resize_terminal(160, 48)
        await stage.pilot.resize_terminal(80, 24)
        await stage.until(lambda: "Inbox" not in stage.text())
        assert stage.screen.panel is not None
        assert stage.screen.panel.has_focus_within


async def test_a_window_that_becomes_wide_shows_the_selected_chat(tmp_path: Path) -> None:
    writes = [thread(0, "Maria"), thread(1, "Ion"), *talk(30)]
    async with console(tmp_path, writes, size=(80, 24)) as stage:
        await stage.pilot.press("down")
        await stage.pilot.resize_terminal(160, 48)
        await stage.until(lambda: stage.screen.chat.thread_id == thread_id_of(1))


async def test_hostile_text_is_painted_harmlessly(tmp_path: Path) -> None:
    evil = "\x1b[31m[/foo] [@click=app.quit]x[/] \u202egpj.exe \x9b2J" + "Z" + "\u0301" * 300
    writes = [
        thread(0, evil, lastMessageText=evil),
        message(T, "M1", evil, at=NOW, senderName=evil, quoted={"messageId": "x", "body": evil,
                "senderName": evil}, reactions={"a": evil}),
        message(T, "M2", "", at=NOW, type="document", media={"fileName": evil, "mimeType": evil}),
        message(T, "M3", evil, at=NOW, is_outbound=True, status="failed", error=evil),
        message(T, "M4", evil, at=NOW, type="system"),
    ]  # fmt: skip
    async with console(tmp_path, writes, size=(100, 40)) as stage:
        text = stage.text()
        assert "[/foo]" in text
        assert not set("\x1b\u202e\x9b") & set(text)
        await stage.pilot.press("enter")
        await stage.writing()
        await stage.pilot.press("up", "y", "up", "r")


async def test_a_key_right_behind_the_way_up_is_for_the_messages(tmp_path: Path) -> None:
    async with console(tmp_path, [thread(0), *talk(5)]) as stage:
        await open_and_write(stage)
        for name in ("a", "up", "up", "r"):
            stage.app.post_message(events.Key(name, name if len(name) == 1 else None))
        composer = stage.screen.chat.composer
        await stage.until(lambda: composer.quote is not None)
        assert composer.text == "a"
        assert composer.quote is not None
        assert composer.quote.body == "message number 3"


async def test_a_message_taller_than_the_screen_is_read_to_its_end_by_the_arrows(
    tmp_path: Path,
) -> None:
    tall = "\n".join(f"line {n}." for n in range(100))
    writes = [thread(0), *talk(3), message(T, "TALL", tall, at=NOW)]
    async with console(tmp_path, writes, size=(80, 24)) as stage:
        await open_and_write(stage)
        view = stage.screen.chat.view
        seen: list[str] = []
        await stage.pilot.press("up")
        assert view.cursor_id == "TALL"
        assert "line 99." in stage.text()  # it was in view, and nothing jumps
        while view.cursor_id == "TALL":
            seen.append(stage.text())
            await stage.pilot.press("up")
        assert all(any(f"line {n}." in text for text in seen) for n in range(100))
        assert view.cursor_id == "M00002"
        seen.clear()
        while not stage.screen.chat.composer.has_editor_focus:
            await stage.pilot.press("down")
            seen.append(stage.text())
        assert all(any(f"line {n}." in text for text in seen) for n in range(100))


async def test_what_is_being_said_is_not_said_twice(tmp_path: Path) -> None:
    async with console(tmp_path, [thread(0), *talk(5)]) as stage:
        await open_and_write(stage)
        await stage.pilot.press("up", "y")
        await stage.until(lambda: "Copied." in stage.text())
        await stage.pilot.press("y", "y")
        stage.app.notify("Another thing.")
        await stage.until(lambda: "Another thing." in stage.text())
        assert stage.text().count("Copied.") == 1


async def test_what_is_said_covers_neither_the_text_nor_the_keys(tmp_path: Path) -> None:
    async with console(tmp_path, [thread(0), *talk(5)], size=(80, 24)) as stage:
        await open_and_write(stage)
        await stage.pilot.press(*"salut")
        stage.app.notify("Something happened.")
        stage.app.notify("And another thing.")
        await stage.until(lambda: "And another thing." in stage.text())
        await stage.until(lambda: "outbox 0" in stage.text())
        lines = stage.text().splitlines()
        assert not any(" happened" in line or "another" in line for line in lines[12:])
        assert lines[0].rstrip().endswith("outbox 0")
        assert lines[-2].startswith(" salut")
        assert "enter Send" in lines[-1]


async def test_a_conversation_that_is_gone_is_said_and_moves_no_other(tmp_path: Path) -> None:
    async with console(tmp_path, [thread(0), *talk(300)]) as stage:
        chat = stage.screen.chat
        top = chat.view.top
        await stage.screen.open_chat(thread_id_of(7), (NOW - timedelta(minutes=290), "X"))
        await stage.until(lambda: "is not here any more" in stage.text())
        await stage.pilot.pause()
        assert (chat.thread_id, chat.view.top) == (T, top)
