"""The event beside the chat, by keys: what is shown, from which message, and where."""

from datetime import timedelta
from pathlib import Path

import pytest
from textual import events as keys
from textual.widgets import Input, TextArea

from core.crm.draft import EventDraft
from core.service.callables import ExtractAnswer, ExtractRequest
from tests.support.console import NOW, commit, console, message, thread
from tests.tui.crm_stage import PHONE, T, booking, event, events, extract, fill, reads_chats, row_of


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


async def test_a_text_longer_than_its_field_is_seen_where_it_is_written(tmp_path: Path) -> None:
    address = "Strada care are numele cel mai lung din tot orașul, nr. 12345, bl. B, sc. 2, et. 8"
    writes = [*booking(), event("e1", date="2026-02-10", address=address, eventShortId=4)]
    async with console(tmp_path, writes, size=(80, 24)) as stage:
        await stage.pilot.press("p")
        await stage.until(lambda: "#4" in stage.text())
        await stage.pilot.press("enter")
        await stage.until(lambda: "saved as #4" in stage.text())
        assert "Strada care" in row_of(stage, "Address")
        await stage.pilot.press("down", "down", "down")
        await stage.until(lambda: "et. 8" in row_of(stage, "Address"))
        await stage.pilot.press("down")
        await stage.until(lambda: "Strada care" in row_of(stage, "Address"))


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


async def test_what_is_discarded_is_brought_back_below_what_is_written_since(
    tmp_path: Path,
) -> None:
    async with console(tmp_path, booking(), size=(120, 40)) as stage:
        reads_chats(stage)
        await extract(stage)
        await fill(stage, "2026-05-01")
        await stage.pilot.press("down")
        await fill(stage, "19:30")
        await stage.until(lambda: "ctrl+r Discard" in stage.text())
        await stage.pilot.press("ctrl+r")
        await stage.until(lambda: "2026-02-10" in row_of(stage, "Date"))
        await stage.until(lambda: "ctrl+z Undo" in stage.text())
        await stage.until(lambda: "Discarded." in stage.text())
        assert "ctrl+r Discard" not in stage.text()
        await fill(stage, "2026-06-02")
        await stage.pilot.press("ctrl+z")
        await stage.until(lambda: "19:30" in row_of(stage, "Start"))
        assert "2026-06-02" in row_of(stage, "Date")
        assert "ctrl+z Undo" not in stage.text()
        assert not list(stage.app._notifications)  # what is discarded no more is not called so


async def test_the_notes_undo_their_own_writing_first(tmp_path: Path) -> None:
    async with console(tmp_path, booking(), size=(120, 60)) as stage:
        await stage.pilot.press("f4")
        await stage.until(lambda: "Services" in stage.text())
        await stage.pilot.press(*"2026-05-01", "ctrl+r", "shift+tab")
        await stage.until(lambda: "2026-05-01" not in stage.text())
        while not isinstance(stage.app.focused, TextArea):
            await stage.pilot.press("tab")
        notes = stage.app.focused
        await stage.pilot.press(*"ab", "backspace", "ctrl+z")
        await stage.until(lambda: notes.text == "ab")
        assert "2026-05-01" not in stage.text()


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


async def test_what_is_pasted_into_a_field_is_cleaned_and_put_on_one_line(tmp_path: Path) -> None:
    async with console(tmp_path, [thread(0, "Maria")], size=(120, 40)) as stage:
        await stage.pilot.press("f7")
        await stage.until(lambda: "a new event, not saved yet" in stage.text())
        await stage.pilot.press("down", "down", "down")
        stage.app.post_message(keys.Paste("Str. \x1b[31mLalelelor\u202e 3\r\n  Bloc B\n"))
        await stage.until(lambda: "Str. Lalelelor 3 Bloc B" in row_of(stage, "Address"))
        field = stage.app.focused
        assert isinstance(field, Input)
        assert field.value == "Str. Lalelelor 3 Bloc B"


async def test_what_is_pasted_into_a_search_is_cleaned(tmp_path: Path) -> None:
    async with console(tmp_path, [thread(0, "Maria")], size=(80, 24)) as stage:
        await stage.pilot.press("slash")
        await stage.until(lambda: isinstance(stage.app.focused, Input))
        stage.app.post_message(keys.Paste("Mar\x1b]52;c;AAAA\x07\x1b[2Jia"))
        field = stage.app.focused
        assert isinstance(field, Input)
        await stage.until(lambda: field.value == "Maria")


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
async def test_the_first_and_the_last_day_there_are_can_be_written(
    tmp_path: Path, day: str
) -> None:
    async with console(tmp_path, [thread(0, "Maria")], size=(120, 40)) as stage:
        await stage.pilot.press("f7")
        await stage.until(lambda: "a new event, not saved yet" in stage.text())
        await stage.pilot.press(*day, "down", *"18:00")
        await stage.until(lambda: day in row_of(stage, "Date"))
        await stage.until(lambda: "18:00" in row_of(stage, "Start"))
        await stage.pilot.pause()
