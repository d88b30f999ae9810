"""The bridge as real processes against the simulator: the journeys, without a screen."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from bridge.outbox.board import OPEN_STATUSES
from bridge.simulator.client import SimulatorClient
from core.identity.session import LocalSession
from core.model.ids import OUTBOX, messages_path
from core.paths import DataFolder
from core.service.bridge import BridgeClient
from core.service.callables import (
    AddAccountRequest,
    PairPhoneRequest,
    ResolveRequest,
    SendRequest,
)
from core.service.errors import BridgeUnreachable
from core.store.open import open_store
from core.store.port import Query, Store
from tests.support.processes import Process, start_bridge, start_simulator, until_it_answers
from tests.support.staff import admin
from tests.support.waiting import PATIENCE_SECONDS, document_where, until

PHONE = "40700000001"
CUSTOMER = "40712345678"
JID = f"{CUSTOMER}@s.whatsapp.net"
THREAD = f"WA-01__{JID}"


@dataclass
class World:
    folder: DataFolder
    url: str
    sim: SimulatorClient
    client: BridgeClient
    store: Store
    bridge: Process

    async def account(self, account_id: str = "WA-01") -> dict[str, Any]:
        document = await self.store.get(f"accounts/{account_id}")
        return {} if document is None else dict(document.data)

    async def account_is(self, status: str) -> dict[str, Any]:
        document = await document_where(
            self.store, "accounts/WA-01", lambda data: data["status"] == status
        )
        return dict(document.data)

    async def messages(self, thread_id: str = THREAD) -> list[dict[str, Any]]:
        query = Query(messages_path(thread_id)).order_by("tsClient")
        return [dict(document.data) for document in await self.store.query(query)]

    async def outbox_is(self, request_id: str, *statuses: str) -> dict[str, Any]:
        document = await document_where(
            self.store, f"{OUTBOX}/{request_id}", lambda data: data["status"] in statuses
        )
        return dict(document.data)

    async def pair(self) -> None:
        await self.sim.business_phone(PHONE, name="Firma")
        await self.client.call(AddAccountRequest(name="Principal"))
        account = await self.account_is("qr_ready")
        assert account["qrCode"]
        assert account["qrExpiresAt"] > account["createdAt"]
        await self.sim.scans_qr(PHONE, account["qrCode"])
        account = await self.account_is("connected")
        assert account["qrCode"] is None
        assert account["lastConnectedAt"] is not None
        assert account["phoneE164"] == f"+{PHONE}"

    async def customer_wrote(self, text: str) -> None:
        await self.sim.customer_writes(CUSTOMER, text, to="WA-01")
        await self.has_message(text)

    async def has_message(self, text: str) -> None:
        """Wait until the customer's conversation has a message."""
        query = Query(messages_path(THREAD))
        await document_where(self.store, query, lambda data: data["body"] == text)

    async def send(self, text: str, number: str) -> str:
        request = SendRequest(
            thread_id=THREAD, account_id="WA-01", to_jid=JID, text=text, client_message_id=number
        )
        return (await self.client.call(request)).request_id

    async def restart(self, how: int = signal.SIGTERM) -> int:
        code = await asyncio.to_thread(self.bridge.end, how)
        self.bridge = start_bridge(self.folder, self.url)
        await self.answers()
        return code

    async def answers(self) -> None:
        await until_it_answers(self.client)

    async def arrived(self) -> list[str]:
        received = await self.sim.delivered_to(CUSTOMER)
        return [one["body"] for one in received]


@asynccontextmanager
async def a_world(tmp_path: Path) -> AsyncIterator[World]:
    folder = DataFolder(tmp_path / "data")
    folder.prepare()
    folder.settings_file.write_text("[sending]\nseconds_between_messages = 0.0\n")
    simulator, url = await asyncio.to_thread(start_simulator, tmp_path / "sim")
    with simulator:
        bridge = start_bridge(folder, url)
        try:
            client = BridgeClient(folder, LocalSession("ana"))
            async with SimulatorClient(url) as sim, open_store(folder) as store:
                await store.commit([admin("ana")])
                world = World(folder, url, sim, client, store, bridge)
                await sim.customer(CUSTOMER, name="Maria")
                await world.answers()
                try:
                    yield world
                finally:
                    bridge = world.bridge
                    await client.close()
        finally:
            await asyncio.to_thread(bridge.end)


