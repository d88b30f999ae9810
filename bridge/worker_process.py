"""The daemon's side of an account worker: a child process, spoken to over a socket pair.

The child is started by exec, never forked, because neonize's Go core does not survive a fork and
reads its environment at exec. It runs in a session of its own, so that Ctrl+C in the daemon's
terminal reaches the daemon alone, which then stops its workers in order.
"""

import asyncio
import contextlib
import logging
import os
import shutil
import signal
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Self

import msgspec

from bridge.whatsapp.protocol import (
    Command,
    Connect,
    Frame,
    LeaseUntil,
    Reply,
    Report,
    Stop,
    decode_report,
    encode_frame,
    frame_length,
)
from bridge.worker_lock import hold_worker_lock

_log = logging.getLogger(__name__)

LOG_NAME = "worker.log"
_LONGEST_LOG = 5 * 1024 * 1024
"""Bytes; a longer worker log is put aside."""
_LOG_LOOK_SECONDS = 60.0
"""How often a worker that has something to report has its log looked at."""
_WORKER_ENVIRONMENT = {
    "NEONIZE_BOT_TAG": "off",  # else customers see an AI badge on every message
    "PYTHONUNBUFFERED": "1",
}


class WorkerProcess:
    """A worker as a child process; implements `bridge.worker_port.Worker`."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        name: str,
        log: Path,
    ) -> None:
        self._process = process
        self._writer = writer
        self._name = name
        self._reports: asyncio.Queue[Report | None] = asyncio.Queue()
        self._replies: dict[int, asyncio.Future[Reply]] = {}
        self._last_id = 0
        self._is_gone = False
        self._log_file = log
        self._log_looked_at = asyncio.get_running_loop().time()
        self._reading = asyncio.create_task(self._read(reader), name=f"worker {name}: read")

    @classmethod
    async def start(
        cls,
        name: str,
        arguments: Sequence[str],
        folder: Path,
        more: Mapping[str, str] = MappingProxyType({}),
    ) -> Self:
        """Start `python ARGUMENTS --fd N` with its log in `folder` and `more` in its environment.

        Raises OSError when it cannot be started and WorkerError when an earlier worker of this
        account will not go away.
        """
        _make(folder)
        lock = await hold_worker_lock(folder)
        ours, theirs = socket.socketpair()
        try:
            with contextlib.closing(theirs), _open_log(folder / LOG_NAME) as log:
                process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-P",
                    *arguments,
                    "--fd",
                    str(theirs.fileno()),
                    stdin=asyncio.subprocess.DEVNULL,
                    # neonize's Go core prints pairing codes there, and the errors that it tells us.
                    stdout=asyncio.subprocess.DEVNULL,
                    stderr=log,
                    env=worker_environment(os.environ) | dict(more),
                    pass_fds=(theirs.fileno(), lock.fileno()),
                    start_new_session=True,
                )
            lock.note_pid(process.pid)
            ours.setblocking(False)
            reader, writer = await asyncio.open_connection(sock=ours)
        except BaseException:
            ours.close()
            raise
        finally:
            lock.close()  # the worker holds it from now on
        return cls(process, reader, writer, name, folder / LOG_NAME)

    @property
    def pid(self) -> int:
        """The worker's process id."""
        return self._process.pid

    async def report(self) -> Report | None:
        """Return the next report, None once the worker is gone; may be cancelled safely."""
        report = await self._reports.get()
        if report is None:
            self._reports.put_nowait(None)
        return report

    async def tell(self, command: Command) -> None:
        """Give a command that has no reply."""
        with contextlib.suppress(ConnectionError):
            self._write(command)
            await self._writer.drain()

    def ask(self, command: Command) -> asyncio.Future[Reply]:
        """Give a command and return its reply to come."""
        assert not isinstance(command, Connect | LeaseUntil | Stop)
        reply: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._last_id += 1
        numbered = msgspec.structs.replace(command, command_id=self._last_id)
        if self._is_gone or self._writer.is_closing():
            reply.set_result(Reply(command_id=self._last_id, failure="not_connected"))
            return reply
        self._replies[self._last_id] = reply
        self._write(numbered)
        return reply

    async def end(self, *, grace_seconds: float) -> None:
        """Ask the worker to stop, kill it after the grace, and wait until it is gone."""
        if self._process.returncode is None and grace_seconds > 0:
            await self.tell(Stop())
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(grace_seconds):
                    await self._process.wait()
        if self._process.returncode is None:
            _log.warning("%s: worker %d did not stop in time; killed", self._name, self.pid)
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGKILL)
        await self._process.wait()
        await self._reading
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()

    def _write(self, command: Frame) -> None:
        if not self._writer.is_closing():
            self._writer.write(encode_frame(command))

    async def _read(self, reader: asyncio.StreamReader) -> None:
        """Take in frames until the worker closes its end."""
        try:
            while True:
                length = frame_length(await reader.readexactly(4))
                self._take(decode_report(await reader.readexactly(length)))
                self._look_at_log()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        except (msgspec.MsgspecError, ValueError) as error:
            _log.error("%s: the worker's stream is broken: %s", self._name, error)
        finally:
            self._is_gone = True
            for command_id, reply in self._replies.items():
                if not reply.done():
                    gone = Reply(command_id=command_id, failure="outcome_unknown")
                    reply.set_result(gone)
            self._replies.clear()
            self._reports.put_nowait(None)

    def _look_at_log(self) -> None:
        now = asyncio.get_running_loop().time()
        if now >= self._log_looked_at + _LOG_LOOK_SECONDS:
            self._log_looked_at = now
            put_long_log_aside(self._log_file)

    def _take(self, report: Report) -> None:
        if not isinstance(report, Reply):
            self._reports.put_nowait(report)
            return
        reply = self._replies.pop(report.command_id, None)
        if reply is not None and not reply.done():
            reply.set_result(report)


def worker_environment(base: Mapping[str, str]) -> dict[str, str]:
    """Return the environment that a worker is started with."""
    sources = str(Path(__file__).resolve().parents[1])
    paths = os.pathsep.join(filter(None, (sources, base.get("PYTHONPATH"))))
    return {**base, **_WORKER_ENVIRONMENT, "PYTHONPATH": paths}


def _make(folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)


def put_long_log_aside(path: Path) -> None:
    """Keep what a long log says in a second file, and empty it.

    A worker that lives goes on in the same file, which it appends to; a line that it writes between
    the two steps is lost.
    """
    try:
        if path.stat().st_size > _LONGEST_LOG:
            shutil.copyfile(path, path.with_name(path.name + ".1"))
            os.truncate(path, 0)
    except OSError as error:  # A full disk, perhaps: the worker matters more than its log.
        _log.warning("%s cannot be put aside: %s", path, error)


@contextlib.contextmanager
def _open_log(path: Path) -> Iterator[int]:
    """Open the worker's log for appending, as a descriptor; a large one is put aside first."""
    if path.exists():
        put_long_log_aside(path)
    fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        yield fd
    finally:
        os.close(fd)
