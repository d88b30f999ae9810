"""The life of an account in virtual time: every cause of an end, and what follows from it."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bridge.account_runner import QR_ROUNDS, AccountRunner
from bridge.account_state import AccountState, with_condition
from bridge.backoff import BackoffPolicy
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
from tests.support.fake_worker import FakeWorker
from tests.support.virtual_time import START, clock, run_virtually

JID = "40700000001@s.whatsapp.net"
CONNECTED = Connection(kind="connected")


class Life:
    """A runner with the workers that it started."""

    def __init__(self, folder: Path, state: AccountState, make: Callable[[], FakeWorker]) -> None:
        self.workers: list[FakeWorker] = []
        self.started_at: list[float] = []
        self.shown: list[AccountState] = []
        self.advanced = 0
        self.paired = 0
        self.failure: Exception | None = None

        async def start(_account_id: str, _device: str) -> FakeWorker:
            self.started_at.append(asyncio.get_running_loop().time())
            if self.failure is not None:
                raise self.failure
            self.workers.append(make())
            return self.workers[-1]

        self.runner = AccountRunner(
            "WA-01",
            state,
            start_worker=start,
            show=self.shown.append,
            journal_advanced=self._advance,
            paired=self._pair,
            clock=clock,
            connects_file=folder / "connects.json",
            policy=BackoffPolicy(jitter=0.0),
            chance=random.Random(1),
        )

    @property
    def worker(self) -> FakeWorker:
        return self.workers[-1]

    @property
    def seen(self) -> tuple[str, str]:
        return self.runner.state.status, self.runner.state.code

    def _advance(self) -> None:
        self.advanced += 1

    def _pair(self) -> None:
        self.paired += 1


def live(
    folder: Path,
    script: Callable[[Life], Coroutine[Any, Any, None]],
    *,
    state: AccountState = AccountState(),  # noqa: B008 - frozen
    has_session: bool = True,
) -> Life:
    """Run a script beside a runner in virtual time."""

    async def both() -> Life:
        life = Life(folder, state, lambda: FakeWorker(has_session=has_session))
        task = asyncio.create_task(life.runner.run())
        await asyncio.sleep(0.001)
        try:
            await script(life)
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        assert all(worker.is_gone for worker in life.workers)
        return life

    return run_virtually(both())


async def moment() -> None:
    await asyncio.sleep(0.001)


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


def test_an_unscanned_qr_is_renewed_for_some_rounds(tmp_path: Path) -> None:
    async def script(life: Life) -> None:
        for number in range(QR_ROUNDS):
            assert len(life.workers) == number + 1
            life.worker.says(
                QrCode(payload=f"2@{number}", seconds_valid=60), LoginFailed(reason="qr_timeout")
            )
            await moment()
        await asyncio.sleep(3600)
        assert len(life.workers) == QR_ROUNDS
        assert life.seen == ("disconnected", "qr_expired")
        await life.runner.connect()
        await moment()
        assert len(life.workers) == QR_ROUNDS + 1

    live(tmp_path, script, has_session=False)


def test_a_qr_round_that_hangs_is_ended(tmp_path: Path) -> None:
    async def script(life: Life) -> None:
        life.worker.says(QrCode(payload="2@a", seconds_valid=20))
        await asyncio.sleep(34)
        assert len(life.workers) == 1
        await asyncio.sleep(2)
        assert len(life.workers) == 2

    live(tmp_path, script, has_session=False)


def test_a_lost_worker_is_replaced_later_and_later(tmp_path: Path) -> None:
    async def script(life: Life) -> None:
        for _ in range(5):
            life.worker.dies()
            await moment()
            assert life.seen == ("disconnected", "worker_lost")
            assert life.runner.next_attempt_at is not None
            wait = life.runner.next_attempt_at - clock()
            await asyncio.sleep(wait.total_seconds() + 0.01)
        gaps = [
            round(after - before)
            for before, after in zip(life.started_at, life.started_at[1:], strict=False)
        ]
        assert gaps == [2, 4, 8, 16, 32]

    live(tmp_path, script)


def test_only_half_a_minute_of_connection_counts_as_healthy(tmp_path: Path) -> None:
    async def wait_after(life: Life, seconds: float) -> float:
        life.worker.says(CONNECTED)
        await asyncio.sleep(seconds)
        life.worker.dies()
        await moment()
        assert life.runner.next_attempt_at is not None
        wait = (life.runner.next_attempt_at - clock()).total_seconds()
        await asyncio.sleep(wait + 0.01)
        return wait

    async def script(life: Life) -> None:
        assert round(await wait_after(life, 5)) == 2
        assert round(await wait_after(life, 29)) == 4
        assert round(await wait_after(life, 31)) == 2

    live(tmp_path, script)


def test_the_network_away_is_no_end_until_it_takes_too_long(tmp_path: Path) -> None:
    async def script(life: Life) -> None:
        life.worker.says(CONNECTED, Connection(kind="disconnected"))
        await moment()
        assert life.seen == ("disconnected", "network")
        life.worker.says(CONNECTED)
        await moment()
        assert life.seen == ("connected", "")
        life.worker.says(Connection(kind="keepalive_timeout"))
        await moment()
        assert life.seen == ("disconnected", "network")
        life.worker.says(Connection(kind="keepalive_restored"))
        await asyncio.sleep(3600)
        assert life.seen == ("connected", "")
        assert len(life.workers) == 1
        life.worker.says(Connection(kind="disconnected"))
        await asyncio.sleep(310)
        assert len(life.workers) == 2

    live(tmp_path, script)


def test_a_history_sync_protects_its_worker(tmp_path: Path) -> None:
    async def script(life: Life) -> None:
        life.worker.says(Paired(jid=JID), CONNECTED, Connection(kind="disconnected"))
        await asyncio.sleep(800)
        await life.runner.replace_worker()
        assert len(life.workers) == 1
        await asyncio.sleep(800)
        assert life.workers[0].is_gone

    live(tmp_path, script)


def test_a_worker_that_says_nothing_is_replaced(tmp_path: Path) -> None:
    async def script(life: Life) -> None:
        await asyncio.sleep(125)
        assert len(life.workers) == 2
        assert life.workers[0].is_gone

    live(tmp_path, script)


def test_throttling_breaks_the_breaker(tmp_path: Path) -> None:
    async def script(life: Life) -> None:
        for _ in range(6):
            life.worker.says(Connection(kind="throttled"))
            await moment()
            assert life.seen == ("disconnected", "throttled")
            assert life.runner.next_attempt_at is not None
            wait = life.runner.next_attempt_at - clock()
            if len(life.workers) < 6:
                assert wait <= timedelta(seconds=60)
                await asyncio.sleep(wait.total_seconds() + 0.01)
        assert wait > timedelta(minutes=14)

    live(tmp_path, script)


def test_the_daily_budget_survives_a_restart(tmp_path: Path) -> None:
    async def use_up(life: Life) -> None:
        for number in range(60):
            assert len(life.workers) == number + 1
            life.worker.dies()
            await moment()
            await life.runner.connect()
            await moment()
        assert life.seen == ("failed", "reconnect_budget")

    async def after(life: Life) -> None:
        assert life.seen == ("failed", "reconnect_budget")
        assert not life.workers

    live(tmp_path, use_up)
    live(tmp_path, after)


@pytest.mark.parametrize("code", ["stopped", "logged_out", "qr_expired", "banned"])
def test_a_waiting_account_waits_after_a_restart_too(tmp_path: Path, code: str) -> None:
    async def script(life: Life) -> None:
        await asyncio.sleep(3600)
        assert not life.workers

    live(tmp_path, script, state=with_condition(AccountState(), code, "", START))


def test_a_worker_that_cannot_be_started_is_tried_again(tmp_path: Path) -> None:
    async def script(life: Life) -> None:
        life.failure = FileNotFoundError(2, "no such file")
        life.worker.dies()
        await asyncio.sleep(100)
        assert life.seen[1] == "worker_lost"
        life.failure = None
        await asyncio.sleep(61)
        assert not life.worker.is_gone

    live(tmp_path, script)


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
