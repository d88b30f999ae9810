"""A listener that strangers may reach: bounded in connections, patience and size, for no browser.

aiohttp bounds idle connections and bodies; how long a request's head may take, and how many
connections there are, is bounded here, between the socket and aiohttp.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final, cast

from aiohttp import web

from bridge.errors import BridgeError
from bridge.server.address import Address, host_of
from bridge.server.local import LEAVE_SECONDS
from bridge.server.wire import refusal
from core.i18n import _
from core.service.errors import CallRefused

_log = logging.getLogger(__name__)

MOST_CONNECTIONS: Final = 256
HEAD_SECONDS: Final = 10.0
"""How long a client may take to say what it wants; also to say anything at all."""
IDLE_SECONDS: Final = 30.0
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class _Line(asyncio.Protocol):
    """One connection, passed on to aiohttp while it keeps within bounds."""

    def __init__(self, inner: asyncio.Protocol, listener: "TcpListener") -> None:
        self._inner = inner
        self._listener = listener
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._is_let_in = False
        self._is_busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let a connection in, unless there are too many."""
        self._transport = cast(asyncio.Transport, transport)
        self._is_let_in = self._listener.enter(self._transport, self)
        if not self._is_let_in:
            self._transport.abort()
            return
        self._wait_for_head()
        self._inner.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Pass on what came."""
        if not self._is_busy and self._timer is None:
            self._wait_for_head()
        self._inner.data_received(data)

    def begin(self) -> None:
        """Note that the head of a request has come whole."""
        self._is_busy = True
        self._stop_waiting()

    def end(self) -> None:
        """Note that a request is answered; aiohttp bounds the silence after it."""
        self._is_busy = False

    def eof_received(self) -> bool | None:
        """Pass on that the client is done."""
        return self._inner.eof_received() if self._is_let_in else None

    def connection_lost(self, error: Exception | None) -> None:
        """Pass on that the client is gone."""
        self._stop_waiting()
        if self._is_let_in and self._transport is not None:
            self._listener.leave(self._transport)
            self._inner.connection_lost(error)

    def pause_writing(self) -> None:
        """Pass on that the client reads slowly."""
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        """Pass on that it caught up."""
        self._inner.resume_writing()

    def _wait_for_head(self) -> None:
        assert self._transport is not None
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(HEAD_SECONDS, self._transport.abort)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class TcpListener:
    """Serves an application on an address."""

    def __init__(self, application: web.Application, names: frozenset[str]) -> None:
        application.middlewares.append(self._guard)
        application.on_response_prepare.append(_dress)
        self._names = names
        self._lines: dict[asyncio.Transport, _Line] = {}
        self._server: asyncio.Server | None = None
        self._runner = web.AppRunner(
            application,
            access_log=None,
            handle_signals=False,
            keepalive_timeout=IDLE_SECONDS,
            shutdown_timeout=LEAVE_SECONDS,
        )

    async def start(self, address: Address) -> Address:
        """Listen; return the address with the port that was given out for port 0.

        Raises BridgeError when that cannot be done.
        """
        await self._runner.setup()
        serve = self._runner.server
        assert serve is not None
        try:
            self._server = await asyncio.get_running_loop().create_server(
                lambda: _Line(serve(), self), address.host, address.port
            )
        except OSError as error:
            await self._runner.cleanup()
            raise BridgeError(
                _("{address} cannot be listened on: {reason}.").format(
                    address=address, reason=error.strerror or error
                ),
                hint=_("Another program may use it; choose another address in [bridge]."),
            ) from error
        port: int = self._server.sockets[0].getsockname()[1]
        return Address(address.host, port)

    async def stop(self) -> None:
        """Stop listening and end all connections."""
        if self._server is not None:
            self._server.close()
            await self._runner.cleanup()
            for transport in list(self._lines):
                transport.abort()
            await self._server.wait_closed()
            self._server = None

    def enter(self, transport: asyncio.Transport, line: _Line) -> bool:
        """Take a connection in, if there is room."""
        if len(self._lines) >= MOST_CONNECTIONS:
            _log.warning("a connection was refused: there are %d", len(self._lines))
            return False
        self._lines[transport] = line
        return True

    def leave(self, transport: asyncio.Transport) -> None:
        """Forget a connection."""
        self._lines.pop(transport, None)

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse browsers and requests for somebody else, before anything is read.

        A page that a browser shows could otherwise call a bridge on its machine: by a form, which
        tells its `Origin`, or by a name of its own that leads here (DNS rebinding), which is in
        `Host`.
        """
        line = self._lines.get(request.transport) if request.transport is not None else None
        if line is not None:
            line.begin()
        try:
            if host_of(request.headers.get("Host", "")) not in self._names:
                return refusal(CallRefused("PERMISSION_DENIED", _("That is another host's name.")))
            if "Origin" in request.headers:
                return refusal(CallRefused("PERMISSION_DENIED", _("This is not for browsers.")))
            return await handler(request)
        finally:
            if line is not None:
                line.end()


async def _dress(_request: web.Request, response: web.StreamResponse) -> None:
    """Say nothing of what serves, and have nothing kept."""
    response.headers["Server"] = "capcoada"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
