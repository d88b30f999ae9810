"""The event beside the chat is corrected by keys and saved: new, or over the stored one."""

from datetime import timedelta
from pathlib import Path

from textual.events import Key

from core.model.ids import EVENTS
from core.store.port import Update
from tests.support.console import NOW, console, message, thread, thread_id_of
from tests.tui.crm_stage import (
    PHONE,
    T,
    booking,
    event,
    events,
    extract,
    fill,
    reads_chats,
    row_of,
    wait_events,
)
from tui.widgets.crm_panel.field import Choice


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
        assert "31.02.2026" in row_of(stage, "Date")  # nothing covers what is to be mended
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


async def test_what_a_character_is_swapped_for_is_shown_before_it_is_saved(tmp_path: Path) -> None:
    role = {"slot": "04A", "roleType": "ANIMATOR", "label": "Minnie Mouse"}
    stored = event("e1", date="2026-02-10", eventShortId=4, rolesBySlot={"04A": role})
    texts = ["Bună ziua!", "La petrecerea de pe 10 feb: se poate Mickey în loc de Minnie?"]
    chat = [
        thread(0, "Maria Ionescu", lastMessageAt=NOW - timedelta(minutes=58)),
        *(
            message(T, f"M{n}", text, at=NOW - timedelta(minutes=60 - n))
            for n, text in enumerate(texts)
        ),
    ]
    async with console(tmp_path, [*chat, stored], size=(160, 48)) as stage:
        reads_chats(stage)
        await extract(stage, "Changes to #4")
        assert "no longer wants: Minnie Mouse." in stage.text()
        assert "Animator Minnie Mouse → Animator Mickey" in stage.text()
        await stage.pilot.press("ctrl+s")
        await stage.until(lambda: "saved as #4" in stage.text())
        (saved,) = await events(stage)
        labels = {slot: one["label"] for slot, one in saved["rolesBySlot"].items()}
        assert labels == {"04A": "Mickey"}


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
        await stage.until(lambda: isinstance(stage.app.focused, Choice))
        assert "‹ choose which event is meant ›" in row_of(stage, "Saves as")
        assert len(await events(stage)) == 2
        await stage.pilot.press("right", "right")
        await stage.until(lambda: "Changes to" in stage.text())
        await stage.pilot.press("ctrl+s")
        await stage.until(lambda: "saved as" in stage.text())
        found = await events(stage)
        assert len(found) == 2
        assert sorted(each["startTime"] for each in found) != ["11:00", "12:00"]


async def test_the_event_that_was_chosen_is_still_chosen_on_coming_back(tmp_path: Path) -> None:
    stored = [
        event(f"e{n}", date="2026-02-10", startTime=f"1{n}:00", eventShortId=n) for n in (1, 2)
    ]
    other = thread(1, "Andrei", lastMessageAt=NOW - timedelta(days=1))
    async with console(tmp_path, [*booking(), other, *stored], size=(160, 48)) as stage:
        reads_chats(stage)
        await extract(stage, "choose which event is meant")
        await stage.pilot.press("ctrl+s", "right", "right")
        await stage.until(lambda: "Changes to" in stage.text())
        await stage.screen.open_thread(thread_id_of(1))
        await stage.until(lambda: "Event  Andrei" in stage.text())
        await stage.screen.open_thread(T)
        await stage.until(lambda: "Changes to" in stage.text())
        assert "choose which event is meant" not in stage.text()


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


async def test_what_is_said_in_a_narrow_window_covers_no_event_that_is_saved_to(
    tmp_path: Path,
) -> None:
    stored = event("e1", date="2026-02-10", startTime="17:00", eventShortId=4)
    async with console(tmp_path, [*booking(), stored], size=(80, 24)) as stage:
        reads_chats(stage)
        await extract(stage, "Changes to #4")
        await stage.pilot.press("ctrl+s")
        await stage.until(lambda: "Saved:" in stage.text())
        assert "2026-02-10 18:00 ›" in row_of(stage, "Saves as")
        lines = stage.text().splitlines()
        assert "saved as #4" in lines[-3]
        assert "ctrl+s" in lines[-1]
