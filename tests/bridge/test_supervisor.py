"""Several bridges on one store, in one process: machines of their own, workers that are told."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bridge import supervisor
from bridge.account import Surroundings
from bridge.errors import LeaseLost
from bridge.inbound import JOURNAL_NAME
from bridge.journal import Journal
from bridge.leases import Leases
from bridge.outbox import sender as sending
from bridge.outbox.accept import accept
from bridge.outbox.board import OutboxBoard
from bridge.outbox.sender import Sender
from bridge.staff.directory import Staff
from bridge.supervisor import Supervisor
from bridge.tasks import cancel_all
from bridge.whatsapp.proto import EventCode
from bridge.whatsapp.protocol import Command, Connect, Connection, LeaseUntil, Reply, Send
from core.clock import boot_seconds, system_clock
from core.model.ids import message_path, messages_path
from core.paths import DataFolder
from core.service.callables import SendRequest
from core.service.errors import CallRefused
from core.settings import Sending
from core.store.embedded import EmbeddedStore
from core.store.errors import StoreUnavailable
from core.store.port import CommitResult, Create, Query, Update, Write
from tests.support.accounts import PHONE, THREAD
from tests.support.fake_worker import FakeWorker
from tests.support.neonize_events import CUSTOMER, message, receipt, revoked
from tests.support.staff import a_profile
from tests.support.waiting import document_where, until

ACCOUNT = "accounts/WA-01"
SECONDS = 60.0
DELIVERED = 1
"""The number of this kind of receipt at neonize."""


class Earth:
    """Real time, but that a test may let an hour pass at once."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def ticks(self) -> float:
        return boot_seconds() + self.ahead

    def clock(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.ahead)


class Bridge:
    """One bridge with a data folder of its own."""

    def __init__(self, name: str, root: Path, earth: Earth, *, slow_by: timedelta) -> None:
        self.folder = DataFolder(root / name)
        self.folder.prepare()
        self.store = EmbeddedStore.open(root / "store.db", clock=earth.clock)
        self.workers: dict[str, FakeWorker] = {}
        self.answers: Callable[[Command], Reply | None] = lambda _command: None
        self.stood_still = 0.0
        around = Surroundings(
            store=self.store,
            folder=self.folder,
            start_worker=self._start,
            leases=Leases(
                self.store,
                name,
                seconds=SECONDS,
                is_shared=True,
                ticks=lambda: earth.ticks() + self.stood_still,
            ),
            clock=lambda: system_clock() + slow_by,
            pace=Sending(seconds_between_messages=0.0),
        )
        self.supervisor = Supervisor(around)
        self.board = OutboxBoard(self.store, self.supervisor.wake)
        self._tasks = [
            asyncio.create_task(self.supervisor.run()),
            asyncio.create_task(self.board.follow()),
        ]

    async def _start(self, account_id: str, _device: str) -> FakeWorker:
        worker = self.workers[account_id] = FakeWorker()
        worker.answers = self.answers
        worker.says(Connection(kind="connected"))
        return worker

    @property
    def runs(self) -> list[str]:
        return [account.account_id for account in self.supervisor.accounts]

    async def has_looked(self) -> None:
        """Wait until it knows the account as it is now."""
        latest = await self.store.get(ACCOUNT)
        await until(lambda: self.supervisor._documents.get("WA-01") == latest, "it looked")

    async def takes_over(self) -> None:
        """Wait until it runs the account; its timer goes by real time, so it is woken."""
        self.supervisor._woken.set()
        await until(lambda: self.runs == ["WA-01"], "it takes over")

    async def stops(self) -> None:
        """End in order."""
        await cancel_all(self._tasks)
        await self.supervisor.stop()
        await self.store.close()

    async def dies(self) -> None:
        """End at once; nothing is written."""
        await cancel_all(self._tasks)
        tasks = [task for one in self.supervisor.accounts for task in one._tasks.values()]
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await self.store.close()


