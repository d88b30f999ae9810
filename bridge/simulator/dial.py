"""A worker's connection to the simulator: dials, reconnects, hands frames on, makes calls."""

import asyncio
import itertools
import logging
from collections.abc import AsyncIterator, Callable

import aiohttp
import msgspec

from bridge.simulator import wire

_LOG = logging.getLogger(__name__)
_LONGEST_FRAME = 64 * 1024 * 1024
_DIAL_SECONDS = 20.0


class DialFailed(Exception):
    """The simulator could not be reached."""


class Dial:
    """One websocket at a time to the simulator."""

    def __init__(self, http: aiohttp.ClientSession, url: str, account: str) -> None:
        self._http = http
        self._url = url.rstrip("/") + "/device"
        self._account = account
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._calls: dict[int, asyncio.Future[wire.Answer]] = {}
        self._numbers = itertools.count(1)
        self.manners = wire.Manners(send_timeout_seconds=75.0, reconnect_seconds=2.0)

    async def open(self, token: str) -> None:
        """Dial and say hello. Raises DialFailed."""
        try:
            async with asyncio.timeout(_DIAL_SECONDS):
                self._socket = await self._http.ws_connect(
                    self._url, params={"account": self._account}, max_msg_size=_LONGEST_FRAME
                )
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            reason = str(error) or type(error).__name__
            raise DialFailed(f"failed to dial whatsapp web websocket: {reason}") from error
        await self.say(wire.Hello(account=self._account, token=token))

    async def frames(self) -> AsyncIterator[wire.DownFrame]:
        """Yield what the simulator says, answers aside, until the connection ends."""
        assert self._socket is not None
        try:
            async for message in self._socket:
                if message.type is not aiohttp.WSMsgType.BINARY:
                    continue
                frame = wire.decode_down(message.data)
                if isinstance(frame, wire.Answer):
                    future = self._calls.pop(frame.call, None)
                    if future is not None and not future.done():
                        future.set_result(frame)
                elif isinstance(frame, wire.Manners):
                    self.manners = frame
                else:
                    yield frame
        except msgspec.MsgspecError:
            _LOG.warning("the simulator spoke in tongues")
        finally:
            await self.hang_up()

    async def say(self, frame: wire.UpFrame) -> bool:
        """Send a frame; False when the connection is gone."""
        if self._socket is None or self._socket.closed:
            return False
        try:
            await self._socket.send_bytes(wire.encode(frame))
        except ConnectionError:
            return False
        return True

    async def call(
        self, make: Callable[[int], wire.UpFrame], timeout_seconds: float
    ) -> wire.Answer:
        """Say something that is answered; what became of it is unknown when no answer comes."""
        number = next(self._numbers)
        future: asyncio.Future[wire.Answer] = asyncio.get_running_loop().create_future()
        self._calls[number] = future
        try:
            if not await self.say(make(number)):
                return wire.Answer(
                    call=number, failure="not_connected", detail="websocket not connected"
                )
            async with asyncio.timeout(timeout_seconds):
                return await future
        except TimeoutError:
            return wire.Answer(
                call=number,
                failure="outcome_unknown",
                detail="timed out waiting for message send response",
            )
        finally:
            self._calls.pop(number, None)

    async def hang_up(self) -> None:
        """Close the connection; calls under way end without knowing."""
        for number, future in self._calls.items():
            if not future.done():
                future.set_result(
                    wire.Answer(
                        call=number, failure="outcome_unknown", detail="websocket disconnected"
                    )
                )
        if self._socket is not None:
            await self._socket.close()
