"""The life of an account in virtual time: pairing, what a person must mend, ends on demand."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from bridge.errors import WorkerError
from bridge.whatsapp.protocol import (
    Connect,
    Connection,
    ConnectionKind,
    Gone,
    Heard,
    JournalAdvanced,
    LoginFailed,
    LoginFailure,
    Paired,
    QrCode,
    Reply,
    Stop,
)
from tests.support.account_life import CONNECTED, JID, Life, live, moment
from tests.support.virtual_time import clock


def test_pairing_goes_from_qr_to_connected(tmp_path: Path) -> None:
    async def script(life: Life) -> None:
        assert life.worker.told == [Connect()]
        life.worker.says(QrCode(payload="2@a", seconds_valid=60))
        await moment()
        assert life.seen == ("qr_ready", "")
        assert life.runner.state.qr_code == "2@a"
        assert life.runner.state.qr_expires_at is not None
        life.worker.says(QrCode(payload="2@b", seconds_valid=20))
        await moment()
        assert life.runner.state.qr_code == "2@b"
        life.worker.says(Paired(jid=JID, lid_jid="7@lid", push_name="Firma"), CONNECTED)
        await moment()
        state = life.runner.state
        assert life.seen == ("connected", "")
        assert (state.qr_code, state.qr_expires_at) == (None, None)
        assert (state.jid, state.lid_jid, state.phone_e164) == (JID, "7@lid", "+40700000001")
        assert state.last_connected_at is not None
        assert life.paired == 1

    life = live(tmp_path, script, has_session=False)
    assert all(state.qr_code is None or state.status == "qr_ready" for state in life.shown)
    assert not (tmp_path / "connects.json").exists()


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("logged_out", "logged_out", "logged_out"),
        ("temporary_ban", "banned", "banned"),
        ("client_outdated", "failed", "client_outdated"),
        ("stream_replaced", "failed", "stream_replaced"),
        ("connect_failure", "failed", "connect_failure"),
    ],
)
def test_what_only_a_person_can_mend_waits_for_one(
    tmp_path: Path, kind: ConnectionKind, status: str, code: str
) -> None:
    async def script(life: Life) -> None:
        life.worker.says(CONNECTED, Connection(kind=kind, detail="why"))
        await asyncio.sleep(24 * 3600)
        assert life.seen == (status, code)
        assert life.worker.is_gone
        assert len(life.workers) == 1
        await life.runner.connect()
        await moment()
        assert life.seen == ("connecting", code)
        life.worker.says(CONNECTED)
        await moment()
        assert life.seen == ("connected", "")
        assert len(life.workers) == 2

    live(tmp_path, script)


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("client_outdated", "client_outdated"),
        ("passkey_required", "passkey_required"),
        ("no_multidevice", "pairing_failed"),
        ("error", "pairing_failed"),
    ],
)
def test_a_failed_login_says_why(tmp_path: Path, reason: LoginFailure, code: str) -> None:
    async def script(life: Life) -> None:
        life.worker.says(QrCode(payload="2@a", seconds_valid=60), LoginFailed(reason=reason))
        await asyncio.sleep(3600)
        assert life.seen == ("failed", code)
        assert life.runner.state.qr_code is None
        assert len(life.workers) == 1

    live(tmp_path, script, has_session=False)


def test_disconnecting_stops_until_a_person_reconnects(tmp_path: Path) -> None:
    async def script(life: Life) -> None:
        life.worker.says(CONNECTED)
        await moment()
        await life.runner.disconnect(log_out=False)
        assert life.seen == ("disconnected", "stopped")
        assert Stop() in life.worker.told
        await asyncio.sleep(3600)
        assert len(life.workers) == 1
        with pytest.raises(WorkerError):
            await life.runner.disconnect(log_out=True)

    live(tmp_path, script)


def test_disconnecting_ends_the_wait_for_the_next_attempt_too(tmp_path: Path) -> None:
    async def script(life: Life) -> None:
        life.worker.dies()
        await moment()
        assert life.seen == ("disconnected", "worker_lost")
        await life.runner.disconnect(log_out=False)
        await asyncio.sleep(3600)
        assert life.seen == ("disconnected", "stopped")
        assert life.runner.next_attempt_at is None
        assert len(life.workers) == 1
        await life.runner.connect()
        await moment()
        assert len(life.workers) == 2

    live(tmp_path, script)


def test_disconnecting_counts_although_the_worker_cannot_be_started(tmp_path: Path) -> None:
    async def script(life: Life) -> None:
        life.worker.dies()
        life.starts_slowly = asyncio.Event()
        life.failure = OSError("no processes left")
        await asyncio.sleep(10)
        assert life.seen == ("connecting", "worker_lost")
        await life.runner.disconnect(log_out=False)
        life.starts_slowly.set()
        await asyncio.sleep(3600)
        assert life.seen == ("disconnected", "stopped")

    live(tmp_path, script)


def test_logging_out_tells_the_phone(tmp_path: Path) -> None:
    async def script(life: Life) -> None:
        life.worker.says(CONNECTED)
        life.worker.answers = lambda _command: Reply(command_id=0)
        await moment()
        await life.runner.disconnect(log_out=True)
        assert life.seen == ("logged_out", "logged_out")

    live(tmp_path, script)


def test_a_pairing_code_is_shown_while_the_round_lasts(tmp_path: Path) -> None:
    async def script(life: Life) -> None:
        life.worker.answers = lambda _command: Reply(command_id=0, value="ABCD-1234")
        asking = asyncio.create_task(life.runner.pair_phone("40700000001"))
        await moment()
        life.worker.says(QrCode(payload="2@a", seconds_valid=60))
        assert await asking == "ABCD-1234"
        assert life.shown[-1].pairing_code == "ABCD-1234"
        life.worker.says(Paired(jid=JID), CONNECTED)
        await moment()
        assert life.runner.state.pairing_code is None
        with pytest.raises(WorkerError):
            await life.runner.pair_phone("40700000001")

    live(tmp_path, script, has_session=False)


def test_signs_of_life_are_passed_on(tmp_path: Path) -> None:
    async def script(life: Life) -> None:
        life.worker.says(CONNECTED, Heard(), JournalAdvanced(seq=3))
        await moment()
        assert life.advanced == 1
        assert life.runner.last_heard_at == clock() - timedelta(seconds=0.001)
        life.worker.says(Gone(detail="dial failed"))
        await moment()
        assert life.seen == ("disconnected", "network")
        assert life.runner.state.error is not None
        assert life.runner.state.error.detail == "dial failed"

    live(tmp_path, script)
