"""A neonize worker journals every event as it came, and reports its own life."""

import stat
import threading
from pathlib import Path

from bridge.journal import JOURNAL_NAME
from bridge.whatsapp.neonize_setup import SESSION_NAME
from bridge.whatsapp.proto import EventCode, MessageEvent, neonize_pb2
from bridge.whatsapp.protocol import (
    Heard,
    JournalAdvanced,
    Paired,
    QrCode,
    Stop,
)
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
from tests.support.worker_under_test import (
    OWN_DEVICE,
    QR,
    WorkerUnderTest,
    connect,
    journal_of,
    output,
)


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
        emitting.join(0.01)
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


def test_what_the_library_logs_hides_phone_numbers(running: WorkerUnderTest, folder: Path) -> None:
    connect(running)
    running.library("log", "WARN", "Client", f"no answer\n\x1b[2Jfrom {CUSTOMER}")
    running.give(Stop())
    running.rest()
    running.exit_code()
    assert "no answer from …222@s.whatsapp.net" in output(folder)


def test_messages_of_the_journal_are_read_by_the_translator(
    running: WorkerUnderTest, folder: Path
) -> None:
    connect(running)
    running.library("emit", 17, message("Bună!", message_id="M7").SerializeToString())
    running.expect(JournalAdvanced)
    ((_code, payload),) = journal_of(folder)
    assert MessageEvent.FromString(payload).Info.ID == "M7"
