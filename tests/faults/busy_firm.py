"""A busy firm: customers, consoles and the processes that serve them, on one clock that we move."""

import asyncio
import contextlib
import os
import random
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from bridge.simulator.client import SimulatorClient
from core.clock import FROZEN_CLOCK_VARIABLE, process_clock
from core.crm.events import Event, EventPayment
from core.crm.save import create_event
from core.identity.session import LocalSession
from core.model.ids import MESSAGES, THREADS
from core.paths import DataFolder
from core.search.index import SearchIndex
from core.service.bridge import BridgeClient
from core.service.callables import (
    AddAccountRequest,
    ExtractRequest,
    MarkReadRequest,
    RegenerateQrRequest,
    SendRequest,
)
from core.service.errors import BridgeUnreachable
from core.settings import Settings
from core.store.embedded import EmbeddedStore
from core.store.open import open_operator_store, open_store
from core.store.port import Query, Store
from tests.faults.gauges import Reading, Taken, file_sizes, journal_entries
from tests.support.processes import Process, start_bridge, start_simulator
from tests.support.staff import admin

ACCOUNT, PHONE, UID = "WA-01", "40700000001", "ana"
MORNING = datetime(2026, 2, 3, 5, tzinfo=UTC)
_FIRST = 40_700_050_000
"""The number of the first customer, as in the simulator's bursts."""
_SETTINGS = "[sending]\nseconds_between_messages = 0.0\n"
_AT_ONCE = 8
"""Messages that consoles hand over at the same moment."""
_REST_SECONDS = 120.0
"""How long everything may take to come to rest."""
_LOOK_SECONDS = 0.05
_PROSE = "bună ziua, aș vrea un animator pe {day} martie la ora 17, pentru {n} copii"


@dataclass(frozen=True, slots=True)
class Traffic:
    """What happens in an hour."""

    hours: int
    customers: int
    rounds: int
    """How often every customer writes."""
    answers: int
    """Messages of consoles."""
    changes: int
    """Edits, messages taken back, reactions; as many chats are marked as read."""
    histories: tuple[int, ...] = ()
    """Hours in which the device is unlinked and paired anew."""
    deaths: tuple[int, ...] = ()
    """Hours in which the worker is killed."""


