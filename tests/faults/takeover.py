"""Two bridges take an account from each other, `python -m tests.faults.takeover --blows 60`.

Both serve one store, on either engine, and share the account's keys. People act all the time; the
bridge that has the account is killed, stands still or stops, and the other one goes on. The exit
code is 1 when the auditor of the soak found anything, or two workers were connected at once.
"""

import argparse
import asyncio
import contextlib
import logging
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bridge.errors import SimulatorError
from bridge.simulator.client import SimulatorClient
from core.paths import DataFolder
from core.service.bridge import BridgeClient
from core.service.callables import AddAccountRequest, Answer, RegenerateQrRequest, Request
from core.service.errors import BridgeUnreachable, CallRefused
from core.settings import load_settings
from core.store.embedded import EmbeddedStore
from core.store.errors import StoreUnavailable
from core.store.open import open_operator_store
from tests.faults.audit import Finding, audit
from tests.faults.evidence import Evidence, gather
from tests.faults.people import UID, People
from tests.faults.plan import ACCOUNT, CUSTOMERS, PHONE, make_deed
from tests.faults.watcher import Watcher
from tests.support.processes import (
    Process,
    start_bridge,
    start_firestore_server,
    start_simulator,
)
from tests.support.staff import admin
from tests.support.two_bridges import LEASE_SECONDS, SETTINGS, WHERE, Ana

_BLOWS = {"kill": 5, "kill the other": 1, "kill both": 1, "stand still": 2, "all stand still": 1,
          "stop": 2, "worker": 2}  # fmt: skip
"""What happens to the bridge that has the account, and how often; or to its worker alone."""
_FAULTS = ("slow", "lost_answer", "error_after_delivery", "disconnect", "duplicate", "ack_lost")
_TAKEOVER_SECONDS = 120.0
"""How long an account may be without a bridge, on a slow machine."""
_QUIET_SECONDS = 120.0
_LOOK_SECONDS = 0.1


@dataclass(slots=True)
class Bridge:
    """One of the two, in a data folder of its own."""

    folder: DataFolder
    url: str
    client: BridgeClient
    process: Process | None = None

    def start(self) -> None:
        """Start it unless it runs; days may have gone by as far as connects count."""
        if self.process is None or self.process.has_ended:
            self.end(signal.SIGKILL)
            (self.folder.account(ACCOUNT) / "connects.json").unlink(missing_ok=True)
            self.process = start_bridge(self.folder, self.url)

    def end(self, number: int) -> None:
        """End it by a signal."""
        if self.process is not None:
            self.process.end(number)
            self.process = None

    async def status(self) -> str:
        """Return how the account fares here, empty when it does not run here."""
        with contextlib.suppress(BridgeUnreachable):
            for one in (await self.client.health(deadline_seconds=2)).accounts:
                return one.status
        return ""

    @property
    def pids(self) -> list[int]:
        """Its own, and the account's worker's if that is its child."""
        assert self.process is not None
        pids = [self.process.pid]
        with contextlib.suppress(FileNotFoundError, ValueError):
            worker = int((self.folder.account(ACCOUNT) / "worker.lock").read_text())
            stat = Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()
            if int(stat[1]) == pids[0]:
                pids.append(worker)
        return pids


@dataclass(slots=True)
class Either:
    """How a console of the team calls: whichever bridge the network leads it to."""

    clients: list[BridgeClient]
    chance: random.Random

    async def call(
        self, request: Request[Answer], *, deadline_seconds: float | None = None
    ) -> Answer:
        """Call one of them. Raises BridgeUnreachable, CallRefused."""
        client = self.chance.choice(self.clients)
        return await client.call(request, deadline_seconds=deadline_seconds)


