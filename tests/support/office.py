"""A bridge in this process with all that a console can call, on a store of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from bridge.account import Surroundings
from bridge.leases import Leases
from bridge.server.callables import REGISTRY, Bridge, Callable_
from bridge.server.http import Server
from bridge.server.verifiers import LocalVerifier, TokenVerifier
from bridge.staff.directory import Staff
from bridge.supervisor import Supervisor
from bridge.tasks import cancel_all
from bridge.whatsapp.protocol import Connection
from core.clock import Clock, system_clock
from core.identity.session import LocalSession
from core.model.documents import StaffProfile
from core.paths import DataFolder
from core.service.bridge import BridgeClient
from core.service.callables import (
    AddAccountRequest,
    BackfillRequest,
    Health,
)
from core.settings import Sending, Settings
from core.store.errors import StoreUnavailable
from core.store.open import open_store
from tests.support.fake_worker import FakeWorker
from tests.support.staff import admin
from tests.support.waiting import PATIENCE_SECONDS, until

ANA = {"Authorization": "Bearer local.ana"}


@dataclass
class Office:
    """A bridge without a process of its own."""

    folder: DataFolder
    bridge: Bridge
    server: Server
    client: BridgeClient
    raw: httpx.AsyncClient
    workers: list[FakeWorker] = field(default_factory=list)

    async def post(self, name: str, **options: Any) -> tuple[int, dict[str, Any]]:
        answer = await self.raw.post(f"/{name}", **options)
        assert answer.headers["content-type"].startswith("application/json")
        return answer.status_code, answer.json()

    async def connected_account(self) -> FakeWorker:
        await self.client.call(AddAccountRequest(name="Principal"))
        await until(lambda: bool(self.workers))
        self.workers[-1].says(Connection(kind="connected"))
        account = await self.bridge.supervisor.find("WA-01")
        await until(lambda: account.runner.is_connected)
        return self.workers[-1]


async def _slow(_bridge: Bridge, _caller: StaffProfile, _request: BackfillRequest) -> None:
    await asyncio.sleep(60)


async def _broken(_bridge: Bridge, _caller: StaffProfile, _request: BackfillRequest) -> None:
    raise RuntimeError("secret detail")


async def _away(_bridge: Bridge, _caller: StaffProfile, _request: BackfillRequest) -> None:
    raise StoreUnavailable("The store is locked.", hint="Wait.")


@asynccontextmanager
async def an_office(
    tmp_path: Path, verifier: TokenVerifier | None = None, *, clock: Clock = system_clock
) -> AsyncIterator[Office]:
    folder = DataFolder(tmp_path / "data")
    folder.prepare()
    workers: list[FakeWorker] = []

    async def start(_account_id: str, _device: str) -> FakeWorker:
        workers.append(FakeWorker())
        return workers[-1]

    async with open_store(folder) as store:
        around = Surroundings(
            store=store,
            folder=folder,
            start_worker=start,
            leases=Leases(store, "here"),
            clock=system_clock,
            pace=Sending(seconds_between_messages=0.0),
        )
        supervisor = Supervisor(around)
        await store.commit([admin("ana")])
        staff = Staff(store)
        bridge = Bridge(store, staff, supervisor, Settings(), clock)

        async def health() -> Health:
            now = clock()
            return Health(version="1", pid=1, started_at=now, now=now, store="ok")

        more = {
            "slow": Callable_(BackfillRequest, _slow, "employee", 0.02),
            "broken": Callable_(BackfillRequest, _broken, "employee"),
            "away": Callable_(BackfillRequest, _away, "employee"),
        }
        server = Server(bridge, REGISTRY | more, health)
        await server.start(folder, verifier or LocalVerifier())
        following = asyncio.create_task(staff.follow())
        client = BridgeClient(folder, LocalSession("ana"))
        transport = httpx.AsyncHTTPTransport(uds=str(folder.bridge_socket))
        try:
            async with httpx.AsyncClient(
                transport=transport, base_url="http://bridge", timeout=PATIENCE_SECONDS
            ) as raw:
                yield Office(folder, bridge, server, client, raw, workers)
        finally:
            await cancel_all([following])
            await client.close()
            await server.stop()
            for worker in workers:  # Nobody waits for answers that a test does not give.
                worker.dies()
            await supervisor.stop()
