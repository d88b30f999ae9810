"""One live connection of a worker: what it is asked, what is delivered to it, in which order."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine

import msgspec
from aiohttp import WSMsgType, web

from bridge.errors import SimulatorError
from bridge.simulator import events, wire
from bridge.simulator.business import Business, SendRefused, Sent
from bridge.simulator.devices import Device
from bridge.simulator.events import Event
from bridge.simulator.history import make_chunk
from bridge.simulator.state import State

_LOG = logging.getLogger(__name__)
_WINDOW = 100
"""Events on their way without an acknowledgement, like neonize's channel."""
_ACK_FLUSH_SECONDS = 0.01


class Line:
    """A worker's connection, before and after it is logged in."""

    def __init__(
        self, socket: web.WebSocketResponse, account: str, state: State, business: Business,
        on_sent: Callable[[Device, Sent], None],
    ) -> None:  # fmt: skip
        self.account = account
        self.device: Device | None = None
        self.codes: list[str] = []
        self.showing = ""
        self.pairing_code = ""
        self.pairing_phone = ""
        self._socket = socket
        self._state = state
        self._business = business
        self._on_sent = on_sent
        self._wake = asyncio.Event()
        self._cursor = 0
        self._unacknowledged: set[int] = set()
        self._acknowledged: list[int] = []
        self._flush: asyncio.TimerHandle | None = None
        self._calls: asyncio.Queue[wire.UpFrame] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []
        self._is_over = False

    # -- life ------------------------------------------------------------------------------------

    async def run(self, on_showing: Callable[["Line"], None]) -> None:
        """Listen to the worker until it hangs up."""
        self._tasks.append(
            asyncio.create_task(self._watched(self._carry_out()), name="simulator calls")
        )
        try:
            async for message in self._socket:
                if message.type is not WSMsgType.BINARY:
                    continue
                frame = wire.decode_up(message.data)
                if isinstance(frame, wire.Ack):
                    self._note_ack(frame.seq)
                elif isinstance(frame, wire.Showing):
                    self.showing = frame.payload if frame.payload in self.codes else ""
                    await self.tell(wire.Answer(call=frame.call))
                    if self.showing:
                        on_showing(self)
                else:
                    self._calls.put_nowait(frame)
        except msgspec.MsgspecError:
            _LOG.warning("a worker of %s spoke in tongues", self.account)
        finally:
            await self._end()

    async def _end(self) -> None:
        self._is_over = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._flush is not None:
            self._flush.cancel()
        self._drop_acknowledged()

    async def _watched(self, work: Coroutine[object, object, None]) -> None:
        """Run one half of the connection; a failure in it ends the whole, and is in the log."""
        try:
            await work
        except Exception:
            _LOG.exception("a connection of %s failed", self.account)
            await self.hang_up()

    async def log_in(self, device: Device, *, just_linked: bool) -> None:
        """The device is known: say so and begin to deliver what waits for it."""
        self.device = device
        self.codes, self.showing, self.pairing_code = [], "", ""
        phone = self._state.people.phone(device.phone)
        if just_linked:
            await self.tell(
                wire.Linked(
                    token=device.token, jid=phone.jid, lid_jid=phone.lid_jid, push_name=phone.name
                )
            )
            await self.notify(events.pair_status_event(phone.jid))
        await self.notify(events.connected_event())
        if not self._is_over:
            self._tasks.append(
                asyncio.create_task(self._watched(self._deliver()), name="simulator deliveries")
            )

    async def tell(self, frame: wire.DownFrame) -> None:
        """Say something to the worker; a closed connection hears nothing."""
        with contextlib.suppress(ConnectionError):
            await self._socket.send_bytes(wire.encode(frame))

    async def notify(self, event: Event) -> None:
        """Deliver an event that is not kept."""
        await self.tell(wire.Deliver(seq=0, code=event[0], payload=event[1]))

    async def hang_up(self) -> None:
        """Close the connection without a word."""
        await self._socket.close()

    def wake(self) -> None:
        """Something was queued."""
        self._wake.set()

    # -- deliveries ------------------------------------------------------------------------------

    async def _deliver(self) -> None:
        device = self.device
        assert device is not None
        faults = self._state.faults
        while True:
            self._wake.clear()
            room = _WINDOW - len(self._unacknowledged)
            rows = self._state.devices.waiting(device.token, self._cursor, min(room, 20))
            held = faults.present(self.account, "reorder") is not None
            if not rows or (held and len(rows) < 2):
                await self._wake.wait()
                continue
            self._cursor = rows[-1]["seq"]
            if held and faults.take(self.account, "reorder"):
                rows[0], rows[1] = rows[1], rows[0]
            for row in rows:
                if slow := faults.take(self.account, "slow"):
                    await asyncio.sleep(slow.seconds)
                payload = row["payload"]
                if row["recipe"] is not None:
                    payload = make_chunk(self._state, msgspec.json.decode(row["recipe"]))
                frame = wire.Deliver(seq=row["seq"], code=row["code"], payload=payload)
                self._unacknowledged.add(row["seq"])
                await self.tell(frame)
                if faults.take(self.account, "duplicate"):
                    await self.tell(frame)

    def _note_ack(self, seq: int) -> None:
        """Drop an event soon: acknowledgements are written in groups, a lost one only repeats."""
        self._unacknowledged.discard(seq)
        self.wake()
        if seq and not self._state.faults.take(self.account, "ack_lost"):
            self._acknowledged.append(seq)
            if self._flush is None:
                loop = asyncio.get_running_loop()
                self._flush = loop.call_later(_ACK_FLUSH_SECONDS, self._drop_acknowledged)

    def _drop_acknowledged(self) -> None:
        self._flush = None
        if self.device is not None and self._acknowledged:
            with self._state.db.change():
                for seq in self._acknowledged:
                    self._state.devices.acknowledge(self.device.token, seq)
            self._acknowledged = []

    # -- calls -----------------------------------------------------------------------------------

    async def _carry_out(self) -> None:
        while True:
            frame = await self._calls.get()
            if slow := self._state.faults.take(self.account, "slow"):
                await asyncio.sleep(slow.seconds)
            try:
                await self._carry_out_one(frame)
            except SendRefused as error:
                call = getattr(frame, "call", 0)
                await self.tell(wire.Answer(call=call, failure=error.failure, detail=error.message))
            except SimulatorError as error:
                call = getattr(frame, "call", 0)
                await self.tell(wire.Answer(call=call, failure="refused", detail=error.message))

    async def _carry_out_one(self, frame: wire.UpFrame) -> None:
        if isinstance(frame, wire.AskPairingCode):
            await self._give_pairing_code(frame)
            return
        device = self.device
        if device is None:
            call = getattr(frame, "call", 0)
            await self.tell(wire.Answer(call=call, failure="not_connected", detail="not logged in"))
        elif isinstance(frame, wire.SendText):
            await self._send(device, frame)
        elif isinstance(frame, wire.ReadUp):
            self._business.mark_read(device, frame.message_ids)
            await self.tell(wire.Answer(call=frame.call))
        elif isinstance(frame, wire.FetchMedia):
            data = self._business.media(device, frame.direct_path)
            await self.tell(wire.Answer(call=frame.call, data=data))
        elif isinstance(frame, wire.UnlinkMe):
            self._state.devices.unlink(device.token)
            await self.tell(wire.Answer(call=frame.call))
            await self.hang_up()

    async def _send(self, device: Device, order: wire.SendText) -> None:
        fault = self._state.faults.take(
            self.account, "error_before_send", "error_463", "lost_answer", "error_after_delivery"
        )
        kind = fault.kind if fault else ""
        if kind == "error_463":
            raise SendRefused("reach_out_limited", "server returned error 463")
        if kind == "error_before_send":
            raise SendRefused("refused", "can't encrypt message for device")
        with self._state.db.change():
            sent = self._business.send(device, order)
            self._on_sent(device, sent)
        if not kind:
            await self.tell(
                wire.Answer(call=order.call, value=sent.message_id, seconds=sent.seconds)
            )
        elif kind == "error_after_delivery":
            await self.tell(
                wire.Answer(
                    call=order.call, failure="outcome_unknown", detail="info query timed out"
                )
            )

    async def _give_pairing_code(self, frame: wire.AskPairingCode) -> None:
        if self.device is not None or not self.codes:
            raise SendRefused("refused", "no pairing round is open")
        raw = self._state.new_id("")[:8]
        self.pairing_code = f"{raw[:4]}-{raw[4:]}"
        self.pairing_phone = frame.phone.removeprefix("+")
        await self.tell(wire.Answer(call=frame.call, value=self.pairing_code))
