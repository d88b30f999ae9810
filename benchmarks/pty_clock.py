"""Times a program from outside, through a real pty: keys in, bytes out, nothing of it imported."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

COLUMNS, ROWS = 120, 40
QUIET_SECONDS = 0.06
"""A screen that stayed silent for so long is taken as settled."""

_ESCAPES = re.compile(
    rb"\x1b(?:\][^\x07\x1b]*(?:\x07|\x1b\\)|[P_^X][^\x1b]*\x1b\\|\[[0-?]*[ -/]*[@-~]|[ -/]*[0-~])"
)
ROOT = Path(__file__).resolve().parent.parent


class ProgramSilentError(Exception):
    """The program did not draw what was waited for."""


class PtyProgram:
    """A program in a pty of 120 by 40, and the clock beside it."""

    def __init__(self, argv: Sequence[str], *, env: Mapping[str, str]) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            argv,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=ROOT,
            env={**env, "TERM": "xterm-256color", "COLORTERM": "truecolor"},
            start_new_session=True,
        )
        os.close(slave)
        self._tail = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def read(self, timeout: float) -> bytes:
        """Return what the program wrote within `timeout` seconds, as soon as there is anything."""
        ready, _, _ = select.select([self._master], [], [], max(0.0, timeout))
        if not ready:
            return b""
        try:
            return os.read(self._master, 1 << 16)
        except OSError as error:
            raise ProgramSilentError("the program ended") from error

    def wait_for(self, marker: str, *, timeout: float = 60.0) -> float:
        """Return the moment (perf_counter seconds) at which `marker` had been drawn.

        Cursor moves between the marker's letters would hide it: markers are single words.
        """
        wanted = marker.encode()
        seen = self._tail
        deadline = time.perf_counter() + timeout
        while True:
            plain = _ESCAPES.sub(b"", seen)
            if wanted in plain:
                self._tail = b""
                return time.perf_counter()
            left = deadline - time.perf_counter()
            if left <= 0:
                raise ProgramSilentError(f"{marker!r} was not drawn; last: {plain[-500:]!r}")
            seen = seen[-200_000:] + self.read(left)

    def settle(self, *, longest: float = 5.0) -> bytes:
        """Read until the program is silent; return what it wrote meanwhile."""
        out = b""
        deadline = time.perf_counter() + longest
        while time.perf_counter() < deadline:
            data = self.read(QUIET_SECONDS)
            if not data:
                break
            out += data
        self._tail = b""
        return out

    def write(self, keys: str) -> None:
        """Send keys to the program."""
        os.write(self._master, keys.encode())

    def time_key(self, keys: str, *, timeout: float = 5.0) -> float:
        """Return milliseconds from a key to the first byte that it made the program draw."""
        began = time.perf_counter()
        self.write(keys)
        if not self.read(timeout):
            raise ProgramSilentError(f"nothing was drawn after {keys!r}")
        return (time.perf_counter() - began) * 1000

    def peak_memory_mb(self) -> float:
        """Return the most memory the program ever held (VmHWM), in MB."""
        return self._status("VmHWM")

    def memory_mb(self) -> float:
        """Return the memory the program holds now (VmRSS), in MB."""
        return self._status("VmRSS")

    def close(self) -> None:
        """End the program and free the pty."""
        self.process.terminate()
        deadline = time.perf_counter() + 5
        while self.process.poll() is None and time.perf_counter() < deadline:
            try:
                self.read(0.05)
            except ProgramSilentError:
                break
        try:
            self.process.wait(2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self._master)

    def _status(self, field: str) -> float:
        text = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        (kilobytes,) = re.findall(rf"{field}:\s+(\d+) kB", text)
        return int(kilobytes) / 1024
