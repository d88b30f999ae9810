"""One connection of neonize: its callbacks write to the journal and report, and nothing else."""

import ctypes
import importlib
import logging
import threading
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

from bridge.errors import JournalError
from bridge.journal import Journal
from bridge.session_place import SessionPlace
from bridge.whatsapp.neonize_outgoing import device_jid
from bridge.whatsapp.neonize_reports import CONNECTION_CODES, connection_report, login_failure
from bridge.whatsapp.neonize_setup import SESSION_NAME, device_props
from bridge.whatsapp.proto import EventCode
from bridge.whatsapp.protocol import (
    Heard,
    JournalAdvanced,
    LoginFailed,
    Paired,
    QrCode,
)
from bridge.whatsapp.translate import JOURNALLED
from bridge.whatsapp.worker_io import WorkerPort
from core.clock import system_clock

_log = logging.getLogger(__name__)

_FIRST_QR_SECONDS = 60.0
_NEXT_QR_SECONDS = 20.0
"""whatsmeow shows the first code for a minute, the others for twenty seconds."""
_HEARD_EVERY_SECONDS = 1.0
_FULL_DISK_SECONDS = 120.0
"""For how long an event that cannot be written is held back; WhatsApp's acknowledgement waits."""
_RETRY_SECONDS = 1.0


