"""Writing in a chat by keys: sending, answering, settling, drafts."""

import asyncio
import json
from pathlib import Path

import pytest
from textual import events
from textual.widgets import TextArea

from core.model.ids import message_path
from core.service.callables import MarkReadRequest, ResolveRequest, SendRequest
from core.service.chat import Chat
from core.store.port import Reader, Update
from tests.support.console import NOW, Stage, console, message, thread, thread_id_of
from tests.tui.chat_stage import T, open_and_write, talk
from tui.widgets.composer import Composer


async def test_sending_shows_the_message_at_once_and_its_ticks(tmp_path: Path) -> None:
    async with console(tmp_path, [thread(0), *talk(3)]) as stage:
        await open_and_write(stage)
        await stage.pilot.press(*"salut", "enter")
        await stage.until(lambda: "salut" in stage.text())
        assert "◷" in stage.text()
        await stage.until(lambda: len(stage.bridge.calls) == 1)
        sent = stage.bridge.calls[0]
        assert isinstance(sent, SendRequest)
        assert (sent.text, sent.thread_id) == ("salut", T)
        assert stage.screen.chat.composer.text == ""
        chat = stage.screen.chat.chat
        assert chat is not None
        await stage.until(lambda: len(chat.window) == 4)
        request_id = next(row.id for row in chat.rows() if row.body == "salut")
        for status, sign in (("sent", "✓"), ("delivered", "✓✓"), ("read", "✓✓•")):
            path = message_path(T, request_id)
            await stage.store.commit([Update(path, {"status": status})])
            await stage.until(lambda sign=sign: f"{sign} " in stage.text())  # type: ignore[misc]
        assert stage.text().count("salut") == 1


async def test_an_unreachable_bridge_loses_no_text(tmp_path: Path) -> None:
    async with console(tmp_path, [thread(0), *talk(3)]) as stage:
        stage.bridge.is_away = True
        await open_and_write(stage)
        await stage.pilot.press(*"pastrat", "enter")
        await stage.until(lambda: "kept here: The bridge cannot be reached. t" in stage.text())
    async with console(tmp_path, []) as stage:
        assert "kept here" in stage.text()
        stage.screen.chat.view.focus()
        await stage.pilot.press("up", "t")
        await stage.until(lambda: len(stage.bridge.calls) == 1)
        assert stage.bridge.calls[0].text == "pastrat"
        await stage.until(lambda: "kept here" not in stage.text())
        assert stage.text().count("pastrat") >= 1


async def test_an_uncertain_message_is_settled_with_one_key(tmp_path: Path) -> None:
    unsure = message(T, "R1", "poate", at=NOW, is_outbound=True, status="uncertain")
    async with console(tmp_path, [thread(0), *talk(3), unsure]) as stage:
        assert "not certain" in stage.text()
        stage.screen.chat.view.focus()
        await stage.pilot.press("m")
        await stage.until(lambda: len(stage.bridge.calls) == 1)
        assert stage.bridge.calls[0] == ResolveRequest(request_id="R1", action="mark_sent")


async def test_a_reply_quotes_the_selected_message(tmp_path: Path) -> None:
    async with console(tmp_path, [thread(0, "Maria"), *talk(5)]) as stage:
        stage.screen.chat.view.focus()
        await stage.pilot.press("up", "up", "r")
        await stage.writing()
        assert "↩ Maria: message number 3" in stage.text()
        await stage.pilot.press(*"da", "enter")
        await stage.until(lambda: any(isinstance(call, SendRequest) for call in stage.bridge.calls))
        assert stage.bridge.calls[-1].quoted_message_id == "M00003"


async def test_letters_are_text_while_writing(tmp_path: Path) -> None:
    async with console(tmp_path, [thread(0, unreadCount=1), *talk(2)]) as stage:
        await open_and_write(stage)
        await stage.pilot.press(*"qnuart", "slash", "question_mark")
        assert stage.screen.chat.composer.text == "qnuart/?"
        await stage.until(lambda: len(stage.bridge.calls) == 1)
        assert isinstance(stage.bridge.calls[0], MarkReadRequest)


async def test_a_draft_stays_with_its_thread_and_survives(tmp_path: Path) -> None:
    async with console(tmp_path, [thread(0), thread(1), *talk(2)]) as stage:
        await open_and_write(stage)
        await stage.pilot.press(*"ciorna", "ctrl+n", *"doi", "escape", "down", "enter")
        await stage.until(lambda: stage.screen.chat.thread_id == thread_id_of(1))
        assert stage.screen.chat.composer.text == ""
        await stage.pilot.press("escape", "up", "enter")
        await stage.until(lambda: stage.screen.chat.thread_id == T)
        assert stage.screen.chat.composer.text == "ciorna\ndoi"
    file = tmp_path / "drafts.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert json.loads(file.read_text())["drafts"][T]["text"] == "ciorna\ndoi"
    async with console(tmp_path, []) as stage:
        await stage.until(lambda: stage.screen.chat.composer.text == "ciorna\ndoi")


