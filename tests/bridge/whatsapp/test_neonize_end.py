"""However a neonize worker ends, it ends in time, and says why."""

from pathlib import Path

import pytest

from bridge.journal import JOURNAL_NAME
from bridge.whatsapp import own_end
from bridge.whatsapp.protocol import (
    Gone,
    LeaseUntil,
    LoginFailed,
    Reply,
    Send,
    Stop,
)
from core.clock import boot_seconds
from tests.support.neonize_events import (
    CUSTOMER,
    message,
)
from tests.support.worker_under_test import QR, WorkerUnderTest, connect, journal_of, output, worker


def test_a_clean_stop_disconnects_drains_and_says_nothing(
    running: WorkerUnderTest, folder: Path
) -> None:
    connect(running)
    running.give(Stop())
    assert not any(isinstance(report, Gone) for report in running.rest())
    assert running.exit_code() == 0


@pytest.mark.parametrize(
    ("status", "reason"),
    [(b"timeout", "qr_timeout"), (b"passkey-request", "passkey_required")],
)
def test_a_failed_pairing_round_ends_the_worker(
    running: WorkerUnderTest, status: bytes, reason: str
) -> None:
    running.library("qr", QR)
    running.library("login", status)
    assert running.expect(LoginFailed).reason == reason
    running.rest()
    assert running.exit_code() == 4


def test_a_library_that_hangs_does_not_keep_the_worker(running: WorkerUnderTest) -> None:
    running.library("answers", {"Stop": b"ignored"})
    running.library("qr", QR)
    running.library("login", b"timeout")
    running.rest()
    assert running.exit_code() == 4


def test_a_stop_lets_a_send_finish_and_refuses_those_that_wait(running: WorkerUnderTest) -> None:
    connect(running)
    running.library("delay_sends", True)
    running.give(Send(command_id=1, to_jid=CUSTOMER, body="1"))
    assert running.library("wait_for_call", "SendMessage")
    running.give(Send(command_id=2, to_jid=CUSTOMER, body="2"), Stop())
    running.library("delay_sends", False)
    replies = {r.command_id: r for r in running.rest() if isinstance(r, Reply)}
    assert replies[1].value == "3EB0SENT1"
    # Whether the second had begun is a matter of moments; but it got an answer.
    assert replies[2].failure == "not_connected" or replies[2].value == "3EB0SENT2"
    assert running.exit_code() == 0


def test_the_end_of_the_connection_ends_the_worker(running: WorkerUnderTest, folder: Path) -> None:
    running.library("end", b"failed to dial whatsapp web websocket: no such host")
    assert "failed to dial" in running.expect(Gone).detail
    running.rest()
    assert running.exit_code() == 4


def test_a_signal_ends_the_worker_as_a_stop_does(running: WorkerUnderTest) -> None:
    connect(running)
    running.process.terminate()
    assert not any(isinstance(report, Gone) for report in running.rest())
    assert running.exit_code() == 0


def test_a_bridge_that_is_gone_ends_the_worker(running: WorkerUnderTest) -> None:
    connect(running)
    running.daemon.close()
    assert running.exit_code() == 0


def test_a_callback_that_fails_is_not_lost(running: WorkerUnderTest, folder: Path) -> None:
    connect(running)
    running.library("emit", 17, b"\xff\xff\xff")
    assert "a callback failed" in running.expect(Gone).detail
    running.rest()
    assert running.exit_code() == 1
    assert "an exception was lost" in output(folder)


@pytest.mark.parametrize("quiet_seconds", ["4"])
def test_events_that_arrive_while_stopping_are_still_journalled(
    running: WorkerUnderTest, folder: Path
) -> None:
    connect(running)
    running.give(Stop())
    late = message("încă una").SerializeToString()
    assert running.library("wait_for_call", "Disconnect")
    running.library("emit", 17, late)
    running.rest()
    assert running.exit_code() == 0
    assert journal_of(folder) == [(17, late)]


def test_the_bot_tag_must_be_off(folder: Path) -> None:
    folder.parent.mkdir()
    with worker(folder, environment={"NEONIZE_BOT_TAG": "on"}) as it:
        assert "NEONIZE_BOT_TAG" in it.expect(Gone).detail
        assert it.exit_code() == 3


def test_a_damaged_journal_is_told(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / JOURNAL_NAME).write_bytes(b"rubbish" * 1000)
    with worker(folder) as it:
        assert "damaged" in it.expect(Gone).detail
        assert it.exit_code() == 3


def test_it_ends_in_time_when_its_bridge_stands_still(
    running: WorkerUnderTest, folder: Path
) -> None:
    connect(running)
    now = boot_seconds()
    running.give(LeaseUntil(stop_at=now + 0.2, gone_at=now + 60))
    said = running.rest()
    assert boot_seconds() >= now + 0.2
    assert any(isinstance(report, Gone) and "lease" in report.detail for report in said)
    assert running.exit_code() == 4


def test_the_process_is_gone_in_time_whatever_hangs(running: WorkerUnderTest) -> None:
    connect(running)
    running.library("answers", {"Stop": b"hangs"})
    running.library("delay_sends", True)
    running.give(Send(command_id=1, to_jid=CUSTOMER, body="pe drum"))
    now = boot_seconds()
    running.give(LeaseUntil(stop_at=now, gone_at=now + 0.3))
    assert running.exit_code() == own_end.EXIT_CODE
