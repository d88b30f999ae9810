"""A chat is read into the event beside it: again, late, cancelled, refused."""

import asyncio
from datetime import timedelta
from pathlib import Path

from bridge.crm.extract_callable import extract_event
from core.model.ids import thread_path
from core.service.callables import ExtractAnswer, ExtractRequest
from core.service.errors import CallRefused
from core.store.port import Update
from tests.support.console import NOW, Stage, commit, console, message, thread, thread_id_of
from tests.tui.crm_stage import T, booking, extract, is_reading, reads_chats, row_of


async def test_what_was_written_is_kept_when_the_chat_went_on(tmp_path: Path) -> None:
    async with console(tmp_path, booking(), size=(160, 48)) as stage:
        reads_chats(stage)
        await extract(stage)
        await stage.pilot.press(*["down"] * 5, *"Ana")
        await commit(stage.store, [
            message(T, "M9", "Adresa e Str. Rozelor nr 8", at=NOW),
            Update(thread_path(T), {"lastMessageAt": NOW}),
        ])  # fmt: skip
        await stage.until(lambda: "The conversation went on" in stage.text())
        await stage.pilot.press("ctrl+e")
        await stage.until(lambda: "Rozelor nr 8" in row_of(stage, "Address"))
        assert "Ana" in row_of(stage, "Parent")
        assert "•" in row_of(stage, "Parent")
        await stage.until(lambda: "went on" not in stage.text())


def answers_late(stage: Stage) -> tuple[asyncio.Event, list[str]]:
    """Let the bridge read at once and answer when told; return that, and the threads it read."""
    may_answer, read = asyncio.Event(), []

    async def extract(request: ExtractRequest) -> ExtractAnswer:
        settings = stage.app.services.settings
        answer = await extract_event(stage.store, settings, lambda: NOW, "local", request)
        read.append(request.thread_id)
        await may_answer.wait()
        return answer

    stage.bridge.answers[ExtractRequest] = extract
    return may_answer, read


def asked_again(stage: Stage) -> bool:
    return stage.screen.panel is not None and stage.screen.panel._desk.is_asked_again


async def test_the_key_pressed_while_reading_has_what_came_in_since_read_after_it(
    tmp_path: Path,
) -> None:
    async with console(tmp_path, booking(), size=(160, 48)) as stage:
        may_answer, read = answers_late(stage)
        await stage.pilot.press("enter")
        await stage.writing()
        await stage.pilot.press("ctrl+e")
        await stage.until(lambda: read == [T])
        await commit(stage.store, [
            message(T, "M9", "Adresa e Str. Rozelor nr 8", at=NOW),
            Update(thread_path(T), {"lastMessageAt": NOW}),
        ])  # fmt: skip
        await stage.pilot.press("ctrl+e", "ctrl+e")
        await stage.until(lambda: asked_again(stage))
        may_answer.set()
        await stage.until(lambda: not is_reading(stage))
        await stage.until(lambda: "Rozelor nr 8" in row_of(stage, "Address"))
        assert read == [T, T]
        assert "went on" not in stage.text()


async def test_the_key_pressed_twice_reads_once_when_nothing_came_in(tmp_path: Path) -> None:
    async with console(tmp_path, booking(), size=(160, 48)) as stage:
        may_answer, read = answers_late(stage)
        await stage.pilot.press("enter")
        await stage.writing()
        await stage.pilot.press("ctrl+e")
        await stage.until(lambda: read == [T])
        await stage.pilot.press("ctrl+e")
        await stage.until(lambda: asked_again(stage))
        may_answer.set()
        await stage.until(lambda: not is_reading(stage))
        await stage.until(lambda: "Lalelelor nr 3" in row_of(stage, "Address"))
        assert read == [T]


async def test_each_conversation_is_read_and_cancelled_for_itself(tmp_path: Path) -> None:
    other = thread_id_of(1)
    second = [
        thread(1, "Andrei Pop", lastMessageAt=NOW - timedelta(minutes=59)),
        message(other, "N1", "Vreau pe 11 feb la 17:00, Str. Rozelor nr 8, Elsa", at=NOW),
    ]
    async with console(tmp_path, [*booking(), *second], size=(160, 48)) as stage:
        may_answer, read = answers_late(stage)
        await stage.pilot.press("enter")
        await stage.writing()
        await stage.pilot.press("ctrl+e")
        await stage.until(lambda: read == [T])
        await stage.screen.open_thread(other)
        stage.screen.chat.view.focus()
        await stage.pilot.press("ctrl+e")
        await stage.until(lambda: read == [T, other])
        await stage.pilot.press("escape")
        await stage.until(lambda: not is_reading(stage))
        await stage.screen.open_thread(T)
        await stage.until(lambda: "reading the conversation" in stage.text())
        may_answer.set()
        await stage.until(lambda: "Lalelelor nr 3" in row_of(stage, "Address"))
        await stage.screen.open_thread(other)
        await stage.until(lambda: "Lalelelor nr 3" not in row_of(stage, "Address"))
        assert "Rozelor" not in row_of(stage, "Address")


async def test_reading_is_cancelled_with_escape(tmp_path: Path) -> None:
    async with console(tmp_path, booking(), size=(160, 48)) as stage:
        gate = reads_chats(stage)
        gate.clear()
        await stage.pilot.press("enter")
        await stage.writing()
        await stage.pilot.press("ctrl+e")
        await stage.until(lambda: "reading the conversation" in stage.text())
        await stage.pilot.press("escape")
        await stage.until(lambda: "Cancelled" in stage.text())
        assert "reading the conversation" not in stage.text()
        gate.set()
        await stage.pilot.press("ctrl+e")
        await stage.until(lambda: "84 % sure" in stage.text())


async def test_a_refusal_is_a_sentence_and_the_form_stays(tmp_path: Path) -> None:
    async with console(tmp_path, booking(), size=(160, 48)) as stage:

        async def refuse(_request: ExtractRequest) -> ExtractAnswer:
            raise CallRefused("UNAVAILABLE", "Groq is out of reach.", hint="Try again later.")

        stage.bridge.answers[ExtractRequest] = refuse
        await extract(stage, "Groq is out of reach. Try again later.")
        stage.bridge.is_away = True
        await stage.pilot.press("ctrl+e")
        await stage.until(lambda: "The bridge cannot be reached." in stage.text())
        assert stage.text().count("Start it.") == 1