class World:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.earth = Earth()
        self.bridges: list[Bridge] = []

    def bridge(self, name: str, *, slow_by: timedelta = timedelta()) -> Bridge:
        self.bridges.append(Bridge(name, self.root, self.earth, slow_by=slow_by))
        return self.bridges[-1]

    async def outbox(self, store: EmbeddedStore, request_id: str) -> dict[str, Any]:
        document = await store.get(f"outbox/{request_id}")
        assert document is not None
        return dict(document.data)


@asynccontextmanager
async def a_world(root: Path) -> AsyncIterator[World]:
    world = World(root)
    try:
        yield world
    finally:
        for bridge in world.bridges:
            for worker in bridge.workers.values():  # Nobody waits for an answer any more.
                worker.dies()
            await bridge.stops()


async def status_becomes(bridge: Bridge, request_id: str, status: str) -> dict[str, Any]:
    path = f"outbox/{request_id}"
    item = await document_where(bridge.store, path, lambda data: data["status"] == status)
    return dict(item.data)


async def send(bridge: Bridge, text: str) -> str:
    if await bridge.store.get(f"threads/{THREAD}") is None:
        thread = {"threadId": THREAD, "accountId": "WA-01", "clientJid": str(PHONE)}
        await bridge.store.commit([Create(f"threads/{THREAD}", thread)])
    request = SendRequest(
        thread_id=THREAD,
        account_id="WA-01",
        to_jid=str(PHONE),
        text=text,
        client_message_id=text,
    )
    ana = a_profile("ana", role="admin")
    answer = await accept(bridge.store, Staff(bridge.store), request, ana, system_clock)
    return answer.request_id