@dataclass(slots=True)
class Team:
    """Two bridges, one store, and everybody outside."""

    sim: SimulatorClient
    store: EmbeddedStore
    """The file that the bridges share, or that lies behind the server that they share."""
    bridges: list[Bridge]
    people: People
    watcher: Watcher
    chance: random.Random
    blows: Counter[str] = field(default_factory=Counter)
    longest: float = 0.0
    """Seconds that the account was without a bridge, at the most."""
    evidence: Evidence = field(default_factory=Evidence)

    async def prepare(self) -> None:
        """Link the account and let everybody say hello."""
        await self.sim.set(reconnect_seconds=0.1, send_timeout_seconds=1.0, scan_after_seconds=0.05)
        await self.sim.business_phone(PHONE, name="Firma", willing=True, account=ACCOUNT)
        for number, customer in enumerate(CUSTOMERS):
            addressing = ("phone", "lid", "phone_only")[number % 3]
            await self.sim.customer(customer, name=f"Client {number}", addressing=addressing)
        self.people.group = await self.sim.group("Petrecere", [PHONE, *CUSTOMERS[:3]])
        for bridge in self.bridges:
            bridge.start()
        await _until(self._both_answer, _TAKEOVER_SECONDS)
        await self.bridges[0].client.call(AddAccountRequest(name="Principal", account_id=ACCOUNT))
        await self._connected()
        await self.people.meet(list(CUSTOMERS))

    async def _both_answer(self) -> bool:
        for bridge in self.bridges:
            try:
                await bridge.client.health(deadline_seconds=2)
            except BridgeUnreachable:
                return False
        return True

    async def _holder(self) -> Bridge | None:
        for bridge in self.bridges:
            if await bridge.status() == "connected":
                return bridge
        return None

    async def _connected(self) -> Bridge:
        """Wait until a bridge has the account connected. Raises TimeoutError."""
        began = time.monotonic()
        await _until(self._is_connected, _TAKEOVER_SECONDS)
        self.longest = max(self.longest, time.monotonic() - began)
        holder = await self._holder()
        return holder or self.bridges[0]

    async def _is_connected(self) -> bool:
        return await self._holder() is not None

    async def round(self, number: int) -> str:
        """Have people act while something befalls a bridge; return what."""
        holder = await self._connected()
        deeds = [make_deed(self.chance, 100 * number + one) for one in range(10)]
        kind = self.chance.choices(list(_BLOWS), list(_BLOWS.values()))[0]
        for fault in self.chance.sample(_FAULTS, self.chance.randint(0, 2)):
            await self.sim.fault(fault, ACCOUNT, seconds=0.3)
        async with asyncio.TaskGroup() as group:
            group.create_task(self.people.act(deeds), name="deeds")
            await asyncio.sleep(self.chance.uniform(0.0, 1.0))  # The instant is the point.
            await self._strike(kind, holder)
        self.blows[kind] += 1
        return kind

    async def _strike(self, kind: str, holder: Bridge) -> None:
        other = self.bridges[1 - self.bridges.index(holder)]
        match kind:
            case "kill" | "stop":
                number = signal.SIGKILL if kind == "kill" else signal.SIGTERM
                await asyncio.to_thread(holder.end, number)
            case "kill the other":
                other.end(signal.SIGKILL)
            case "kill both":
                holder.end(signal.SIGKILL)
                other.end(signal.SIGKILL)
            case "worker":
                for pid in holder.pids[1:]:
                    _signal(pid, signal.SIGKILL)
            case _:
                pids = holder.pids if kind == "all stand still" else holder.pids[:1]
                await _stand_still(pids, LEASE_SECONDS * self.chance.uniform(0.5, 2.0))
        if kind != "kill both" and self.chance.random() < 0.5:
            await self._connected()  # So the other one has it before this one is back.
        for bridge in self.bridges:
            bridge.start()
        if kind == "worker":
            await self._ask_to_connect()

    async def _ask_to_connect(self) -> None:
        with contextlib.suppress(BridgeUnreachable, CallRefused):
            request = RegenerateQrRequest(account_id=ACCOUNT)
            await self.bridges[0].client.call(request, deadline_seconds=2)

    async def come_to_rest(self) -> list[Finding]:
        """Let nothing happen any more, and return what is wrong when it stays wrong."""
        await self.sim.clear_faults()
        await self._connected()
        # WhatsApp delivers what was acknowledged in vain again, but only on another connection.
        await self.sim.fault("disconnect", ACCOUNT)
        await self.people.everybody_online(list(CUSTOMERS))
        findings: list[Finding] = []
        began = time.monotonic()
        while time.monotonic() < began + _QUIET_SECONDS:
            await self.people.try_again()
            with contextlib.suppress(StoreUnavailable, SimulatorError):
                findings = await self._audit()
                if not findings and not self.people.waits:
                    break
            await asyncio.sleep(0.5)
        return findings

    async def _audit(self) -> list[Finding]:
        await self.watcher.look()
        found = await gather(self.sim, self.store, {ACCOUNT: PHONE})
        found.statuses = self.watcher.seen
        # What two bridges received within one second has no order that they could know.
        found.reordered = self.blows.total()
        found.taken, found.saved = self.people.taken, self.people.saved
        self.evidence = found
        findings = audit(found)
        for one in found.devices:
            # A worker that stands still with all around it cannot hang up; it is replaced.
            if one["times_replaced"] > self.blows["all stand still"]:
                what = f"{one['times_replaced']} times"
                findings.append(Finding("two at once", one["account"], what))
        return findings

    async def close(self) -> None:
        """End both bridges in order."""
        for bridge in self.bridges:
            await bridge.client.close()
            await asyncio.to_thread(bridge.end, signal.SIGTERM)


