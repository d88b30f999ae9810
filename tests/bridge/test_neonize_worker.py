"""The neonize worker, through neonize's own dispatcher, with a stand-in for its Go library."""

import sqlite3
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.journal import Journal
from bridge.whatsapp import own_end
from bridge.whatsapp.neonize_setup import JOURNAL_NAME, SESSION_NAME
from bridge.whatsapp.proto import E2EMessage, EventCode, MessageEvent, neonize_pb2
from bridge.whatsapp.protocol import (
    PROTOCOL_VERSION,
    Connect,
    Connection,
    DownloadMedia,
    Gone,
    Heard,
    JournalAdvanced,
    LeaseUntil,
    LoginFailed,
    LogOut,
    MarkRead,
    Paired,
    PairPhone,
    QrCode,
    Ready,
    Reply,
    Send,
    Stop,
)
from core.clock import boot_seconds
from tests.support.neonize_events import (
    CUSTOMER,
    OWN_LID,
    OWN_PHONE,
    history,
    jid,
    message,
    past,
    receipt,
)
from tests.support.worker_under_test import WorkerUnderTest, worker

OWN_DEVICE = "40711111111:12@s.whatsapp.net"
QR = b"2@AbCd,Ef==,Gh==,Ij=="


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "accounts" / "shop"


@pytest.fixture
def quiet_seconds() -> str:
    """How long a clean stop waits for late events; most tests have none."""
    return "0.1"


@pytest.fixture
def running(folder: Path, quiet_seconds: str) -> Iterator[WorkerUnderTest]:
    folder.parent.mkdir()
    with worker(folder, environment={"QUIET_SECONDS": quiet_seconds}) as it:
        assert it.expect(Ready) == Ready(protocol=PROTOCOL_VERSION, has_session=False)
        it.give(Connect())
        yield it


def connect(it: WorkerUnderTest) -> None:
    me = neonize_pb2.Device(
        JID=jid(OWN_DEVICE),
        LID=jid(OWN_LID),
        Platform="android",
        BussinessName="",
        PushName="Shop",
        Initialized=True,
    )
    it.library("emit", int(EventCode.DEVICE), me.SerializeToString())
    connected = neonize_pb2.Connected(status=True).SerializeToString()
    it.library("emit", int(EventCode.CONNECTED), connected)
    assert it.expect(Connection).kind == "connected"


def output(folder: Path) -> str:
    return (folder.parent / "output").read_text()


def journal_of(folder: Path) -> list[tuple[int, bytes]]:
    journal = Journal.open(folder / JOURNAL_NAME)
    try:
        return [(entry.code, entry.payload) for entry in journal.read(100)]
    finally:
        journal.close()


def test_a_phone_is_paired_by_qr_and_everything_is_reported(
    running: WorkerUnderTest, folder: Path
) -> None:
    running.library("qr", QR)
    assert running.expect(QrCode) == QrCode(payload=QR.decode(), seconds_valid=60)
    running.library("qr", QR + b"2")
    assert running.expect(QrCode).seconds_valid == 20
    running.library("login", b"success")
    status = neonize_pb2.PairStatus(
        ID=jid(OWN_DEVICE),
        BusinessName="Shop SRL",
        Platform="android",
        Status=neonize_pb2.PairStatus.SUCCESS,
    )
    running.library("emit", int(EventCode.PAIR_STATUS), status.SerializeToString())
    assert running.expect(Paired) == Paired(
        jid=OWN_PHONE, device_jid=OWN_DEVICE, push_name="Shop SRL"
    )
    connect(running)
    known = Paired(jid=OWN_PHONE, lid_jid=OWN_LID, device_jid=OWN_DEVICE, push_name="Shop")
    assert known in running.reports
    running.give(Stop())
    running.rest()
    assert running.exit_code() == 0
    assert QR.decode() not in output(folder), "the QR code is for the screen alone"
    assert "\u2588" not in output(folder), "neonize drew a QR code"


def test_a_clean_stop_disconnects_drains_and_says_nothing(
    running: WorkerUnderTest, folder: Path
) -> None:
    connect(running)
    running.give(Stop())
    assert not any(isinstance(report, Gone) for report in running.rest())
    assert running.exit_code() == 0


