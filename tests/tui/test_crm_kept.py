"""What is written into an event and not saved is there again, however the console ended."""

import json
from pathlib import Path
from typing import Any

from core.service.drafts import Drafts
from core.service.inbox import ThreadRow
from tests.support.console import NOW, console, thread, thread_id_of
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
from tui.widgets.crm_panel.desks import MOST_IDLE, Desks

STORED = event("e1", date="2026-02-10", startTime="17:00", eventShortId=4, address="Str. X 1")


def kept_events(folder: Path) -> dict[str, Any]:
    content = json.loads((folder / "drafts.json").read_text(encoding="utf-8"))
    return dict(content["events"])


def row(n: int) -> ThreadRow:
    return ThreadRow(
        id=thread_id_of(n), account_id="WA-01", name="Maria", phone=PHONE, to_jid="", preview="",
        moment=NOW, is_outbound=False, status="", unread=0, is_group=False, owner_uid="",
    )  # fmt: skip


async def test_a_corrected_draft_is_there_again_and_is_saved_once(tmp_path: Path) -> None:
    async with console(tmp_path, booking(), size=(160, 48)) as stage:
        reads_chats(stage)
        await extract(stage)
        await stage.pilot.press("down")
        await fill(stage, "16:45")
        await stage.until(lambda: "16:45" in row_of(stage, "Start"))
    async with console(tmp_path, [], size=(160, 48)) as stage:
        await stage.pilot.press("f4")
        await stage.until(lambda: "16:45" in row_of(stage, "•Start"))
        assert "Animator Spiderman" in stage.text()
        assert "1200" in row_of(stage, "Amount")
        await stage.pilot.press("ctrl+s")
        (saved,) = await wait_events(stage, 1)
        assert (saved["startTime"], saved["date"]) == ("16:45", "2026-02-10")
        assert saved["source"]["threadId"] == T
        await stage.until(lambda: "•" not in row_of(stage, "Start"))
    assert kept_events(tmp_path) == {}


async def test_services_and_the_event_that_is_changed_are_there_again(tmp_path: Path) -> None:
    async with console(tmp_path, [*booking(), STORED], size=(160, 48)) as stage:
        reads_chats(stage)
        await extract(stage)
        await stage.until(lambda: "update of #4" in stage.text())
        stage.screen.panel.editor.view.focus_field("rolesBySlot")  # type: ignore[union-attr]
        await fill(stage, "popcorn")
        await stage.until(lambda: "Popcorn" in stage.text())
    async with console(tmp_path, [], size=(160, 48)) as stage:
        await stage.pilot.press("f4")
        await stage.until(lambda: "popcorn" in stage.text())
        await stage.until(lambda: "update of #4" in stage.text())
        await stage.pilot.press("ctrl+s")
        await stage.until(lambda: "saved as #4" in stage.text())
        (saved,) = await events(stage)
        assert "POPCORN" in {role["roleType"] for role in saved["rolesBySlot"].values()}


async def test_what_is_discarded_or_brought_back_is_what_the_file_holds(tmp_path: Path) -> None:
    async with console(tmp_path, [thread(0, "Maria")], size=(160, 48)) as stage:
        await stage.pilot.press("f4")
        await fill(stage, "2026-03-01")
        await stage.pilot.press("ctrl+r")
    assert kept_events(tmp_path) == {}
    async with console(tmp_path, [], size=(160, 48)) as stage:
        await stage.pilot.press("f4")
        await stage.until(lambda: "There is no date yet" in stage.text())
        await fill(stage, "2026-03-01")
        await stage.pilot.press("ctrl+r", "ctrl+z")
        await stage.until(lambda: "2026-03-01" in row_of(stage, "•Date"))
    assert list(kept_events(tmp_path)) == [T]


async def test_what_another_version_wrote_is_said_and_not_guessed(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path / "drafts.json")
    drafts.keep_event(T, b'{"of":"another version"}')
    drafts.save()
    async with console(tmp_path, [thread(0, "Maria")], size=(160, 48)) as stage:
        await stage.pilot.press("f4")
        await stage.until(lambda: "can no longer be read" in stage.text())
    assert list(kept_events(tmp_path)) == [T]


async def test_only_desks_with_something_unsaved_are_kept_without_bound(tmp_path: Path) -> None:
    async with console(tmp_path, [thread(0, "Maria")]) as stage:
        desks = Desks(stage.app.services, stage.screen.chat.sending)
        rows = [row(n) for n in range(2 * MOST_IDLE)]
        written = desks.of(rows[0])
        written.form.write("date", "2026-03-01")
        put_aside = desks.of(rows[1])
        put_aside.form.write("date", "2026-03-01")
        put_aside.form.start_over()
        read = desks.of(rows[2])
        read.began = NOW
        idle = [desks.of(row) for row in rows[3:]]
        assert desks.of(rows[0]) is written
        assert desks.of(rows[1]) is put_aside
        assert desks.of(rows[2]) is read
        assert desks.of(rows[-1]) is idle[-1]
        assert desks.of(rows[3]) is not idle[0]
