"""The event beside the chat, by keys: reading, evidence, correcting, saving, refreshing."""

import asyncio
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from textual.events import Key

from bridge.crm.extract_callable import extract_event
from core.crm.draft import EventDraft
from core.model.ids import EVENTS, thread_path
from core.service.callables import ExtractAnswer, ExtractRequest
from core.service.errors import CallRefused
from core.store.port import Query, Update
from tests.support.console import NOW, Stage, commit, console, message, thread, thread_id_of
from tests.support.waiting import until_found
from tests.tui.crm_stage import PHONE, T, booking, event, reads_chats


async def extract(stage: Stage, sign: str = "sure") -> None:
    """Press the key and wait for the draft."""
    await stage.pilot.press("enter")
    await stage.writing()
    await stage.pilot.press("ctrl+e")
    await stage.until(lambda: sign in stage.text() and not is_reading(stage))
    await stage.pilot.pause()


def is_reading(stage: Stage) -> bool:
    return stage.screen.panel is None or stage.screen.panel.is_reading


async def events(stage: Stage) -> list[dict[str, Any]]:
    return [dict(found.data) for found in await stage.store.query(Query(EVENTS))]


async def wait_events(stage: Stage, count: int) -> list[dict[str, Any]]:
    async def look() -> list[dict[str, Any]] | None:
        found = await events(stage)
        return found if len(found) == count else None

    return await until_found(look, f"{count} events")


async def fill(stage: Stage, text: str) -> None:
    """Write something else into the focused field."""
    await stage.pilot.press("end", "ctrl+u", *text)


def row_of(stage: Stage, start: str) -> str:
    """Return the line of the form that begins with a name; empty while it shows none."""
    found = (line for line in stage.text().splitlines() if re.search(rf"[ •]{start}  ", line))
    return next(found, "")


async def test_a_draft_is_shown_and_nothing_is_saved(tmp_path: Path) -> None:
    async with console(tmp_path, booking(), size=(160, 48)) as stage:
        reads_chats(stage)
        await extract(stage)
        assert stage.bridge.calls[-1] == ExtractRequest(thread_id=T, account_id="WA-01")
        text = stage.text()
        assert "2026-02-10" in row_of(stage, "Date")
        assert "Tuesday" in row_of(stage, "Date")
        assert "18:00" in row_of(stage, "Start")
        assert "Str. Lalelelor nr 3" in text
        assert "Animator Spiderman" in text
        assert "Animator Elsa" in text
        assert "1200" in row_of(stage, "Amount")
        assert "unpaid" in row_of(stage, "Payment")
        assert "built-in rules" in text
        assert await events(stage) == []


async def test_moving_through_the_fields_marks_their_messages(tmp_path: Path) -> None:
    async with console(tmp_path, booking(), size=(160, 48)) as stage:
        reads_chats(stage)
        await extract(stage)
        await stage.until(lambda: stage.screen.chat.view.marked == ("M1",))
        marked = [line for line in stage.text().splitlines() if "▶" in line]
        assert marked
        assert not any("───" in line for line in marked)  # the day line is no part of the message
        assert "Date: from 1 message" in stage.text()
        await stage.pilot.press("down", "down")  # the duration, which nobody wrote
        await stage.until(lambda: stage.screen.chat.view.marked == ())


async def test_keys_that_come_in_one_burst_are_obeyed_in_their_order(tmp_path: Path) -> None:
    async with console(tmp_path, booking(), size=(160, 48)) as stage:
        reads_chats(stage)
        await extract(stage)
        await stage.until(lambda: "18:00" in row_of(stage, "Start"))
        burst = ["tab", *["backspace"] * 5, *"14:3", "backspace", *"15", "left", "x", "backspace"]
        for name in [*burst, "shift+tab", "home", *"1"]:
            character = name if len(name) == 1 else None
            stage.app.post_message(Key("colon" if name == ":" else name, character))
        await stage.until(lambda: "12026-02-10" in row_of(stage, "Date"))
        assert "14:15" in row_of(stage, "Start")


async def test_evidence_far_up_is_scrolled_into_view(tmp_path: Path) -> None:
    chatter = [f"text {n}" for n in range(50)]
    async with console(tmp_path, booking(*chatter), size=(160, 30)) as stage:
        reads_chats(stage)
        await extract(stage)
        await stage.until(lambda: stage.screen.chat.view.marked == ("M1",))
        await stage.until(lambda: "Vreau pe 10 feb" in stage.text())


async def test_a_narrow_window_quotes_the_message_of_the_field(tmp_path: Path) -> None:
    async with console(tmp_path, booking(), size=(80, 24)) as stage:
        reads_chats(stage)
        await extract(stage)
        await stage.until(lambda: "▶ Vreau pe 10 feb" in stage.text())
        assert "Date: from 1 message" in stage.text()
        await fill(stage, "2026-02-11")
        await stage.pilot.press("down", "up")
        await stage.until(lambda: "Date: written by you" in stage.text())
        await stage.until(lambda: "▶" not in stage.text())


