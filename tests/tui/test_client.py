"""The client's profile by keys: cards, events, editing, payment, archiving."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from core.i18n import use_language
from core.model.ids import client_path, event_path
from core.store.port import Set, Snapshot, Update, Write
from tests.support.console import Stage, console, thread, thread_id_of
from tests.tui.client_stage import ALL, CLIENT, EVENTS, profile
from tests.tui.crm_stage import PHONE, booking, event
from tui.commands.palette import Palette
from tui.events import WatchDelivered
from tui.screens.inbox import InboxScreen


async def stored(stage: Stage, event_id: str) -> dict[str, Any]:
    document = await stage.store.get(event_path(event_id))
    assert document is not None
    return dict(document.data)


async def test_the_profile_shows_cards_and_events_newest_first(tmp_path: Path) -> None:
    async with console(tmp_path, ALL, size=(80, 24)) as stage:
        await profile(stage)
        text = stage.text()
        for part in ("Maria Ionescu", "2100 RON", "paid 900 RON", "1200 RON", "2026-02-10",
                     "Tuesday", "Mar", "1 archived, hidden", "○ unpaid", "● paid"):  # fmt: skip
            assert part in text, part
        assert text.index("#2 ") < text.index("#1 ")
        assert "#3 " not in text
        await stage.pilot.press("h")
        assert "#3 " in stage.text()
        assert "▣ archived" in stage.text()


async def test_what_is_not_read_yet_is_not_said_to_be_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with console(tmp_path, ALL, size=(80, 24)) as stage:
        monkeypatch.setattr(stage.app.world.live, "watch", lambda *_given, **_named: None)
        await stage.pilot.press("f5")
        await stage.until(lambda: "Loading…" in stage.text())
        assert "By month, RON" in stage.text()
        assert "nothing" not in stage.text()


async def test_it_follows_the_store(tmp_path: Path) -> None:
    async with console(tmp_path, ALL, size=(120, 36)) as stage:
        await profile(stage)
        await stage.store.commit([
            Update(client_path(PHONE), {"lifetimeSpendAll": 5000}),
            event("e4", date="2026-05-01", eventShortId=44),
        ])  # fmt: skip
        await stage.until(lambda: "5000 RON" in stage.text() and "#44" in stage.text())


async def test_it_is_not_live_while_one_of_its_watches_is_not(tmp_path: Path) -> None:
    async with console(tmp_path, ALL, size=(80, 24)) as stage:
        await profile(stage)
        await stage.until(lambda: "2100 RON" in stage.text())
        screen = stage.app.screen

        def deliver(name: str, *, is_live: bool) -> None:
            snapshot = Snapshot((), (), is_live=is_live)
            screen.post_message(WatchDelivered(name, snapshot, PHONE))

        for name in ("client", "client-events"):  # from now on the test tells
            stage.app.world.live.unwatch(name)
        await stage.pilot.pause()
        assert "not live" not in stage.text()
        deliver("client", is_live=False)
        deliver("client-events", is_live=True)
        await stage.until(lambda: "No event yet." in stage.text())
        assert "not live" in stage.text()
        deliver("client-events", is_live=False)
        deliver("client", is_live=True)
        await stage.until(lambda: "2100 RON" not in stage.text())
        assert "not live" in stage.text()
        deliver("client-events", is_live=True)
        await stage.until(lambda: "not live" not in stage.text())


async def test_a_client_without_events_says_what_to_do(tmp_path: Path) -> None:
    async with console(tmp_path, [thread(0)], size=(80, 24)) as stage:
        await profile(stage, "No event yet. F7 makes one.")
        assert "By month, RON: nothing in the last twelve months" in stage.text()
        assert "Dec" not in stage.text()  # no axis without a bar
        await stage.pilot.press("f7")
        await stage.until(lambda: "a new event, not saved yet" in stage.text())
        await stage.pilot.press(*"2026-04-04", "ctrl+s")
        await stage.until(lambda: "Sat 2026-04-04" in stage.text())


async def test_a_narrow_list_shows_the_profile_of_whom_it_selects(tmp_path: Path) -> None:
    writes = [thread(0, "Maria"), thread(1, "Andrei")]
    async with console(tmp_path, writes, size=(80, 24)) as stage:
        await stage.pilot.press("enter")
        await stage.writing()
        await stage.pilot.press("escape", "down", "p")
        await stage.until(lambda: " Andrei  +40 710 000 001" in stage.text())


async def test_nobody_chosen_is_said(tmp_path: Path) -> None:
    async with console(tmp_path, [], size=(80, 24)) as stage:
        await profile(stage, "No client is chosen")
        assert "By month" not in stage.text()
        assert "Outstanding" not in stage.text()


@pytest.mark.parametrize("place", ["f2", "f6", "f9"])
async def test_a_place_without_a_client_says_so_or_shows_the_last_one(
    place: str, tmp_path: Path
) -> None:
    async with console(tmp_path, [thread(0, "Maria")], size=(80, 24)) as stage:
        await stage.pilot.press(place)
        await stage.until(lambda: not isinstance(stage.app.screen, InboxScreen))
        await stage.pilot.press("f5")
        await stage.until(lambda: "No client is chosen" in stage.text())
        await stage.pilot.press("f3")
        await profile(stage, "+40 710 000 000")
        await stage.pilot.press("f9", "f5")
        await stage.until(lambda: "+40 710 000 000" in stage.text())


async def test_a_group_is_nobodys_profile(tmp_path: Path) -> None:
    writes = [thread(0, "Maria"), thread(1, "Echipa", isGroup=True, phoneE164=None)]
    async with console(tmp_path, writes, size=(120, 36)) as stage:
        await profile(stage, "+40 710 000 000")
        await stage.pilot.press("escape", "down")
        await stage.until(lambda: stage.screen.chat.thread_id == thread_id_of(1))
        await profile(stage, "No client is chosen")
        assert "+40 710 000 000" not in stage.text()


async def test_money_of_other_currencies_is_counted_where_it_belongs(tmp_path: Path) -> None:
    spends = {"RON": {"paid": 900, "all": 2100}, "EUR": {"paid": 300, "all": 500}}
    client = Set(CLIENT.path, dict(CLIENT.data) | {"spendByCurrency": spends})
    async with console(tmp_path, [*booking(), *EVENTS, client], size=(160, 48)) as stage:
        await profile(stage)
        await stage.until(lambda: "2100 RON + 500 EUR" in stage.text())
        assert "1200 RON + 200 EUR" in stage.text()
        assert "paid 900 RON + 300 EUR" in stage.text()


@pytest.fixture
def romanian() -> Iterator[None]:
    """Speak Romanian for a while."""
    use_language("ro")
    yield
    use_language("en")


@pytest.mark.usefixtures("romanian")
async def test_amounts_are_written_as_romanians_write_them(tmp_path: Path) -> None:
    spends = {"lifetimeSpendAll": 12600.5, "lifetimeSpendPaid": 99.9}
    big = [
        event(
            "e1", date="2026-02-10", eventShortId=1, payment={"amount": 112500, "currency": "RON"}
        ),
        event("e2", date="2026-01-20", eventShortId=2, payment={"amount": 99.9, "currency": "RON"}),
    ]
    client = Set(CLIENT.path, dict(CLIENT.data) | spends)
    async with console(tmp_path, [*booking(), *big, client], size=(80, 24)) as stage:
        await profile(stage)
        await stage.until(lambda: "12600,50 RON" in stage.text())
        assert "112,5k" in stage.text()
        assert "99,90 RON" in stage.text()
        await stage.pilot.press("down", "$")
        await stage.until(lambda: "neplătit" in stage.text() and "99,90" in stage.text())
        await stage.pilot.press("up", "up", "end", "backspace", "5", "ctrl+s")
        await stage.until(lambda: "99,95 RON" in stage.text())
        assert (await stored(stage, "e2"))["payment"]["amount"] == 99.95


async def test_an_event_is_opened_changed_and_saved(tmp_path: Path) -> None:
    async with console(tmp_path, ALL, size=(80, 24)) as stage:
        await profile(stage)
        await stage.pilot.press("down", "enter")
        await stage.until(lambda: "saved as #1" in stage.text())
        await stage.pilot.press("down", "ctrl+u", *"19:30")
        await stage.until(lambda: "Changes to #1" in stage.text())
        await stage.pilot.press("ctrl+s")
        await stage.until(lambda: "Tue 2026-02-10  19:30" in stage.text())
        assert (await stored(stage, "e1"))["startTime"] == "19:30"


async def test_leaving_asks_before_changes_are_forgotten(tmp_path: Path) -> None:
    async with console(tmp_path, ALL, size=(80, 24)) as stage:
        await profile(stage)
        await stage.pilot.press("enter")
        await stage.until(lambda: "saved as #2" in stage.text())
        await stage.pilot.press("down", "ctrl+u", *"20:00", "escape")
        await stage.until(lambda: "Leave without saving?" in stage.text())
        await stage.pilot.press("y")
        await stage.until(lambda: "Fri 2026-03-20  17:00" in stage.text())
        assert (await stored(stage, "e2"))["startTime"] == "17:00"


async def test_the_palette_is_not_closed_by_a_save_that_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with console(tmp_path, ALL, size=(80, 24)) as stage:
        await profile(stage)
        await stage.pilot.press("enter")
        await stage.until(lambda: "saved as #2" in stage.text())
        may_commit, commit = asyncio.Event(), stage.app.services.store.commit

        async def slowly(writes: Sequence[Write]) -> object:
            await may_commit.wait()
            return await commit(writes)

        monkeypatch.setattr(stage.app.services.store, "commit", slowly)
        await stage.pilot.press("down", "ctrl+u", *"20:00", "ctrl+s", "ctrl+p")
        await stage.until(lambda: isinstance(stage.app.screen, Palette))
        may_commit.set()
        await stage.until(lambda: "Saved: #2" in stage.text())
        await stage.pilot.pause()
        assert isinstance(stage.app.screen, Palette)
        await stage.pilot.press("escape")
        await stage.until(lambda: "Fri 2026-03-20  20:00" in stage.text())


async def test_quitting_asks_before_changes_are_forgotten(tmp_path: Path) -> None:
    async with console(tmp_path, ALL, size=(80, 24)) as stage:
        await profile(stage)
        await stage.pilot.press("enter")
        await stage.until(lambda: "saved as #2" in stage.text())
        await stage.pilot.press("down", "ctrl+u", *"20:00", "ctrl+q")
        await stage.until(lambda: "Leave without saving?" in stage.text())
        await stage.pilot.press("ctrl+q", "n")
        await stage.until(lambda: "20:00" in stage.text() and "Leave without" not in stage.text())
        await stage.pilot.press("ctrl+q")
        await stage.until(lambda: "Leave without saving?" in stage.text())
        assert stage.app.is_running
        await stage.pilot.press("y")
        await stage.until(lambda: not stage.app.is_running)


async def test_the_field_being_written_stays_in_view_with_what_is_wrong(tmp_path: Path) -> None:
    async with console(tmp_path, ALL, size=(80, 24)) as stage:
        await profile(stage)
        await stage.pilot.press("down", "$")
        await stage.until(lambda: "‹ unpaid ›" in stage.text())
        await stage.pilot.press("right", "down", *"99999")
        await stage.until(lambda: "Deposit    99999" in stage.text())
        await stage.until(lambda: "✗ The deposit is more than the amount." in stage.text())


async def test_the_payment_is_changed_with_one_key(tmp_path: Path) -> None:
    async with console(tmp_path, ALL, size=(80, 24)) as stage:
        await profile(stage)
        await stage.pilot.press("down", "$")
        await stage.until(lambda: "‹ unpaid ›" in stage.text())
        await stage.pilot.press("right", "down", *"400", "ctrl+s")
        await stage.until(lambda: "◐ deposit paid" in stage.text())
        payment = (await stored(stage, "e1"))["payment"]
        assert (payment["status"], payment["deposit"], payment["amount"]) == ("DEPOSIT", 400, 1200)


async def test_an_event_is_archived_with_a_reason_and_restored(tmp_path: Path) -> None:
    async with console(tmp_path, ALL, size=(80, 24)) as stage:
        await profile(stage)
        await stage.pilot.press("down", "x")
        await stage.until(lambda: "Archive this event?" in stage.text())
        await stage.pilot.press(*"dublura", "enter")
        await stage.until(lambda: "2 archived, hidden" in stage.text())
        data = await stored(stage, "e1")
        assert (data["isArchived"], data["archiveReason"]) == (True, "dublura")
        await stage.pilot.press("z")
        await stage.until(lambda: "1 archived, hidden" in stage.text())
        data = await stored(stage, "e1")
        assert (data["isArchived"], data["archiveReason"]) == (False, None)


@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
async def test_a_notice_hides_nothing_of_the_profile(tmp_path: Path, size: tuple[int, int]) -> None:
    writes = [*ALL, event("e4", date="2026-01-12", eventShortId=4)]
    async with console(tmp_path, writes, size=size) as stage:
        await profile(stage)
        await stage.pilot.press("end", "x")
        await stage.until(lambda: "Archive this event?" in stage.text())
        await stage.pilot.press("enter")
        await stage.until(lambda: "Archived. z takes it back." in stage.text())
        await stage.until(lambda: "2 archived, hidden" in stage.text())
        for part in ("2100 RON", "1200 RON", "paid 900 RON", "2026-02-10", "Tuesday",
                     "By month, RON", " 900 RON", "● paid"):  # fmt: skip
            assert part in stage.text(), part


async def test_a_notice_stands_where_the_one_before_it_stood(tmp_path: Path) -> None:
    async with console(tmp_path, ALL, size=(80, 24)) as stage:
        await profile(stage)
        for _ in range(3):
            await stage.pilot.press("x")
            await stage.until(lambda: "Archive this event?" in stage.text())
            await stage.pilot.press("enter")
            await stage.until(lambda: "Archived. z takes it back." in stage.text())
            await stage.until(lambda: "2 archived, hidden" in stage.text())
            await stage.pilot.press("z")
            await stage.until(lambda: "Restored." in stage.text())
            await stage.until(lambda: "1 archived, hidden" in stage.text())
        await stage.until(lambda: "Restored." in stage.text().splitlines()[5])


async def test_hostile_text_is_harmless(tmp_path: Path) -> None:
    evil = "\x1b[31m[/foo] [@click=app.quit]x[/] \u202egpj \x9b2J"
    hostile = [
        event("e1", date="2026-02-10", parentName=evil, address=evil, notes=evil,
              payment={"amount": 5, "currency": evil}),
        Set(client_path(PHONE), {"displayName": evil, "spendByCurrency": {evil: {"all": 3}}}),
    ]  # fmt: skip
    async with console(tmp_path, [*booking(), *hostile], size=(120, 36)) as stage:
        await profile(stage, "[/foo]")
        await stage.pilot.press("enter")
        await stage.until(lambda: "Date" in stage.text())
        assert not set("\x1b\u202e\x9b") & set(stage.text())
