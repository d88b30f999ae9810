"""A proxy between a client and a server on loopback that cuts, stalls, refuses and resets.

It passes HTTP/2 frame by frame (https://www.rfc-editor.org/rfc/rfc9113), so that frames of its own
fit in between; with `is_http2=False` it passes bytes, of TLS for instance.
"""

import asyncio
import struct
from collections.abc import Iterable
from types import TracebackType
from typing import Final, Self

INTERNAL_ERROR: Final = 0x2
CANCEL: Final = 0x8
_PREFACE_BYTES: Final = 24
_HEADER_BYTES: Final = 9
_DATA, _HEADERS, _RST_STREAM, _GOAWAY = 0x0, 0x1, 0x3, 0x7
_END_STREAM: Final = 0x1


class _Connection:
    """A client's connection and the one to the server that it is passed to."""

    def __init__(
        self,
        client: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        server: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        may_pass: asyncio.Event,
    ) -> None:
        self._from_client, self.to_client = client
        self._from_server, self.to_server = server
        self._may_pass = may_pass
        self.open_streams: set[int] = set()
        """The HTTP/2 streams that the server began to answer and has not ended."""

    async def pass_all(self, *, is_http2: bool) -> None:
        """Pass both ways until one side leaves."""
        ways = [
            (self._from_client, self.to_server, _PREFACE_BYTES),
            (self._from_server, self.to_client, 0),
        ]
        tasks = [
            asyncio.create_task(self._pass(*way, is_http2=is_http2), name="tcp-proxy-pump")
            for way in ways
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self.cut()

    async def _pass(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        skip: int,
        *,
        is_http2: bool,
    ) -> None:
        try:
            if is_http2 and skip:
                writer.write(await reader.readexactly(skip))
            while data := await (self._frame(reader) if is_http2 else reader.read(65536)):
                await self._may_pass.wait()
                writer.write(data)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            return  # A side left: so does the other.

    async def _frame(self, reader: asyncio.StreamReader) -> bytes:
        """Return the next frame, and note what it says of its stream if the server sent it."""
        header = await reader.readexactly(_HEADER_BYTES)
        length = int.from_bytes(header[:3])
        kind, flags, stream = header[3], header[4], int.from_bytes(header[5:9]) & 0x7FFFFFFF
        if reader is self._from_server and kind in (_DATA, _HEADERS):
            self.open_streams.add(stream)
            if flags & _END_STREAM:
                self.open_streams.discard(stream)
        return header + await reader.readexactly(length)

    def reset_streams(self, code: int) -> None:
        """End every open stream towards both sides, and keep the connection."""
        for stream in self.open_streams:
            self.to_client.write(_frame(_RST_STREAM, stream, struct.pack(">I", code)))
            self.to_server.write(_frame(_RST_STREAM, stream, struct.pack(">I", CANCEL)))
        self.open_streams.clear()

    def go_away(self) -> None:
        """Tell the client to begin nothing new on this connection."""
        self.to_client.write(_frame(_GOAWAY, 0, struct.pack(">II", 0x7FFFFFFF, 0)))

    def cut(self) -> None:
        """Drop the connection towards both sides, without a farewell."""
        self.to_client.transport.abort()
        self.to_server.transport.abort()


def _frame(kind: int, stream: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3) + bytes((kind, 0)) + stream.to_bytes(4) + payload


class TcpProxy:
    """A proxy in front of an address of loopback; its own port stays the same."""

    def __init__(self, target: str, *, is_http2: bool = True) -> None:
        self._host, _colon, port = target.rpartition(":")
        self._target_port = int(port)
        self._is_http2 = is_http2
        self._listener: asyncio.Server | None = None
        self._connections: set[_Connection] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._may_pass = asyncio.Event()
        self._may_pass.set()
        self.port = 0
        self.accepted = 0
        """How many connections clients made so far."""

    @property
    def address(self) -> str:
        """Host and port for clients."""
        return f"127.0.0.1:{self.port}"

    async def accept(self) -> None:
        """Take connections, at first or again."""
        if self._listener is None:
            self._listener = await asyncio.start_server(self._accepted, "127.0.0.1", self.port)
            self.port = self._listener.sockets[0].getsockname()[1]

    def refuse(self) -> None:
        """Cut all connections and refuse new ones; until `accept`."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        self.cut()

    def cut(self) -> None:
        """Drop all connections; new ones are welcome."""
        for connection in self._connections:
            connection.cut()

    def stall(self) -> None:
        """Pass nothing any more, and keep the connections; until `go_on`."""
        self._may_pass.clear()

    def go_on(self) -> None:
        """Pass again, what was held back first."""
        self._may_pass.set()

    def reset_streams(self, code: int = INTERNAL_ERROR) -> None:
        """End all open HTTP/2 streams with RST_STREAM; the connections stay."""
        for connection in self._connections:
            connection.reset_streams(code)

    def go_away(self) -> None:
        """Tell all clients with GOAWAY to make a new connection for what is new."""
        for connection in self._connections:
            connection.go_away()

    def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        task = asyncio.create_task(self._serve(reader, writer), name="tcp-proxy-connection")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            server = await asyncio.open_connection(self._host, self._target_port)
        except OSError:
            writer.transport.abort()
            return
        connection = _Connection((reader, writer), server, self._may_pass)
        self._connections.add(connection)
        try:
            await connection.pass_all(is_http2=self._is_http2)
        finally:
            self._connections.discard(connection)

    async def __aenter__(self) -> Self:
        await self.accept()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.refuse()
        await _ended(self._tasks)


async def _ended(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel tasks and wait for them."""
    waiting = list(tasks)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
