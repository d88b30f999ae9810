"""A run: simulator and store outlive the bridge, which is killed as the plan says."""

import asyncio
import contextlib
import os
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bridge.errors import SimulatorError
from bridge.simulator.client import SimulatorClient
from core.clock import FROZEN_CLOCK_VARIABLE
from core.failpoints import VARIABLE
from core.identity.session import LocalSession
from core.paths import DataFolder
from core.service.bridge import BridgeClient
from core.service.callables import AddAccountRequest, RegenerateQrRequest
from core.service.errors import BridgeUnreachable, CallRefused
from core.settings import Settings
from core.store.errors import StoreUnavailable
from core.store.open import open_operator_store, open_store
from core.store.port import Store
from tests.faults.audit import Finding, audit
from tests.faults.evidence import Evidence, gather
from tests.faults.outages import full_disk, locked, moved_away
from tests.faults.people import UID, People
from tests.faults.plan import ACCOUNT, CUSTOMERS, PAST_CHATS, PHONE, Deed, Kill, Round
from tests.faults.watcher import Watcher
from tests.support.processes import Process, start_bridge, start_simulator
from tests.support.staff import admin

_CONNECT_SECONDS = 60.0
_FAILPOINT_SECONDS = 3.0
"""How long a round waits until a failpoint is reached; then the bridge is killed where it is."""
_QUIET_SECONDS = 120.0
"""How long everything may take to come to rest when nothing goes wrong any more."""
_LOOK_SECONDS = 0.03
_PAST_LINES = 60
_SETTINGS = "[sending]\nseconds_between_messages = 0.0\nreply_timeout_seconds = 1.5\n"


@dataclass(slots=True)
class Result:
    """What a run came to."""

    kills: Counter[str] = field(default_factory=Counter)
    """By kind, and failpoints by name."""
    faults: Counter[str] = field(default_factory=Counter)
    deeds: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    evidence: Evidence = field(default_factory=Evidence)
    seconds: float = 0.0
    quiet_seconds: float = 0.0
    """How long it took until nothing more was wrong."""

    @property
    def killed(self) -> int:
        """How many processes were killed."""
        return sum(number for kind, number in self.kills.items() if ":" not in kind)


