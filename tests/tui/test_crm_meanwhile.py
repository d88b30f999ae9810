"""What is written or changed while an event is being saved: no words are lost on either side."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from core.crm.differences import event_of_draft
from core.crm.draft import EventDraft
from core.crm.save import create_event
from core.model.ids import event_path
from core.store.port import Snapshot, Update, Write
from tests.support.console import NOW, Stage, console, thread
from tests.tui.crm_stage import (
    PHONE,
    booking,
    event,
    events,
    extract,
    fill,
    reads_chats,
    row_of,
    wait_events,
)
from tui.events import WatchDelivered

STORED = event("e1", date="2026-02-10", startTime="17:00", eventShortId=4, address="Str. X 1")


class SlowStore:
    """Holds the commits of a console's store back until it is let go."""

    def __init__(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_asked = asyncio.Event()
        self.may_commit = asyncio.Event()
        store = stage.app.services.store
        commit = store.commit

        async def slowly(writes: Sequence[Write]) -> object:
            self.is_asked.set()
            await self.may_commit.wait()
            return await commit(writes)

        monkeypatch.setattr(store, "commit", slowly)


async def test_what_is_written_while_it_is_being_saved_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with console(tmp_path, booking(), size=(160, 48)) as stage:
        reads_chats(stage)
        await extract(stage)
        slow = SlowStore(stage, monkeypatch)
        await fill(stage, "2026-03-01")
        await stage.pilot.press("ctrl+s")
        await stage.until(slow.is_asked.is_set)
        await stage.pilot.press("down")
        await fill(stage, "16:45")
        slow.may_commit.set()
        await stage.until(lambda: "Changes to" in stage.text())
        assert "16:45" in row_of(stage, "Start")
        assert "changed, not saved yet" in stage.text()
        (saved,) = await wait_events(stage, 1)
        assert (saved["date"], saved["startTime"]) == ("2026-03-01", "18:00")
        await stage.pilot.press("ctrl+s")
        await stage.until(lambda: "saved as" in stage.text())
        (saved,) = await events(stage)
        assert (saved["date"], saved["startTime"]) == ("2026-03-01", "16:45")


async def test_over_the_profile_too_what_is_written_meanwhile_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with console(tmp_path, [thread(0, "Maria"), STORED], size=(120, 36)) as stage:
        await stage.pilot.press("p")
        await stage.until(lambda: "#4" in stage.text())
        await stage.pilot.press("enter")
        await stage.until(lambda: "saved as #4" in stage.text())
        slow = SlowStore(stage, monkeypatch)
        await fill(stage, "2026-03-01")
        await stage.pilot.press("ctrl+s")
        await stage.until(slow.is_asked.is_set)
        await stage.pilot.press("down")
        await fill(stage, "16:45")
        slow.may_commit.set()
        await stage.until(lambda: "Saved:" in stage.text())
        assert "16:45" in row_of(stage, "Start")
        assert "changed, not saved yet" in stage.text()


async def test_a_save_that_ends_under_another_conversation_leaves_its_event_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [thread(1, "Andrei", lastMessageAt=NOW - timedelta(days=1)), STORED]
    async with console(tmp_path, [*booking(), *others], size=(160, 48)) as stage:
        reads_chats(stage)
        await extract(stage, "Changes to #4")
        slow = SlowStore(stage, monkeypatch)
        await stage.pilot.press("ctrl+s")
        await stage.until(slow.is_asked.is_set)
        panel = stage.screen.panel
        assert panel is not None
        await stage.screen.open_thread(stage.screen.inbox.list.inbox.row(1).id)
        await stage.until(lambda: "Event  Andrei" in stage.text())
        await stage.store.commit([Update(event_path("e1"), {"startTime": "19:15"})])
        slow.may_commit.set()
        await stage.until(lambda: "Somebody else changed this event" in stage.text())
        assert panel.editor.form.target is None
        assert "a new event, not saved yet" in stage.text()


async def test_fields_that_somebody_else_changed_are_shown_as_they_are_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with console(tmp_path, [thread(0, "Maria"), STORED], size=(160, 48)) as stage:
        await stage.pilot.press("p")
        await stage.until(lambda: "#4" in stage.text())
        await stage.pilot.press("enter")
        await stage.until(lambda: "saved as #4" in stage.text())
        slow = SlowStore(stage, monkeypatch)
        await fill(stage, "2026-03-01")
        await stage.pilot.press("ctrl+s")
        await stage.until(slow.is_asked.is_set)
        theirs = {"date": "2026-04-04", "address": "Str. Y 2"}
        await stage.store.commit([Update(event_path("e1"), theirs)])
        slow.may_commit.set()
        await stage.until(lambda: "Somebody else changed this event" in stage.text())
        assert "Str. Y 2" in row_of(stage, "Address")
        assert "2026-04-04" in stage.text()  # old → new
        await stage.pilot.press("ctrl+s")
        await stage.until(lambda: "Saved:" in stage.text())
        (saved,) = await events(stage)
        assert (saved["date"], saved["address"]) == ("2026-03-01", "Str. Y 2")


async def test_a_draft_that_somebody_else_saved_loses_no_words_of_either(tmp_path: Path) -> None:
    async with console(tmp_path, booking(), size=(160, 48)) as stage:
        reads_chats(stage)
        await extract(stage)
        panel = stage.screen.panel
        assert panel is not None
        form = panel.editor.form
        draft = form.draft or EventDraft()
        theirs = event_of_draft(draft, phone_e164=PHONE, source=form.source)
        await create_event(stage.store, theirs, uid="ana", client_request_id=form.client_request_id)
        await stage.store.commit(
            [Update(event_path((await events(stage))[0]["eventId"]), {"notes": "with a cake"})]
        )
        await stage.pilot.press("down")
        await fill(stage, "16:45")
        await stage.pilot.press("ctrl+s")
        await stage.until(lambda: "This event was saved already" in stage.text())
        assert "16:45" in row_of(stage, "Start")
        assert "changed, not saved yet" in stage.text()
        (saved,) = await events(stage)
        assert (saved["startTime"], saved["notes"]) == ("18:00", "with a cake")
        await stage.pilot.press("ctrl+s")
        await stage.until(lambda: "Saved:" in stage.text())
        (saved,) = await events(stage)
        assert (saved["startTime"], saved["notes"]) == ("16:45", "with a cake")


async def test_the_event_is_not_live_while_one_of_its_watches_is_not(tmp_path: Path) -> None:
    async with console(tmp_path, booking(), size=(120, 40)) as stage:
        await stage.pilot.press("enter")
        await stage.writing()
        await stage.pilot.press("f4")
        await stage.until(lambda: "Services" in stage.text())
        assert stage.screen.panel is not None
        editor = stage.screen.panel.editor
        away, back = (Snapshot((), (), is_live=is_live) for is_live in (False, True))
        await stage.pilot.press(*"2026-02-10")
        await stage.until(lambda: "Tuesday" in row_of(stage, "Date"))
        editor.post_message(WatchDelivered("panel-event-client", away, PHONE))
        editor.post_message(WatchDelivered("panel-event-day", back, "2026-02-10"))
        await stage.until(lambda: "not live" in stage.text())
        await stage.pilot.pause()
        assert "not live" in stage.text()
        editor.post_message(WatchDelivered("panel-event-client", back, PHONE))
        await stage.until(lambda: "not live" not in stage.text())
