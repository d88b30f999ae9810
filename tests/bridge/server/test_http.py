"""The callable protocol over a real Unix socket; the workers are in this process."""

import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bridge.ingest.told import Told
from bridge.server.verifiers import LocalVerifier
from bridge.whatsapp.protocol import Command, MarkRead, QrCode, Reply
from core.clock import system_clock
from core.identity.session import LocalSession
from core.paths import DataFolder
from core.service.bridge import BridgeClient
from core.service.callables import (
    AddAccountRequest,
    BackfillRequest,
    DisconnectRequest,
    MarkReadRequest,
    PairPhoneRequest,
    RegenerateQrRequest,
    SendRequest,
)
from core.service.errors import BridgeUnreachable, CallRefused
from tests.support.accounts import PHONE, THREAD, message
from tests.support.office import ANA, Office, an_office
from tests.support.waiting import document_where, until


async def shown(office: Office, holds: Callable[[Mapping[str, Any]], object]) -> None:
    """Wait until the account's document says something: callers do not wait for it for long."""
    await document_where(office.bridge.store, "accounts/WA-01", holds)


async def test_the_socket_is_its_owners_alone(tmp_path: Path) -> None:
    async with an_office(tmp_path) as office:
        assert stat.S_IMODE(office.folder.bridge_socket.stat().st_mode) == 0o600
        assert (await office.client.health()).version == "1"


@pytest.mark.parametrize("removed", ["bridge_socket", "sockets"])
async def test_a_socket_that_somebody_removed_comes_back(tmp_path: Path, removed: str) -> None:
    async with an_office(tmp_path) as office:
        await office.client.health()
        getattr(office.folder, removed).rename(tmp_path / "removed")
        before, after = office.client, BridgeClient(office.folder, LocalSession("ana"))
        with pytest.raises(BridgeUnreachable):
            await after.health()
        await office.server.keep_socket()
        assert (await after.health()).version == "1"
        assert (await before.health()).version == "1"
        assert stat.S_IMODE(office.folder.bridge_socket.stat().st_mode) == 0o600
        made = office.folder.bridge_socket.stat()
        await office.server.keep_socket()
        assert os.path.samestat(office.folder.bridge_socket.stat(), made)
        await after.close()


async def test_whatever_keeps_a_socket_from_coming_back_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with an_office(tmp_path) as office:
        path = office.folder.bridge_socket
        path.unlink()
        path.write_text("in the way")
        for _turn in range(3):
            await office.server.keep_socket()
        (told,) = [one for one in caplog.records if one.levelname == "ERROR"]
        assert str(path) in told.getMessage()
        path.unlink()
        await office.server.keep_socket()
        assert (await office.client.health()).version == "1"


async def test_a_socket_does_not_bring_back_a_data_folder_that_is_gone(tmp_path: Path) -> None:
    async with an_office(tmp_path) as office:
        office.folder.root.rename(tmp_path / "elsewhere")
        await office.server.keep_socket()
        assert not office.folder.root.exists()
        (tmp_path / "elsewhere").rename(office.folder.root)


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        ("whatsappProxySend", {"json": {"data": {}}}, (401, "UNAUTHENTICATED", "")),
        (
            "whatsappProxySend",
            {"json": {"data": {}}, "headers": {"Authorization": "Bearer eyJ.x.y"}},
            (401, "UNAUTHENTICATED", ""),
        ),
        ("nope", {"json": {"data": {}}, "headers": ANA}, (404, "NOT_FOUND", "")),
        ("whatsappProxySend", {"content": b"{", "headers": ANA}, (400, "INVALID_ARGUMENT", "")),
        (
            "whatsappProxySend",
            {"content": b"\xff\xfe", "headers": ANA},
            (400, "INVALID_ARGUMENT", ""),
        ),
        (
            "whatsappProxySend",
            {"content": b'{"data":' + b"[" * 100_000, "headers": ANA},
            (400, "INVALID_ARGUMENT", ""),
        ),
        ("whatsappProxySend", {"json": [], "headers": ANA}, (400, "INVALID_ARGUMENT", "data")),
        (
            "whatsappProxySend",
            {"json": {"data": {}}, "headers": ANA},
            (400, "INVALID_ARGUMENT", "threadId"),
        ),
        (
            "whatsappProxyAddAccount",
            {"json": {"data": {"name": 5}}, "headers": ANA},
            (400, "INVALID_ARGUMENT", "name"),
        ),
        (
            "whatsappProxyAddAccount",
            {"json": {"data": {"name": "x", "more": 1}}, "headers": ANA},
            (400, "INVALID_ARGUMENT", "more"),
        ),
        (
            "whatsappProxyAddAccount",
            {"json": {"data": {"name": "x" * 2_000_000}}, "headers": ANA},
            (400, "INVALID_ARGUMENT", ""),
        ),
        (
            "whatsappProxyRegenerateQr",
            {"json": {"data": {"accountId": "WA-77"}}, "headers": ANA},
            (404, "NOT_FOUND", "accountId"),
        ),
        (
            "slow",
            {"json": {"data": {"accountId": "a"}}, "headers": ANA},
            (504, "DEADLINE_EXCEEDED", ""),
        ),
        ("broken", {"json": {"data": {"accountId": "a"}}, "headers": ANA}, (500, "INTERNAL", "")),
        ("away", {"json": {"data": {"accountId": "a"}}, "headers": ANA}, (503, "UNAVAILABLE", "")),
    ],
)
async def test_every_failure_is_a_status_and_a_sentence(
    tmp_path: Path, name: str, options: dict[str, Any], expected: tuple[int, str, str]
) -> None:
    async with an_office(tmp_path) as office:
        got, body = await office.post(name, **options)
        error = body["error"]
        assert (got, error["status"], error["details"].get("field", "")) == expected
        assert error["message"]
        assert "Traceback" not in str(body)
        assert "secret" not in str(body)


