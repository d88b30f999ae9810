"""A whole firm in one event loop on simulated time: bridge, accounts, consoles, and their costs.

Everything is the real thing but WhatsApp's side of the workers. The store does its work in the
loop, so that hours pass in a moment and the same things happen in the same order every time.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import TextArea

from bridge.account import Surroundings
from bridge.journal import Journal
from bridge.leases import Leases
from bridge.outbox.board import OutboxBoard
from bridge.server.callables import REGISTRY, Bridge
from bridge.staff.access import admit
from bridge.staff.directory import Staff
from bridge.supervisor import Supervisor
from bridge.tasks import cancel_all
from bridge.thread_pace import CLOUD_SECONDS, ThreadPace
from bridge.triggers.settle import Context
from bridge.triggers.watched import WatchedTriggers
from bridge.whatsapp.protocol import Command, Connection, JournalAdvanced, MarkRead, Reply, Send
from core.identity.session import LocalSession
from core.paths import DataFolder
from core.service.callables import Answer, Health, Request
from core.settings import Business, Sending, Settings
from core.store.counting import Usage
from core.store.port import Write
from tests.support.counted_store import File, Handle
from tests.support.fake_worker import FakeWorker
from tests.support.firm_documents import (
    ACCOUNT,
    a_message,
    a_thread,
    an_account,
    jid_of,
    past_messages,
)
from tests.support.neonize_events import code_of, history, message, receipt
from tests.support.staff import staff
from tests.support.virtual_time import START, clock
from tui.app import CapcoadaApp
from tui.services import Services

DELIVERED, READ = 1, 4
"""neonize's receipt types."""


class Phone(FakeWorker):
    """An account's worker, connected to a WhatsApp that takes everything."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[str, Send]] = []
        self.answers = self._answer
        self.says(Connection(kind="connected"))

    def _answer(self, command: Command) -> Reply | None:
        value = ""
        if isinstance(command, Send):
            value = f"OUT{len(self.sent)}"
            self.sent.append((value, command))
        return Reply(command_id=0, value=value) if isinstance(command, Send | MarkRead) else None


class Desk:
    """An operator at a console."""

    def __init__(self, pilot: Pilot[Any], handle: Handle) -> None:
        self.pilot = pilot
        self.usage = handle.usage

    async def press(self, *keys: str) -> None:
        """Press keys and let the screen follow."""
        await self.pilot.press(*keys)
        await settle()

    async def write(self, text: str) -> None:
        """Type a text, a key at a time."""
        names = {" ": "space", ",": "comma", "?": "question_mark", ".": "full_stop"}
        await self.pilot.press(*(names.get(letter, letter) for letter in text))
        await settle()


class Local:
    """The bridge as a console calls it, without a socket in between."""

    def __init__(self, firm: "Firm", uid: str) -> None:
        self._firm = firm
        self._uid = uid

    async def call(self, request: Request[Answer]) -> Answer:
        """Carry out a request as the bridge's server does."""
        known = next(one for one in REGISTRY.values() if one.request is type(request))
        profile = await admit(self._firm.bridge.staff, self._uid, known.access, request)
        answer: Answer = await known.handler(self._firm.bridge, profile, request)
        return answer

    def begin(self, request: Request[Answer]) -> Callable[[], Awaitable[Answer]]:
        """Return what carries it out."""
        return partial(self.call, request)

    async def health(self) -> Health:
        """Return how the bridge is."""
        return await self._firm.health()

    async def ensure_running(self) -> Health:
        """It runs."""
        return await self._firm.health()

    async def close(self) -> None:
        """Nothing to close."""