class World:
    """The processes and files of a run."""

    def __init__(
        self, folder: DataFolder, url: str, sim: SimulatorClient, store: Store, console: Store
    ) -> None:
        self.result = Result()
        self._folder = folder
        self._url = url
        self._sim = sim
        self._store = store
        self._client = BridgeClient(folder, LocalSession(UID))
        self.people = People(sim, self._client, store, console)
        self.watcher = Watcher(store)
        self._bridge: Process | None = None

    # -- processes -----------------------------------------------------------------------------

    def _start(self, environment: dict[str, str]) -> None:
        """Start a bridge; days may have gone by since the last one, as far as connects count."""
        (self._folder.account(ACCOUNT) / "connects.json").unlink(missing_ok=True)
        self._bridge = start_bridge(self._folder, self._url, environment)

    def _kill_bridge(self) -> None:
        if self._bridge is not None:
            self._bridge.end(signal.SIGKILL)
            self._bridge = None

    @property
    def _is_up(self) -> bool:
        return self._bridge is not None and not self._bridge.has_ended

    def _worker_pid(self) -> int:
        """Return the pid of the account's worker, 0 when there is none."""
        with contextlib.suppress(FileNotFoundError, ValueError):
            pid = int((self._folder.account(ACCOUNT) / "worker.lock").read_text())
            if b"bridge.simulator.worker" in Path(f"/proc/{pid}/cmdline").read_bytes():
                return pid
        return 0

    async def _until(
        self, look: Callable[[], Awaitable[bool]], seconds: float, *, while_up: bool = True
    ) -> bool:
        """Look until something is so; False when it is not in time, or the bridge has died."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if await look():
                return True
            if while_up and not self._is_up:
                return False
            await asyncio.sleep(_LOOK_SECONDS)
        return False

    async def _is_connected(self) -> bool:
        try:
            health = await self._client.health(deadline_seconds=2)
        except BridgeUnreachable:
            return False
        return any(one.status == "connected" for one in health.accounts)

    async def _connect(self) -> None:
        """Have the account connected, as a person would who sees that it is not."""
        began = time.monotonic()
        while self._is_up and time.monotonic() < began + _CONNECT_SECONDS:
            if await self._until(self._is_connected, 1.0):
                return
            await self._ask_to_connect()

    async def _ask_to_connect(self) -> None:
        with contextlib.suppress(BridgeUnreachable, CallRefused):
            await self._client.call(RegenerateQrRequest(account_id=ACCOUNT), deadline_seconds=2)

    # -- a run ---------------------------------------------------------------------------------

    async def prepare(self) -> None:
        """A firm with a past, which is linked when the first round begins."""
        sim = self._sim
        await sim.set(reconnect_seconds=0.1, send_timeout_seconds=1.0, scan_after_seconds=0.05)
        await sim.business_phone(PHONE, name="Firma", willing=True, account=ACCOUNT)
        addressings = ("phone", "lid", "phone_only")
        for number, customer in enumerate(CUSTOMERS):
            await sim.customer(
                customer, name=f"Client {number}", addressing=addressings[number % 3]
            )
        lines = [
            {"chat": chat, "text": f"H-{place}-{line}", "seconds": 1_760_000_000 + 60 * line}
            for place, chat in enumerate(PAST_CHATS)
            for line in range(_PAST_LINES)
        ]
        await sim.has_past(PHONE, lines)
        self.people.group = await sim.group("Petrecere", [PHONE, *CUSTOMERS[:3]])
        self._start({})
        await self._until(self._answers, _CONNECT_SECONDS)
        await self._client.call(AddAccountRequest(name="Principal", account_id=ACCOUNT))
        await self.people.meet(list(CUSTOMERS))

    async def _answers(self) -> bool:
        with contextlib.suppress(BridgeUnreachable):
            return bool(await self._client.health(deadline_seconds=2))
        return False

    async def play(self, rounds: list[Round], *, tell: Callable[[str], None]) -> None:
        """Do the rounds of a plan, then let everything come to rest and audit it."""
        began = time.monotonic()
        watching = asyncio.create_task(self.watcher.run(), name="watcher")
        try:
            for one in rounds:
                tell(str(one))
                await self._round(one)
            await self._come_to_rest(tell)
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
        self.result.seconds = time.monotonic() - began
        self.result.deeds = self.people.done

    async def _round(self, one: Round) -> None:
        if not self._is_up:
            self._kill_bridge()
            self._start(_environment(one))
            if one.clock:
                self.result.faults["clock jump"] += 1
            if one.full:
                self.result.faults["full disk at a failpoint"] += 1
        deeds = list(one.deeds)
        if any(deed.kind == "unlink" for deed in deeds):
            deeds = [deed for deed in deeds if deed.kind != "unlink"]
            await self._unlink()
        if not one.is_eager and one.kill.kind != "startup":
            await self._connect()
        for fault in one.faults:
            await self._sim.fault(fault.kind, ACCOUNT, seconds=fault.detail.get("seconds", 0.0))
            self.result.faults[fault.kind] += 1
        async with asyncio.TaskGroup() as group:
            group.create_task(self.people.act(deeds), name=f"deeds of {one.number}")
            if one.outage is not None and self._is_up:
                await self._suffer(one.outage)
            await self._end(one.kill)

    async def _end(self, kill: Kill) -> None:
        """Kill what the round is to kill, when it is to be killed."""
        match kill.kind:
            case "instant" | "startup":
                await asyncio.sleep(kill.seconds)  # The instant is the point.
                self._kill_bridge()
            case "worker":
                await asyncio.sleep(kill.seconds)
                self._kill_worker()
                await self._ask_to_connect()
            case "failpoint":
                if not await self._until(self._has_died, _FAILPOINT_SECONDS, while_up=False):
                    self.result.kills[f"missed:{kill.failpoint}"] += 1
                self._kill_bridge()
            case "worker failpoint":
                pid = self._worker_pid()
                await self._until(lambda: self._is_another(pid), _FAILPOINT_SECONDS)
                self._kill_bridge()
                self.result.kills["worker failpoint"] += 1
        self.result.kills[kill.kind] += 1
        if kill.failpoint:
            self.result.kills[f"at:{kill.failpoint.partition(':')[0]}"] += 1

    async def _has_died(self) -> bool:
        return not self._is_up

    async def _is_another(self, pid: int) -> bool:
        return self._worker_pid() != pid

    def _kill_worker(self) -> None:
        if pid := self._worker_pid():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    async def _suffer(self, outage: Deed) -> None:
        self.result.faults[outage.kind] += 1
        file = self._folder.store_file
        match outage.kind:
            case "locked":
                around = locked(file)
            case "moved away":
                around = moved_away(file)
            case _:
                assert self._bridge is not None
                pids = (self._bridge.pid, self._worker_pid())
                around = full_disk(pid for pid in pids if pid)
        async with around:
            await asyncio.sleep(outage.detail["seconds"])

    async def _unlink(self) -> None:
        """The owner unlinks the device, and scans the code that the account shows then.

        What waits for a device that is unlinked is gone, as with WhatsApp: its history comes anew.
        """
        await self._connect()
        if not await self._until(self._is_acknowledged, _CONNECT_SECONDS):
            return
        with contextlib.suppress(SimulatorError):
            await self._sim.unlinks(PHONE)
            self.result.faults["unlinked"] += 1
        await self._until(self._is_disconnected, _CONNECT_SECONDS)
        await self._ask_to_connect()
        await self._connect()

    async def _is_disconnected(self) -> bool:
        return not await self._is_connected()

    async def _is_acknowledged(self) -> bool:
        return not any(one.get("unacknowledged") for one in await self._sim.devices())

    # -- the end -------------------------------------------------------------------------------

    async def _come_to_rest(self, tell: Callable[[str], None]) -> None:
        """Let nothing go wrong any more, and wait until nothing is wrong."""
        await self._sim.clear_faults()
        self._kill_bridge()
        self._start({})
        await self._connect()
        await self.people.everybody_online(list(CUSTOMERS))
        began = time.monotonic()
        while time.monotonic() < began + _QUIET_SECONDS:
            await self.people.try_again()
            if not await self._is_connected():
                await self._ask_to_connect()
            with contextlib.suppress(StoreUnavailable):
                self.result.findings = await self.audit()
                if not self.result.findings and not self.people.waits:
                    break
            await asyncio.sleep(0.5)
        self.result.quiet_seconds = time.monotonic() - began
        tell(f"at rest after {self.result.quiet_seconds:.1f} s")

    async def audit(self) -> list[Finding]:
        """Return what is wrong now."""
        await self.watcher.look()
        found = await gather(self._sim, self._store, {ACCOUNT: PHONE})
        found.statuses = self.watcher.seen
        found.reordered = self.result.faults["reorder"]
        found.taken, found.saved = self.people.taken, self.people.saved
        self.result.evidence = found
        return audit(found)

    async def close(self) -> None:
        """End the bridge in order."""
        await self._client.close()
        if self._bridge is not None:
            await asyncio.to_thread(self._bridge.end)


@asynccontextmanager
async def a_world(folder: Path) -> AsyncIterator[World]:
    """Start a simulator and make a data folder; the firm is ready when this begins."""
    data = DataFolder(folder / "data")
    data.prepare()
    data.settings_file.write_text(_SETTINGS)
    simulator, url = await asyncio.to_thread(start_simulator, folder / "sim")
    with simulator:
        async with (
            SimulatorClient(url) as sim,
            open_store(data) as store,
            open_operator_store(data, Settings(), LocalSession(UID)) as console,
        ):
            await store.commit([admin(UID)])
            world = World(data, url, sim, store, console)
            try:
                await world.prepare()
                yield world
            finally:
                await world.close()


def _environment(one: Round) -> dict[str, str]:
    armed = [one.kill.failpoint, one.full]
    found = {VARIABLE: ",".join(filter(None, armed)), FROZEN_CLOCK_VARIABLE: one.clock}
    return {name: value for name, value in found.items() if value}