async def test_a_message_is_written_down_here_while_the_bridge_takes_its_time(
    tmp_path: Path,
) -> None:
    async with console(tmp_path, [thread(0), *talk(2)]) as stage:
        stage.bridge.held = asyncio.Event()
        await open_and_write(stage)
        await stage.pilot.press(*"da", "enter")
        file = tmp_path / "drafts.json"
        await stage.until(lambda: file.exists() and bool(json.loads(file.read_text())["unsent"]))
        assert sent(stage) == []
        stage.bridge.held.set()
        await stage.until(lambda: not json.loads(file.read_text())["unsent"])
        assert [call.text for call in sent(stage)] == ["da"]


async def test_a_message_is_on_its_way_before_the_screen_is_painted_and_others_in_turn(
    tmp_path: Path,
) -> None:
    async with console(tmp_path, [thread(0), *talk(2)]) as stage:
        stage.bridge.held = asyncio.Event()
        await open_and_write(stage)
        composer = stage.screen.chat.composer
        composer.post_message(composer.Submitted("unu", T, None))
        await stage.until(lambda: [call.text for call in stage.bridge.begun] == ["unu"])
        composer.post_message(composer.Submitted("doi", T, None))
        await stage.until(lambda: "doi" in stage.text())
        assert [call.text for call in stage.bridge.begun] == ["unu"]
        stage.bridge.held.set()
        await stage.until(lambda: len(sent(stage)) == 2)
        assert [call.text for call in sent(stage)] == ["unu", "doi"]


async def test_a_long_paste_is_cleaned_and_sent(tmp_path: Path) -> None:
    from textual import events

    async with console(tmp_path, [thread(0), *talk(2)], size=(80, 24)) as stage:
        await open_and_write(stage)
        stage.app.post_message(events.Paste("ab\x1b[31m c " * 1000))
        await stage.until(lambda: len(stage.screen.chat.composer.text) == 5000)
        assert stage.screen.chat.composer.size.height <= 8
        await stage.pilot.press("enter")
        await stage.until(lambda: len(stage.bridge.calls) == 1)
        assert "\x1b" not in stage.bridge.calls[0].text


async def test_a_burst_of_keys_is_sent_message_by_message(tmp_path: Path) -> None:
    async with console(tmp_path, [thread(0), *talk(3)]) as stage:
        await open_and_write(stage)
        for letter in "unu\rdoi\rtrei\rpa\x0etru":
            names = {"\r": "enter", "\x0e": "ctrl+n"}
            key = events.Key(names.get(letter, letter), letter)
            stage.app.post_message(key)
        composer = stage.screen.chat.composer
        await stage.until(lambda: composer.text == "pa\ntru")
        await stage.until(lambda: len(sent(stage)) == 3)
        assert [call.text for call in sent(stage)] == ["unu", "doi", "trei"]


async def test_what_was_sent_just_before_another_chat_opens_is_kept_for_its_own(
    tmp_path: Path,
) -> None:
    async with console(tmp_path, [thread(0), thread(1), *talk(3)]) as stage:
        await open_and_write(stage)
        chat = stage.screen.chat
        chat.post_message(Composer.Submitted("pentru zero", thread_id_of(1), None))
        await stage.until(lambda: chat.sending.drafts.draft(thread_id_of(1)).text == "pentru zero")
        assert sent(stage) == []


async def test_undoing_brings_no_text_of_another_chat(tmp_path: Path) -> None:
    async with console(tmp_path, [thread(0), thread(1), *talk(3)]) as stage:
        await open_and_write(stage)
        await stage.pilot.press(*"numai pentru zero", "ctrl+u", "escape", "down", "enter")
        await stage.until(lambda: stage.screen.chat.thread_id == thread_id_of(1))
        await stage.writing()
        await stage.pilot.press("ctrl+z")
        assert stage.screen.chat.composer.text == ""


async def test_what_is_typed_until_another_chat_is_there_stays_with_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_come, is_under_way = asyncio.Event(), asyncio.Event()
    read_head = Chat.read_head

    async def slowly(self: Chat, store: Reader) -> bool:
        if self.thread_id == thread_id_of(1):
            is_under_way.set()
            await may_come.wait()
        return await read_head(self, store)

    monkeypatch.setattr(Chat, "read_head", slowly)
    async with console(tmp_path, [thread(0), thread(1), *talk(3)]) as stage:
        await open_and_write(stage)
        chat = stage.screen.chat
        stage.screen.run_worker(stage.screen.open_thread(thread_id_of(1)))
        await stage.until(is_under_way.is_set)
        editor = stage.app.focused
        assert isinstance(editor, TextArea)
        may_come.set()
        editor.insert("în ultima clipă")
        await stage.until(lambda: chat.thread_id == thread_id_of(1))
        await stage.pilot.pause()
        assert chat.composer.text == ""
        assert chat.sending.drafts.draft(T).text == "în ultima clipă"


def sent(stage: Stage) -> list[SendRequest]:
    return [call for call in stage.bridge.calls if isinstance(call, SendRequest)]