async def test_what_is_sent_after_the_event_was_looked_at_is_on_the_screen(tmp_path: Path) -> None:
    chatter = [f"text {n}" for n in range(50)]
    async with console(tmp_path, booking(*chatter), size=(80, 24)) as stage:
        reads_chats(stage)
        await extract(stage)
        await stage.until(lambda: stage.screen.chat.view.marked == ("M1",))
        await stage.pilot.press("escape")
        assert "text 49" in stage.text()
        await stage.pilot.press("pageup", "i", *"salut", "enter")
        await stage.until(lambda: "salut" in stage.text())
        await commit(stage.store, [message(T, "N1", "merci", at=NOW)])
        await stage.until(lambda: "merci" in stage.text())


async def test_saving_twice_is_one_event_and_shows_its_number(tmp_path: Path) -> None:
    async with console(tmp_path, booking(), size=(160, 48)) as stage:
        reads_chats(stage)
        await extract(stage)
        await stage.pilot.press("ctrl+s", "ctrl+s")
        (saved,) = await wait_events(stage, 1)
        assert (saved["date"], saved["startTime"]) == ("2026-02-10", "18:00")
        assert saved["payment"] == {
            "amount": 1200, "currency": "RON", "status": "UNPAID", "method": None, "deposit": None,
        }  # fmt: skip
        assert [role["label"] for role in saved["rolesBySlot"].values()] == ["Spiderman", "Elsa"]
        assert list(saved["rolesBySlot"]) == ["01A", "01B"]
        assert (saved["createdBy"], saved["schemaVersion"], saved["isArchived"]) == (
            "local", 3, False,
        )  # fmt: skip
        assert saved["source"]["threadId"] == T
        assert saved["source"]["extractionId"] == "M1"
        await stage.until(lambda: "saved as …" in stage.text())
        path = f"{EVENTS}/{saved['eventId']}"
        await stage.store.commit([Update(path, {"eventShortId": 7})])
        await stage.until(lambda: "saved as #7" in stage.text())
        await stage.pilot.press("ctrl+s")
        await stage.until(lambda: "saved already" in stage.text())
        assert len(await events(stage)) == 1


async def test_what_is_wrong_is_said_under_the_field_and_not_saved(tmp_path: Path) -> None:
    async with console(tmp_path, booking(), size=(160, 48)) as stage:
        reads_chats(stage)
        await extract(stage)
        await fill(stage, "31.02.2026")
        await stage.until(lambda: "Write a date that exists" in stage.text())
        await stage.pilot.press("down", "ctrl+s")
        await stage.until(lambda: "1 field to mend" in stage.text())
        assert await events(stage) == []
        await fill(stage, "1.3.2026")
        await stage.until(lambda: "Sunday" in row_of(stage, "Date"))
        await stage.pilot.press("ctrl+s")
        (saved,) = await wait_events(stage, 1)
        assert saved["date"] == "2026-03-01"


async def test_services_are_added_and_taken_out_by_writing(tmp_path: Path) -> None:
    async with console(tmp_path, booking(), size=(160, 48)) as stage:
        reads_chats(stage)
        await extract(stage)
        await stage.pilot.press(*["down"] * 9)
        await fill(stage, "")  # Spiderman leaves
        await stage.pilot.press("down", "down")
        await stage.pilot.press(*"vata de zahar 19:00")
        await stage.until(lambda: "→ Cotton candy 19:00" in stage.text())
        await stage.pilot.press("ctrl+s")
        (saved,) = await wait_events(stage, 1)
        roles = [
            (role["roleType"], role["label"], role["startTime"])
            for role in saved["rolesBySlot"].values()
        ]
        assert roles == [("ANIMATOR", "Elsa", None), ("COTTON_CANDY", None, "19:00")]


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


async def test_a_stored_event_is_updated_and_the_differences_shown(tmp_path: Path) -> None:
    stored = event("e1", date="2026-02-10", startTime="17:00", eventShortId=4, parentName="Ana")
    async with console(tmp_path, [*booking(), stored], size=(160, 48)) as stage:
        reads_chats(stage)
        await extract(stage, "Changes to #4")
        assert "17:00" in row_of(stage, "Start")  # old → new, above the form
        await stage.pilot.press("ctrl+s")
        await stage.until(lambda: "saved as #4" in stage.text())
        (saved,) = await events(stage)
        assert (saved["startTime"], saved["parentName"]) == ("18:00", "Ana")


async def test_an_update_can_be_made_a_new_event_instead(tmp_path: Path) -> None:
    stored = event("e1", date="2026-02-10", startTime="17:00", eventShortId=4, parentName="Ana")
    async with console(tmp_path, [*booking(), stored], size=(160, 48)) as stage:
        reads_chats(stage)
        await extract(stage, "Changes to #4")
        await stage.until(lambda: "update of #4" in stage.text())
        await stage.pilot.press("up", "left")
        await stage.until(lambda: "a new event" in stage.text())
        await stage.pilot.press("ctrl+s")
        assert len(await wait_events(stage, 2)) == 2


