"""How far something long has come, told at a bearable pace: rate, and what is left."""

import time
from collections.abc import Callable
from typing import TextIO

from core.i18n import _, ngettext

_TERMINAL_SECONDS = 0.5
_LOG_SECONDS = 30.0
"""Where nobody watches the line change, a new one is printed this often."""


class Progress:
    """Counts documents and says so on a stream, over and over in one line on a terminal."""

    def __init__(
        self,
        stream: TextIO,
        total: int,
        *,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream = stream
        self._total = total
        self._seconds = seconds
        self._begun = seconds()
        self._said = self._begun
        self._has_said = False
        self._is_terminal = stream.isatty()
        self.done = 0
        self._done_at_begin = 0

    def add(self, count: int) -> None:
        """Count documents that are done; the rate counts from the first ones on."""
        now = self._seconds()
        if not self.done:
            self._begun, self._done_at_begin = now, count
        self.done += count
        pause = _TERMINAL_SECONDS if self._is_terminal else _LOG_SECONDS
        if now - self._said >= pause:
            self._said, self._has_said = now, True
            self._say(self.line(now))

    def close(self) -> None:
        """Take the line off a terminal."""
        if self._is_terminal and self._has_said:
            self._stream.write("\r\x1b[K")
            self._stream.flush()

    def line(self, now: float) -> str:
        """Return how far it has come, how fast it goes, and how long it will still take."""
        rate = (self.done - self._done_at_begin) / max(now - self._begun, 0.001)
        left = max(self._total - self.done, 0)
        return _("{done} of {total} documents, {rate} a second, {left} left").format(
            done=f"{self.done:,}",
            total=f"{max(self._total, self.done):,}",
            rate=f"{rate:,.0f}",
            left=duration(left / rate) if rate else "?",
        )

    def _say(self, line: str) -> None:
        self._stream.write(f"\r{line}\x1b[K" if self._is_terminal else f"{line}\n")
        self._stream.flush()


def duration(seconds: float) -> str:
    """Return a length of time in its largest fitting unit."""
    if seconds < 90:
        count = round(seconds)
        return ngettext("{n} second", "{n} seconds", count).format(n=count)
    if seconds < 90 * 60:
        count = round(seconds / 60)
        return ngettext("{n} minute", "{n} minutes", count).format(n=count)
    count = round(seconds / 3600)
    return ngettext("{n} hour", "{n} hours", count).format(n=count)
