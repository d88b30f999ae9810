"""What the bridge asks of a neonize worker, and what it answers."""

import sqlite3
import stat
from pathlib import Path

import pytest

from bridge.whatsapp.neonize_setup import SESSION_NAME
from bridge.whatsapp.proto import E2EMessage
from bridge.whatsapp.protocol import (
    DownloadMedia,
    LeaseUntil,
    LogOut,
    MarkRead,
    PairPhone,
    QrCode,
    Reply,
    Send,
)
from core.clock import boot_seconds
from tests.support.neonize_events import (
    CUSTOMER,
    history,
    message,
    past,
)
from tests.support.worker_under_test import QR, WorkerUnderTest, connect


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


def test_nothing_is_sent_once_the_lease_has_run_out(running: WorkerUnderTest) -> None:
    connect(running)
    now = boot_seconds()
    late = Send(command_id=1, to_jid=CUSTOMER, body="prea târziu")
    running.give(LeaseUntil(stop_at=now - 1, gone_at=now + 60), late)
    running.rest()
    assert all(not reply.value for reply in running.reports if isinstance(reply, Reply))