async def test_accounts_are_named_in_turn_and_once(tmp_path: Path) -> None:
    async with an_office(tmp_path) as office:
        first = await office.client.call(AddAccountRequest(name="Unu"))
        second = await office.client.call(AddAccountRequest(name="Doi"))
        assert (first.account_id, second.account_id) == ("WA-01", "WA-02")
        with pytest.raises(CallRefused) as caught:
            await office.client.call(AddAccountRequest(name="x", account_id="WA-01"))
        assert caught.value.status == "ALREADY_EXISTS"
        with pytest.raises(CallRefused) as caught:
            await office.client.call(AddAccountRequest(name="x", account_id="../etc"))
        assert caught.value.field == "accountId"


async def test_a_message_is_sent_and_read(tmp_path: Path) -> None:
    async with an_office(tmp_path) as office:
        worker = await office.connected_account()
        worker.answers = lambda _command: Reply(command_id=0, value="WA1")
        account = await office.bridge.supervisor.find("WA-01")
        told = [Told(message("A"), system_clock()), Told(message("B", seconds=1), system_clock())]
        await account.ingest._applier.apply(told)
        marked = await office.client.call(MarkReadRequest(thread_id=THREAD))
        assert marked.marked == 2
        assert (await office.client.call(MarkReadRequest(thread_id=THREAD))).marked == 0
        asked: list[Command] = [one for one in worker.asked if isinstance(one, MarkRead)]
        assert len(asked) == 1
        request = SendRequest(
            thread_id=THREAD,
            account_id="WA-01",
            to_jid=str(PHONE),
            text="Bună",
            client_message_id="1",
        )
        answer = await office.client.call(request)
        assert not answer.duplicate
        path = f"outbox/{answer.request_id}"
        await document_where(office.bridge.store, path, lambda data: data["status"] == "sent")


async def test_pairing_by_code_wants_a_phone_number(tmp_path: Path) -> None:
    async with an_office(tmp_path) as office:
        await office.client.call(AddAccountRequest(name="Principal"))
        with pytest.raises(CallRefused) as caught:
            await office.client.call(PairPhoneRequest(account_id="WA-01", phone="(00) 12"))
        assert caught.value.field == "phone"
        await until(lambda: bool(office.workers))
        worker = office.workers[-1]
        worker.answers = lambda _command: Reply(command_id=0, value="ABCD-1234")
        worker.says(QrCode(payload="2@a", seconds_valid=60))
        answer = await office.client.call(PairPhoneRequest(account_id="WA-01", phone="0712345678"))
        assert answer.pairing_code == "ABCD-1234"
        assert "40712345678" in str(worker.asked[-1])
        await shown(office, lambda data: data["pairingCode"] == "ABCD-1234")


