"""Runs a worker as the bridge would, and speaks to it and to the library below it."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from bridge.journal import JOURNAL_NAME, Journal
from bridge.whatsapp.proto import EventCode, neonize_pb2
from bridge.whatsapp.protocol import (
    Command,
    Connection,
    Report,
    decode_report,
    encode_frame,
    frame_length,
)
from tests.support.neonize_events import (
    OWN_LID,
    jid,
)
from tests.support.waiting import PATIENCE_SECONDS
from tests.support.worker_with_fake_go import receive, send

REPOSITORY = Path(__file__).parents[2]
R = TypeVar("R")


class WorkerUnderTest:
    """One worker process, its reports, and the library that it believes to be neonize's."""

    def __init__(
        self, process: subprocess.Popen[bytes], daemon: socket.socket, control: socket.socket
    ) -> None:
        self.process = process
        self.daemon = daemon
        self._control = control
        self.reports: list[Report] = []

    def give(self, *commands: Command) -> None:
        """Send commands, as the bridge does."""
        self.daemon.sendall(b"".join(encode_frame(command) for command in commands))

    def library(self, name: str, *arguments: Any) -> Any:
        """Make something happen in the library, or ask for one of its attributes."""
        send(self._control, (name, *arguments))
        return receive(self._control)

    def expect(self, kind: type[R]) -> R:
        """Return the next report of this kind; what comes before it is kept in `reports`."""
        while (report := self.next_report()) is not None:
            if isinstance(report, kind):
                return report
        raise AssertionError(f"no {kind.__name__}; the worker said {self.reports}")

    def next_report(self) -> Report | None:
        """Return the next report, None at the end of the stream."""
        header = self.daemon.recv(4, socket.MSG_WAITALL)
        if len(header) < 4:
            return None
        body = self.daemon.recv(frame_length(header), socket.MSG_WAITALL)
        self.reports.append(decode_report(body))
        return self.reports[-1]

    def rest(self) -> list[Report]:
        """Return every report until the worker closes its side."""
        before = len(self.reports)
        while self.next_report() is not None:
            pass
        return self.reports[before:]

    def exit_code(self) -> int:
        """Wait for the end of the process."""
        return self.process.wait(PATIENCE_SECONDS)


@contextmanager
def worker(
    folder: Path, *, module: str = "", environment: Mapping[str, str] | None = None
) -> Iterator[WorkerUnderTest]:
    """Start a worker on the stand-in library, or `module` as it is; its output is in `output`."""
    daemon, theirs = socket.socketpair()
    control, their_control = socket.socketpair()
    daemon.settimeout(PATIENCE_SECONDS)
    control.settimeout(PATIENCE_SECONDS)
    program = [module] if module else [
        "tests.support.worker_with_fake_go", str(their_control.fileno())
    ]  # fmt: skip
    arguments = ["--account", "shop", "--folder", str(folder), "--fd", str(theirs.fileno())]
    output = folder.parent / "output"
    with output.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *program, *arguments],
            cwd=REPOSITORY,
            env={**os.environ, "NEONIZE_BOT_TAG": "off", **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(theirs.fileno(), their_control.fileno()),
            start_new_session=True,
        )
    theirs.close()
    their_control.close()
    try:
        yield WorkerUnderTest(process, daemon, control)
    finally:
        process.kill()
        process.wait()
        daemon.close()
        control.close()


OWN_DEVICE = "40711111111:12@s.whatsapp.net"
QR = b"2@AbCd,Ef==,Gh==,Ij=="


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
