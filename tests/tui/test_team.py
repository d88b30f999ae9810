"""Several operators by keys: two consoles on one store and one bridge."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.model.ids import account_path, presence_path, staff_path
from core.service.callables import MarkReadRequest, PresenceRequest, SendRequest
from core.service.presence import HOLDS_SECONDS
from core.store.port import Query, Set, Update
from tests.support.clocks import NOON, HeldClock
from tests.support.console import message, thread, thread_id_of
from tests.support.office import Office, an_office
from tests.support.staff import admin, staff
from tests.support.team import Seat, seat
from tests.support.waiting import until

MARIA = thread_id_of(1)


@pytest.fixture
def clock() -> HeldClock:
    """The one clock of bridge and consoles."""
    return HeldClock()


@pytest.fixture
async def office(tmp_path: Path, clock: HeldClock) -> AsyncIterator[Office]:
    """Ana is admin; Bob and Dan answer WA-01, Eva WA-02; there are two accounts."""
    async with an_office(tmp_path, clock=clock) as office:
        await office.connected_account()
        await office.bridge.store.commit([
            admin("ana"), staff("bob", "WA-01"), staff("dan", "WA-01"), staff("eva", "WA-02"),
            thread(1, "Maria", ownerUid=None, coWriterUids=[]),
            thread(2, "Elena", account="WA-02"),
            message(MARIA, "m1", "Bună, aveți liber sâmbătă?", at=NOON),
        ])  # fmt: skip
        await until(lambda: office.bridge.staff.known("eva") is not None)
        yield office


async def opened(desk: Seat, name: str = "Maria") -> None:
    """Open a chat and go to its text field."""
    await desk.pilot.press("slash")
    await desk.until(lambda: bool(desk.screen.query("#filter")))
    await desk.write(name.lower())
    await desk.until(lambda: len(desk.screen.inbox.list.inbox) == 1)
    await desk.pilot.press("enter", "enter")
    await desk.writing()


async def sent(desk: Seat, text: str) -> None:
    await desk.write(text)
    await desk.pilot.press("enter")
    await desk.until(lambda: desk.screen.chat.composer.text == "")


async def owner(office: Office) -> tuple[str | None, list[str]]:
    document = await office.bridge.store.get(f"threads/{MARIA}")
    assert document is not None
    return document.data["ownerUid"], document.data["coWriterUids"]


# -- who answers ----------------------------------------------------------------------------------


async def test_whoever_writes_first_answers_and_others_read(
    office: Office, clock: HeldClock
) -> None:
    async with seat(office, "bob", clock) as bob, seat(office, "dan", clock) as dan:
        await opened(dan)
        assert "Write a message…" in dan.text()
        await opened(bob)
        await sent(bob, "Da, avem!")
        await dan.shows("owner Bob")
        await dan.shows("Bob answers this conversation")
        await bob.shows("owner: you")
        assert await owner(office) == ("bob", [])

        await dan.write("si eu")
        await dan.pilot.press("enter")
        await dan.shows("Not sent")
        assert dan.screen.chat.composer.text == "si eu"
        assert not [each for each in dan.wire.calls if isinstance(each, SendRequest)]


async def test_who_is_overtaken_keeps_the_text_and_is_told_whom_to_ask(
    office: Office, clock: HeldClock
) -> None:
    async with seat(office, "dan", clock) as dan:
        await opened(dan)
        await dan.write("Da, avem!")
        # The bridge already knows what this console does not yet.
        dan.app.world.live.unwatch("thread")
        await office.bridge.store.commit([Update(f"threads/{MARIA}", {"ownerUid": "bob"})])
        await dan.pilot.press("enter")
        await dan.shows("Bob answers this conversation. Ask Bob or")
        await dan.shows("Da, avem!")
        assert not await office.bridge.store.query(Query("outbox"))
        await office.bridge.store.commit([Update(f"threads/{MARIA}", {"coWriterUids": ["dan"]})])
        await dan.pilot.press("up", "t")
        await dan.hides("Ask Bob or")
        found = await office.bridge.store.query(Query("outbox"))
        assert [(each.data["createdByUid"], each.data["body"]) for each in found] == [
            ("dan", "Da, avem!")
        ]


async def test_the_owner_adds_a_co_writer_and_hands_over_by_keys(
    office: Office, clock: HeldClock
) -> None:
    await office.bridge.store.commit([Update(f"threads/{MARIA}", {"ownerUid": "bob"})])
    async with seat(office, "bob", clock) as bob, seat(office, "dan", clock) as dan:
        await opened(dan)
        await dan.shows("Bob answers this conversation")
        await dan.pilot.press("escape", "w", "h", "o")
        assert dan.app.screen is dan.screen
        await opened(bob)
        await bob.pilot.press("escape", "w")
        await bob.shows("Who else may write to Maria?")
        assert "Eva" not in bob.text()
        await bob.pilot.press("down", "enter")
        await bob.shows("Dan may write here now.")
        await dan.hides("Bob answers this conversation")
        assert await owner(office) == ("bob", ["dan"])
        await bob.pilot.press("w")
        await bob.shows("writes here")
        await bob.pilot.press("escape", "h")
        await bob.shows("Who answers Maria from now on?")
        await bob.pilot.press("down", "enter")
        await bob.shows("Dan answers this conversation")
        assert await owner(office) == ("dan", [])
        await dan.shows("owner: you")


async def test_a_co_writer_leaves_a_conversation_by_a_key(office: Office, clock: HeldClock) -> None:
    fields = {"ownerUid": "bob", "coWriterUids": ["dan"]}
    await office.bridge.store.commit([Update(f"threads/{MARIA}", fields)])
    async with seat(office, "dan", clock) as dan:
        await opened(dan)
        await dan.pilot.press("escape", "w")
        await dan.shows("Stop writing to Maria?")
        await dan.pilot.press("n", "w")
        await dan.pilot.press("y")
        await dan.shows("You no longer write here.")
        await dan.shows("Bob answers this conversation")
        assert await owner(office) == ("bob", [])
        assert not dan.screen.chat.sharing.may("co_writers")


async def test_an_admin_writes_anywhere_and_takes_over(office: Office, clock: HeldClock) -> None:
    await office.bridge.store.commit([Update(f"threads/{MARIA}", {"ownerUid": "bob"})])
    async with seat(office, "ana", clock) as ana:
        await opened(ana)
        await ana.shows("owner Bob")
        assert "answers this conversation" not in ana.text()
        await ana.pilot.press("escape", "o")
        await ana.shows("owner: you")
        assert await owner(office) == ("ana", [])
        await ana.pilot.press("o")
        assert await owner(office) == ("ana", [])


# -- who is here ----------------------------------------------------------------------------------


async def test_who_looks_and_who_types_is_seen_and_goes_away_by_itself(
    office: Office, clock: HeldClock
) -> None:
    async with seat(office, "bob", clock) as bob, seat(office, "dan", clock) as dan:
        await opened(bob)
        await opened(dan)
        clock.advance(1)
        await dan.shows("Bob is here")
        await bob.shows("Dan is here")
        await bob.write("D")
        await dan.shows("Bob is typing…")
        clock.advance(5)
        await dan.shows("Bob is here")
        # Bob's console is killed: it tells nothing any more.
        bob.wire.is_cut = True
        clock.advance(HOLDS_SECONDS["viewing"] - 1)
        await dan.pilot.pause()
        assert "Bob is here" in dan.text()
        clock.advance(2)
        await dan.hides("Bob is here")
        assert len(await office.bridge.store.query(Query(presence_path(MARIA)))) == 2


async def test_a_draft_that_was_there_is_no_typing(office: Office, clock: HeldClock) -> None:
    async with seat(office, "bob", clock) as bob, seat(office, "dan", clock) as dan:
        await opened(bob)
        await bob.write("mai")
        clock.advance(1)
        await opened(dan)
        await dan.shows("Bob is typing…")
        await bob.pilot.press("escape", "escape", "f2")
        await bob.until(lambda: bob.app.current_mode == "accounts")
        await dan.hides("Bob is typing…")
        clock.advance(1)
        await bob.pilot.press("f3", "enter")
        await bob.writing()
        clock.advance(1)
        await dan.shows("Bob is here")
        await bob.write("ne")
        await dan.shows("Bob is typing…")
        await bob.pilot.press("enter")
        await dan.shows("Bob is here")


async def test_whoever_may_only_read_leaves_it_unread(office: Office, clock: HeldClock) -> None:
    unread = {"ownerUid": "bob", "unreadCount": 1}
    await office.bridge.store.commit([Update(f"threads/{MARIA}", unread)])
    async with seat(office, "dan", clock) as dan, seat(office, "bob", clock) as bob:
        await opened(dan)
        await dan.shows("Bob answers this conversation")
        await opened(bob)
        await bob.until(lambda: any(isinstance(c, MarkReadRequest) for c in bob.wire.calls))
        assert not any(isinstance(c, MarkReadRequest) for c in dan.wire.calls)


async def test_leaving_a_chat_is_seen_at_once(office: Office, clock: HeldClock) -> None:
    async with seat(office, "dan", clock) as dan:
        await opened(dan)
        async with seat(office, "bob", clock, size=(80, 24)) as bob:
            await opened(bob)
            clock.advance(1)
            await dan.shows("Bob is here")
            await bob.pilot.press("escape", "escape")
            await dan.hides("Bob is here")
            await bob.pilot.press("enter")
            clock.advance(1)
            await dan.shows("Bob is here")
        await dan.hides("Bob is here")


async def test_a_console_whose_clock_is_wrong_shows_it_rightly(
    office: Office, clock: HeldClock
) -> None:
    behind = HeldClock(NOON)
    behind.advance(-600)
    async with seat(office, "dan", behind) as dan, seat(office, "bob", clock) as bob:
        await dan.until(lambda: dan.app.world.health is not None)
        await opened(dan)
        await opened(bob)
        clock.advance(1)
        await dan.shows("Bob is here")
        bob.wire.is_cut = True
        for each in (clock, behind):
            each.advance(HOLDS_SECONDS["viewing"])
        await dan.hides("Bob is here")


async def test_whoever_is_alone_tells_nothing(office: Office, clock: HeldClock) -> None:
    async with seat(office, "ana", clock) as ana:
        await office.bridge.store.commit([
            Update(staff_path(uid), {"isActive": False}) for uid in ("bob", "dan", "eva")
        ])  # fmt: skip
        await ana.until(lambda: not ana.app.world.team.colleagues("WA-01"))
        await opened(ana)
        clock.advance(60)
        await ana.write("x")
        await ana.pilot.pause(0.1)
        assert not [each for each in ana.wire.calls if isinstance(each, PresenceRequest)]
        assert "owner" not in ana.text()


# -- who sees what --------------------------------------------------------------------------------


async def test_an_operator_sees_what_is_allowed_and_follows_changes(
    office: Office, clock: HeldClock
) -> None:
    async with seat(office, "eva", clock) as eva:
        await eva.shows("Elena")
        assert "Maria" not in eva.text()
        await opened(eva, "Elena")
        await eva.pilot.press("escape", "escape")
        await office.bridge.store.commit([
            Update(staff_path("eva"), {"allowedAccountIds": ["WA-01", "WA-02"]})
        ])  # fmt: skip
        await eva.shows("Maria")
        await office.bridge.store.commit([
            Update(staff_path("eva"), {"allowedAccountIds": ["WA-01"]})
        ])  # fmt: skip
        await eva.hides("Elena")
        open_thread = eva.screen.chat.thread
        assert open_thread is None or open_thread.account_id == "WA-01"
        await office.bridge.store.commit([Update(staff_path("eva"), {"allowedAccountIds": []})])
        await eva.shows("No account is allowed to you yet.")
        await office.bridge.store.commit([Update(staff_path("eva"), {"role": "admin"})])
        await eva.shows("Elena")
        await eva.shows("Maria")


async def test_who_is_allowed_more_goes_on_writing_in_the_same_chat(
    office: Office, clock: HeldClock
) -> None:
    await office.bridge.store.commit([thread(n, f"Client {n}", account="WA-02") for n in (5, 6)])
    async with seat(office, "eva", clock, size=(160, 48)) as eva:
        await opened(eva, "Client 6")
        await eva.pilot.press("escape", "escape", "enter")
        await eva.until(lambda: not eva.screen.inbox.is_filtered)
        await eva.writing()
        opened_id = eva.screen.chat.thread_id
        await office.bridge.store.commit([
            Update(staff_path("eva"), {"allowedAccountIds": ["WA-01", "WA-02"]})
        ])  # fmt: skip
        await eva.shows("Maria")
        assert eva.screen.inbox.list.selected_id == opened_id


async def test_only_admins_are_offered_what_only_admins_may(
    office: Office, clock: HeldClock
) -> None:
    async with seat(office, "ana", clock) as ana:
        await ana.pilot.press("f2")
        await ana.until(lambda: ana.app.current_mode == "accounts")
        await ana.shows("Add")
        await office.bridge.store.commit([
            Update(staff_path("ana"), {"role": "operator", "allowedAccountIds": ["WA-01"]})
        ])  # fmt: skip
        await ana.hides(" Add ")
        await ana.pilot.press("a", "d", "x")
        assert len(ana.app.screen_stack) == 1
        assert "Principal" in ana.text()


async def test_an_operator_is_told_who_connects_an_account(
    office: Office, clock: HeldClock
) -> None:
    unlinked = {"accountId": "WA-02", "name": "Rezervă", "status": "logged_out"}
    await office.bridge.store.commit([Set(account_path("WA-02"), unlinked | {"isArchived": False})])
    async with seat(office, "eva", clock) as eva:
        await eva.pilot.press("f2")
        await eva.shows("Only an admin connects accounts. Ask an admin: Ana.")
        await eva.shows("The phone unlinked this device.")
        assert "Pair the account again" not in eva.text()


async def test_who_is_switched_off_is_shut_out_and_comes_back_with_the_draft(
    office: Office, clock: HeldClock
) -> None:
    store = office.bridge.store
    async with seat(office, "bob", clock) as bob:
        await opened(bob)
        await bob.write("aproape gata")
        await store.commit([Update(staff_path("bob"), {"isActive": False})])
        await bob.shows("Your access was switched off.")
        await bob.shows("Ask an admin: Ana.")
        assert "Maria" not in bob.text()
        assert "aproape gata" in bob.app.services.folder.drafts_file("bob").read_text()
        running = {each.name for each in bob.app.workers if each.name.startswith("watch-")}
        assert running == {"watch-own-profile"}
        await bob.pilot.press("f2", "f3", "f6", "ctrl+p", "n", "a")
        await bob.pilot.pause()
        assert bob.app.current_mode == "shut-out"
        assert len(bob.app.screen_stack) == 1
        await store.commit([Update(staff_path("bob"), {"isActive": True})])
        await bob.shows("aproape gata")
        await store.commit([message(MARIA, "m2", "Mai sunteți?", at=NOON)])
        await bob.shows("Mai sunteți?")


async def test_a_stranger_is_told_what_an_admin_needs(office: Office, clock: HeldClock) -> None:
    async with seat(office, "zoe", clock) as zoe:
        await zoe.shows("You are not one of the operators here.")
        await zoe.shows("Your user ID is zoe.")
        assert "Maria" not in zoe.text()
        await office.bridge.store.commit([staff("zoe", "WA-01")])
        await zoe.until(lambda: zoe.app.current_mode == "inbox")
        await zoe.shows("Maria")
