"""Files that are there whole or not at all, and readable by their owner alone."""

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO


@contextlib.contextmanager
def written_whole(path: Path) -> Iterator[BinaryIO]:
    """Give a file to write that takes the place of `path` once it is on the disk.

    When the block fails, what was at `path` stays. Raises OSError.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}-", suffix=".part")
    try:
        with os.fdopen(handle, "wb", buffering=1024 * 1024) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
    _sync_folder(path.parent)


def replace_file(path: Path, content: bytes) -> None:
    """Put a small file in the place of `path`, like `written_whole`. Raises OSError."""
    with written_whole(path) as file:
        file.write(content)


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep out whoever else asks for a folder this way, in this process or another.

    For as long as it takes to change a small file: others wait. Where folders cannot be locked,
    nobody is kept out. Raises OSError.
    """
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with contextlib.suppress(OSError):  # network file systems refuse
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _sync_folder(folder: Path) -> None:
    """Have the names in a folder survive a failure of the machine, where folders can do that."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with contextlib.suppress(OSError):  # network file systems refuse; the file is there
            os.fsync(handle)
    finally:
        os.close(handle)
