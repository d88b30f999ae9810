"""At most one worker per account folder, even when a bridge was killed and its worker lives on.

The daemon locks `worker.lock` and hands the open file to the worker it starts: the lock lasts as
long as that process, whoever started it, and the pid inside says who to end.
"""

import asyncio
import contextlib
import fcntl
import logging
import os
import signal
from pathlib import Path

from bridge.errors import WorkerError
from core.i18n import _

_log = logging.getLogger(__name__)

_POLL_SECONDS = 0.05
LEAVE_SECONDS = 8.0
"""How long an orphaned worker may take to notice that its bridge is gone."""
_KILL_SECONDS = 5.0


class WorkerLock:
    """The held lock of an account folder."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def fileno(self) -> int:
        """Return the descriptor to hand to the worker."""
        return self._fd

    def note_pid(self, pid: int) -> None:
        """Write down which process holds the lock from now on."""
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, f"{pid}\n".encode(), 0)

    def close(self) -> None:
        """Let go of this process's share of the lock."""
        os.close(self._fd)


async def hold_worker_lock(folder: Path, *, leave_seconds: float = LEAVE_SECONDS) -> WorkerLock:
    """Lock an account folder, ending an orphaned worker that does not leave by itself.

    Raises WorkerError when the holder cannot be made to leave.
    """
    fd = os.open(folder / "worker.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if await _try_for(fd, leave_seconds):
            return _held(fd)
        pid = _pid_in(fd)
        if pid:
            _log.warning("An orphaned worker, pid %d, did not leave; killed", pid)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        if await _try_for(fd, _KILL_SECONDS):
            return _held(fd)
        raise WorkerError("refused", _("Another worker of this account does not go away."))
    except BaseException:
        os.close(fd)
        raise


def _held(fd: int) -> WorkerLock:
    """Return the lock, without the pid of who had it: by now another process may have that."""
    os.ftruncate(fd, 0)
    return WorkerLock(fd)


async def _try_for(fd: int, seconds: float) -> bool:
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if loop.time() >= end:
                return False
            await asyncio.sleep(_POLL_SECONDS)
        else:
            return True


def _pid_in(fd: int) -> int:
    """Return the noted pid, 0 when there is none."""
    text = os.pread(fd, 32, 0).strip()
    return int(text) if text.isdigit() else 0