async def test_pair_receive_send_and_restart(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.pair()

        await world.customer_wrote("Salut")
        thread = await world.store.get(f"threads/{THREAD}")
        assert thread is not None
        assert thread.data["lastMessageText"] == "Salut"
        assert thread.data["lastMessageDirection"] == "inbound"
        assert thread.data["unreadCount"] == 1
        assert thread.data["displayName"] == "Maria"
        assert thread.data["phoneE164"] == f"+{CUSTOMER}"

        request_id = await world.send("Bună ziua!", "1")
        assert await world.send("Bună ziua!", "1") == request_id
        await world.outbox_is(request_id, "delivered")
        await world.sim.customer_reads(CUSTOMER)
        item = await world.outbox_is(request_id, "read")
        assert item["waMessageId"]
        assert item["deliveredAt"] is not None
        assert item["readAt"] is not None
        message = (await world.messages())[-1]
        assert (message["messageId"], message["status"]) == (request_id, "read")
        thread = await world.store.get(f"threads/{THREAD}")
        assert thread is not None
        assert thread.data["lastMessageStatus"] == "read"
        assert thread.data["ownerUid"] == "ana"
        assert thread.data["unreadCount"] == 0

        assert await world.restart() == 0
        await world.account_is("connected")
        await world.sim.customer_writes(CUSTOMER, "Mai sunteți?", to="WA-01")
        await world.has_message("Mai sunteți?")
        assert len(await world.messages()) == 3
        assert await world.arrived() == ["Bună ziua!"]


async def test_the_past_comes_in_once(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.sim.business_phone(PHONE, name="Firma")
        lines = [
            {"chat": CUSTOMER, "text": f"rândul {number}", "seconds": 1_770_000_000 + number}
            for number in range(20)
        ]
        await world.sim.has_past(PHONE, lines)
        await world.pair()
        account = await document_where(
            world.store, "accounts/WA-01", lambda data: (data["sync"] or {}).get("progress") == 100
        )
        data = account.data
        assert data["lastHistorySyncAt"] is not None
        assert (data["sync"]["threads"], data["sync"]["messages"]) == (1, 20)
        assert [one["body"] for one in await world.messages()] == [one["text"] for one in lines]
        thread = await world.store.get(f"threads/{THREAD}")
        assert thread is not None
        assert (thread.data["unreadCount"], thread.data["lastMessageText"]) == (0, "rândul 19")


async def test_pairing_by_phone_code(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.sim.business_phone(PHONE, name="Firma")
        await world.client.call(AddAccountRequest(name="Principal"))
        answer = await world.client.call(PairPhoneRequest(account_id="WA-01", phone=f"+{PHONE}"))
        assert (await world.account())["pairingCode"] == answer.pairing_code
        await world.sim.enters_code(PHONE, answer.pairing_code)
        account = await world.account_is("connected")
        assert account["pairingCode"] is None


@pytest.mark.parametrize("fault", ["lost_answer", "error_after_delivery"])
async def test_a_send_of_unknown_fate_is_settled_by_its_receipt(tmp_path: Path, fault: str) -> None:
    async with a_world(tmp_path) as world:
        settings = "[sending]\nseconds_between_messages = 0.0\nreply_timeout_seconds = 1.0\n"
        world.folder.settings_file.write_text(settings)
        await world.restart()
        await world.pair()
        await world.customer_wrote("Salut")
        await world.sim.fault(fault, "WA-01")
        request_id = await world.send("o singură dată", "1")
        await world.outbox_is(request_id, "delivered", "read")
        assert await world.arrived() == ["o singură dată"]


async def test_killed_while_sending_the_customer_gets_it_once_or_the_operator_decides(
    tmp_path: Path,
) -> None:
    async with a_world(tmp_path) as world:
        await world.pair()
        await world.customer_wrote("Salut")
        await world.sim.fault("slow", "WA-01", seconds=2.0)
        request_id = await world.send("o singură dată", "1")
        await world.outbox_is(request_id, "sending")
        os.kill(world.bridge.pid, signal.SIGKILL)
        await world.restart(signal.SIGKILL)
        await world.account_is("connected")
        item = await world.outbox_is(request_id, "uncertain", "sent", "delivered", "read")
        assert (await world.arrived()).count("o singură dată") <= 1
        if item["status"] == "uncertain":
            request = ResolveRequest(request_id=request_id, action="cancel")
            assert (await world.client.call(request)).status == "cancelled"
        assert (await world.arrived()).count("o singură dată") <= 1


async def test_a_second_bridge_names_the_first(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        second = start_bridge(world.folder, world.url)
        code = await asyncio.to_thread(second.wait)
        assert code == 3
        assert str(world.bridge.pid) in second.log.read_text()


async def test_a_bridge_whose_data_folder_is_moved_away_says_so_and_ends(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.pair()
        root = world.folder.root
        root.rename(tmp_path / "elsewhere")
        assert await asyncio.to_thread(world.bridge.wait) == 5
        assert f"The data folder {root} is gone" in world.bridge.log.read_text()
        with pytest.raises(BridgeUnreachable, match=r"The data folder .* is gone"):
            await world.client.ensure_running(simulator=world.url)
        assert not root.exists()

        (tmp_path / "elsewhere").rename(root)
        world.bridge = start_bridge(world.folder, world.url)
        await world.answers()
        await world.account_is("connected")
        await world.customer_wrote("Mai sunteți?")


async def test_a_bridge_whose_socket_is_removed_lets_consoles_in_again(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.pair()
        before = (await world.client.health()).pid
        world.folder.bridge_socket.unlink()
        await until(world.folder.bridge_socket.exists)
        assert (await world.client.ensure_running(simulator=world.url)).pid == before
        await world.customer_wrote("Mai sunteți?")


async def test_the_console_starts_a_bridge_that_survives_it(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    client = BridgeClient(folder, LocalSession())
    health = await client.ensure_running(simulator="http://127.0.0.1:9")
    try:
        assert health.store == "ok"
        assert (await client.ensure_running()).pid == health.pid
        assert os.getsid(health.pid) == health.pid
        await client.close()
        again = BridgeClient(folder, LocalSession())
        assert (await again.health()).pid == health.pid
        await again.close()
    finally:
        os.kill(health.pid, signal.SIGTERM)
        await asyncio.to_thread(os.waitpid, health.pid, 0)


async def test_why_a_bridge_does_not_start_is_said(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    folder.prepare()
    folder.settings_file.write_text("nonsense = [")
    client = BridgeClient(folder, LocalSession())
    with pytest.raises(BridgeUnreachable, match=r"settings\.toml"):
        await client.ensure_running()
    await client.close()


async def test_what_it_tells_prometheus_and_what_not(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.pair()
        await world.customer_wrote("Salut")
        await world.outbox_is(await world.send("Bună ziua!", "1"), "delivered")
        transport = httpx.AsyncHTTPTransport(uds=str(world.folder.bridge_socket))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://bridge", timeout=PATIENCE_SECONDS
        ) as client:
            text = (await client.get("/metrics")).text
        told = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
        assert told['capcoada_messages_received_total{account="WA-01",kind="live"}'] == "1.0"
        assert told['capcoada_messages_sent_total{account="WA-01",result="sent"}'] == "1.0"
        assert told['capcoada_account_state{account="WA-01",status="connected"}'] == "1.0"
        assert told['capcoada_account_state{account="WA-01",status="banned"}'] == "0.0"
        assert told['capcoada_journal_backlog{account="WA-01"}'] == "0.0"
        assert told['capcoada_leases_total{account="WA-01",change="taken"}'] == "1.0"
        assert float(told['capcoada_ingest_lag_seconds_count{account="WA-01"}']) >= 1
        assert told['capcoada_call_seconds_count{name="whatsappProxySend",status="OK"}'] == "1.0"
        assert {f'capcoada_outbox{{status="{one}"}}' for one in OPEN_STATUSES} <= told.keys()
        for private in (PHONE, CUSTOMER, "Maria", "Principal", "Salut", "ziua"):
            assert private not in text
