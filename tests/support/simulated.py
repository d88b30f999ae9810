"""A simulator and simulated workers inside the test's own event loop, or as real processes."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import aiohttp
import msgspec

from bridge.journal import Journal, JournalEntry
from bridge.simulator.client import SimulatorClient
from bridge.simulator.demo import Company, build_company
from bridge.simulator.dial import Dial
from bridge.simulator.server import serve
from bridge.simulator.simulator import Simulator
from bridge.simulator.worker import SimulatedWorker
from bridge.whatsapp.facts import Fact
from bridge.whatsapp.protocol import (
    Command,
    Connect,
    Connection,
    Paired,
    QrCode,
    Reply,
    Report,
    Stop,
    decode_report,
    encode_frame,
    frame_length,
)
from bridge.whatsapp.translate import translate
from bridge.whatsapp.worker_io import WorkerPort
from tests.support.waiting import PATIENCE_SECONDS, until_found

SHOP = "+40700099001"
IOANA = "+40700010001"
RADU = "+40700010002"
START = datetime(2026, 2, 3, 10, 0, tzinfo=UTC)

Kind = TypeVar("Kind")


class StepClock:
    """A clock that moves one second each time it is looked at."""

    def __init__(self, start: datetime = START) -> None:
        self.now = start

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@contextlib.asynccontextmanager
async def running_simulator(
    folder: Path, *, port: int = 0, company: Company | None = None, seed: int = 1
) -> AsyncIterator[str]:
    """Serve a simulator in this loop; yields its URL."""
    simulator = Simulator.open(
        folder, clock=StepClock(), seed=seed, personas=company.personas if company else {}
    )
    if company is not None:
        build_company(simulator, company, seed=seed)
    port = port or free_port()
    stopping = asyncio.Event()
    task = asyncio.create_task(serve(simulator, port=port, stopping=stopping, announce=False))
    url = f"http://127.0.0.1:{port}"
    async with SimulatorClient(url) as client:

        async def is_up() -> bool:
            if task.done():
                task.result()
            try:
                await client.request("GET", "/health")
            except Exception as error:
                if "does not answer" not in str(error):
                    raise
                return False
            return True

        await until_found(is_up, "the simulator answers")
    try:
        yield url
    finally:
        stopping.set()
        await task


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def journalled(folder: Path) -> list[JournalEntry]:
    """Return everything in the journal of an account's folder."""
    journal = Journal.open(folder / "journal.db")
    try:
        return journal.read(1_000_000)
    finally:
        journal.close()


def journalled_facts(folder: Path) -> list[Fact]:
    """Return what the translator makes of an account's journal."""
    return [
        fact
        for entry in journalled(folder)
        for fact in translate(entry.code, entry.payload, received_at=entry.received_at)
    ]


class Desk:
    """The daemon's side of one worker."""

    def __init__(self, folder: Path, side: socket.socket) -> None:
        self.folder = folder
        self.reports: list[Report] = []
        self._side = side
        self._read = 0
        self._news = asyncio.Condition()
        self._ids = 0
        self._reader: asyncio.Task[None] | None = None

    async def listen(self) -> None:
        """Begin to read reports."""
        self._side.setblocking(False)
        reader, self._writer = await asyncio.open_connection(sock=self._side)
        self._reader = asyncio.create_task(self._collect(reader))

    async def _collect(self, reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                length = frame_length(await reader.readexactly(4))
                report = decode_report(await reader.readexactly(length))
                async with self._news:
                    self.reports.append(report)
                    self._news.notify_all()

    async def tell(self, command: Command) -> None:
        """Give a command."""
        self._writer.write(encode_frame(command))
        await self._writer.drain()

    async def ask(self, command: Command) -> Reply:
        """Give a command and wait for its reply."""
        self._ids += 1
        number = self._ids
        await self.tell(msgspec.structs.replace(command, command_id=number))
        async with self._news, asyncio.timeout(PATIENCE_SECONDS):
            while True:
                for report in self.reports:
                    if isinstance(report, Reply) and report.command_id == number:
                        return report
                await self._news.wait()

    async def next(self, kind: type[Kind]) -> Kind:
        """Wait for the next report of a kind, skipping others. Raises TimeoutError."""
        async with self._news, asyncio.timeout(PATIENCE_SECONDS):
            while True:
                while self._read < len(self.reports):
                    report = self.reports[self._read]
                    self._read += 1
                    if isinstance(report, kind):
                        return report
                await self._news.wait()

    async def next_connection(self) -> str:
        """Wait for the next report of the connection and return its kind."""
        return (await self.next(Connection)).kind

    def journal(self) -> list[JournalEntry]:
        """Return everything in the journal."""
        return journalled(self.folder)

    def facts(self) -> list[Fact]:
        """Return what the translator makes of the journal."""
        return journalled_facts(self.folder)

    async def has_entries(self, count: int) -> None:
        """Wait until the journal holds so many entries."""

        async def enough() -> bool:
            return len(self.journal()) >= count

        await until_found(enough, f"{count} entries in the journal")

    async def pair(self, client: SimulatorClient, phone: str = SHOP) -> Paired:
        """Log in by scanning the QR code that is shown."""
        await self.tell(Connect())
        await client.scans_qr(phone, (await self.next(QrCode)).payload)
        paired = await self.next(Paired)
        assert await self.next_connection() == "connected"
        return paired

    async def close(self) -> None:
        """Hang up."""
        self._writer.close()
        if self._reader is not None:
            await self._reader


@contextlib.asynccontextmanager
async def running_worker(url: str, folder: Path, account: str = "WA-01") -> AsyncIterator[Desk]:
    """Run a simulated worker in this loop; yields the daemon's side of it."""
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - once
    ours, theirs = socket.socketpair()
    desk = Desk(folder, ours)
    await desk.listen()
    port = WorkerPort(theirs)
    journal = Journal.open(folder / "journal.db")

    async def work() -> None:
        async with aiohttp.ClientSession() as http:
            await SimulatedWorker(port, account, folder, journal, Dial(http, url, account)).run()

    task = asyncio.create_task(work())
    try:
        yield desk
    finally:
        if not task.done():
            await desk.tell(Stop())
        async with asyncio.timeout(PATIENCE_SECONDS):
            await task
        port.interrupt()
        journal.close()
        await desk.close()
        port.close()
