"""Has the disk take in SQLite's log while more is written to it.

Commits that need not be durable leave the log to the next one that must, which would then wait for
megabytes that others wrote. Nothing relies on this: a durable commit still waits for all of it.
"""

import contextlib
import os
import threading
from pathlib import Path
from typing import Final

_sync: Final = getattr(os, "fdatasync", os.fsync)
"""macOS has no fdatasync."""


class LogPush:
    """A thread, begun when first asked, that pushes the log of one store to the disk."""

    def __init__(self, store: Path) -> None:
        self._log = store.with_name(f"{store.name}-wal")
        self._asked = threading.Event()
        self._is_closed = False
        self._thread: threading.Thread | None = None

    def ask(self) -> None:
        """Have what was written so far pushed, soon."""
        self._asked.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="store-log-push", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """End the thread."""
        self._is_closed = True
        self._asked.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        while self._asked.wait() and not self._is_closed:
            self._asked.clear()
            # What fails here, SQLite is told as well when it waits for the disk itself. It holds no
            # locks on the log, so that none are lost when the file is closed.
            with contextlib.suppress(OSError):
                log = os.open(self._log, os.O_RDWR | os.O_CLOEXEC)
                try:
                    _sync(log)
                finally:
                    os.close(log)