async def _until(look: Callable[[], Awaitable[bool]], seconds: float) -> None:
    """Look until something is so. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not await look():  # noqa: ASYNC110 - it lies in another process
            await asyncio.sleep(_LOOK_SECONDS)


async def _stand_still(pids: list[int], seconds: float) -> None:
    for pid in pids:
        _signal(pid, signal.SIGSTOP)
    try:
        await asyncio.sleep(seconds)
    finally:
        for pid in pids:
            _signal(pid, signal.SIGCONT)


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


@contextmanager
def _served(engine: str, root: Path) -> Iterator[Path]:
    """Give the file that the bridges share; the cloud's is served by a process of its own."""
    if engine == "embedded":
        yield root / "store.db"
        return
    file = root / "firestore.db"
    process, ready = start_firestore_server(file)
    more = {
        "FIRESTORE_EMULATOR_HOST": ready["address"],
        "FIREBASE_AUTH_EMULATOR_HOST": "127.0.0.1:9",  # nobody asks it
    }
    os.environ |= more
    try:
        with process:
            yield file
    finally:
        for name in more:
            del os.environ[name]


@asynccontextmanager
async def a_team(root: Path, engine: str, seed: int) -> AsyncIterator[Team]:
    """Start a simulator and two bridges that share an account."""
    session = Ana(UID, is_team=engine == "firestore")
    folders = [DataFolder(root / name) for name in ("one", "other")]
    for folder in folders:
        folder.prepare()
        folder.settings_file.write_text(SETTINGS + WHERE[engine])
    simulator, url = await asyncio.to_thread(start_simulator, root / "sim")
    with simulator, _served(engine, root) as file:
        async with (
            SimulatorClient(url) as sim,
            EmbeddedStore.open(file) as store,
            open_operator_store(folders[0], load_settings(folders[0]), session) as console,
        ):
            await store.commit([admin(UID)])
            bridges = [Bridge(one, url, BridgeClient(one, session)) for one in folders]
            chance = random.Random(seed)
            either = Either([one.client for one in bridges], random.Random(seed))
            people = People(sim, either, store, console)
            team = Team(sim, store, bridges, people, Watcher(store), chance)
            try:
                await team.prepare()
                yield team
            finally:
                await team.close()


def _silent(_line: str) -> None:
    """Say nothing."""


async def run(
    root: Path, engine: str, seed: int, blows: int, *, tell: Callable[[str], None] = _silent
) -> list[Finding]:
    """Let so many blows fall and return what is wrong afterwards."""
    async with a_team(root, engine, seed) as team:
        watching = asyncio.create_task(team.watcher.run(), name="watcher")
        try:
            for number in range(1, blows + 1):
                tell(f"{number}: {await team.round(number)}")
            findings = await team.come_to_rest()
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
        statuses = Counter(one["status"] for one in team.evidence.outbox.values())
        for name, count in (*sorted(team.blows.items()), *sorted(statuses.items())):
            tell(f"{name:<20} {count:>6}")
        tell(f"{'events':<20} {len(team.evidence.events):>6}")
        tell(f"longest without a bridge: {team.longest:.1f} s")
        return findings


def main() -> int:
    """Run as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.takeover")
    parser.add_argument("--blows", type=int, default=60)
    parser.add_argument("--engine", choices=sorted(WHERE), default="embedded")
    parser.add_argument("--seed", type=int, default=0, help="0 takes a new one")
    parser.add_argument("--keep", type=Path, help="a new folder to keep everything in")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.ERROR)
    seed = arguments.seed or random.SystemRandom().randint(1, 1_000_000)
    print(f"seed {seed}, {arguments.engine}", flush=True)
    with tempfile.TemporaryDirectory() as temporary:
        root = (arguments.keep or Path(temporary)).absolute()
        root.mkdir(parents=True, exist_ok=True)
        findings = asyncio.run(run(root, arguments.engine, seed, arguments.blows, tell=print))
    print("\n".join(f"FOUND {one}" for one in findings) or "nothing is wrong")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