async def test_several_events_on_the_day_are_chosen_from(tmp_path: Path) -> None:
    stored = [
        event(f"e{n}", date="2026-02-10", startTime=f"1{n}:00", eventShortId=n) for n in (1, 2)
    ]
    async with console(tmp_path, [*booking(), *stored], size=(160, 48)) as stage:
        reads_chats(stage)
        await extract(stage, "choose which event is meant")
        await stage.pilot.press("ctrl+s")
        await stage.until(lambda: "Choose first" in stage.text())
        assert len(await events(stage)) == 2
        await stage.pilot.press("right", "right")
        await stage.until(lambda: "Changes to" in stage.text())
        await stage.pilot.press("ctrl+s")
        await stage.until(lambda: "saved as" in stage.text())
        found = await events(stage)
        assert len(found) == 2
        assert sorted(each["startTime"] for each in found) != ["11:00", "12:00"]


async def test_clash_past_date_and_missing_address_are_warned_of(tmp_path: Path) -> None:
    other = event("e9", phoneE164="+40799999999", date="2026-02-10", startTime="18:30",
                  parentName="Ioana", eventShortId=9)  # fmt: skip
    async with console(tmp_path, [*booking(), other], size=(160, 48)) as stage:
        reads_chats(stage)
        await extract(stage)
        await stage.until(lambda: "At the same time: #9 18:30 Ioana" in stage.text())
        await fill(stage, "2026-01-10")
        await stage.until(lambda: "has passed" in stage.text())
        assert "At the same time" not in stage.text()
        await stage.pilot.press("down", "down", "down")
        await fill(stage, "")
        await stage.until(lambda: "There is no address yet." in stage.text())


async def test_an_event_without_any_message(tmp_path: Path) -> None:
    async with console(tmp_path, [thread(0, "Maria")], size=(80, 24)) as stage:
        await stage.pilot.press("f7")
        await stage.until(lambda: "a new event, not saved yet" in stage.text())
        await stage.pilot.press(*"5.3.2026", "down", *"16")
        await stage.until(lambda: "Thursday" in stage.text())
        await stage.pilot.press("ctrl+s")
        (saved,) = await wait_events(stage, 1)
        assert (saved["date"], saved["startTime"]) == ("2026-03-05", "16:00")
        assert saved["phoneE164"] == PHONE
        assert saved["source"]["extractionId"] is None
        await stage.pilot.press("escape")
        await stage.until(lambda: "Maria" in stage.text() and "Start" not in stage.text())


async def test_the_panel_comes_and_goes_and_keeps_what_is_written(tmp_path: Path) -> None:
    two = [*booking(), thread(1, "Dan")]
    async with console(tmp_path, two, size=(160, 48)) as stage:
        await stage.pilot.press("enter")
        await stage.writing()
        await stage.pilot.press("f4")
        await stage.until(lambda: "Services" in stage.text())
        await stage.pilot.press(*"2026-05-01")
        await stage.pilot.press("f4")
        await stage.until(lambda: "Services" not in stage.text())
        stage.screen.inbox.list.focus()
        await stage.pilot.press("down", "enter", "f4")
        await stage.until(lambda: "Services" in stage.text())
        assert "2026-05-01" not in stage.text()
        await stage.pilot.press("f4")
        stage.screen.inbox.list.focus()
        await stage.pilot.press("up", "enter", "f4")
        await stage.until(lambda: "2026-05-01" in stage.text())
        await stage.pilot.press("ctrl+r")
        await stage.until(lambda: "2026-05-01" not in stage.text())


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_hostile_text_in_a_draft_is_harmless(tmp_path: Path, size: tuple[int, int]) -> None:
    evil = "\x1b[31m[/foo] [@click=app.quit]x[/] \u202egpj \x9b2J" + "Z" + "\u0301" * 90
    async with console(tmp_path, booking(), size=size) as stage:

        async def answer(_request: ExtractRequest) -> ExtractAnswer:
            draft = EventDraft(address=evil, parent_name=evil, notes=evil, date="2026-02-10")
            return ExtractAnswer(
                thread_id=T, account_id="WA-01", message_id="M1", client_request_id="c" * 64,
                phone_e164=PHONE, intent="BOOKING", action="CREATE_EVENT", target_event_id=None,
                draft_event=draft, reasons=[evil], engine="groq", model=evil,
                created_at=NOW - timedelta(minutes=1),
            )  # fmt: skip

        stage.bridge.answers[ExtractRequest] = answer
        await extract(stage)
        await stage.pilot.press(*["down"] * 14)
        assert not set("\x1b\u202e\x9b") & set(stage.text())
        assert "[/foo]" in stage.text()