class Firm:
    """A bridge with its accounts, and the consoles that are open."""

    def __init__(self, folder: DataFolder, settings: Settings) -> None:
        self.folder = folder
        self.settings = settings
        self._file = File(folder.store_file)
        self.plain = self._file.open()
        self.handle = Handle(self._file.open())
        self.phones: list[Phone] = []
        around = Surroundings(
            store=self.handle.store,
            folder=self.folder,
            start_worker=self._start_worker,
            leases=Leases(
                self.handle.store,
                "bridge",
                seconds=settings.bridge.lease_seconds,
                is_shared=True,
                ticks=asyncio.get_running_loop().time,
            ),
            clock=clock,
            pace=settings.sending,
            threads=ThreadPace(CLOUD_SECONDS),
        )
        self.supervisor = Supervisor(around)
        staff = Staff(self.handle.store)
        self.bridge = Bridge(self.handle.store, staff, self.supervisor, settings, clock)
        self._numbers: Counter[str] = Counter()
        self._journal: Journal | None = None
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def usage(self) -> Usage:
        """What the bridge has read and written."""
        return self.handle.usage

    @property
    def phone(self) -> Phone:
        """The first account's."""
        return self.phones[0]

    async def _start_worker(self, _account_id: str, _device: str) -> Phone:
        self.phones.append(Phone())
        return self.phones[-1]

    async def health(self) -> Health:
        """Return what a console is told about the bridge."""
        return Health(version="0", pid=1, started_at=START, now=clock(), store="ok")

    async def start(self) -> None:
        """Start the bridge."""
        board = OutboxBoard(self.handle.store, self.supervisor.wake)
        context = Context(self.handle.store, self.settings.business, clock)
        triggers = WatchedTriggers(context, self.supervisor.leases)
        self._tasks = [
            asyncio.create_task(triggers.run(), name="triggers"),
            asyncio.create_task(board.follow(), name="board"),
            asyncio.create_task(self.bridge.staff.follow(), name="staff"),
            asyncio.create_task(self.supervisor.run(), name="accounts"),
        ]
        await settle()
        self._journal = Journal.open(self.folder.account(ACCOUNT) / "journal.db")

    async def stop(self) -> None:
        """Stop the bridge; the store stays open."""
        tasks, self._tasks = self._tasks, []
        if tasks:
            await cancel_all(tasks)
            await self.supervisor.stop()
        if self._journal is not None:
            self._journal.close()

    async def close(self) -> None:
        """Stop the bridge and close the store."""
        await self.stop()
        await self.handle.store.close()
        await self.plain.close()

    # -- WhatsApp's side --------------------------------------------------------------------------

    def _arrives(self, event: Any) -> None:
        assert self._journal is not None
        seq = self._journal.append(code_of(event), event.SerializeToString(), clock())
        self.phone.says(JournalAdvanced(seq=seq))

    def arrives_from(self, number: int, text: str = "Bună") -> None:
        """Have a customer's message arrive."""
        self._numbers["in"] += 1
        at = round(clock().timestamp() * 1000)
        wa_id = f"IN{self._numbers['in']}"
        self._arrives(message(text, message_id=wa_id, chat=jid_of(number), at=at))

    def arrives_receipt(self, kind: int, wa_id: str, number: int) -> None:
        """Have a receipt for one of our messages arrive."""
        at = round(clock().timestamp())
        self._arrives(receipt(kind, wa_id, at=at, chat=jid_of(number)))

    async def history(self, messages: dict[int, int]) -> None:
        """Have a history arrive and be stored: by customer, how many messages."""
        chats = [
            (jid_of(number), past_messages(number, count), {"name": f"Client {number}"})
            for number, count in messages.items()
        ]
        self._arrives(history(*chats))
        await (await self.supervisor.find(ACCOUNT)).ingest.drained()
        await settle()

    # -- the firm's side --------------------------------------------------------------------------

    @asynccontextmanager
    async def console(
        self, uid: str = "ana", size: tuple[int, int] = (160, 48)
    ) -> AsyncIterator[Desk]:
        """Open a console and wait until it shows everything."""
        handle = Handle(self._file.open())
        services = Services(
            handle.store, Local(self, uid), self.settings, clock, self.folder, LocalSession(uid)
        )
        app = CapcoadaApp(services)
        async with app.run_test(size=size) as pilot:
            await settle()
            for area in app.screen.query(TextArea):
                area.cursor_blink = False  # An hour of blinking takes longer than all the rest.
            yield Desk(pilot, handle)

    async def put(self, *writes: Write) -> None:
        """Write documents that were there before, without a cost."""
        for start in range(0, len(writes), 500):
            await self.plain.commit(writes[start : start + 500])


async def settle(seconds: float = 3.0) -> None:
    """Let everything happen that is about to: that takes a few simulated seconds."""
    await asyncio.sleep(seconds)


@asynccontextmanager
async def a_firm(
    folder: Path,
    *,
    threads: int = 0,
    unread: int = 0,
    messages: int = 0,
    operators: int = 1,
    settings: Settings | None = None,
) -> AsyncIterator[Firm]:
    """Open a firm whose first threads have these many messages and are unread."""
    settings = settings or Settings(
        business=Business(time_zone="Europe/Bucharest"),
        sending=Sending(seconds_between_messages=1.0),
    )
    data = DataFolder(folder)
    data.prepare()
    async with AsyncExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(
            "core.store.embedded.watch._POLL_SECONDS", 3600.0
        )  # Commits wake the watches.
        patch.setattr("textual._time.get_time", asyncio.get_running_loop().time)
        patch.setattr("tui.live.PACE_SECONDS", 0.0)
        # Looks that read nothing: as often as in truth, they would take nearly all of the time.
        patch.setattr("tui.health.POLL_SECONDS", 60.0)
        patch.setattr("bridge.account._LEASE_LOOK_SECONDS", 10.0)
        patch.setattr("bridge.leases._LONGEST_SLEEP", 10.0)
        firm = Firm(data, settings)
        await firm.put(
            an_account(),
            *(staff(f"operator{n}" if n else "ana", role="admin") for n in range(operators)),
            *(a_thread(n, unread=int(n < unread)) for n in range(threads)),
            *(a_message(n, place) for n in range(min(threads, 5)) for place in range(messages)),
        )
        stack.push_async_callback(firm.close)
        await firm.start()
        yield firm
