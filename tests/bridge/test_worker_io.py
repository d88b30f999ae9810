"""The worker's end of the protocol: whole frames, many threads, a clean end."""

import socket
import threading
from collections.abc import Iterator

import pytest

from bridge.errors import ProtocolBroken
from bridge.whatsapp.protocol import (
    Connect,
    Heard,
    Reply,
    Send,
    Stop,
    decode_report,
    encode_frame,
    frame_length,
)
from bridge.whatsapp.worker_io import WorkerPort
from tests.support.waiting import PATIENCE_SECONDS


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, WorkerPort]]:
    daemon, worker = socket.socketpair()
    daemon.settimeout(PATIENCE_SECONDS)
    port = WorkerPort.of_descriptor(worker.detach())
    yield daemon, port
    daemon.close()
    port.close()


def receive(daemon: socket.socket) -> object:
    body_length = frame_length(daemon.recv(4, socket.MSG_WAITALL))
    return decode_report(daemon.recv(body_length, socket.MSG_WAITALL))


def test_commands_come_whole_however_they_were_cut(
    ends: tuple[socket.socket, WorkerPort],
) -> None:
    daemon, port = ends
    sent = [Connect(), Send(command_id=7, to_jid="4072@s.whatsapp.net", body="ă" * 5000), Stop()]
    data = b"".join(encode_frame(command) for command in sent)

    def drip() -> None:
        for start in range(0, len(data), 777):
            daemon.sendall(data[start : start + 777])
        daemon.shutdown(socket.SHUT_WR)

    thread = threading.Thread(target=drip)
    thread.start()
    assert list(port.commands()) == sent
    thread.join()


def test_a_cut_frame_is_an_end_and_no_command(ends: tuple[socket.socket, WorkerPort]) -> None:
    daemon, port = ends
    daemon.sendall(encode_frame(Connect()) + encode_frame(Stop())[:-1])
    daemon.shutdown(socket.SHUT_WR)
    assert list(port.commands()) == [Connect()]


@pytest.mark.parametrize(
    "rubbish", [b"\xff\xff\xff\xff", b"\x00\x00\x00\x01\xc1", b"\x00\x00\x00\x02\x81\xa0"]
)
def test_what_is_no_command_is_refused(
    ends: tuple[socket.socket, WorkerPort], rubbish: bytes
) -> None:
    daemon, port = ends
    daemon.sendall(rubbish)
    daemon.shutdown(socket.SHUT_WR)
    with pytest.raises(ProtocolBroken):
        list(port.commands())


def test_reports_of_many_threads_stay_whole(ends: tuple[socket.socket, WorkerPort]) -> None:
    daemon, port = ends

    def talk(number: int) -> None:
        for _ in range(50):
            assert port.send(Reply(command_id=number, value="x" * 2000))

    threads = [threading.Thread(target=talk, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    got = [receive(daemon) for _ in range(200)]
    for thread in threads:
        thread.join()
    assert all(isinstance(report, Reply) for report in got)


def test_nobody_to_hear_is_no_error(ends: tuple[socket.socket, WorkerPort]) -> None:
    daemon, port = ends
    daemon.close()
    assert list(port.commands()) == []
    assert not port.send(Heard())


def test_waiting_can_be_interrupted_and_reports_still_go_out(
    ends: tuple[socket.socket, WorkerPort],
) -> None:
    daemon, port = ends
    thread = threading.Thread(target=lambda: list(port.commands()))
    thread.start()
    port.interrupt()
    thread.join(10)
    assert not thread.is_alive()
    assert port.send(Heard())
    assert receive(daemon) == Heard()
