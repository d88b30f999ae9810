"""Several bridges on one store, in one process: machines of their own, workers that are told."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bridge.account import Surroundings
from bridge.journal import JOURNAL_NAME, Journal
from bridge.leases import Leases
from bridge.outbox.accept import accept
from bridge.outbox.board import OutboxBoard
from bridge.staff.directory import Staff
from bridge.supervisor import Supervisor
from bridge.tasks import cancel_all
from bridge.whatsapp.proto import EventCode
from bridge.whatsapp.protocol import Command, Connection, Reply
from core.clock import boot_seconds, system_clock
from core.paths import DataFolder
from core.service.callables import SendRequest
from core.settings import Sending
from core.store.embedded import EmbeddedStore
from core.store.port import Create
from tests.support.accounts import PHONE, THREAD
from tests.support.fake_worker import FakeWorker
from tests.support.staff import a_profile
from tests.support.waiting import document_where, until

ACCOUNT = "accounts/WA-01"
SECONDS = 60.0


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


def received(folder: DataFolder, code: EventCode, event: Any) -> None:
    """Put an event into the journal of the account in a folder."""
    with closing(Journal.open(folder.account("WA-01") / JOURNAL_NAME)) as journal:
        journal.append(int(code), event.SerializeToString(), system_clock())
