"""The inbox by keys: order, selection, filter, accounts, unread."""

from datetime import timedelta
from pathlib import Path

import pytest

from core.settings import Business
from core.store.port import Snapshot
from tests.support.console import (
    NOW,
    accounts,
    commit,
    console,
    message,
    thread,
    thread_id_of,
)
from tui.events import WatchDelivered


async def test_the_first_frame_shows_threads_and_a_chat(tmp_path: Path) -> None:
    async with console(tmp_path, [*accounts("WA-01"), thread(0, "Maria"), thread(1)]) as stage:
        assert stage.app.focused is stage.screen.inbox.list
        assert stage.screen.chat.thread_id == thread_id_of(0)
        assert "Maria" in stage.text()
        assert not stage.screen.query("#quotation, #refusal"), "made when there is something to say"


async def test_the_business_is_named_as_far_as_there_is_room(tmp_path: Path) -> None:
    business = Business(name="Petreceri \x1b[31mNăzdrăvanii " + "x" * 90)
    writes = [*accounts("WA-01"), thread(0)]
    async with console(tmp_path, writes, business=business) as stage:
        top = stage.text().splitlines()[0]
        assert top.startswith(" Petreceri Năzdrăvanii xxxxxxx…  WA-01")
        await stage.pilot.resize_terminal(60, 20)
        await stage.until(lambda: "WA-01" in stage.text().splitlines()[0])


async def test_a_new_message_reorders_and_keeps_the_selected_row_in_place(tmp_path: Path) -> None:
    async with console(tmp_path, [thread(n) for n in range(50)]) as stage:
        threads = stage.screen.inbox.list
        await stage.pilot.press(*["down"] * 5)
        assert threads.selected_id == thread_id_of(5)
        place = 5 * 2 - threads.top
        await commit(stage.store, [thread(30, lastMessageAt=NOW + timedelta(minutes=1))])
        await stage.until(lambda: threads.inbox.row(0).id == thread_id_of(30))
        assert threads.selected_id == thread_id_of(5)
        assert threads.inbox.index(thread_id_of(5)) == 6
        assert 6 * 2 - threads.top == place
        assert threads.new_above == 1
        await stage.pilot.pause()
        assert "↑ 1 new " in stage.text()
        await commit(stage.store, [thread(6, "Changed in place")])
        await stage.until(lambda: "Changed in place" in stage.text())
        await stage.pilot.press("home")
        assert threads.new_above == 0


async def test_new_threads_come_into_view_while_the_newest_is_selected(tmp_path: Path) -> None:
    async with console(tmp_path, [thread(n) for n in range(50)], size=(80, 24)) as stage:
        threads = stage.screen.inbox.list
        for minute, n in enumerate((30, 31, 32), start=1):
            newest = thread(n, f"Client {n}.", lastMessageAt=NOW + timedelta(minutes=minute))
            await commit(stage.store, [newest])
            await stage.until(lambda n=n: f" Client {n}." in stage.text())  # type: ignore[misc]
        assert (threads.selected_id, threads.top) == (thread_id_of(0), 0)
        assert "↑" not in stage.text()
        many = [thread(n, lastMessageAt=NOW + timedelta(minutes=n)) for n in range(10, 40)]
        await commit(stage.store, many)
        await stage.until(lambda: threads.inbox.index(thread_id_of(0)) == 30)
        assert thread_id_of(0) in threads.visible_ids(), "what enter opens is always seen"
        await stage.pilot.press("home")
        await stage.until(lambda: threads.selected_id == thread_id_of(39))
        await commit(stage.store, [thread(5, lastMessageAt=NOW + timedelta(minutes=60))])
        await stage.until(lambda: thread_id_of(5) in threads.visible_ids())
        assert threads.selected_id == thread_id_of(39)
        await stage.pilot.press("home", "enter")
        await stage.writing()
        await commit(stage.store, [thread(6, lastMessageAt=NOW + timedelta(minutes=61))])
        await stage.until(lambda: threads.inbox.row(0).id == thread_id_of(6))
        await stage.pilot.press("escape")
        await stage.until(lambda: threads.visible_ids()[:1] == (thread_id_of(6),))
        assert (threads.selected_id, threads.top) == (thread_id_of(5), 0)