async def test_an_account_is_run_where_it_was_added_and_nowhere_else(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        one, other = world.bridge("one"), world.bridge("other")
        await one.supervisor.add("Principal", None)
        await until(lambda: "WA-01" in one.workers, "a worker")
        with pytest.raises(CallRefused) as caught:
            await other.supervisor.find("WA-01", asks=False)
        assert caught.value.status == "UNAVAILABLE"
        assert (one.runs, other.runs) == (["WA-01"], [])
        told = one.workers["WA-01"].told
        await until(lambda: Connect() in told, "the worker connects")
        assert isinstance(told[0], LeaseUntil), "it knows its end before it connects"
        assert told[0].stop_at < told[0].gone_at


async def test_bridges_that_begin_at_once_share_the_accounts(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        first = world.bridge("first")
        for number in range(6):
            await first.supervisor.add(f"Linia {number}", None)
        await first.stops()
        world.bridges.clear()
        bridges = [world.bridge(name) for name in ("one", "two", "three")]
        await until(lambda: sum(len(one.runs) for one in bridges) == 6, "all run")
        assert sorted(name for one in bridges for name in one.runs) == [
            f"WA-{number:02}" for number in range(1, 7)
        ]


async def test_an_orderly_stop_hands_over_at_once(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        one, other = world.bridge("one"), world.bridge("other")
        await one.supervisor.add("Principal", None)
        await one.stops()
        world.bridges.remove(one)
        await until(lambda: other.runs == ["WA-01"], "the other one runs it")
        assert world.earth.ahead == 0


async def test_an_account_moves_to_where_an_admin_asks_for_it(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        one, other, third = (world.bridge(name) for name in ("one", "other", "third"))
        await one.supervisor.add("Principal", None)
        await until(lambda: "WA-01" in one.workers, "a worker")
        found = await other.supervisor.find("WA-01")
        assert (one.runs, other.runs, third.runs) == ([], ["WA-01"], [])
        assert one.workers["WA-01"].is_gone
        await until(lambda: found.runner.is_connected, "connected")
        document = await other.store.get(ACCOUNT)
        assert document is not None
        assert (document.data["lease"]["owner"], document.data["leaseWantedBy"]) == ("other", None)
        await one.supervisor.find("WA-01")
        assert (one.runs, other.runs) == (["WA-01"], [])


async def test_who_does_not_let_go_in_time_keeps_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "_HAND_OVER_SECONDS", 0.2)
    async with a_world(tmp_path) as world:
        one, other = world.bridge("one"), world.bridge("other")
        await one.supervisor.add("Principal", None)
        await cancel_all(one._tasks)  # it looks at nothing any more
        with pytest.raises(CallRefused) as caught:
            await other.supervisor.find("WA-01")
        assert caught.value.status == "UNAVAILABLE"
        document = await other.store.get(ACCOUNT)
        assert document is not None
        assert (document.data["lease"]["owner"], document.data["leaseWantedBy"]) == ("one", None)
        assert other.runs == []


async def test_after_a_death_the_other_takes_over_and_sends_nothing_twice(tmp_path: Path) -> None:
    hours = timedelta(hours=3)
    async with a_world(tmp_path) as world:
        one = world.bridge("one", slow_by=hours)
        other = world.bridge("other", slow_by=-hours)
        await one.supervisor.add("Principal", None)
        request_id = await send(one, "Bună ziua!")
        item = await status_becomes(one, request_id, "sending")
        assert item["lease"]["owner"] == "one"
        await one.dies()
        world.bridges.remove(one)
        await other.has_looked()
        world.earth.ahead += SECONDS - 20
        assert other.runs == []
        world.earth.ahead += 21
        await other.takes_over()
        item = await status_becomes(other, request_id, "uncertain")
        assert item["lease"] is None
        await until(lambda: other.board.counts["uncertain"] == 1, "the board says so")
        assert other.workers["WA-01"].asked == []
        later = await send(other, "Mai sunteți?")
        await status_becomes(other, later, "sending")
        asked = other.workers["WA-01"].asked
        await until(lambda: bool(asked), "the worker is asked")
        assert [one.body for one in asked if isinstance(one, Send)] == ["Mai sunteți?"]


async def test_one_that_stood_still_neither_sends_nor_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "_FINISH_SECONDS", 0.0)
    async with a_world(tmp_path) as world:
        one = world.bridge("one")
        await one.supervisor.add("Principal", None)
        request_id = await send(one, "Bună ziua!")
        item = await status_becomes(one, request_id, "sending")
        sender = one.supervisor.accounts[0].sender
        other = world.bridge("other")
        await other.has_looked()
        other.stood_still = 3600  # for the other, an hour passed
        await other.takes_over()
        await status_becomes(other, request_id, "uncertain")
        with pytest.raises(LeaseLost):
            await sender._answered(request_id, item, Reply(command_id=1, value="WA1"))
        found = await world.outbox(other.store, request_id)
        assert (found["status"], found["waMessageId"]) == ("uncertain", None)
        later = await send(other, "Mai sunteți?")
        with pytest.raises(LeaseLost):
            await sender._claim(later)
        await until(lambda: one.runs == [], "it lets go")
        worker = one.workers["WA-01"]
        await until(lambda: worker.is_gone, "its worker ends")
        assert len(worker.asked) == 1
        document = await other.store.get(ACCOUNT)
        assert document is not None
        assert document.data["lease"]["owner"] == "other"


async def asked_and_delivered(world: World, one: Bridge) -> str:
    """Have a message go out whose answer is lost, and its delivery come to this bridge alone."""
    await one.supervisor.add("Principal", None)
    request_id = await send(one, "Bună ziua!")
    asked = one.workers["WA-01"].asked
    await until(lambda: bool(asked), "the worker is asked")
    received(one.folder, EventCode.RECEIPT, receipt(DELIVERED, "WA1", chat=str(PHONE)))
    await one.supervisor.accounts[0].ingest.drained()
    assert (await world.outbox(one.store, request_id))["status"] == "sending"
    return request_id


async def test_a_delivery_that_a_dead_bridge_knew_of_settles_the_message_when_it_is_back(
    tmp_path: Path,
) -> None:
    async with a_world(tmp_path) as world:
        one, other = world.bridge("one"), world.bridge("other")
        request_id = await asked_and_delivered(world, one)
        await one.dies()
        world.bridges.remove(one)
        await other.has_looked()
        world.earth.ahead += SECONDS + 1
        await other.takes_over()
        await status_becomes(other, request_id, "uncertain")

        back = world.bridge("one")
        item = await status_becomes(back, request_id, "delivered")
        assert item["waMessageId"] == "WA1"
        assert (other.runs, back.runs) == (["WA-01"], [])


async def test_a_delivery_that_only_who_lost_the_account_knows_of_settles_the_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recover, may_recover = Sender.recover, asyncio.Event()
    recovered_at = datetime.max.replace(tzinfo=UTC)

    async def recover_late(sender: Sender) -> None:
        nonlocal recovered_at
        await may_recover.wait()
        await recover(sender)
        recovered_at = system_clock()

    async with a_world(tmp_path) as world:
        one, other = world.bridge("one"), world.bridge("other")
        request_id = await asked_and_delivered(world, one)
        await other.has_looked()
        monkeypatch.setattr(Sender, "recover", recover_late)
        other.stood_still = 3600  # for the other, an hour passed
        await other.takes_over()
        await until(lambda: "WA-01" in one.supervisor._leftovers, "it brings in what it has")
        leftovers = one.supervisor._leftovers["WA-01"]
        await asyncio.gather(*leftovers._tasks[1:])  # it has looked, and told the other
        await one.has_looked()
        await leftovers.ingest.drained()
        assert (await world.outbox(other.store, request_id))["status"] == "sending"
        by_one = await brought_in_at(other)
        may_recover.set()
        item = await status_becomes(other, request_id, "delivered")
        assert item["waMessageId"] == "WA1"
        assert (one.runs, other.runs) == ([], ["WA-01"])
        found = await document_where(
            other.store, ACCOUNT, lambda data: data["broughtInAt"] != by_one
        )
        by_other = found.data["broughtInAt"]
        assert by_other > recovered_at, "it tells nobody to look before there is something to see"


async def brought_in_at(bridge: Bridge) -> datetime:
    document = await bridge.store.get(ACCOUNT)
    assert document is not None
    moment: datetime = document.data["broughtInAt"]
    return moment


async def test_a_store_out_of_reach_ends_the_work_before_the_lease_ends(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        one = world.bridge("one")
        account = await one.supervisor.add("Principal", None)
        await until(lambda: account.runner.is_connected, "connected")
        account._tasks["document"].cancel()  # nothing renews the lease any more
        world.earth.ahead += SECONDS * 0.5
        assert account.held.is_sure
        world.earth.ahead += SECONDS * 0.3
        worker = one.workers["WA-01"]
        await until(lambda: worker.is_gone, "the worker is stopped")
        assert account.held.grace_seconds() > 0, "before its time was over"
        # The lease is still its own: it takes it up anew.
        await until(lambda: one.workers["WA-01"] is not worker, "another worker")


async def test_a_stop_while_the_store_is_out_of_reach_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def away(*_arguments: object) -> None:
        raise StoreUnavailable("Firestore cannot be reached.")

    async with a_world(tmp_path) as world:
        one = world.bridge("one")
        account = await one.supervisor.add("Principal", None)
        await until(lambda: account.runner.is_connected, "connected")
        monkeypatch.setattr(account.sender, "recover", away)
        await one.supervisor.stop()
        assert one.workers["WA-01"].is_gone
    told = [record.getMessage() for record in caplog.records if record.name == "bridge.account"]
    assert told == ["WA-01: the store is away; the next start looks again"]
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_an_archived_account_is_let_go_everywhere(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        one, other = world.bridge("one"), world.bridge("other")
        await one.supervisor.add("Principal", None)
        await one.supervisor.archive("WA-01")
        document = await one.store.get(ACCOUNT)
        assert document is not None
        assert (document.data["isArchived"], document.data["lease"]) == (True, None)
        await other.supervisor.find("WA-01")
        assert other.runs == ["WA-01"]
        assert one.runs == []


async def test_an_archived_account_is_not_taken_up_for_what_was_known_before(
    tmp_path: Path,
) -> None:
    async with a_world(tmp_path) as world:
        one = world.bridge("one")
        await one.supervisor.add("Principal", None)
        await one.has_looked()
        before = one.supervisor._documents
        await one.supervisor.archive("WA-01")
        one.supervisor._documents = before
        await one.supervisor._look()
        assert one.runs == []
        document = await one.store.get(ACCOUNT)
        assert document is not None
        assert (document.data["isArchived"], document.data["lease"]) == (True, None)


async def test_an_account_is_taken_up_again_while_it_is_being_archived(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        one, other = world.bridge("one"), world.bridge("other")
        await one.supervisor.add("Principal", None)
        await one.store.commit([Update(ACCOUNT, {"isArchived": True})])
        await other.supervisor.find("WA-01")
        assert (one.runs, other.runs) == ([], ["WA-01"])


async def test_a_new_account_is_its_makers_though_others_see_it_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_world(tmp_path) as world:
        one, other = world.bridge("one"), world.bridge("other")
        commit, refused = one.store.commit, []

        async def commit_and_be_overtaken(writes: Sequence[Write]) -> CommitResult:
            result = await commit(writes)
            if isinstance(writes[0], Create) and writes[0].path == ACCOUNT:
                await other.has_looked()
                refused.append(await other.supervisor._look())
            return result

        monkeypatch.setattr(one.store, "commit", commit_and_be_overtaken)
        await one.supervisor.add("Principal", None)
        assert len(refused) == 1
        assert refused[0] is not None, "the other one looks again later"
        assert (one.runs, other.runs) == (["WA-01"], [])


async def test_what_a_folder_received_comes_in_though_another_runs_the_account(
    tmp_path: Path,
) -> None:
    async with a_world(tmp_path) as world:
        one = world.bridge("one")
        await one.supervisor.add("Principal", None)
        late = DataFolder(tmp_path / "late")
        late.account("WA-01").mkdir(parents=True)
        received(late, EventCode.MESSAGE, message("din jurnalul vechi", message_id="OLD"))
        back = world.bridge("late")
        query = Query(messages_path(f"WA-01__{CUSTOMER}"))
        await document_where(back.store, query, lambda data: data["body"] == "din jurnalul vechi")
        assert len(await back.store.query(query)) == 1
        assert (one.runs, back.runs) == (["WA-01"], [])
        await one.stops()
        world.bridges.remove(one)
        await until(lambda: back.runs == ["WA-01"], "it can be taken up after all")


async def test_what_came_here_before_its_message_is_applied_when_another_brings_that_in(
    tmp_path: Path,
) -> None:
    async with a_world(tmp_path) as world:
        one = world.bridge("one")
        account = await one.supervisor.add("Principal", None)
        received(one.folder, EventCode.MESSAGE, revoked("OLD"))
        await account.ingest.drained()
        late = DataFolder(tmp_path / "late")
        late.account("WA-01").mkdir(parents=True)
        received(late, EventCode.MESSAGE, message("din jurnalul vechi", message_id="OLD"))
        back = world.bridge("late")
        path = message_path(f"WA-01__{CUSTOMER}", "OLD")
        await document_where(back.store, path, lambda data: data.get("isRevoked"))
        assert (one.runs, back.runs) == (["WA-01"], [])


def received(folder: DataFolder, code: EventCode, event: Any) -> None:
    """Put an event into the journal of the account in a folder."""
    with closing(Journal.open(folder.account("WA-01") / JOURNAL_NAME)) as journal:
        journal.append(int(code), event.SerializeToString(), system_clock())


async def test_an_account_that_cannot_be_opened_leaves_the_others_alone(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        first = world.bridge("first")
        await first.supervisor.add("Bun", None)
        await first.supervisor.add("Rău", None)
        await first.stops()
        world.bridges.clear()
        folder = DataFolder(tmp_path / "one")
        folder.prepare()
        in_the_way = folder.account("WA-02")
        in_the_way.write_text("a file")
        bridge = world.bridge("one")
        await until(lambda: bridge.runs == ["WA-01"], "the sound one runs")
        await document_where(bridge.store, "accounts/WA-02", lambda data: data["lease"] is None)
