"""Two bridge processes with data folders of their own on one store, and one of them fails."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bridge.simulator.client import SimulatorClient
from core.model.ids import messages_path
from core.paths import DataFolder
from core.service.bridge import BridgeClient
from core.service.callables import AddAccountRequest, SendRequest
from core.settings import load_settings
from core.store.open import open_store
from core.store.port import Query, Store
from tests.support.processes import (
    Process,
    start_bridge,
    start_firestore_server,
    start_simulator,
    until_it_answers,
)
from tests.support.staff import admin
from tests.support.two_bridges import SETTINGS, WHERE, Ana
from tests.support.waiting import document_where, until_found

PHONE = "40700000001"
ACCOUNT = "accounts/WA-01"
CUSTOMER = "40712345678"
JID = f"{CUSTOMER}@s.whatsapp.net"
THREAD = f"WA-01__{JID}"


@dataclass
class Bridge:
    folder: DataFolder
    process: Process
    client: BridgeClient

    async def answers(self) -> None:
        await until_it_answers(self.client)

    async def runs(self) -> list[str]:
        return [one.account_id for one in (await self.client.health()).accounts]

    @property
    def worker_pid(self) -> int:
        return int((self.folder.account("WA-01") / "worker.lock").read_text())


@dataclass
class World:
    root: Path
    url: str
    sim: SimulatorClient
    store: Store
    engine: str
    bridges: list[Bridge] = field(default_factory=list)

    async def bridge(self, name: str) -> Bridge:
        folder = DataFolder(self.root / name)
        folder.prepare()
        folder.settings_file.write_text(SETTINGS + WHERE[self.engine])
        process = start_bridge(folder, self.url)
        bridge = Bridge(
            folder, process, BridgeClient(folder, Ana(is_team=self.engine == "firestore"))
        )
        self.bridges.append(bridge)
        await bridge.answers()
        return bridge

    async def account(self) -> dict[str, Any]:
        document = await self.store.get(ACCOUNT)
        return {} if document is None else dict(document.data)

    async def owner(self) -> str:
        lease = (await self.account())["lease"] or {}
        return str(lease.get("owner", ""))

    async def connected_by(self, bridge: Bridge) -> None:
        async def look() -> bool:
            is_here = await bridge.runs() == ["WA-01"]
            return is_here and (await self.account())["status"] == "connected"

        await until_found(look, f"connected by {bridge.folder.root.name}")

    async def pair(self, bridge: Bridge) -> None:
        await self.sim.business_phone(PHONE, name="Firma")
        await bridge.client.call(AddAccountRequest(name="Principal"))
        account = await document_where(self.store, ACCOUNT, lambda data: data["qrCode"])
        await self.sim.scans_qr(PHONE, account.data["qrCode"])
        await self.connected_by(bridge)

    async def customer_wrote(self, text: str) -> None:
        await self.sim.customer_writes(CUSTOMER, text, to="WA-01")
        query = Query(messages_path(THREAD))
        await document_where(self.store, query, lambda data: data["body"] == text)

    async def outbox_is(self, request_id: str, *statuses: str) -> dict[str, Any]:
        document = await document_where(
            self.store, f"outbox/{request_id}", lambda data: data["status"] in statuses
        )
        return dict(document.data)

    async def send(self, bridge: Bridge, text: str) -> str:
        request = SendRequest(
            thread_id=THREAD, account_id="WA-01", to_jid=JID, text=text, client_message_id=text
        )
        return (await bridge.client.call(request)).request_id

    async def arrived(self) -> list[str]:
        return [one["body"] for one in await self.sim.delivered_to(CUSTOMER)]

    async def times_replaced(self) -> int:
        return sum(one["times_replaced"] for one in await self.sim.devices())


@pytest.fixture(params=sorted(WHERE))
def engine(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """The engine that the bridges share; the cloud's is served by a process of its own."""
    if request.param == "embedded":
        yield request.param
        return
    process, ready = start_firestore_server(tmp_path / "firestore.db")
    with process:
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", ready["address"])
        monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", "127.0.0.1:9")  # nobody asks it
        yield request.param


