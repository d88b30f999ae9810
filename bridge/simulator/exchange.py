"""WhatsApp's side of every connection: logins, pairing, and the faults that end a connection."""

import asyncio
import base64
import hashlib
import logging
from collections import Counter
from collections.abc import Coroutine
from typing import Any

import msgspec
from aiohttp import WSMsgType, web

from bridge.errors import SimulatorError
from bridge.simulator import events, wire
from bridge.simulator.business import Business, Sent
from bridge.simulator.customers import Customers
from bridge.simulator.devices import Device, public_id
from bridge.simulator.faults import AT_ONCE, ON_CONNECT, Fault
from bridge.simulator.history import queue_history
from bridge.simulator.line import Line
from bridge.simulator.manners import load_settings
from bridge.simulator.people import NoSuchThing, Phone
from bridge.simulator.personas import Personas
from bridge.simulator.state import State

_LOG = logging.getLogger(__name__)
_CODES_IN_A_ROUND = 6
_HURRIED_CODE_SECONDS = 0.02
"""How long a code is shown when a time-out was asked for."""
_LONGEST_FRAME = 64 * 1024 * 1024


class Exchange:
    """Every live connection, and what can happen to them."""

    def __init__(
        self, state: State, customers: Customers, business: Business, personas: Personas
    ) -> None:
        self._state = state
        self._customers = customers
        self._business = business
        self._personas = personas
        self._lines: set[Line] = set()
        self._replaced: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()

    # -- connections -----------------------------------------------------------------------------

    async def accept(self, request: web.Request) -> web.StreamResponse:
        """Serve one worker until it hangs up; the websocket at `/device`."""
        account = request.query.get("account", "")
        if self._state.faults.take(account, "refuse_connections"):
            raise web.HTTPServiceUnavailable(text="connections are refused on request")
        socket = web.WebSocketResponse(max_msg_size=_LONGEST_FRAME, heartbeat=20)
        await socket.prepare(request)
        first = await socket.receive()
        try:
            if first.type is not WSMsgType.BINARY:
                raise msgspec.DecodeError("no greeting")
            hello = wire.decode_up(first.data)
            if not isinstance(hello, wire.Hello):
                raise msgspec.DecodeError("no greeting")
        except msgspec.MsgspecError:
            await socket.close(code=1002)
            return socket
        line = Line(socket, hello.account, self._state, self._business, self._after_send)
        self._lines.add(line)
        try:
            if await self._greet(line, hello):
                await line.run(self._offer_to_willing_phone)
        finally:
            self._lines.discard(line)
            if not socket.closed:
                await socket.close()
        return socket

    async def _greet(self, line: Line, hello: wire.Hello) -> bool:
        """Let a worker in or send it away; returns whether it may stay."""
        settings = load_settings(self._state.db)
        await line.tell(
            wire.Manners(
                send_timeout_seconds=settings.send_timeout_seconds,
                reconnect_seconds=settings.reconnect_seconds,
            )
        )
        faults = self._state.faults
        if fault := faults.take(line.account, *ON_CONNECT):
            reason = "SERVICE_UNAVAILABLE" if fault.kind == "throttled" else "GENERIC"
            await line.notify(events.connect_failure_event(reason))
            return False
        device = self._state.devices.by_token(hello.token) if hello.token else None
        if hello.token and device is None:
            await line.notify(events.logged_out_event(on_connect=True))
            return False
        if device is not None:
            await self._replace(device)
            if fault := faults.take(line.account, *(AT_ONCE - {"keepalive_timeout"})):
                line.device = device
                return not await self._strike(line, fault)
            await self._let_in(line, device, just_linked=False)
            return True
        await self._begin_round(line)
        return True

    async def _let_in(self, line: Line, device: Device, *, just_linked: bool) -> None:
        await line.log_in(device, just_linked=just_linked)
        if fault := self._state.faults.take(line.account, "keepalive_timeout"):
            await self._strike(line, fault)

    async def _replace(self, device: Device) -> None:
        for other in [line for line in self._lines if line.device == device]:
            self._replaced[device.token] += 1
            await other.notify(events.stream_replaced_event())
            await other.hang_up()

    # -- pairing ---------------------------------------------------------------------------------

    async def _begin_round(self, line: Line) -> None:
        faults = self._state.faults
        settings = load_settings(self._state.db)
        first, following = settings.qr_first_seconds, settings.qr_next_seconds
        if faults.take(line.account, "qr_timeout"):
            first = following = _HURRIED_CODE_SECONDS
        line.codes = [self._new_code() for _ in range(_CODES_IN_A_ROUND)]
        await line.tell(
            wire.Codes(
                payloads=line.codes,
                first_seconds=first,
                next_seconds=following,
            )
        )

    def _new_code(self) -> str:
        """Return a payload in the shape of WhatsApp's: reference, three keys, client type."""
        serial = self._state.new_id("")
        parts = [hashlib.sha256(f"{serial}{part}".encode()).digest() for part in "rnia"]
        keys = [base64.b64encode(part).decode() for part in parts]
        return f"2@{keys[0]}{keys[1][:40]},{','.join(keys[1:])}"

    def _offer_to_willing_phone(self, line: Line) -> None:
        """Let a phone that links itself scan the code, if there is one for this account."""
        phone = self._willing_phone(line.account)
        if phone is None or self._state.faults.present(line.account, "qr_never_scanned"):
            return
        self._begin(self._scan_soon(phone, line), "simulator scan")

    def _begin(self, work: Coroutine[object, object, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _willing_phone(self, account: str) -> Phone | None:
        willing = [phone for phone in self._state.people.all("business") if phone.willing]
        free = [phone for phone in willing if not self._state.devices.of_phone(phone.number)]
        for phone in willing:
            if phone.account == account:
                return phone
        return free[0] if free else None

    async def _scan_soon(self, phone: Phone, line: Line) -> None:
        payload = line.showing
        await asyncio.sleep(load_settings(self._state.db).scan_after_seconds)
        if line.showing == payload and line in self._lines:
            await self._link(phone, line)

    async def scan(self, number: str, payload: str) -> None:
        """A phone's camera sees a code. Raises SimulatorError when no device shows it now."""
        phone = self._state.people.business(number)
        for line in self._lines:
            if payload and line.showing == payload:
                await self._link(phone, line)
                return
        raise SimulatorError("No device shows that code now.", hint="Scan the newest one.")

    async def enter_code(self, number: str, code: str) -> None:
        """A pairing code is typed into a phone. Raises SimulatorError when it is not valid."""
        phone = self._state.people.business(number)
        for line in self._lines:
            matches = line.pairing_code.replace("-", "") == code.replace("-", "").upper()
            if line.pairing_code and matches and line.pairing_phone == phone.number:
                await self._link(phone, line)
                return
        raise SimulatorError("That code is not valid for this phone.")

    async def _link(self, phone: Phone, line: Line) -> None:
        state = self._state
        line.showing = ""
        if state.faults.take(line.account, "passkey"):
            await line.tell(wire.PasskeyAsked())
            return
        with state.db.change():
            device = state.devices.link(line.account, phone.number)
            queue_history(state, phone, device.token)
        await self._let_in(line, device, just_linked=True)

    # -- faults ----------------------------------------------------------------------------------

    async def apply_fault(self, kind: str, account: str, count: int | None, seconds: float) -> None:
        """Ask for a fault, and do it at once when it is of that sort. Raises SimulatorError."""
        faults = self._state.faults
        faults.add(kind, account, count, seconds)
        for line in list(self._lines):
            if account not in ("", line.account):
                continue
            if kind in AT_ONCE and line.device is not None:
                if fault := faults.take(line.account, kind):
                    await self._strike(line, fault)
            elif kind in ("refuse_connections", *ON_CONNECT):
                await line.hang_up()
            line.wake()
        if kind == "logout":
            self._unlink_absent(account)

    def _unlink_absent(self, account: str) -> None:
        for device in self._state.devices.of_account(account):
            if self._state.faults.take(account, "logout"):
                self._state.devices.unlink(device.token)

    async def _strike(self, line: Line, fault: Fault) -> bool:
        """Do a fault to a connection; returns whether that ended it."""
        if fault.kind == "keepalive_timeout":
            self._begin(self._fall_silent(line, fault.seconds), "simulator silence")
            return False
        if fault.kind == "logout":
            assert line.device is not None
            self._state.devices.unlink(line.device.token)
            await line.notify(events.logged_out_event(on_connect=False))
        elif fault.kind == "stream_replaced":
            await line.notify(events.stream_replaced_event())
        elif fault.kind == "temporary_ban":
            await line.notify(events.temporary_ban_event(int(fault.seconds)))
        elif fault.kind == "client_outdated":
            await line.notify(events.client_outdated_event())
        await line.hang_up()
        return True

    async def _fall_silent(self, line: Line, seconds: float) -> None:
        now = self._state.seconds()
        await line.notify(events.keep_alive_event(restored=False, seconds=now))
        await asyncio.sleep(seconds)
        await line.notify(events.keep_alive_event(restored=True, seconds=now))

    async def unlink(self, number: str) -> int:
        """The owner unlinks every device on the phone; returns how many there were."""
        phone = self._state.people.business(number)
        devices = self._state.devices.of_phone(phone.number)
        for device in devices:
            self._state.devices.unlink(device.token)
            for line in [line for line in self._lines if line.device == device]:
                await line.notify(events.logged_out_event(on_connect=False))
                await line.hang_up()
        return len(devices)

    # -- looking in ------------------------------------------------------------------------------

    def wake(self, token: str) -> None:
        """Something was queued for a device."""
        for line in self._lines:
            if line.device is not None and line.device.token == token:
                line.wake()

    def described(self) -> list[dict[str, Any]]:
        """Return what the HTTP interface tells about linked and pairing devices."""
        online = {line.device.token for line in self._lines if line.device is not None}
        linked = [
            {
                "account": device.account,
                "phone": f"+{device.phone}",
                "session": public_id(device.token),
                "is_online": device.token in online,
                "times_replaced": self._replaced[device.token],
                "unacknowledged": self._state.devices.backlog(device.token),
            }
            for device in self._state.devices.all()
        ]
        pairing = [
            {
                "account": line.account,
                "phone": None,
                "is_online": True,
                "showing": line.showing,
                "pairing_code": line.pairing_code,
            }
            for line in self._lines
            if line.device is None
        ]
        return [*linked, *pairing]

    def showing(self, account: str) -> str:
        """Return the code that an account shows now. Raises NoSuchThing."""
        for line in self._lines:
            if line.account == account and line.showing:
                return line.showing
        raise NoSuchThing(f"{account} shows no code.")

    def _after_send(self, device: Device, sent: Sent) -> None:
        self._personas.on_sent(device.phone, sent)

    async def close(self) -> None:
        """Hang up every connection."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for line in list(self._lines):
            await line.hang_up()
