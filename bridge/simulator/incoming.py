"""What a simulated worker does with what the simulator says: journal, report, show codes."""

import asyncio
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from bridge.journal import Journal
from bridge.simulator import wire
from bridge.simulator.dial import Dial
from bridge.simulator.session import Session, forget_session, save_session
from bridge.whatsapp.neonize_reports import connection_report
from bridge.whatsapp.proto import EventCode, ProtoClass, neonize_pb2
from bridge.whatsapp.protocol import (
    Heard,
    JournalAdvanced,
    LoginFailed,
    LoginFailure,
    Paired,
    QrCode,
)
from bridge.whatsapp.translate import JOURNALLED
from bridge.whatsapp.worker_io import WorkerPort
from core.clock import Clock

_SHOWING_SECONDS = 10.0
_FINAL = frozenset(
    {
        EventCode.LOGGED_OUT,
        EventCode.STREAM_REPLACED,
        EventCode.TEMPORARY_BAN,
        EventCode.CONNECT_FAILURE,
        EventCode.CLIENT_OUTDATED,
    }
)
"""After these the library does not reconnect by itself."""
_CONNECTION_EVENTS: Mapping[int, ProtoClass] = {
    EventCode.CONNECTED: neonize_pb2.Connected,
    EventCode.KEEPALIVE_TIMEOUT: neonize_pb2.KeepAliveTimeout,
    EventCode.KEEPALIVE_RESTORED: neonize_pb2.KeepAliveRestored,
    EventCode.LOGGED_OUT: neonize_pb2.LoggedOut,
    EventCode.STREAM_REPLACED: neonize_pb2.StreamReplaced,
    EventCode.TEMPORARY_BAN: neonize_pb2.TemporaryBan,
    EventCode.CONNECT_FAILURE: neonize_pb2.ConnectFailure,
    EventCode.CLIENT_OUTDATED: neonize_pb2.ClientOutdated,
}


class Incoming:
    """Everything that comes down the line."""

    def __init__(
        self, port: WorkerPort, folder: Path, journal: Journal, dial: Dial, clock: Clock
    ) -> None:
        self._port = port
        self._folder = folder
        self._journal = journal
        self._dial = dial
        self._clock = clock
        self._round: asyncio.Task[None] | None = None
        self._last_heard = float("-inf")
        self._is_final = False
        self.codes_are_shown = asyncio.Event()
        """Set while a pairing round is open."""
        self.is_logged_in = False
        self.was_connected = False
        """Whether any login succeeded, so that a failed dial is retried."""
        self.leaves = False
        """Whether the device is logging itself out."""

    async def listen(self) -> bool:
        """Handle frames until the connection ends; returns whether to dial again."""
        try:
            async for frame in self._dial.frames():
                self._note_heard()
                await self._handle(frame)
        finally:
            self.is_logged_in = False
            was_pairing = self._round is not None
            await self._end_round()
        if was_pairing and not self._is_final:
            self._port.send(LoginFailed(reason="error", detail="the connection was lost"))
            return False
        return not (self._is_final or self.leaves)

    async def _handle(self, frame: wire.DownFrame) -> None:
        match frame:
            case wire.Codes():
                self._round = asyncio.create_task(self._show(frame), name="codes")
            case wire.PasskeyAsked():
                await self._fail("passkey_required")
            case wire.Linked():
                await self._end_round()
                save_session(self._folder, Session(token=frame.token, jid=frame.jid))
                self._port.send(
                    Paired(jid=frame.jid, lid_jid=frame.lid_jid, push_name=frame.push_name)
                )
            case wire.Deliver() if frame.code in JOURNALLED:
                seq = self._journal.append(frame.code, frame.payload, self._clock())
                await self._dial.say(wire.Ack(seq=frame.seq))
                self._port.send(JournalAdvanced(seq=seq))
            case wire.Deliver():
                await self._dial.say(wire.Ack(seq=frame.seq))
                self._report(frame.code, frame.payload)

    # -- pairing ---------------------------------------------------------------------------------

    async def _show(self, codes: wire.Codes) -> None:
        seconds = codes.first_seconds
        for payload in codes.payloads:
            await self._dial.call(partial(_showing, payload=payload), _SHOWING_SECONDS)
            self._port.send(QrCode(payload=payload, seconds_valid=seconds))
            self.codes_are_shown.set()
            await asyncio.sleep(seconds)
            seconds = codes.next_seconds
        self._is_final = True
        self.codes_are_shown.clear()
        self._port.send(LoginFailed(reason="qr_timeout"))
        self._round = None
        await self._dial.hang_up()

    async def _fail(self, reason: LoginFailure) -> None:
        self._is_final = True
        await self._end_round()
        self._port.send(LoginFailed(reason=reason))

    async def _end_round(self) -> None:
        self.codes_are_shown.clear()
        if self._round is not None:
            self._round.cancel()
            await asyncio.gather(self._round, return_exceptions=True)
            self._round = None

    # -- connection ------------------------------------------------------------------------------

    def _note_heard(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._last_heard >= 1.0:
            self._last_heard = now
            self._port.send(Heard())

    def _report(self, code: int, payload: bytes) -> None:
        """Turn an event of the connection into the daemon's words for it."""
        if code in _FINAL:
            self._is_final = True
            self.is_logged_in = False
        elif code == EventCode.CONNECTED:
            self.is_logged_in = self.was_connected = True
        if code == EventCode.LOGGED_OUT:
            forget_session(self._folder)
        if event_class := _CONNECTION_EVENTS.get(code):
            report = connection_report(code, event_class.FromString(payload))
            if report is not None:
                self._port.send(report)


def _showing(call: int, *, payload: str) -> wire.Showing:
    return wire.Showing(call=call, payload=payload)
