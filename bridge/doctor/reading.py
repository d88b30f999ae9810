"""Reading a large file through first, so that whoever then jumps about in it finds it at hand.

SQLite checks a file in the order of its tables, which lie in no order: from a disk that takes ten
times as long as from memory. Reading ahead also tells how far it has come, which SQLite does not.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from core.i18n import _

MEGABYTE = 1024 * 1024
_CHUNK_BYTES = 4 * MEGABYTE
_PAUSE_SECONDS = 0.2


@contextmanager
def reading(path: Path, watcher: TextIO) -> Iterator[None]:
    """Read a file through, then do what needs it; a terminal is told meanwhile. Raises OSError.

    Nothing in this process may have a SQLite database open in the file: closing the file again
    would drop its locks (https://www.sqlite.org/howtocorrupt.html, 2.2).
    """
    try:
        _read_through(path, watcher)
        yield
    finally:
        _show(watcher, "")


def _read_through(path: Path, watcher: TextIO) -> None:
    total = path.stat().st_size // MEGABYTE
    done, shown_at = 0, time.monotonic()
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(_CHUNK_BYTES):
            done += len(chunk)
            if time.monotonic() >= shown_at + _PAUSE_SECONDS:
                shown_at = time.monotonic()
                text = _("reading the store: {done} of {total} MB")
                _show(watcher, text.format(done=done // MEGABYTE, total=total))
    _show(watcher, _("checking the {total} MB that were read…").format(total=total))


def _show(watcher: TextIO, line: str) -> None:
    """Put a line in the place of the one before; where nobody watches it change, say nothing."""
    if watcher.isatty():
        watcher.write(f"\r{line}\x1b[K")
        watcher.flush()
