"""The bridge on TCP: who is let in, and how long and how much a stranger may ask for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from bridge.metrics import Metrics
from bridge.server import http, tcp
from bridge.server.address import Address, metrics_address, team_address, team_names
from bridge.server.callables import Bridge, Callable_
from bridge.server.firebase_tokens import EmulatorVerifier
from bridge.server.http import Server
from bridge.staff.directory import Staff
from bridge.supervisor import Supervisor
from core.errors import SettingsError
from core.identity.rest import EMULATOR_VARIABLE
from core.identity.session import LocalSession
from core.model.documents import StaffProfile
from core.paths import DataFolder
from core.service.bridge import BridgeClient
from core.service.callables import AccountHealth, BackfillAnswer, BackfillRequest, Health
from core.service.errors import BridgeUnreachable, CallRefused
from core.settings import Bridge as BridgeSettings
from core.settings import Cloud, Settings
from core.store.open import open_store
from tests.support.fake_firebase_auth import PROJECT, User, claims_for, unsigned
from tests.support.staff import staff
from tests.support.waiting import PATIENCE_SECONDS, until, until_found

NOW = datetime(2026, 2, 3, 9, 0, tzinfo=UTC)
DATA = {"data": {"accountId": "WA-01"}}


def a_token(uid: str = "ana") -> str:
    user = User(uid=uid, email=f"{uid}@example.com", password="")
    return unsigned(claims_for(user, NOW, 3600))


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


class Session(LocalSession, frozen=True):
    """Somebody signed in, as far as the client knows."""

    async def token(self, *, refused: str = "") -> str:
        return a_token(self.uid)


class Work:
    """A callable that ends when the test says so."""

    def __init__(self) -> None:
        self.begun = 0
        self.was_cut_short = False
        self.goes_on = asyncio.Event()

    async def __call__(
        self, _bridge: Bridge, _caller: StaffProfile, request: BackfillRequest
    ) -> BackfillAnswer:
        self.begun += 1
        try:
            await self.goes_on.wait()
        except asyncio.CancelledError:
            self.was_cut_short = True
            raise
        return BackfillAnswer(account_id=request.account_id, threads=0, messages=0, note="")


@dataclass
class Office:
    server: Server
    address: Address
    metrics: Address
    work: Work
    raw: httpx.AsyncClient

    async def post(self, **options: Any) -> httpx.Response:
        given: dict[str, Any] = {"headers": bearer(a_token()), "json": DATA} | options
        return await self.raw.post("/whatsappProxyBackfillAccount", **given)

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(self.address.host, self.address.port)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with an_office(tmp_path) as it:
        yield it


@asynccontextmanager
async def an_office(tmp_path: Path) -> AsyncIterator[Office]:
    folder = DataFolder(tmp_path / "data")
    folder.prepare()
    work = Work()
    work.goes_on.set()
    async with open_store(folder) as store:
        await store.commit([staff("ana", "WA-01"), staff("bob", "WA-01", is_active=False)])
        supervisor = cast(Supervisor, None)
        metrics = Metrics()
        bridge = Bridge(store, Staff(store), supervisor, Settings(), lambda: NOW, metrics)

        async def health() -> Health:
            accounts = [
                AccountHealth(account_id=name, status="connected") for name in ("WA-01", "WA-02")
            ]
            return Health(
                version="1", pid=7, started_at=NOW, now=NOW, store="ok", accounts=accounts
            )

        callables = {"whatsappProxyBackfillAccount": Callable_(BackfillRequest, work, "account")}
        server = Server(bridge, callables, health)
        here = Address("127.0.0.1", 0)
        address = await server.listen(
            here, EmulatorVerifier(PROJECT, lambda: NOW), here.names | {"bridge.example"}
        )
        prometheus = await server.listen_for_metrics(here)
        try:
            async with httpx.AsyncClient(
                base_url=f"http://{address}", trust_env=False, timeout=PATIENCE_SECONDS
            ) as raw:
                yield Office(server, address, prometheus, work, raw)
        finally:
            work.goes_on.set()
            await server.stop()


async def rest(reader: asyncio.StreamReader) -> bytes:
    """What still comes until the other side hangs up, in whatever manner."""
    async with asyncio.timeout(60):
        try:
            return await reader.read()
        except ConnectionResetError:
            return b""


# -- who is let in --------------------------------------------------------------------------------


async def test_an_operator_of_the_project_calls(office: Office) -> None:
    answer = await office.post()
    assert (answer.status_code, answer.json()["result"]["accountId"]) == (200, "WA-01")
    assert answer.headers["Server"] == "capcoada"
    assert answer.headers["Cache-Control"] == "no-store"
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, "UNAUTHENTICATED"),
        (bearer("local.ana"), "UNAUTHENTICATED"),
        (bearer("nonsense"), "UNAUTHENTICATED"),
        (bearer(a_token("bob")), "PERMISSION_DENIED"),
        (bearer(a_token("stranger")), "PERMISSION_DENIED"),
        (bearer(a_token()) | {"Host": "evil.example"}, "PERMISSION_DENIED"),
        (bearer(a_token()) | {"Host": "127.0.0.1.evil.example"}, "PERMISSION_DENIED"),
        (bearer(a_token()) | {"Host": "[::1"}, "PERMISSION_DENIED"),
        (bearer(a_token()) | {"Origin": "https://evil.example"}, "PERMISSION_DENIED"),
        (bearer(a_token()) | {"Origin": "null"}, "PERMISSION_DENIED"),
    ],
)
async def test_everybody_else_is_refused(
    office: Office, headers: dict[str, str], status: str
) -> None:
    answer = await office.post(headers=headers)
    assert answer.json()["error"]["status"] == status
    assert office.work.begun == 0


@pytest.mark.parametrize("host", ["bridge.example", "BRIDGE.example:443", "localhost:1", "[::1]:2"])
async def test_its_own_names_are_taken(office: Office, host: str) -> None:
    answer = await office.post(headers=bearer(a_token()) | {"Host": host})
    assert answer.status_code == 200


async def test_a_browser_asking_first_gets_no_leave(office: Office) -> None:
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    answer = await office.raw.request("OPTIONS", "/whatsappProxyBackfillAccount", headers=headers)
    assert answer.status_code >= 400
    assert "access-control-allow-origin" not in answer.headers


async def test_health_tells_strangers_nothing(office: Office) -> None:
    assert (await office.raw.get("/health")).json() == {"status": "ok"}
    refused = await office.raw.get("/health", headers=bearer(a_token("bob")))
    assert refused.json()["error"]["status"] == "PERMISSION_DENIED"
    told = (await office.raw.get("/health", headers=bearer(a_token()))).json()
    assert [one["accountId"] for one in told["accounts"]] == ["WA-01"]
    assert (await office.raw.get("/metrics")).status_code in (404, 405)


async def test_the_console_speaks_to_it(office: Office, tmp_path: Path) -> None:
    client = BridgeClient(DataFolder(tmp_path), Session("ana"), url=f"http://{office.address}/")
    try:
        health = await client.ensure_running()
        assert [one.account_id for one in health.accounts] == ["WA-01"]
        assert (await client.call(BackfillRequest(account_id="WA-01"))).threads == 0
        with pytest.raises(CallRefused):
            await client.call(BackfillRequest(account_id="WA-02"))
    finally:
        await client.close()
    stranger = BridgeClient(
        DataFolder(tmp_path), Session("stranger"), url=f"http://{office.address}"
    )
    with pytest.raises(CallRefused):
        await stranger.health()
    await stranger.close()
    nowhere = BridgeClient(DataFolder(tmp_path), Session("ana"), url="http://127.0.0.1:9")
    with pytest.raises(BridgeUnreachable, match=r"127\.0\.0\.1:9"):
        await nowhere.ensure_running()
    await nowhere.close()


# -- bounds ---------------------------------------------------------------------------------------


async def test_a_head_that_takes_too_long_is_cut_off(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tcp, "HEAD_SECONDS", 0.1)
    silent, one = await office.connect()
    dripping, other = await office.connect()
    other.write(b"POST /whatsappProxyBackfillAccount HTTP/1.1\r\nHost: localhost\r\n")
    for reader in (silent, dripping):
        assert await rest(reader) == b""
    for writer in (one, other):
        writer.close()


async def test_a_second_head_on_the_same_line_is_bounded_too(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, writer = await office.connect()
    writer.write(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    await reader.readuntil(b'{"status":"ok"}')
    monkeypatch.setattr(tcp, "HEAD_SECONDS", 0.1)
    writer.write(b"GET /hea")
    assert await rest(reader) == b""
    writer.close()


async def test_a_body_that_takes_too_long_is_given_up(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "_BODY_SECONDS", 0.1)
    reader, writer = await office.connect()
    head = (
        "POST /whatsappProxyBackfillAccount HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {a_token()}\r\nContent-Length: 100\r\n\r\n{{"
    )
    writer.write(head.encode())
    assert b"504" in await reader.readline()
    writer.close()


async def test_a_body_that_is_too_large_is_refused(office: Office) -> None:
    answer = await office.post(content=b"[" * (2 * 1024 * 1024), json=None)
    assert answer.status_code == 400
    assert office.work.begun == 0


async def test_there_are_only_so_many_connections(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tcp, "MOST_CONNECTIONS", 2)
    lines = [await office.connect() for _ in range(2)]
    for reader, writer in lines:
        writer.write(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await reader.readuntil(b'{"status":"ok"}')
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        await office.raw.get("/health")
    lines[0][1].close()
    await lines[0][1].wait_closed()

    async def is_let_in() -> bool:
        try:
            return (await office.raw.get("/health")).status_code == 200
        except httpx.HTTPError:
            return False

    await until_found(is_let_in, "there is room again")
    lines[1][1].close()


async def test_one_operator_cannot_keep_everybody_out(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "_MOST_CALLS_OF_ONE", 2)
    office.work.goes_on.clear()
    calls = [asyncio.create_task(office.post()) for _ in range(2)]
    await until(lambda: office.work.begun == 2)
    refused = await office.post()
    assert (refused.status_code, refused.json()["error"]["status"]) == (429, "RESOURCE_EXHAUSTED")
    office.work.goes_on.set()
    assert [(await call).status_code for call in calls] == [200, 200]
    assert (await office.post()).status_code == 200


async def test_stopping_ends_open_connections(tmp_path: Path) -> None:
    async with an_office(tmp_path) as office:
        reader, writer = await office.connect()
        writer.write(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await reader.readuntil(b'{"status":"ok"}')
        await office.server.stop()
        assert await rest(reader) == b""
        writer.close()


# -- metrics --------------------------------------------------------------------------------------


async def test_metrics_are_served_apart_and_count_calls(office: Office) -> None:
    await office.post()
    await office.post(headers={})
    async with httpx.AsyncClient(
        base_url=f"http://{office.metrics}", trust_env=False, timeout=PATIENCE_SECONDS
    ) as prometheus:
        text = (await prometheus.get("/metrics")).text
        assert (await prometheus.post("/whatsappProxyBackfillAccount")).status_code == 404
        foreign = await prometheus.get("/metrics", headers={"Host": "evil.example"})
        assert foreign.status_code == 403
    name = 'name="whatsappProxyBackfillAccount"'
    assert f'capcoada_call_seconds_count{{{name},status="OK"}} 1.0' in text
    assert f'capcoada_call_seconds_count{{{name},status="UNAUTHENTICATED"}} 1.0' in text


# -- settings -------------------------------------------------------------------------------------


def with_bridge(project: str = PROJECT, url: str = "", **fields: Any) -> Settings:
    return Settings(cloud=Cloud(project=project, bridge_url=url), bridge=BridgeSettings(**fields))


def test_where_it_may_listen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert team_address(Settings()) is None
    assert team_address(with_bridge(listen="127.0.0.1:8787")) == Address("127.0.0.1", 8787)
    assert team_address(with_bridge(listen="[::1]:8787")) == Address("::1", 8787)
    open_to_all = with_bridge(listen="0.0.0.0:8787", behind_tls=True)
    assert team_address(open_to_all) == Address("0.0.0.0", 8787)
    with pytest.raises(SettingsError, match="read along"):
        team_address(with_bridge(listen="0.0.0.0:8787"))
    with pytest.raises(SettingsError, match="project"):
        team_address(with_bridge(project="", listen="127.0.0.1:8787"))
    with pytest.raises(SettingsError, match="no address"):
        team_address(with_bridge(listen="8787"))
    monkeypatch.setenv(EMULATOR_VARIABLE, "127.0.0.1:9099")
    with pytest.raises(SettingsError, match="emulator"):
        team_address(open_to_all)


def test_by_which_names_it_is_called() -> None:
    settings = with_bridge(url="https://Bridge.Example/", hosts=["Other.example"])
    names = team_names(settings, Address("0.0.0.0", 8787))
    assert names == {"0.0.0.0", "bridge.example", "other.example"}
    assert "localhost" in team_names(settings, Address("127.0.0.1", 8787))


def test_metrics_stay_on_the_machine() -> None:
    assert metrics_address(Settings()) is None
    assert metrics_address(with_bridge(metrics="127.0.0.1:9464")) == Address("127.0.0.1", 9464)
    with pytest.raises(SettingsError, match="Only this machine"):
        metrics_address(with_bridge(metrics="0.0.0.0:9464"))


@pytest.mark.parametrize(
    "url", ["http://bridge.example", "ftp://bridge.example", "bridge.example", "https://", "x"]
)
def test_consoles_call_only_where_nobody_reads_along(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError):
        BridgeClient(DataFolder(tmp_path), Session("ana"), url=url)


async def test_a_call_that_goes_on_keeps_no_listener_open_when_the_bridge_stops(
    office: Office, tmp_path: Path
) -> None:
    folder = DataFolder(tmp_path / "data")
    await office.server.start(folder, EmulatorVerifier(PROJECT, lambda: NOW))
    client = BridgeClient(folder, LocalSession())
    await client.health()
    office.work.goes_on.clear()
    call = asyncio.create_task(office.post())
    await until(lambda: office.work.begun == 1, "it is at work")
    await office.server.stop()
    with pytest.raises(BridgeUnreachable):
        await client.health()
    with pytest.raises(httpx.HTTPError):
        await call
    assert office.work.was_cut_short
    await client.close()
