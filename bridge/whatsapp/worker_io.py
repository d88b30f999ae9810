"""A worker's end of the protocol: whole frames over one inherited socket, from any thread."""

import socket
import threading
from collections.abc import Iterator
from typing import Self

import msgspec

from bridge.errors import ProtocolBroken
from bridge.whatsapp.protocol import (
    Command,
    Report,
    decode_command,
    encode_frame,
    frame_length,
)
from core.i18n import _

_HEADER_BYTES = 4


class WorkerPort:
    """Sends reports and receives commands; both may happen at once."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._sending = threading.Lock()

    @classmethod
    def of_descriptor(cls, descriptor: int) -> Self:
        """Take over the socket that the daemon left open at this file descriptor.

        It will not be inherited by a further child. Raises OSError when it is no socket.
        """
        connection = socket.socket(fileno=descriptor)
        connection.set_inheritable(False)
        connection.setblocking(True)
        return cls(connection)

    def send(self, report: Report) -> bool:
        """Send a report, from any thread; False when nobody is there to hear it any more."""
        data = encode_frame(report)
        with self._sending:
            try:
                self._socket.sendall(data)
            except OSError:
                return False
        return True

    def commands(self) -> Iterator[Command]:
        """Wait for commands, one by one; ends when the daemon closes its side or is gone.

        Raises ProtocolBroken for bytes that are no command of this protocol.
        """
        while True:
            header = self._receive(_HEADER_BYTES)
            if header is None:
                return
            try:
                body = self._receive(frame_length(header))
                if body is None:
                    return
                command = decode_command(body)
            except (ValueError, msgspec.DecodeError) as error:
                raise ProtocolBroken(_("The bridge sent what is no command.")) from error
            yield command

    def interrupt(self) -> None:
        """Make a waiting `commands` end, from another thread; reports still go out."""
        try:
            self._socket.shutdown(socket.SHUT_RD)
        except OSError:
            return

    def close(self) -> None:
        """Close the socket, which tells the daemon that this worker ends."""
        self._socket.close()

    def _receive(self, count: int) -> bytes | None:
        """Return exactly `count` bytes, or None when the stream ends before."""
        parts: list[bytes] = []
        while count:
            try:
                part = self._socket.recv(min(count, 1 << 20))
            except OSError:
                return None
            if not part:
                return None
            parts.append(part)
            count -= len(part)
        return b"".join(parts)


__all__ = ["ProtocolBroken", "WorkerPort"]
