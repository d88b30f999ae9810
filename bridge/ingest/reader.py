"""Reads journal entries for the ingest: small ones at once, large ones in a process of its own."""

import asyncio
import contextlib
import logging
import os
import socket
import sys
from collections.abc import AsyncGenerator

import msgspec

from bridge.ingest.reading import (
    LENGTH_BYTES,
    Errand,
    Part,
    decode_part,
    encode_errand,
    parts_of,
)
from bridge.worker_process import worker_environment

_log = logging.getLogger(__name__)

_LARGE = 64 * 1024
"""Bytes; larger entries are a history's."""
_AHEAD_BYTES = 256 * 1024
"""So much may wait to be taken: of an entry by the process, and of what it read by us."""
_END_SECONDS = 5.0


class Reader:
    """Reads the entries of one account, one after the other."""

    def __init__(self) -> None:
        self._child: _Child | None = None

    async def prepare(self) -> None:
        """Start the process ahead: a history is about to come."""
        if self._child is None:
            try:
                self._child = await _Child.start()
            except OSError as error:
                _log.warning("the process that reads histories cannot be started: %s", error)

    async def read(
        self, errand: Errand, following: Errand | None = None
    ) -> AsyncGenerator[Part, None]:
        """Yield what an entry says in parts; close the iterator if it is left early.

        The `following` one, which is to be read next, is handed over meanwhile if it is large.
        """
        if not _is_large(errand):
            for part in parts_of(errand):
                yield part
            return
        is_whole = False
        try:
            if self._child is None:
                self._child = await _Child.start()
            if following is not None and not _is_large(following):
                following = None
            async with contextlib.aclosing(self._child.read(errand, following)) as ahead:
                async for part in ahead:
                    is_whole = part.is_last
                    yield part
            return
        except (OSError, EOFError, msgspec.MsgspecError) as error:
            _log.warning("an entry is read without a process of its own: %s", error)
        finally:
            if not is_whole:  # The process may be in the middle of a part.
                await self.close(at_once=True)
        # From the beginning: what was told already is known, and telling it again harmless.
        again = parts_of(errand)
        while (some := await asyncio.to_thread(next, again, None)) is not None:
            yield some

    async def close(self, *, at_once: bool = False) -> None:
        """End the process, if there is one; the next large entry starts another."""
        child, self._child = self._child, None
        if child is not None:
            await child.end(at_once=at_once)


def _is_large(errand: Errand) -> bool:
    return len(errand.payload) >= _LARGE


class _Child:
    """The process that reads."""

    def __init__(self, process: asyncio.subprocess.Process, end: socket.socket) -> None:
        self._process = process
        self._end = end
        self._sent: Errand | None = None
        """What was handed over and not read yet."""
        self._sending: asyncio.Task[None] | None = None

    @classmethod
    async def start(cls) -> "_Child":
        """Start the process. Raises OSError."""
        ours, theirs = socket.socketpair()
        try:
            with contextlib.closing(theirs):
                for end in (ours, theirs):
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _AHEAD_BYTES)
                process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-P",
                    "-m",
                    "bridge.ingest.reader_process",
                    "--fd",
                    str(theirs.fileno()),
                    stdin=asyncio.subprocess.DEVNULL,
                    env=worker_environment(os.environ),
                    pass_fds=(theirs.fileno(),),
                    start_new_session=True,  # Ctrl+C is for the bridge, which then ends us.
                )
            ours.setblocking(False)
        except BaseException:
            ours.close()
            raise
        return cls(process, ours)

    async def read(self, errand: Errand, following: Errand | None) -> AsyncGenerator[Part, None]:
        """Yield what the process reads. Raises OSError, EOFError, msgspec.MsgspecError."""
        if self._sent is None:
            self._send(errand)
        if self._sent != errand or self._sending is None:
            raise OSError("another entry was handed over")
        await self._sending
        self._sent = None
        if following is not None:
            self._send(following)
        is_last = False
        while not is_last:
            length = int.from_bytes(await self._receive(LENGTH_BYTES))
            part = decode_part(await self._receive(length))
            is_last = part.is_last
            yield part

    async def _receive(self, size: int) -> bytearray:
        """Return so many bytes of what the process says. Raises OSError, EOFError."""
        loop = asyncio.get_running_loop()
        received = bytearray(size)
        rest = memoryview(received)
        while rest:
            count = await loop.sock_recv_into(self._end, rest)
            if not count:
                raise EOFError("the process ended")
            rest = rest[count:]
        return received

    def _send(self, errand: Errand) -> None:
        self._sent = errand
        self._sending = asyncio.create_task(self._hand_over(errand), name="reader-hand-over")

    async def _hand_over(self, errand: Errand) -> None:
        """Write an entry to the process, as fast as that takes it."""
        loop = asyncio.get_running_loop()
        for part in (*encode_errand(errand), errand.payload):
            await loop.sock_sendall(self._end, part)

    async def end(self, *, at_once: bool) -> None:
        """End the process and wait for it."""
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.gather(self._sending, return_exceptions=True)
        self._end.close()
        if at_once:
            self._kill()
        try:
            async with asyncio.timeout(_END_SECONDS):
                await self._process.wait()
        except TimeoutError:
            self._kill()
            await self._process.wait()

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