async def test_the_selected_row_stays_in_view_when_the_window_shrinks_and_grows(
    tmp_path: Path,
) -> None:
    async with console(tmp_path, [thread(n, f"Client {n}.") for n in range(50)]) as stage:
        threads = stage.screen.inbox.list
        await stage.pilot.press("end")
        for height in (12, 40, 8, 60):
            await stage.pilot.resize_terminal(90, height)
            await stage.until(lambda: "▌Client 49." in stage.text())
            assert threads.top == threads.last_top


async def test_scrolling_down_reads_older_threads(tmp_path: Path) -> None:
    async with console(tmp_path, [thread(n) for n in range(350)]) as stage:
        threads = stage.screen.inbox.list
        assert len(threads.inbox) == 100
        await stage.pilot.press("end")
        await stage.until(lambda: len(threads.inbox) > 100)
        for _ in range(4):
            await stage.pilot.press("end")
            await stage.pilot.pause()
        await stage.until(lambda: len(threads.inbox) == 350)
        await stage.pilot.press("end")
        assert threads.selected_id == thread_id_of(349)


@pytest.mark.parametrize(
    ("typed", "found"),
    [("stefan", [3]), ("ȘTEFAN", [3]), ("0710000007", [7]), ("torta", [9]), ("nobody", [])],
)
async def test_typing_filters_by_name_number_and_text(
    tmp_path: Path, typed: str, found: list[int]
) -> None:
    writes = [thread(n) for n in range(300)]
    writes[3] = thread(3, "Ștefan cel Mare")
    writes[9] = thread(9, lastMessageText="unde e tortă?")
    async with console(tmp_path, writes) as stage:
        threads = stage.screen.inbox.list
        await stage.pilot.press("slash")
        await stage.until(lambda: bool(stage.screen.query("#filter")))
        await stage.pilot.press(*typed)
        await stage.until(
            lambda: (
                not threads.is_reading
                and [threads.inbox.row(i).id for i in range(len(threads.inbox))]
                == [thread_id_of(n) for n in found]
            )
        )
        if not found:
            await stage.pilot.pause()
            assert "No conversation matches" in stage.text()
        await stage.pilot.press("escape")
        assert len(threads.inbox) == 100
        assert stage.app.focused is threads


async def test_next_unread_opens_them_one_after_another(tmp_path: Path) -> None:
    writes = [thread(n, unreadCount=2 if n in (4, 8) else 0) for n in range(20)]
    async with console(tmp_path, writes) as stage:
        await stage.pilot.press("n")
        await stage.until(lambda: stage.screen.chat.thread_id == thread_id_of(4))
        assert stage.screen.inbox.list.selected_id == thread_id_of(4)
        await stage.pilot.press("n")
        await stage.until(lambda: stage.screen.chat.thread_id == thread_id_of(8))
        await stage.until(lambda: len(stage.bridge.calls) == 2)
        assert [call.thread_id for call in stage.bridge.calls] == [
            thread_id_of(4),
            thread_id_of(8),
        ]


async def test_accounts_and_unread_narrow_the_list(tmp_path: Path) -> None:
    writes = [thread(n, account=f"WA-0{n % 2 + 1}", unreadCount=n == 5) for n in range(10)]
    async with console(tmp_path, [*accounts("WA-01", "WA-02"), *writes]) as stage:
        threads = stage.screen.inbox.list
        await stage.pilot.press("a")
        assert {threads.inbox.row(i).account_id for i in range(len(threads.inbox))} == {"WA-01"}
        await stage.pilot.press("a", "u")
        await stage.until(lambda: len(threads.inbox) == 1)
        assert threads.inbox.row(0).id == thread_id_of(5, "WA-02")
        await stage.pilot.press("escape")
        assert len(threads.inbox) == 5


async def test_an_empty_store_says_what_to_do(tmp_path: Path) -> None:
    async with console(tmp_path, []) as stage:
        assert "No conversation yet." in stage.text()
        assert "Pair a WhatsApp account with F2" in stage.text()
        keys = stage.text().splitlines()[-1]
        assert "f2 Accounts" in keys
        assert "Next unread" not in keys, "there is nothing to do it with"
        await commit(stage.store, accounts("WA-01"))
        await stage.until(lambda: "Whoever writes to you appears here" in stage.text())
        await stage.pilot.press("down", "up", "enter", "n", "end", "home", "slash", "x", "escape")
        assert stage.screen.chat.thread_id is None
        await commit(stage.store, [thread(0, "Maria")])
        await stage.until(lambda: "n Next unread" in stage.text().splitlines()[-1])