@dataclass(slots=True)
class Firm:
    """Everybody outside the bridge, and the bridge's processes."""

    folder: DataFolder
    url: str
    sim: SimulatorClient
    store: EmbeddedStore
    console: Store
    clock_file: Path
    chance: random.Random
    traffic: Traffic
    now: datetime = MORNING
    bridge: Process | None = None
    client: BridgeClient = field(init=False)
    written: list[tuple[str, str]] = field(default_factory=list)
    """Author and id of what customers wrote in this hour."""

    def __post_init__(self) -> None:
        self.client = BridgeClient(self.folder, LocalSession(UID))

    # -- beginning and rest --------------------------------------------------------------------

    def pass_time(self, seconds: float) -> None:
        """Have everybody's clock go on."""
        self.now += timedelta(seconds=seconds)
        os.utime(self.clock_file, (self.now.timestamp(),) * 2)

    async def open(self) -> None:
        """Start the bridge and link its account."""
        await self.sim.set(reconnect_seconds=0.05, scan_after_seconds=0.05)
        await self.sim.business_phone(PHONE, name="Firma", willing=True, account=ACCOUNT)
        self.bridge = start_bridge(self.folder, self.url)
        await self._until(self._answers)
        await self.client.call(AddAccountRequest(name="Principal", account_id=ACCOUNT))
        await self._until(self._is_connected)

    async def restart(self) -> None:
        """End the bridge in order and start another."""
        assert self.bridge is not None
        await asyncio.to_thread(self.bridge.end)
        self.bridge = start_bridge(self.folder, self.url)
        await self._until(self._is_connected)

    async def close(self) -> None:
        """End everything."""
        await self.client.close()
        if self.bridge is not None:
            await asyncio.to_thread(self.bridge.end)

    async def rest(self, hour: int, *, as_at: Reading | None = None) -> Reading:
        """Let everything that was begun be done, and read it off.

        With `as_at`, descriptors get time to be as few again as at that reading.
        """
        await self.client.close()
        self.client = BridgeClient(self.folder, LocalSession(UID))
        await self._until(self._is_done)
        if as_at is not None:
            with contextlib.suppress(TimeoutError):
                await self._until(lambda: self._holds_no_more_than(as_at))
        return await self._read(hour)

    async def _until(self, look: Callable[[], Awaitable[bool]]) -> None:
        """Look until something is so. Raises TimeoutError."""
        async with asyncio.timeout(_REST_SECONDS):
            while not await look():  # noqa: ASYNC110 - it lies in another process
                await asyncio.sleep(_LOOK_SECONDS)

    async def _answers(self) -> bool:
        with contextlib.suppress(BridgeUnreachable):
            return bool(await self.client.health())
        return False

    async def _is_connected(self) -> bool:
        with contextlib.suppress(BridgeUnreachable):
            accounts = (await self.client.health()).accounts
            return any(one.status == "connected" for one in accounts)
        return False

    async def _is_done(self) -> bool:
        """Whether nothing waits: at WhatsApp, in the journal, in the outbox, for the index."""
        devices = await self.sim.devices()
        if not devices or any(one.get("unacknowledged") for one in devices):
            return False
        health = await self.client.health()
        if health.outbox_waiting or any(one.journal_backlog for one in health.accounts):
            return False
        index = SearchIndex.read(self.folder.search_file)
        if index is None:
            return False
        with contextlib.closing(index):
            progress = index.progress()
        return not progress.place and not await self.store.changed_collections(
            MESSAGES, progress.seq, 1
        )

    async def _holds_no_more_than(self, before: Reading) -> bool:
        pairs = (
            (before.bridge, Taken.by(self._pid)),
            (before.worker, Taken.by(self._worker_pid())),
        )
        return all(len(now.descriptors) <= len(then.descriptors) for then, now in pairs)

    @property
    def _pid(self) -> int:
        assert self.bridge is not None
        return self.bridge.pid

    def _worker_pid(self) -> int:
        return int((self.folder.account(ACCOUNT) / "worker.lock").read_text())

    async def _read(self, hour: int) -> Reading:
        counted = await self.store.aggregate(Query(MESSAGES, all_descendants=True))
        return Reading(
            hour,
            counted.count,
            Taken.by(self._pid),
            Taken.by(self._worker_pid()),
            file_sizes(self.folder),
            journal_entries(self.folder.account(ACCOUNT) / "journal.db"),
        )

    # -- an hour -------------------------------------------------------------------------------

    async def hour(self, number: int) -> None:
        """Do what is done in an hour, the clock going on meanwhile."""
        traffic = self.traffic
        self.written.clear()
        steps = traffic.rounds + 6
        for one in range(traffic.rounds):
            await self._customers_write(f"{number}.{one}")
            self.pass_time(3600 / steps)
        for part in (
            self._consoles_answer,
            self._customers_change,
            self._consoles_look,
            self._events_are_made,
            self._lines_break,
        ):
            await part(number)
            self.pass_time(3600 / steps)
        for index in range(traffic.customers):
            await self.sim.customer_reads(_number(index))
        self.pass_time(3600 / steps)

    async def _customers_write(self, serial: str) -> None:
        text = _PROSE.format(day=self.chance.randint(1, 28), n=self.chance.randint(5, 40))
        ids = await self.sim.burst(
            to=PHONE, customers=self.traffic.customers, messages=1, text=f"{serial} {text}"
        )
        self.written += [(_number(index), one) for index, one in enumerate(ids)]

    async def _consoles_answer(self, hour: int) -> None:
        waiting = iter(range(self.traffic.answers))

        async def write(numbers: Iterable[int]) -> None:
            for number in numbers:
                jid = f"{_number(number % self.traffic.customers)}@s.whatsapp.net"
                name = f"{hour}-{number}"
                request = SendRequest(
                    thread_id=f"{ACCOUNT}__{jid}",
                    account_id=ACCOUNT,
                    to_jid=jid,
                    text=f"Desigur, {name}",
                    client_message_id=name,
                )
                await self.client.call(request)

        await self._until(self._is_done)  # Who answers has the conversation on the screen.
        async with asyncio.TaskGroup() as group:
            for _console in range(_AT_ONCE):
                group.create_task(write(waiting))

    async def _customers_change(self, hour: int) -> None:
        for number, (author, message_id) in enumerate(
            self.chance.sample(self.written, self.traffic.changes)
        ):
            match number % 4:
                case 0:
                    await self.sim.customer_edits(author, message_id, f"de fapt {hour}")
                case 1:
                    await self.sim.customer_revokes(author, message_id)
                case 2:
                    await self.sim.customer_reacts(author, message_id, "👍")
                case _:
                    content = {"kind": "image", "caption": f"poza {hour}", "size": 20_000}
                    await self.sim.customer_writes(author, to=PHONE, content=content)

    async def _consoles_look(self, hour: int) -> None:
        """A console comes, reads some chats, has one read by the machine, and goes."""
        bridge = BridgeClient(self.folder, LocalSession(UID))
        async with open_operator_store(
            self.folder, Settings(), LocalSession(UID), clock=process_clock()
        ) as store:
            inbox = Query(THREADS).order_by("lastMessageAt", "desc").limit(60)
            watch = store.watch(inbox)
            threads = (await anext(aiter(watch))).documents
            for thread in threads[: self.traffic.changes]:
                await bridge.call(MarkReadRequest(thread_id=thread.id))
            for thread in threads[:3]:
                await bridge.call(
                    ExtractRequest(thread_id=thread.id, account_id=ACCOUNT, engine="rules")
                )
            await watch.close()
        await bridge.close()

    async def _events_are_made(self, hour: int) -> None:
        for number in range(5):
            payment = EventPayment(amount=Decimal(900), currency="RON", status="UNPAID")
            event = Event(
                phone_e164=f"+{_number(number)}",
                date=f"2027-03-{1 + hour % 28:02d}",
                start_time="17:00",
                payment=payment,
            )
            await create_event(self.console, event, uid=UID, client_request_id=f"{hour}-{number}")

    async def _lines_break(self, hour: int) -> None:
        await self.sim.fault("disconnect", ACCOUNT)
        await self.sim.owner_writes(PHONE, _number(0), f"de pe telefon {hour}")
        await self._until(self._is_done)
        if hour in self.traffic.deaths:
            os.kill(self._worker_pid(), signal.SIGKILL)
            await self._until(self._is_disconnected)
            await self._connect()
        if hour in self.traffic.histories:
            await self.sim.unlinks(PHONE)
            await self._until(self._is_disconnected)
            await self._connect()

    async def _is_disconnected(self) -> bool:
        return not await self._is_connected()

    async def _connect(self) -> None:
        await self.client.call(RegenerateQrRequest(account_id=ACCOUNT))
        await self._until(self._is_connected)