def test_events_are_journalled_as_they_came(running: WorkerUnderTest, folder: Path) -> None:
    connect(running)
    events = [
        (13, history((CUSTOMER, [past("H1", "mai demult")], {})).SerializeToString()),
        (17, message("Bună, cât costă? 🎈").SerializeToString()),
        (18, receipt(4, "3EB0SENT1").SerializeToString()),
    ]
    for number, (code, payload) in enumerate(events, 1):
        assert running.library("emit", code, payload)
        assert running.expect(JournalAdvanced).seq == number
    assert journal_of(folder) == events
    assert sum(isinstance(report, Heard) for report in running.reports) < 4


def test_an_event_waits_while_the_disk_does_not_take_it(
    running: WorkerUnderTest, folder: Path
) -> None:
    connect(running)
    journal, away = folder / JOURNAL_NAME, folder / "away"
    journal.rename(away)
    payload = message("Bună!").SerializeToString()
    emitting = threading.Thread(target=running.library, args=("emit", 17, payload))
    emitting.start()
    while "an event waits for the journal" not in output(folder):
        assert emitting.is_alive()
    away.rename(journal)
    assert running.expect(JournalAdvanced).seq == 1
    emitting.join()
    assert journal_of(folder) == [(17, payload)]


def test_files_are_for_the_owner_alone(running: WorkerUnderTest, folder: Path) -> None:
    connect(running)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_the_library_is_started_as_it_must_be(running: WorkerUnderTest) -> None:
    connect(running)
    assert running.library("level") == b"WARN"
    assert running.library("database") == SESSION_NAME.encode()
    assert b"capcoada" in running.library("props")
    assert {3, 6, 7, 8, 9, 10, 12, 13, 17, 18, 44} <= running.library("subscriptions")


def test_a_text_is_sent_as_it_is(running: WorkerUnderTest) -> None:
    connect(running)
    running.give(Send(command_id=1, to_jid=CUSTOMER, body="Salut @40700000001 🎂"))
    assert running.expect(Reply) == Reply(
        command_id=1, value="3EB0SENT1", timestamp_seconds=1_773_500_970
    )
    running.give(
        Send(
            command_id=2,
            to_jid=CUSTOMER,
            body="Da",
            quoted_message_id="M1",
            quoted_sender_jid=CUSTOMER,
            quoted_body="Se poate?",
        )
    )
    assert running.expect(Reply).value == "3EB0SENT2"
    first, second = running.library("sent")
    assert first[0] == CUSTOMER
    assert E2EMessage.FromString(first[1]) == E2EMessage(conversation="Salut @40700000001 🎂")
    reply = E2EMessage.FromString(second[1]).extendedTextMessage
    assert (reply.text, reply.contextInfo.stanzaID) == ("Da", "M1")
    assert reply.contextInfo.participant == CUSTOMER
    assert reply.contextInfo.quotedMessage.conversation == "Se poate?"


@pytest.mark.parametrize(
    ("text", "failure"),
    [
        ("server returned error 463", "reach_out_limited"),
        ("timed out waiting for message send response", "outcome_unknown"),
        ("websocket not connected", "not_connected"),
    ],
)
def test_a_failed_send_says_what_it_means(
    running: WorkerUnderTest, text: str, failure: str
) -> None:
    connect(running)
    running.library("answers", {"SendMessage": text.encode()})
    running.give(Send(command_id=5, to_jid=CUSTOMER, body="x"))
    reply = running.expect(Reply)
    assert (reply.command_id, reply.failure, reply.detail) == (5, failure, text)


def test_nothing_is_asked_of_the_library_before_it_is_connected(
    running: WorkerUnderTest,
) -> None:
    running.library("qr", QR)
    running.expect(QrCode)
    running.give(
        Send(command_id=1, to_jid=CUSTOMER, body="x"),
        MarkRead(command_id=2, chat_jid=CUSTOMER, sender_jid=CUSTOMER, message_ids=["M"]),
        LogOut(command_id=3),
    )
    replies = {reply.command_id: reply.failure for reply in _replies(running, 3)}
    assert replies == {1: "not_connected", 2: "not_connected", 3: "not_connected"}
    assert running.library("calls") == [("Neonize", b"session.db")]