async def test_holding_keys_down_at_every_size(tmp_path: Path) -> None:
    async with console(tmp_path, [thread(n) for n in range(150)], size=(60, 20)) as stage:
        for width, height in ((80, 24), (160, 48), (60, 20), (20, 6)):
            await stage.pilot.resize_terminal(width, height)
            await stage.pilot.press(*["down"] * 8, *["pagedown"] * 2, *["up"] * 4)
            threads = stage.screen.inbox.list
            assert threads.selected_id in threads.visible_ids()


async def test_an_archived_thread_leaves_the_list(tmp_path: Path) -> None:
    async with console(tmp_path, [thread(n) for n in range(3)]) as stage:
        await commit(stage.store, [thread(1, isArchived=True)])
        await stage.until(lambda: len(stage.screen.inbox.list.inbox) == 2)


async def test_rows_far_from_the_head_are_live_while_in_view(tmp_path: Path) -> None:
    async with console(tmp_path, [thread(n) for n in range(300)]) as stage:
        threads = stage.screen.inbox.list
        await stage.pilot.press("end")
        await stage.until(lambda: len(threads.inbox) > 200)
        await stage.pilot.press("end")
        shown = threads.visible_ids()[-2]
        number = int(shown.partition("@")[0][-7:])
        await stage.until(
            lambda: any(worker.name == "watch-inbox-span" for worker in stage.app.workers)
        )
        await commit(stage.store, [thread(number, "Renamed meanwhile")])
        await stage.until(lambda: "Renamed meanwhile" in stage.text())


async def test_the_first_conversation_of_all_shows_its_chat_by_itself(tmp_path: Path) -> None:
    async with console(tmp_path, [], size=(150, 40)) as stage:
        news = message(thread_id_of(0), "M1", "hello there", at=NOW)
        await commit(stage.store, [thread(0), news])
        await stage.until(lambda: "hello there" in stage.text())


async def test_a_wide_window_shows_the_chat_that_the_filter_selects(tmp_path: Path) -> None:
    writes = [*accounts("WA-01"), thread(0, "Maria"), thread(1, "Ștefan"), thread(2, "Zoe")]
    async with console(tmp_path, writes) as stage:
        assert stage.screen.chat.thread_id == thread_id_of(0)
        await stage.pilot.press("slash", *"stefan")
        await stage.until(lambda: stage.screen.chat.thread_id == thread_id_of(1))
        assert "esc Back" in stage.text().splitlines()[-1]
        await stage.pilot.press("escape", "down")
        await stage.until(lambda: stage.screen.chat.thread_id == thread_id_of(2))
        assert "esc Back" not in stage.text().splitlines()[-1]


async def test_list_and_chat_are_not_live_while_one_of_their_watches_is_not(tmp_path: Path) -> None:
    async with console(tmp_path, [*accounts("WA-01"), thread(0, "Maria")]) as stage:
        inbox, chat = stage.screen.inbox, stage.screen.chat
        await stage.until(lambda: chat.thread_id == thread_id_of(0))
        for name in ("inbox", "unread", "chat", "thread"):  # from now on the test tells
            stage.app.world.live.unwatch(name)
        await stage.pilot.pause()
        for pane, away, other, tag in (
            (inbox, "inbox", "unread", inbox.view.scope.tag),
            (chat, "chat", "thread", thread_id_of(0)),
        ):
            watched = {name: Snapshot((), (), is_live=name == other) for name in (away, other)}
            for name, snapshot in watched.items():
                pane.post_message(WatchDelivered(name, snapshot, tag))
            await stage.until(lambda: "not live" in stage.text())
            await stage.pilot.pause()
            assert "not live" in stage.text()
            pane.post_message(WatchDelivered(away, Snapshot((), (), is_live=True), tag))
            await stage.until(lambda: "not live" not in stage.text())