async def test_an_account_is_stopped_reconnected_and_archived(tmp_path: Path) -> None:
    async with an_office(tmp_path) as office:
        await office.connected_account()
        await office.client.call(DisconnectRequest(account_id="WA-01"))
        await shown(office, lambda data: (data["lastError"] or {}).get("code") == "stopped")
        await office.client.call(RegenerateQrRequest(account_id="WA-01"))
        await until(lambda: len(office.workers) == 2)
        with pytest.raises(CallRefused) as caught:
            await office.client.call(DisconnectRequest(account_id="WA-01", log_out=True))
        assert caught.value.status == "UNAVAILABLE"
        await office.client.call(DisconnectRequest(account_id="WA-01", archive=True))
        document = await office.bridge.store.get("accounts/WA-01")
        assert document is not None
        assert document.data["isArchived"]
        assert document.data["lease"] is None
        assert office.bridge.supervisor.running("WA-01") is None
        answer = await office.client.call(BackfillRequest(account_id="WA-01"))
        assert (answer.threads, answer.messages) == (0, 0)


async def test_no_bridge_is_said(tmp_path: Path) -> None:
    client = BridgeClient(DataFolder(tmp_path), LocalSession())
    with pytest.raises(BridgeUnreachable):
        await client.health()
    await client.close()


@dataclass
class _Renewing:
    """A session whose first token the bridge does not take."""

    second: str
    uid: str = "ana"
    email: str = ""
    name: str = ""
    problem: str = ""
    refusals: list[str] = field(default_factory=list)
    token_at_hand: str = "stale"

    async def token(self, *, refused: str = "") -> str:
        if refused:
            self.refusals.append(refused)
        return self.second if refused else "stale"

    async def sign_out(self) -> None: ...

    async def close(self) -> None: ...


async def test_a_refused_token_is_renewed_once(tmp_path: Path) -> None:
    async with an_office(tmp_path) as office:
        session = _Renewing("local.ana")
        client = BridgeClient(office.folder, session)
        assert (await client.call(AddAccountRequest(name="Principal"))).account_id == "WA-01"
        assert session.refusals == ["stale"]
        await client.close()
        for second in ("stale too", "stale"):
            session = _Renewing(second)
            client = BridgeClient(office.folder, session)
            with pytest.raises(CallRefused) as caught:
                await client.call(AddAccountRequest(name="Principal"))
            assert caught.value.status == "UNAUTHENTICATED"
            assert session.refusals == ["stale"]
            await client.close()


async def test_a_call_that_was_begun_is_answered_like_any_other(tmp_path: Path) -> None:
    async with an_office(tmp_path) as office:
        first = office.client.begin(AddAccountRequest(name="Principal"))  # nothing is open yet
        assert (await first()).account_id == "WA-01"
        second = office.client.begin(AddAccountRequest(name="Vânzări"))
        assert (await second()).account_id == "WA-02"
        third = office.client.begin(RegenerateQrRequest(account_id="WA-09"))
        with pytest.raises(CallRefused) as caught:
            await third()
        assert caught.value.status == "NOT_FOUND"


async def test_an_operator_whose_id_no_header_can_hold_is_refused(tmp_path: Path) -> None:
    async with an_office(tmp_path) as office:
        client = BridgeClient(office.folder, LocalSession("ană"))
        await client.health()  # so that a connection is open
        with pytest.raises(CallRefused) as caught:
            await client.begin(AddAccountRequest(name="Principal"))()
        assert caught.value.status == "UNAUTHENTICATED"
        await client.close()


async def test_a_begun_call_whose_token_is_refused_is_made_again(tmp_path: Path) -> None:
    async with an_office(tmp_path) as office:
        session = _Renewing("local.ana")
        client = BridgeClient(office.folder, session)
        await client.health()  # so that a connection is open
        call = client.begin(AddAccountRequest(name="Principal"))
        assert (await call()).account_id == "WA-01"
        assert session.refusals == ["stale"]
        await client.close()


@pytest.mark.parametrize("token", ["local.", "local.a b", "local.ana/..", "ana", "local.a\n"])
async def test_a_local_token_names_one_operator(token: str) -> None:
    with pytest.raises(CallRefused):
        await LocalVerifier().verify(token)
    assert (await LocalVerifier().verify("local.ana")).uid == "ana"