class Session:
    """Owns the neonize client; every callback comes on one of the library's own threads."""

    def __init__(
        self,
        library: ModuleType,
        account_id: str,
        *,
        place: SessionPlace,
        journal: Journal,
        port: WorkerPort,
        finish: Callable[[str], None],
    ) -> None:
        self._library = library
        self._journal = journal
        self._port = port
        self._finish = finish
        self._heard_at = 0.0
        self._event_at = time.monotonic()
        self._qr_codes = 0
        self._told_who = False
        self._giving_up = threading.Event()
        self.started = threading.Event()
        """The library has called back once: its own tables are set up, so it may be called."""
        self._shows_qr = threading.Event()
        self.over = threading.Event()
        """connect() has returned; nothing more will come."""
        self.is_connected = False
        self.was_connected = False
        """Events may be on their way; before, there are none."""
        self.library_error: type[Exception] = library.NeonizeError
        """The root of the library's own errors, which hold nothing but a text."""
        self.read_receipt = library.ReceiptType.READ
        self.pairing_client_type = importlib.import_module("neonize.utils.enum").ClientType.CHROME
        """WhatsApp takes only the names of common browsers for a pairing code."""
        self.client = self._make_client(account_id, place)
        self._thread: threading.Thread | None = None

    def connect(self) -> None:
        """Start to log in, once; what comes of it is reported."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._connect, name="connect", daemon=True)
            self._thread.start()

    def wait_for_qr(self, seconds: float) -> bool:
        """Wait until a QR round has begun; False when that does not happen."""
        return self._shows_qr.wait(seconds) and not self.over.is_set()

    def wait_until_quiet(self, quiet_seconds: float, most_seconds: float) -> None:
        """Wait until no event has come for a while: what the library holds drains into us."""
        end = time.monotonic() + most_seconds
        while (now := time.monotonic()) < end and not self.over.is_set():
            left = self._event_at + quiet_seconds - now
            if left <= 0:
                return
            self.over.wait(min(left, end - now))

    def give_up_waiting(self) -> None:
        """End the wait of an event that cannot be written: the process is about to end."""
        self._giving_up.set()

    # -- the library's side ---------------------------------------------------------------------

    def _make_client(self, account_id: str, place: SessionPlace) -> Any:
        """Return a client of the library's class with our callbacks, none of them weakly held."""
        session = self

        class Client(self._library.NewClient):  # type: ignore[name-defined,misc]
            """Reads the status of a pairing round, which the library itself only prints."""

            def _NewClient__onLoginStatus(self, _uuid: int, status: int) -> None:  # noqa: N802
                session._on_login_status(ctypes.string_at(status).decode(errors="replace"))

        client = Client(
            place.database or SESSION_NAME,
            jid=device_jid(place.device) if place.database and place.device else None,
            props=device_props(),
            uuid=account_id,
            # In a database of many accounts, the first session found would be another account's.
            new_device=bool(place.database) and not place.device,
        )
        client.qr(lambda _client, payload: session._on_qr(payload))
        classes = importlib.import_module("neonize.events").INT_TO_EVENT
        for code in JOURNALLED | CONNECTION_CODES | {EventCode.PAIR_STATUS}:
            client.event(classes[int(code)])(self._handler(int(code)))
        return client

    def _handler(self, code: int) -> Callable[[Any, Any], None]:
        """Return the function that takes events of one kind; a plain one, so it is held firmly."""
        if code in JOURNALLED:
            return lambda _client, event: self._on_event(code, event)
        if code == EventCode.PAIR_STATUS:
            return lambda _client, event: self._on_pair_status(event)
        return lambda _client, event: self._on_connection(code, event)

    def _connect(self) -> None:
        detail = "the connection ended"
        try:
            self.client.connect()
        except self.library_error as error:
            detail = str(error)
        except Exception as error:  # a thread's boundary: the worker ends and says so
            _log.exception("connect failed")
            detail = type(error).__name__
        finally:
            self.is_connected = False
            self.over.set()
            self._finish(detail)

    def _on_event(self, code: int, event: Any) -> None:
        """Write an event to the journal; the library acknowledges it whatever we do."""
        self._note()
        payload = event.SerializePartialToString()
        seq = self._append(code, payload)
        self._event_at = time.monotonic()
        self._port.send(JournalAdvanced(seq=seq))

    def _append(self, code: int, payload: bytes) -> int:
        """Append, holding the event back for a while when the disk does not take it."""
        received_at = system_clock()
        end = time.monotonic() + _FULL_DISK_SECONDS
        while True:
            try:
                return self._journal.append(code, payload, received_at)
            except JournalError as error:
                if time.monotonic() > end or self._giving_up.is_set():
                    raise
                _log.error("an event waits for the journal: %s", error)
                self._giving_up.wait(_RETRY_SECONDS)

    def _on_connection(self, code: int, event: Any) -> None:
        self._note()
        report = connection_report(code, event)
        if report is None:
            return
        if report.kind == "connected":
            self.was_connected = True
            self._tell_who()
        self.is_connected = report.kind in ("connected", "keepalive_restored")
        _log.info("connection: %s %s", report.kind, report.detail)
        self._port.send(report)

    def _on_pair_status(self, event: Any) -> None:
        self._note()
        if event.Status == type(event).SUCCESS:
            self._port.send(
                Paired(
                    jid=_plain(event.ID),
                    device_jid=_with_device(event.ID),
                    push_name=event.BusinessName,
                )
            )
        else:
            self._port.send(LoginFailed(reason="error", detail=event.Error))

    def _tell_who(self) -> None:
        """Report the account's own addresses once they are known, before the first connected."""
        me = self.client.me
        if me is None or self._told_who or not me.JID.User:
            return
        self._told_who = True
        lid = _plain(me.LID) if me.LID.User else ""
        self._port.send(
            Paired(
                jid=_plain(me.JID),
                lid_jid=lid,
                device_jid=_with_device(me.JID),
                push_name=me.PushName,
            )
        )

    def _on_qr(self, payload: bytes) -> None:
        self._note()
        seconds = _NEXT_QR_SECONDS if self._qr_codes else _FIRST_QR_SECONDS
        self._qr_codes += 1
        self._port.send(QrCode(payload=payload.decode("ascii", "replace"), seconds_valid=seconds))
        self._shows_qr.set()

    def _on_login_status(self, status: str) -> None:
        self._note()
        reason = login_failure(status)
        _log.info("login: %s", status)
        if reason is not None:
            # The library now waits for ever; only the end of this process ends that.
            self._port.send(LoginFailed(reason=reason, detail=status))
            self._finish("")

    def _note(self) -> None:
        """Note that the library called; at most once a second the daemon hears of it."""
        self.started.set()
        now = self._event_at = time.monotonic()
        if now - self._heard_at >= _HEARD_EVERY_SECONDS:
            self._heard_at = now
            self._port.send(Heard())


def _plain(jid: Any) -> str:
    """Return a neonize JID as text, without its device."""
    return f"{jid.User}@{jid.Server}"


def _with_device(jid: Any) -> str:
    """Return a neonize JID as text, with its device."""
    return f"{jid.User}:{jid.Device}@{jid.Server}"