def _replies(it: WorkerUnderTest, count: int) -> list[Reply]:
    return [it.expect(Reply) for _ in range(count)]


def test_messages_are_marked_read(running: WorkerUnderTest) -> None:
    connect(running)
    running.give(
        MarkRead(command_id=1, chat_jid=CUSTOMER, sender_jid=CUSTOMER, message_ids=["A", "B"]),
        MarkRead(command_id=2, chat_jid=CUSTOMER, sender_jid=CUSTOMER, message_ids=["A B"]),
    )
    assert [reply.failure for reply in _replies(running, 2)] == [None, "refused"]
    assert ("MarkRead", b"A B", b"read") in running.library("calls")


def test_a_pairing_code_is_had_after_the_first_qr_code(running: WorkerUnderTest) -> None:
    running.give(PairPhone(command_id=1, phone="40711111111"))
    running.library("qr", QR)
    assert running.expect(Reply) == Reply(command_id=1, value="ABCD-1234")
    assert ("PairPhone", "40711111111", "Chrome (Linux)") in running.library("calls")
    running.library("answers", {"PairPhone": b"too many attempts"})
    running.give(PairPhone(command_id=2, phone="40711111111"))
    reply = running.expect(Reply)
    assert (reply.failure, reply.detail) == ("refused", "too many attempts")


def test_media_is_fetched_by_what_the_journal_holds(
    running: WorkerUnderTest, tmp_path: Path
) -> None:
    connect(running)
    picture = E2EMessage()
    picture.imageMessage.mediaKey = b"key"
    wrapped = E2EMessage()
    wrapped.ephemeralMessage.message.CopyFrom(picture)
    chunk = history((CUSTOMER, [past("H2", wrapped), past("H1", "text")], {}))
    running.library("emit", 17, message(picture).SerializeToString())
    running.library("emit", 13, chunk.SerializeToString())
    target = tmp_path / "media" / "photo.jpg"
    for number, (seq, message_id, failure) in enumerate(
        [(1, "", None), (2, "H2", None), (2, "H1", "refused"), (9, "", "refused")]
    ):
        running.give(
            DownloadMedia(
                command_id=number, journal_seq=seq, target=str(target), message_id=message_id
            )
        )
        assert running.expect(Reply).failure == failure
    assert target.read_bytes() == b"\x00media\xff"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert running.library("calls").count(("DownloadAny", "imageMessage")) == 2


def test_logging_out_forgets_the_session(running: WorkerUnderTest, folder: Path) -> None:
    connect(running)
    sqlite3.connect(folder / SESSION_NAME).close()
    (folder / SESSION_NAME).touch()
    running.give(LogOut(command_id=1))
    assert running.expect(Reply) == Reply(command_id=1)
    running.rest()
    assert running.exit_code() == 0
    assert not (folder / SESSION_NAME).exists()


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
    while ("SendMessage",) not in running.library("calls"):
        pass
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
    while ("Disconnect",) not in running.library("calls"):
        pass
    running.library("emit", 17, late)
    running.rest()
    assert running.exit_code() == 0
    assert journal_of(folder) == [(17, late)]


def test_what_the_library_logs_hides_phone_numbers(running: WorkerUnderTest, folder: Path) -> None:
    connect(running)
    running.library("log", "WARN", "Client", f"no answer\n\x1b[2Jfrom {CUSTOMER}")
    running.give(Stop())
    running.rest()
    running.exit_code()
    assert "no answer from …222@s.whatsapp.net" in output(folder)


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


def test_messages_of_the_journal_are_read_by_the_translator(
    running: WorkerUnderTest, folder: Path
) -> None:
    connect(running)
    running.library("emit", 17, message("Bună!", message_id="M7").SerializeToString())
    running.expect(JournalAdvanced)
    ((_code, payload),) = journal_of(folder)
    assert MessageEvent.FromString(payload).Info.ID == "M7"


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


def test_nothing_is_sent_once_the_lease_has_run_out(running: WorkerUnderTest) -> None:
    connect(running)
    now = boot_seconds()
    late = Send(command_id=1, to_jid=CUSTOMER, body="prea târziu")
    running.give(LeaseUntil(stop_at=now - 1, gone_at=now + 60), late)
    running.rest()
    assert all(not reply.value for reply in running.reports if isinstance(reply, Reply))