@asynccontextmanager
async def a_world(tmp_path: Path, engine: str) -> AsyncIterator[World]:
    simulator, url = await asyncio.to_thread(start_simulator, tmp_path / "sim")
    first = DataFolder(tmp_path / "looking on")
    first.prepare()
    first.settings_file.write_text(SETTINGS + WHERE[engine])
    with simulator:
        async with (
            SimulatorClient(url) as sim,
            open_store(first, load_settings(first)) as store,
        ):
            world = World(tmp_path, url, sim, store, engine)
            await sim.customer(CUSTOMER, name="Maria")
            await store.commit([admin("ana")])
            try:
                yield world
            finally:
                for bridge in world.bridges:
                    await bridge.client.close()
                    await asyncio.to_thread(bridge.process.end)


async def test_when_one_is_killed_the_other_goes_on_without_pairing_again(
    tmp_path: Path, engine: str
) -> None:
    async with a_world(tmp_path, engine) as world:
        one = await world.bridge("one")
        await world.pair(one)
        other = await world.bridge("other")
        await world.customer_wrote("Salut")
        await world.sim.fault("slow", "WA-01", seconds=2.0)
        request_id = await world.send(one, "o singură dată")
        await world.outbox_is(request_id, "sending")
        assert await other.runs() == []

        await asyncio.to_thread(one.process.end, signal.SIGKILL)
        await world.connected_by(other)
        await world.outbox_is(request_id, "uncertain", "sent", "delivered", "read")
        await world.customer_wrote("Mai sunteți?")
        later = await world.send(other, "Da!")
        await world.outbox_is(later, "delivered", "read")
        assert (await world.arrived()).count("o singură dată") <= 1
        assert (await world.arrived()).count("Da!") == 1
        assert await world.times_replaced() == 0


async def test_one_that_stood_still_comes_back_to_nothing(tmp_path: Path, engine: str) -> None:
    async with a_world(tmp_path, engine) as world:
        one = await world.bridge("one")
        await world.pair(one)
        other = await world.bridge("other")
        await world.customer_wrote("Salut")
        owner = await world.owner()
        os.kill(one.process.pid, signal.SIGSTOP)
        try:
            # What a console hands to the standing one's outbox, through the other.
            request_id = await world.send(other, "prin cealaltă")
            await world.connected_by(other)
            await world.outbox_is(request_id, "delivered", "read")
            taken_by = await world.owner()
            assert taken_by != owner
        finally:
            os.kill(one.process.pid, signal.SIGCONT)
        await one.answers()
        await until_found(lambda: _runs_nothing(one), "it lets go")
        await world.customer_wrote("Mai sunteți?")
        later = await world.send(one, "Da!")  # taken over by one, sent by the other
        await world.outbox_is(later, "delivered", "read")
        assert await world.owner() == taken_by
        assert sorted(await world.arrived()) == ["Da!", "prin cealaltă"]
        assert await world.times_replaced() == 0


@pytest.mark.parametrize("engine", ["embedded"], indirect=True)
async def test_worker_and_all_stood_still_while_sending(tmp_path: Path, engine: str) -> None:
    async with a_world(tmp_path, engine) as world:
        one = await world.bridge("one")
        await world.pair(one)
        other = await world.bridge("other")
        await world.customer_wrote("Salut")
        await world.sim.fault("lost_answer", "WA-01")
        request_id = await world.send(one, "o singură dată")
        await until_found(world.arrived, "it arrives, and the answer does not")
        pids = [one.process.pid, one.worker_pid]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            await world.connected_by(other)
            await world.outbox_is(request_id, "uncertain", "delivered", "read")
        finally:
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):  # the bridge has ended its worker
                    os.kill(pid, signal.SIGCONT)
        await one.answers()
        await until_found(lambda: _runs_nothing(one), "it lets go")
        later = await world.send(one, "mai târziu")
        await world.outbox_is(later, "delivered", "read")
        await world.connected_by(other)
        arrived = await world.arrived()
        assert (arrived.count("o singură dată"), arrived.count("mai târziu")) == (1, 1)


async def _runs_nothing(bridge: Bridge) -> bool:
    return await bridge.runs() == []


@pytest.mark.parametrize("engine", ["embedded"], indirect=True)
async def test_an_orderly_stop_hands_over_at_once(tmp_path: Path, engine: str) -> None:
    async with a_world(tmp_path, engine) as world:
        one, other = await world.bridge("one"), await world.bridge("other")
        await world.pair(one)
        await world.customer_wrote("Salut")
        assert await asyncio.to_thread(one.process.end) == 0
        await world.connected_by(other)
        await world.customer_wrote("Mai sunteți?")
        assert await world.times_replaced() == 0
