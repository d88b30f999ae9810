"""A terminal for tests: runs a program in a pty, presses keys, and reads the screen it drew."""

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import pyte

KEYS = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "backspace": "\x7f",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "f1": "\x1bOP",
    "f2": "\x1bOQ",
    "f3": "\x1bOR",
    "f4": "\x1bOS",
    "f5": "\x1b[15~",
    "f6": "\x1b[17~",
    "f8": "\x1b[19~",
    "f9": "\x1b[20~",
}
_PRIVATE_CSI = re.compile(rb"\x1b\[[>=<][0-9;]*[A-Za-z]")
"""Sequences of newer terminals (keyboard protocol) that the emulator would print as text."""
_QUESTION = re.compile(rb"\x1b\[\?(\d+)\$p")


class ScreenTimeout(AssertionError):
    """What was waited for did not appear; the message holds the screen as it was."""


class Terminal:
    """A program in a pty of a given size, with the screen that it draws."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: Path,
        columns: int = 80,
        rows: int = 24,
    ) -> None:
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.raw = bytearray()
        """Every byte that the program sent to its terminal."""
        self._changed = threading.Condition()
        self._pending = b""
        self._master, slave = pty.openpty()
        self._set_size(columns, rows)
        self.process = subprocess.Popen(
            argv,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=_terminal_environment(env),
            cwd=cwd,
            start_new_session=True,
        )
        os.close(slave)
        self._wake, self._waker = os.pipe()
        self._reader = threading.Thread(target=self._read, name="terminal-reader", daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # -- the keyboard -----------------------------------------------------------------------------

    def press(self, *keys: str) -> None:
        """Press keys by name (`enter`, `f2`, `ctrl+e`) or as single characters."""
        for key in keys:
            if key in KEYS:
                self.write(KEYS[key])
            elif key.startswith("ctrl+"):
                self.write(chr(ord(key[5:].upper()) & 0x1F))
            elif key.startswith("alt+"):
                self.write("\x1b" + KEYS.get(key[4:], key[4:]))
            else:
                self.write(key)

    def type(self, text: str) -> None:
        """Type a text, character after character, as one burst."""
        self.write(text)

    def paste(self, text: str) -> None:
        """Paste a text as a terminal does it: in brackets."""
        self.write(f"\x1b[200~{text}\x1b[201~")

    def click(self, text: str) -> None:
        """Click with the mouse on a text that is on the screen."""
        for row, line in enumerate(self.text.splitlines(), start=1):
            if (column := line.find(text) + 1) > 0:
                self.write(f"\x1b[<0;{column};{row}M\x1b[<0;{column};{row}m")
                return
        raise AssertionError(f"no {text!r} on the screen:\n{self.text}")

    def write(self, text: str) -> None:
        """Send bytes to the program's standard input."""
        data = text.encode()
        while data:
            data = data[os.write(self._master, data) :]

    def resize(self, columns: int, rows: int) -> None:
        """Change the window's size, as dragging its corner would."""
        with self._changed:
            self.screen.resize(rows, columns)
        self._set_size(columns, rows)
        self.process.send_signal(signal.SIGWINCH)

    # -- the screen -------------------------------------------------------------------------------

    @property
    def text(self) -> str:
        """The screen as lines of text."""
        with self._changed:
            return "\n".join(line.rstrip() for line in self.screen.display)

    def wait_until(
        self, condition: Callable[[str], object], *, timeout: float = 60.0, what: str = ""
    ) -> str:
        """Return the screen's text as soon as `condition` of it is true.

        Raises ScreenTimeout after `timeout` seconds, or when the program ended before.
        """
        deadline = time.monotonic() + timeout
        with self._changed:
            while True:
                text = "\n".join(line.rstrip() for line in self.screen.display)
                if condition(text):
                    return text
                left = deadline - time.monotonic()
                ended = not self._reader.is_alive()
                if left <= 0 or ended:
                    why = "the program ended" if ended else f"{timeout:g} s passed"
                    raise ScreenTimeout(f"{what or condition}: {why}; the screen:\n{text}")
                self._changed.wait(min(left, 0.5))

    def wait_for(self, *texts: str, timeout: float = 60.0) -> str:
        """Return the screen's text as soon as it holds all of `texts`."""
        return self.wait_until(
            lambda screen: all(text in screen for text in texts), timeout=timeout, what=str(texts)
        )

    def wait_gone(self, text: str, *, timeout: float = 60.0) -> str:
        """Return the screen's text as soon as it no longer holds `text`."""
        return self.wait_until(
            lambda screen: text not in screen, timeout=timeout, what=f"no {text}"
        )

    def bitmap(self) -> list[list[bool]]:
        """Return the screen as dark pixels, two a cell one above the other, for a QR decoder."""
        with self._changed:
            rows: list[list[bool]] = []
            for y in range(self.screen.lines):
                upper, lower = [], []
                for x in range(self.screen.columns):
                    cell = self.screen.buffer[y][x]
                    front, back = cell.fg, cell.bg
                    if cell.reverse:
                        front, back = back, front
                    ink, paper = _is_dark(front, default=False), _is_dark(back, default=True)
                    upper.append(ink if cell.data in "▀█" else paper)
                    lower.append(ink if cell.data in "▄█" else paper)
                rows += [upper, lower]
            return rows

    # -- the end ----------------------------------------------------------------------------------

    def wait_end(self, *, timeout: float = 60.0) -> int:
        """Return the program's exit code once it ended."""
        return self.process.wait(timeout)

    def close(self) -> None:
        """End the program, by force if need be, and free the pty."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)
        os.write(self._waker, b"x")
        self._reader.join(10)
        for descriptor in (self._master, self._wake, self._waker):
            os.close(descriptor)

    # -- inside -----------------------------------------------------------------------------------

    def _set_size(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def _read(self) -> None:
        while True:
            ready, _, _ = select.select([self._master, self._wake], [], [])
            if self._wake in ready:
                return
            try:
                data = os.read(self._master, 65_536)
            except OSError:  # the other end is closed: Linux says EIO
                data = b""
            with self._changed:
                if data:
                    self.raw += data
                    self._answer(data)
                    self._feed(data)
                self._changed.notify_all()
            if not data:
                return

    def _answer(self, data: bytes) -> None:
        """Answer the questions about terminal modes that a program may wait for."""
        for mode in _QUESTION.findall(data):
            with contextlib.suppress(OSError):
                os.write(self._master, b"\x1b[?%s;0$y" % mode)

    def _feed(self, data: bytes) -> None:
        data = self._pending + data
        cut = data.rfind(b"\x1b")
        # An escape sequence may be split between two reads: keep its beginning for the next one.
        if (
            cut >= 0
            and len(data) - cut < 32
            and not re.match(rb"\x1b(\[[^@-~]*[@-~]|[^\[])", data[cut:])
        ):
            data, self._pending = data[:cut], data[cut:]
        else:
            self._pending = b""
        self._stream.feed(_QUESTION.sub(b"", _PRIVATE_CSI.sub(b"", data)))


def _terminal_environment(env: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which the pty alone says how large the window is."""
    kept = {name: value for name, value in env.items() if name not in ("COLUMNS", "LINES")}
    return kept | {"TERM": "xterm-256color", "COLORTERM": "truecolor"}


def _is_dark(colour: str, *, default: bool) -> bool:
    """Whether a colour of the emulator is nearer to black than to white."""
    if colour == "default":
        return default
    if re.fullmatch("[0-9a-f]{6}", colour):
        red, green, blue = (int(colour[i : i + 2], 16) for i in (0, 2, 4))
        return 299 * red + 587 * green + 114 * blue < 128_000
    return colour == "black"
