"""A store or a disk that fails for a while: the real thing, done to real files and processes."""

import asyncio
import contextlib
import os
import resource
import sqlite3
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

_SMALL = 4096
"""Bytes: no file of the product stays below, so every write of them fails."""


@asynccontextmanager
async def locked(file: Path) -> AsyncIterator[None]:
    """Another program holds the store's write lock."""
    connection = sqlite3.connect(file, isolation_level=None, timeout=2.0, check_same_thread=False)
    try:
        await asyncio.to_thread(connection.execute, "BEGIN IMMEDIATE")
        yield
    finally:
        connection.close()


@asynccontextmanager
async def moved_away(file: Path) -> AsyncIterator[None]:
    """The store's file lies elsewhere for a while; a process that starts meanwhile gives up."""
    elsewhere = file.with_name(file.name + ".elsewhere")
    os.rename(file, elsewhere)
    try:
        yield
    finally:
        os.rename(elsewhere, file)


@asynccontextmanager
async def full_disk(pids: Iterable[int]) -> AsyncIterator[None]:
    """No file of these processes can grow: what they write fails as on a full disk."""
    kept: dict[int, tuple[int, int]] = {}
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            kept[pid] = resource.prlimit(pid, resource.RLIMIT_FSIZE)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (_SMALL, kept[pid][1]))
    try:
        yield
    finally:
        for pid, limits in kept.items():
            with contextlib.suppress(ProcessLookupError):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)
