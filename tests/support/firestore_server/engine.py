"""The parts of the embedded engine, put together for a server that looks inside a commit."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from core.clock import Clock, from_microseconds
from core.store.embedded.catalogue import reconcile
from core.store.embedded.database import LOCK_SECONDS, Database
from core.store.embedded.doorbell import ring_all
from core.store.embedded.execute import Reader, one_moment, read_document
from core.store.embedded.faults import translated
from core.store.embedded.transaction import Check
from core.store.embedded.writer import Writer
from core.store.indexes import IndexSet
from core.store.port import Document, Write

_POLL_SECONDS: Final = 0.05


class Engine:
    """One store file: reads on the caller's thread, commits in order, news of every commit."""

    def __init__(
        self,
        path: Path,
        indexes: IndexSet,
        clock: Clock,
        on_change: Callable[[], None],
        doorbells: Path | None,
    ) -> None:
        self._database = Database(path)
        self._clock = clock
        self._on_change = on_change
        self._doorbells = doorbells
        self._loop = asyncio.get_running_loop()
        self._connection = self._database.prepare()
        with translated(path):
            self.reader: Final = Reader(indexes, reconcile(self._connection, indexes))
        self._writer = Writer(
            self._database, clock, tell_others=lambda: None, tell_own=self._announce
        )
        self._version = self._data_version()
        self._poll = asyncio.create_task(self._watch_file(), name="firestore-server-poll")

    @contextmanager
    def moment(self) -> Iterator[sqlite3.Connection]:
        """See the store as it is now in everything that is read within. Raises StoreError."""
        with translated(self._database.path), one_moment(self._connection):
            yield self._connection

    def read(self, path: str) -> Document | None:
        """Return a document as it is now. Raises StoreError."""
        with self.moment() as connection:
            return read_document(connection, path)

    def snapshot(self) -> sqlite3.Connection:
        """Return a connection that sees the store as it is at its first read; close it."""
        connection = self._database.connect(lock_seconds=LOCK_SECONDS)
        connection.execute("BEGIN")
        return connection

    async def commit(self, writes: Sequence[Write], checks: Sequence[Check]) -> datetime:
        """Commit and return the commit's time. Raises Stale, StoreError.

        It outlives this process but not a failure of the machine: tests have no use for the wait.
        """
        return (await self._writer.commit(writes, checks, durable=False)).commit_time

    def read_time(self, connection: sqlite3.Connection) -> datetime:
        """Return the time of what the connection sees now."""
        latest = connection.execute("SELECT commit_time FROM state").fetchone()[0]
        return max(from_microseconds(latest), self._clock())

    async def close(self) -> None:
        """Finish the commits that wait and release the file."""
        self._poll.cancel()
        await asyncio.gather(self._poll, return_exceptions=True)
        await self._writer.close()
        self._connection.close()

    def _announce(self) -> None:
        """Tell of a commit of ours; runs in the writer's thread."""
        self._loop.call_soon_threadsafe(self._on_change)
        if self._doorbells is not None:
            ring_all(self._doorbells)

    def _data_version(self) -> int:
        version: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
        return version

    async def _watch_file(self) -> None:
        """Notice the commits of others who have the file open."""
        while True:
            await asyncio.sleep(_POLL_SECONDS)
            version = self._data_version()
            if version != self._version:
                self._version = version
                self._on_change()
