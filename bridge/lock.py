"""One bridge per data folder: a lock that ends with the process that holds it.

Its file, held open, also tells whether the folder is still the one that the bridge began on.
"""

import fcntl
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from bridge.errors import AlreadyRunning, BridgeError, DataFolderGone
from core.i18n import _

_TRIES = 5
_PAUSE_SECONDS = 0.04
"""Whoever looks for the lock's holder has it for an instant: that is no bridge."""


class BridgeLock:
    """The held lock of a data folder; its file holds the pid of the holder."""

    def __init__(self, path: Path, fd: int) -> None:
        self._path = path
        self._fd = fd

    @classmethod
    def hold(cls, path: Path) -> Self:
        """Take the lock. Raises AlreadyRunning, naming the holder, and BridgeError."""
        try:
            fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise BridgeError(
                _("The lock {path} cannot be used: {reason}.").format(
                    path=path, reason=error.strerror
                )
            ) from error
        if not _try_for(fd):
            pid = os.pread(fd, 32, 0).decode("ascii", "replace").strip() or "?"
            os.close(fd)
            raise AlreadyRunning(
                _("A bridge runs on this data folder already, with process id {pid}.").format(
                    pid=pid
                ),
                hint=_("Use that one, or stop it first."),
            )
        os.ftruncate(fd, 0)
        os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
        return cls(path, fd)

    def check_presence(self) -> None:
        """Raise DataFolderGone when the file is not in its place any more.

        Then the folder was removed, moved away or replaced, or nothing keeps a second bridge off.
        """
        try:
            is_here = os.path.samestat(os.stat(self._path), os.fstat(self._fd))
        except (FileNotFoundError, NotADirectoryError):
            is_here = False
        except OSError:
            return  # The disk does not answer, which is no proof.
        if is_here:
            return
        if self._path.parent.exists():
            text = _("The data folder {folder} is not what it was: {name} is gone.")
        else:
            text = _("The data folder {folder} is gone.")
        raise DataFolderGone(
            text.format(folder=self._path.parent, name=self._path.name),
            hint=_("Put it back and start the bridge again, or start it on another folder."),
        )

    def release(self) -> None:
        """Let another bridge take the lock."""
        if self._fd >= 0:
            os.ftruncate(self._fd, 0)
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def _try_for(fd: int) -> bool:
    for left in reversed(range(_TRIES)):
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if left:
                time.sleep(_PAUSE_SECONDS)
        else:
            return True
    return False


def holder(path: Path) -> int | None:
    """Return the pid of the bridge that holds a lock, None when none does."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        text = os.pread(fd, 32, 0).strip()
        return int(text) if text.isdigit() else 0
    else:
        return None
    finally:
        os.close(fd)
