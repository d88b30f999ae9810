"""Sending: from the enter key to the customer's phone, against one commit and one round trip.

The simulator runs in this process, so that the moment of arrival is taken where it happens;
console, bridge and workers are processes of their own, as they always are.
"""

import asyncio
import contextlib
import shutil
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path

from benchmarks.console import end_bridge, environment, open_command
from benchmarks.data import LAST_WORD
from benchmarks.pty_clock import PtyProgram
from benchmarks.table import Figure, Table
from bridge.simulator.client import SimulatorClient
from bridge.simulator.people import Phone
from bridge.simulator.server import serve
from bridge.simulator.simulator import Simulator
from bridge.whatsapp.protocol import Connect, Connection, Send
from bridge.worker_process import WorkerProcess
from core.clock import system_clock
from core.identity.session import LocalSession
from core.paths import DataFolder
from core.service.bridge import BridgeClient
from core.service.callables import AddAccountRequest
from core.store.open import open_store
from core.store.port import Query, Set, Store

SHOP, BARE_SHOP, CUSTOMER = "+40700000001", "+40700000002", "+40700000101"
_PATIENCE_SECONDS = 60.0
_WARM_UP = 5


class Phones:
    """The simulator, and the moment of each arrival at the customer's phone."""

    def __init__(self, folder: Path) -> None:
        self.simulator = Simulator.open(folder, clock=system_clock, seed=1, personas={})
        self.arrivals: asyncio.Queue[float] = asyncio.Queue()
        arrive = self.simulator.customers.arrive

        def noted(customer: Phone, owner: Phone, message_id: str) -> None:
            self.arrivals.put_nowait(time.perf_counter())
            arrive(customer, owner, message_id)

        self.simulator.customers.arrive = noted  # type: ignore[method-assign]  # only looked at

    @contextlib.asynccontextmanager
    async def served(self) -> AsyncIterator[str]:
        """Serve the simulator; yield its URL."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        stopping = asyncio.Event()
        serving = asyncio.create_task(
            serve(self.simulator, port=port, stopping=stopping, announce=False), name="simulator"
        )
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                while not await _listens(port):  # noqa: ASYNC110 - it says nothing by itself
                    await asyncio.sleep(0.01)
            yield f"http://127.0.0.1:{port}"
        finally:
            stopping.set()
            await serving

    async def arrival(self) -> float:
        """Return the moment of the next arrival."""
        return await asyncio.wait_for(self.arrivals.get(), _PATIENCE_SECONDS)


async def _listens(port: int) -> bool:
    try:
        _reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


async def run(scratch: Path, table: Table, rounds: int) -> None:
    """Measure both in turn."""
    root = scratch / "sending"
    shutil.rmtree(root, ignore_errors=True)
    folder = DataFolder(root)
    folder.prepare()
    folder.settings_file.write_text("[sending]\nseconds_between_messages = 0\n", encoding="utf-8")
    phones = Phones(root / "simulator")
    async with phones.served() as url, SimulatorClient(url) as people:
        await people.set(scan_after_seconds=0.1)
        await people.business_phone(SHOP, willing=True, account="WA-01")
        await people.business_phone(BARE_SHOP, willing=True, account="WA-02")
        await people.customer(CUSTOMER, name="Customer")
        command = PtyProgram(open_command(root), env=environment() | {"CAPCOADA_SIMULATOR": url})
        try:
            async with open_store(folder) as store, _bare_worker(folder, url) as worker:
                await _talking(people, store, folder, url)
                taken = await _measure(phones, command, store, worker, rounds * 14)
        finally:
            await asyncio.to_thread(command.close)
            end_bridge(root)
    _report(table, *taken)


async def _talking(people: SimulatorClient, store: Store, folder: DataFolder, url: str) -> None:
    """Pair the account and let the customer write, so that there is a chat to open."""
    bridge = BridgeClient(folder, LocalSession())
    await bridge.ensure_running(simulator=url)
    await bridge.call(AddAccountRequest(name="Bench", account_id="WA-01"))
    await bridge.close()
    await _seen(store, "accounts/WA-01", "connected")
    await people.customer_writes(CUSTOMER, LAST_WORD, to=SHOP)
    await _seen(store, Query("threads"), LAST_WORD)


async def _seen(store: Store, target: Query | str, text: str) -> None:
    """Wait until a watched document holds a value."""
    watch = store.watch(target)
    async with asyncio.timeout(_PATIENCE_SECONDS):
        async for snapshot in watch:
            if any(text in one.data.values() for one in snapshot.documents):
                break
    await watch.close()


@contextlib.asynccontextmanager
async def _bare_worker(folder: DataFolder, url: str) -> AsyncIterator[WorkerProcess]:
    """Run a worker without a bridge, connected."""
    place = folder.root / "bare-worker"
    arguments = ["-m", "bridge.simulator.worker", "--account", "WA-02", "--folder", str(place)]
    worker = await WorkerProcess.start("WA-02", [*arguments, "--simulator", url], place)
    try:
        await worker.tell(Connect())
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while (report := await worker.report()) is not None:
                if isinstance(report, Connection) and report.kind == "connected":
                    break
        yield worker
    finally:
        await worker.end(grace_seconds=5)


async def _measure(
    phones: Phones, console: PtyProgram, store: Store, worker: WorkerProcess, count: int
) -> tuple[list[float], list[float]]:
    """Return milliseconds of each message sent by keys, and of each floor."""
    await asyncio.to_thread(console.wait_for, LAST_WORD)
    console.write("\r")
    await asyncio.to_thread(console.settle)
    sent: list[float] = []
    floor: list[float] = []
    for number in range(count + _WARM_UP):
        console.write(f"m{number}")
        await asyncio.to_thread(console.settle)
        began = time.perf_counter()
        console.write("\r")
        took = (await phones.arrival() - began) * 1000
        await asyncio.to_thread(console.settle)
        began = time.perf_counter()
        await store.commit([Set("bench/floor", {"number": number})])
        await worker.ask(
            Send(command_id=0, to_jid=f"{CUSTOMER[1:]}@s.whatsapp.net", body=f"b{number}")
        )
        bare = (time.perf_counter() - began) * 1000
        await phones.arrival()
        if not phones.arrivals.empty():
            raise RuntimeError("a message arrived twice")
        if number >= _WARM_UP:
            sent.append(took)
            floor.append(bare)
    return sent, floor


def _report(table: Table, sent: list[float], floor: list[float]) -> None:
    keys, bare = Figure("enter", tuple(sent)), Figure("F_send", tuple(floor))
    table.add_floor(bare)
    for share, limit in ((0.5, 3.0), (0.99, 12.0)):
        table.add(
            f"enter key to the simulated phone, no pacing, p{share * 100:.0f}",
            keys.percentile(share) / bare.median,
            limit,
            floor="F_send",
            figures=f"{keys.percentile(share):.2f} ms (n={len(sent)})",
        )
