"""The account worker that speaks to WhatsApp: `python -m bridge.whatsapp.neonize_worker`.

One process per account, because the library's Go core shares unlocked tables between accounts and
can end a process but not always a connection. The bridge starts it, gives it commands over an
inherited socket and replaces it whenever its connection ends; see docs/whatsapp.md.
"""

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from enum import IntEnum
from pathlib import Path
from types import TracebackType
from typing import NoReturn

from bridge.errors import JournalError, ProtocolBroken, SessionDamaged, SetupFailed
from bridge.journal import JOURNAL_NAME, Journal
from bridge.session_place import SessionPlace
from bridge.whatsapp.neonize_errands import Errands
from bridge.whatsapp.neonize_session import Session
from bridge.whatsapp.neonize_setup import (
    check_environment,
    configure_logging,
    forget_session,
    has_session,
    load_neonize,
)
from bridge.whatsapp.own_end import OwnEnd
from bridge.whatsapp.protocol import (
    PROTOCOL_VERSION,
    Connect,
    Connection,
    Gone,
    LeaseUntil,
    Ready,
    Stop,
)
from bridge.whatsapp.worker_io import WorkerPort
from core.clock import system_clock

_log = logging.getLogger("capcoada.worker")

_SEND_PATIENCE_SECONDS = 2.0
_QUIET_SECONDS = 2.0
_DRAIN_SECONDS = 10.0
"""Bounds of a clean stop: a send under way, and the events that the library still holds."""
_END_SECONDS = 2.0


class ExitCode(IntEnum):
    """What the process's exit code says."""

    STOPPED = 0
    FAILED = 1
    USAGE = 2
    SETUP = 3
    OVER = 4
    """The connection or the pairing round ended by itself."""


class Worker:
    """The process: waits for commands, and ends in order."""

    def __init__(
        self, account_id: str, folder: Path, place: SessionPlace, port: WorkerPort
    ) -> None:
        self._account_id = account_id
        self._folder = folder
        self._place = place
        self._port = port
        self._own_end = OwnEnd(self.finish)
        self._ending = threading.Lock()
        self._exit_code = ExitCode.STOPPED
        self._gone = ""
        self._is_over = False
        self._is_logged_out = False

    def run(self) -> ExitCode:
        """Set up, work until told to stop or until the connection is over, and clean up."""
        try:
            check_environment()
            paired = has_session(self._place, system_clock())
            journal = Journal.open(self._folder / JOURNAL_NAME)
        except SessionDamaged as error:
            self._port.send(Connection(kind="logged_out", detail=str(error)))
            return self._failed_setup(error)
        except (SetupFailed, JournalError) as error:
            return self._failed_setup(error)
        try:
            library = load_neonize()
            session = Session(
                library,
                self._account_id,
                place=self._place,
                journal=journal,
                port=self._port,
                finish=self.finish,
            )
        except SetupFailed as error:
            journal.close()
            return self._failed_setup(error)
        errands = Errands(session, journal, self._port, self._own_end, self._on_logged_out)
        self._port.send(Ready(protocol=PROTOCOL_VERSION, has_session=paired))
        self._obey(session, errands)
        self._end(session, errands, journal)
        return self._exit_code

    def finish(self, detail: str, exit_code: ExitCode = ExitCode.OVER) -> None:
        """Begin the end, from any thread: the first reason given is the one that is told."""
        with self._ending:
            if not self._is_over:
                self._is_over = True
                self._exit_code = exit_code
                self._gone = detail
        self._port.interrupt()

    def _failed_setup(self, error: Exception) -> ExitCode:
        _log.error("cannot start: %s", error)
        self._port.send(Gone(detail=str(error)))
        return ExitCode.SETUP

    def _obey(self, session: Session, errands: Errands) -> None:
        """Carry out commands until there are no more."""
        try:
            for command in self._port.commands():
                if isinstance(command, Connect):
                    session.connect()
                elif isinstance(command, LeaseUntil):
                    self._own_end.put_off(command)
                elif isinstance(command, Stop):
                    return
                else:
                    errands.give(command)
        except ProtocolBroken as error:
            self.finish(str(error), ExitCode.FAILED)

    def _end(self, session: Session, errands: Errands, journal: Journal) -> None:
        """Take leave: nothing that WhatsApp believes delivered may stay in the library."""
        with self._ending:
            self._is_over = True  # what ends from here on ends because we stop
        errands.close(_SEND_PATIENCE_SECONDS)
        if session.started.is_set() and not session.over.is_set():
            session.client.disconnect()
            if session.was_connected:
                session.wait_until_quiet(_QUIET_SECONDS, _DRAIN_SECONDS)
            session.give_up_waiting()
            session.client.stop()
            session.over.wait(_END_SECONDS)
        session.give_up_waiting()
        if self._is_logged_out:
            forget_session(self._place)
        if self._exit_code is not ExitCode.STOPPED:
            self._port.send(Gone(detail=self._gone))
        journal.close()

    def _on_logged_out(self) -> None:
        self._is_logged_out = True
        self.finish("logged out", ExitCode.STOPPED)


def watch_for_lost_exceptions(worker: Worker) -> None:
    """End the worker when a callback failed: its event is lost, and the next may be too.

    Exceptions in the library's callbacks reach `sys.unraisablehook` alone.
    """

    def on_unraisable(lost: "sys.UnraisableHookArgs") -> None:
        _report(lost.exc_type, lost.exc_value, lost.exc_traceback)
        if "ctypes callback" in (lost.err_msg or "ctypes callback"):
            worker.finish(f"a callback failed: {lost.exc_type.__name__}", ExitCode.FAILED)

    def on_thread(failed: threading.ExceptHookArgs) -> None:
        _report(failed.exc_type, failed.exc_value, failed.exc_traceback)
        worker.finish(f"a thread failed: {failed.exc_type.__name__}", ExitCode.FAILED)

    sys.unraisablehook = on_unraisable
    threading.excepthook = on_thread


def _report(
    kind: type[BaseException], error: BaseException | None, traceback: TracebackType | None
) -> None:
    _log.error(
        "an exception was lost", exc_info=(kind, error, traceback) if error is not None else None
    )


def main(arguments: Sequence[str] | None = None) -> ExitCode:
    """Run the worker of the account that the command line names."""
    parser = argparse.ArgumentParser(prog="bridge.whatsapp.neonize_worker", description=__doc__)
    parser.add_argument("--account", required=True, metavar="ID", help="the account's id")
    parser.add_argument("--folder", required=True, type=Path, help="the account's folder")
    parser.add_argument("--fd", required=True, type=int, help="the inherited socket")
    options = parser.parse_args(arguments)
    os.umask(0o077)
    configure_logging()
    try:
        port = WorkerPort.of_descriptor(options.fd)
        folder = options.folder.absolute()
        place = SessionPlace.in_environment(os.environ, folder)
        folder.mkdir(mode=0o700, exist_ok=True)
        place.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.chdir(
            place.folder
        )  # the library takes a file's path as a URI: a bare name needs no care
    except OSError as error:
        parser.error(str(error))
    worker = Worker(options.account, folder, place, port)
    watch_for_lost_exceptions(worker)
    signal.signal(signal.SIGTERM, lambda _signal, _frame: port.interrupt())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return worker.run()


def leave(code: int) -> NoReturn:
    """End the process now: the library's threads may sleep for ever, and would be waited for."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def run() -> NoReturn:
    """Run the worker and end the process, whatever happens."""
    try:
        leave(main())
    except Exception:  # the process's boundary
        _log.exception("the worker failed")
        leave(ExitCode.FAILED)


if __name__ == "__main__":
    run()
