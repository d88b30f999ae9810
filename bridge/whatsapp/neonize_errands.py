"""The worker's commands carried out on threads of their own, each answered with one reply."""

import logging
import os
import queue
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bridge.errors import WorkerError
from bridge.journal import Journal
from bridge.whatsapp.addresses import safe_id
from bridge.whatsapp.kinds.reader import field_of
from bridge.whatsapp.neonize_outgoing import (
    call_failure,
    outgoing_message,
    proto_jid,
    send_failure,
)
from bridge.whatsapp.neonize_session import Session
from bridge.whatsapp.own_end import OwnEnd
from bridge.whatsapp.proto import E2EMessage, EventCode, HistorySyncEvent, MessageEvent
from bridge.whatsapp.protocol import (
    DownloadMedia,
    FailureCode,
    LogOut,
    MarkRead,
    PairPhone,
    Reply,
    Send,
)
from bridge.whatsapp.worker_io import WorkerPort
from core.i18n import N_
from core.text import mask_phone

_log = logging.getLogger(__name__)

_QR_PATIENCE_SECONDS = 60.0
"""A pairing code can be had only once the QR round has begun."""

Errand = Send | MarkRead | PairPhone | LogOut | DownloadMedia


class Errands:
    """Runs sends one after the other, and everything else beside them."""

    def __init__(
        self,
        session: Session,
        journal: Journal,
        port: WorkerPort,
        own_end: OwnEnd,
        logged_out: Callable[[], None],
    ) -> None:
        self._session = session
        self._journal = journal
        self._port = port
        self._own_end = own_end
        self._logged_out = logged_out
        self._sends = _Lane("send", self._carry_out, self._refuse)
        self._others = _Lane("errands", self._carry_out, self._refuse)

    def give(self, command: Errand) -> None:
        """Take a command; its reply follows."""
        (self._sends if isinstance(command, Send) else self._others).give(command)

    def close(self, patience_seconds: float) -> None:
        """Refuse what has not begun, and wait a while for what has."""
        for lane in (self._sends, self._others):
            lane.close()
        self._sends.wait(patience_seconds)

    def _refuse(self, command: Errand) -> None:
        self._port.send(Reply(command_id=command.command_id, failure="not_connected"))

    def _carry_out(self, command: Errand) -> None:
        if self._own_end.is_due:
            self._refuse(command)
            return
        try:
            reply = self._reply_to(command)
        except WorkerError as failure:
            _log.warning("%s: %s %s", type(command).__name__, failure.code, failure)
            reply = Reply(command_id=command.command_id, failure=failure.code, detail=str(failure))
        except Exception as error:  # a thread's boundary: every command gets its reply
            _log.exception("%s failed", type(command).__name__)
            code: FailureCode = "outcome_unknown" if isinstance(command, Send) else "refused"
            reply = Reply(command_id=command.command_id, failure=code, detail=type(error).__name__)
        self._port.send(reply)
        if isinstance(command, LogOut) and reply.failure is None:
            self._logged_out()

    def _reply_to(self, command: Errand) -> Reply:
        if isinstance(command, PairPhone):
            return Reply(command_id=command.command_id, value=self._pairing_code(command))
        if not self._session.is_connected:
            raise WorkerError("not_connected", N_("No connection to WhatsApp."))
        match command:
            case Send():
                return self._send(command)
            case MarkRead():
                self._mark_read(command)
            case DownloadMedia():
                self._download(command)
            case LogOut():
                self._call(self._session.client.logout)
        return Reply(command_id=command.command_id)

    def _send(self, command: Send) -> Reply:
        try:
            to, message = proto_jid(command.to_jid), outgoing_message(command)
        except ValueError as error:
            raise WorkerError("refused", str(error)) from error
        try:
            response = self._session.client.send_message(to, message)
        except self._session.library_error as error:
            raise WorkerError(send_failure(str(error)), str(error)) from error
        if not response.ID:
            raise WorkerError("outcome_unknown", N_("WhatsApp gave no message id."))
        return Reply(
            command_id=command.command_id,
            value=response.ID,
            timestamp_seconds=response.Timestamp,
        )

    def _mark_read(self, command: MarkRead) -> None:
        try:
            chat, sender = proto_jid(command.chat_jid), proto_jid(command.sender_jid)
        except ValueError as error:
            raise WorkerError("refused", str(error)) from error
        if any(" " in message_id or not message_id for message_id in command.message_ids):
            # neonize joins them by blanks.
            raise WorkerError("refused", N_("A message id holds a blank."))
        self._call(
            self._session.client.mark_read,
            *command.message_ids,
            chat=chat,
            sender=sender,
            receipt=self._session.read_receipt,
        )

    def _pairing_code(self, command: PairPhone) -> str:
        if self._session.is_connected:
            raise WorkerError("refused", N_("Already paired."))
        if not self._session.wait_for_qr(_QR_PATIENCE_SECONDS):
            raise WorkerError("not_connected", N_("The pairing round has not begun."))
        _log.info("asking for a pairing code for %s", mask_phone(command.phone))
        code = self._call(
            self._session.client.PairPhone,
            command.phone,
            True,
            client_type=self._session.pairing_client_type,
        )
        return str(code)

    def _download(self, command: DownloadMedia) -> None:
        entry = self._journal.get(command.journal_seq)
        message = None
        if entry is not None and entry.code == EventCode.MESSAGE:
            message = MessageEvent.FromString(entry.payload).Message
        elif entry is not None and entry.code == EventCode.HISTORY_SYNC:
            message = _of_history(entry.payload, command.message_id)
        if message is None:
            raise WorkerError("refused", N_("The journal does not hold this message any more."))
        data = self._call(self._session.client.download_any, _unwrapped(message))
        write_whole(Path(command.target), data)

    def _call(self, function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Call the library; whatever fails here can be asked for again."""
        try:
            return function(*arguments, **named)
        except self._session.library_error as error:
            raise WorkerError(call_failure(str(error)), str(error)) from error


class _Lane:
    """One thread that does what it is given in order."""

    def __init__(
        self, name: str, carry_out: Callable[[Errand], None], refuse: Callable[[Errand], None]
    ) -> None:
        self._queue: queue.SimpleQueue[Errand | None] = queue.SimpleQueue()
        self._carry_out = carry_out
        self._refuse = refuse
        self._is_closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def give(self, command: Errand) -> None:
        self._queue.put(command)

    def close(self) -> None:
        """Refuse what waits and end after what is being done."""
        self._is_closing.set()
        self._queue.put(None)

    def wait(self, seconds: float) -> None:
        self._thread.join(seconds)

    def _run(self) -> None:
        while (command := self._queue.get()) is not None:
            (self._refuse if self._is_closing.is_set() else self._carry_out)(command)


def _of_history(payload: bytes, message_id: str) -> Any:
    """Return a message of a history chunk by its id, None when it is not there."""
    for info in _infos(HistorySyncEvent.FromString(payload).Data):
        if info.key.ID and safe_id(info.key.ID) == message_id:
            return info.message
    return None


def _unwrapped(message: Any) -> Any:
    """Return a message that holds its content at the top, where the library looks for media."""
    field = field_of(message)
    if field is None or not hasattr(field.value, "mediaKey"):
        raise WorkerError("refused", N_("This message has no media."))
    return E2EMessage(**{field.name: field.value})


def _infos(data: Any) -> Iterator[Any]:
    for conversation in data.conversations:
        for entry in conversation.messages:
            yield entry.message


def write_whole(target: Path, data: bytes) -> None:
    """Write a file for its owner alone, whole or not at all. Raises OSError."""
    target.parent.mkdir(mode=0o700, exist_ok=True)
    part = target.with_name(target.name + ".part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    part.replace(target)