def _number(index: int) -> str:
    return str(_FIRST + index)


@asynccontextmanager
async def a_firm(folder: Path, traffic: Traffic, seed: int) -> AsyncIterator[Firm]:
    """Start everything, in an absolute folder, on a clock that stands in the morning of a day."""
    data = DataFolder(folder / "data")
    data.prepare()
    data.settings_file.write_text(_SETTINGS)
    clock_file = folder / "clock"
    clock_file.touch()
    os.environ[FROZEN_CLOCK_VARIABLE] = str(clock_file)
    os.utime(clock_file, (MORNING.timestamp(),) * 2)
    try:
        simulator, url = await asyncio.to_thread(start_simulator, folder / "sim")
        with simulator:
            async with (
                SimulatorClient(url) as sim,
                open_store(data, clock=process_clock()) as store,
                open_operator_store(
                    data, Settings(), LocalSession(UID), clock=process_clock()
                ) as console,
            ):
                assert isinstance(store, EmbeddedStore)
                await store.commit([admin(UID)])
                firm = Firm(
                    data, url, sim, store, console, clock_file, random.Random(seed), traffic
                )
                try:
                    await firm.open()
                    yield firm
                finally:
                    await firm.close()
    finally:
        del os.environ[FROZEN_CLOCK_VARIABLE]
