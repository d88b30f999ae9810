"""Whatever ends a connection, the account is connected again: soon, and ever less often."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from bridge.account_runner import QR_ROUNDS
from bridge.account_state import AccountState, with_condition
from bridge.whatsapp.protocol import (
    Connection,
    LoginFailed,
    Paired,
    QrCode,
)
from tests.support.account_life import CONNECTED, JID, Life, live, moment
from tests.support.virtual_time import START, clock


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


def test_a_worker_that_only_says_who_it_is_has_no_history_to_protect(tmp_path: Path) -> None:
    device = "40700000001:5@s.whatsapp.net"

    async def script(life: Life) -> None:
        life.worker.says(Paired(jid=JID, lid_jid="7@lid", device_jid=device), CONNECTED)
        await moment()
        assert life.seen == ("connected", "")
        assert life.paired == 0
        await life.runner.replace_worker()
        assert life.workers[0].is_gone

    live(tmp_path, script, state=AccountState(status="connected", jid=JID, device_jid=device))


def test_another_number_is_not_known_by_what_the_last_one_was(tmp_path: Path) -> None:
    async def script(life: Life) -> None:
        life.worker.says(QrCode(payload="2@a", seconds_valid=60), Paired(jid=JID))
        await moment()
        state = life.runner.state
        assert (state.jid, state.lid_jid, state.device_jid, state.push_name) == (
            JID,
            None,
            None,
            "",
        )
        assert life.paired == 1

    old = AccountState(
        jid="40799999999@s.whatsapp.net",
        lid_jid="9@lid",
        device_jid="40799999999:2@x",
        push_name="A",
    )
    live(tmp_path, script, state=old, has_session=False)


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
