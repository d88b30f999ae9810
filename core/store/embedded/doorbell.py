"""A datagram to everyone who watches the store, sent after each commit.

Whoever watches binds a socket in one folder; whoever commits sends one byte to each. Lost rings do
not matter: a slow poll of the file finds what a ring did not announce.
"""

import os
import socket
from contextlib import suppress
from pathlib import Path
from typing import Final
from uuid import uuid4

_SUFFIX: Final = ".bell"


class Doorbell:
    """A socket of our own that others ring."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        self.path = folder / f"{os.getpid()}-{uuid4().hex[:8]}{_SUFFIX}"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            self.socket.setblocking(False)
            self.socket.bind(str(self.path))
            self.path.chmod(0o600)
        except OSError:
            self.socket.close()
            raise

    def drain(self) -> None:
        """Take all rings that came in."""
        with suppress(BlockingIOError):
            while True:
                self.socket.recv(16)

    def close(self) -> None:
        """Remove the socket."""
        self.socket.close()
        self.path.unlink(missing_ok=True)


def ring_all(folder: Path, *, but: Path | None = None) -> None:
    """Ring every doorbell in a folder but our own, and remove those that nobody listens to."""
    try:
        names = os.listdir(folder)
    except OSError:
        return
    bells = [folder / name for name in names if name.endswith(_SUFFIX)]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ringer:
        ringer.setblocking(False)
        for bell in bells:
            if bell == but:
                continue
            try:
                ringer.sendto(b"!", str(bell))
            except ConnectionRefusedError:
                bell.unlink(missing_ok=True)
            except OSError:
                continue  # Full: it will wake anyway. Gone: it needs no ring.
