"""Watches: queries that are run again when their collection changed, and what then differs."""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Final, Self

from core.store.embedded.doorbell import Doorbell
from core.store.embedded.guard import Standing
from core.store.embedded.held import Held
from core.store.errors import IndexMissing, InvalidRequest, PermissionDenied, StoreError
from core.store.port import Document, Query, Snapshot
from core.store.snapshots import changes, differ

_POLL_SECONDS: Final = 0.05
_REVIEW_TICKS: Final = 200
"""Polls between looks at what is judged that are taken although nothing was committed."""
_RETRY_TICKS: Final = 5
"""Polls between attempts to read a store that is out of reach."""

Read = Callable[[Query | str, Held | None, Standing], Held | None]
"""Return what a watched target now shows, None when that is what is held; raises StoreError."""


class EmbeddedWatch:
    """A watch of the embedded store; see `core.store.port.Watch`."""

    def __init__(self, hub: "Hub", target: Query | str) -> None:
        self._hub = hub
        self.target = target
        self._now: dict[str, Document] = {}
        self._told: dict[str, Document] = {}
        self._held: Held | None = None
        self._standing = Standing()
        self._error = ""
        self._failure: StoreError | None = None
        self._is_due = False
        self._is_stale = False
        """Whether something was committed while nobody waited for the next snapshot."""
        self._is_closed = False
        self._wake: asyncio.Future[None] | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Snapshot:
        if not self._is_closed:
            self._hub.add(self)
        while not self._is_closed:
            if self._is_stale:
                self._is_stale = False
                self._hub.look_for(self)
            if self._failure is not None:
                failure, self._failure = self._failure, None
                await self.close()
                raise failure
            if self._is_due:
                return self._take()
            self._wake = asyncio.get_running_loop().create_future()
            try:
                await self._wake
            finally:
                self._wake = None
        raise StopAsyncIteration

    async def close(self) -> None:
        """End the watch."""
        self.end()

    def end(self) -> None:
        """End the watch at once."""
        self._is_closed = True
        self._hub.remove(self)
        self._now, self._told, self._held = {}, {}, None
        self._ring()

    def notice(self, read: Read) -> bool:
        """Look for changes now if somebody waits for them, else once somebody does.

        So a consumer that takes its time costs no reads meanwhile. Returns like `refresh`.
        """
        if self._wake is None:
            self._is_stale = True
            return True
        return self.refresh(read)

    def refresh(self, read: Read) -> bool:
        """Run the query again if its collection changed; return whether the store answered."""
        try:
            found = read(self.target, self._held, self._standing)
        except (IndexMissing, InvalidRequest, PermissionDenied) as error:
            self._failure = error
            self._ring()
            return True
        except StoreError as error:
            if self._error != str(error):
                self._error = str(error)
                self._is_due = True
                self._ring()
            return False
        was_lost, self._error = bool(self._error), ""
        if found is not None:
            is_first, self._held = self._held is None, found
            after = {document.path: document for document in found.documents}
            if is_first or differ(self._now, after):
                self._now = after
                self._is_due = True
        if was_lost:
            self._is_due = True
        if self._is_due:
            self._ring()
        return True

    def _ring(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    def _take(self) -> Snapshot:
        told = tuple(changes(self._told, self._now))
        self._told = self._now
        self._is_due = False
        return Snapshot(tuple(self._now.values()), told, not self._error, self._error)


class Hub:
    """Wakes the watches of one store handle: by the doorbell at once, by a poll in any case."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        read: Read,
        check_presence: Callable[[], None],
        doorbells: Path | None,
        *,
        must_review: bool = False,
    ) -> None:
        self._connection = connection
        self._read = read
        self._check_presence = check_presence
        self._folder = doorbells
        self._must_review = must_review
        """Whether what is watched is judged, and so may be refused without any commit."""
        self._bell: Doorbell | None = None
        self._watches: list[EmbeddedWatch] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._version = -1
        self._is_lost = False
        self._ticks = 0

    @property
    def bell_path(self) -> Path | None:
        """Where our own doorbell is, if there is one."""
        return None if self._bell is None else self._bell.path

    def add(self, watch: EmbeddedWatch) -> None:
        """Begin to wake a watch, and run its query now."""
        if watch in self._watches:
            return
        self._watches.append(watch)
        if self._loop is None:
            self._start()
        self.look_for(watch)

    def look_for(self, watch: EmbeddedWatch) -> None:
        """Run a watch's query now."""
        if not watch.refresh(self._read):
            self._is_lost = True

    def remove(self, watch: EmbeddedWatch) -> None:
        """Wake a watch no more."""
        if watch in self._watches:
            self._watches.remove(watch)
        if not self._watches:
            self._stop()

    def close(self) -> None:
        """End all watches."""
        for watch in list(self._watches):
            watch.end()

    def wake(self) -> None:
        """Look for changes soon, but after whoever was told before; callable from any thread."""
        loop = self._loop
        if loop is None:
            return
        try:
            # A future's waiter goes on one turn of the loop after the future is settled.
            loop.call_soon_threadsafe(lambda: loop.call_soon(self._look))
        except RuntimeError:  # The loop is closed: nobody watches any more.
            return

    def _start(self) -> None:
        self._loop = asyncio.get_running_loop()
        if self._folder is not None:
            try:
                self._bell = Doorbell(self._folder)
            except OSError:
                self._bell = None  # The poll alone is slower, but enough.
            else:
                self._loop.add_reader(self._bell.socket, self._rung)
        self._timer = self._loop.call_later(_POLL_SECONDS, self._poll)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._bell is not None:
            if self._loop is not None and not self._loop.is_closed():
                self._loop.remove_reader(self._bell.socket)
            self._bell.close()
            self._bell = None
        self._loop = None

    def _rung(self) -> None:
        if self._bell is not None:
            self._bell.drain()
        self._look()

    def _poll(self) -> None:
        if self._loop is None:
            return
        self._timer = self._loop.call_later(_POLL_SECONDS, self._poll)
        self._ticks += 1
        if self._is_lost and self._ticks % _RETRY_TICKS:
            return
        self._look(anyway=self._must_review and self._ticks % _REVIEW_TICKS == 0)

    def _look(self, *, anyway: bool = False) -> None:
        """Run what changed again, if anything was committed since the last look."""
        if self._loop is None:
            return
        try:
            self._check_presence()
            version = self._connection.execute("PRAGMA data_version").fetchone()[0]
        except (StoreError, sqlite3.Error):
            version = None  # Each watch finds out why, and says so.
        if version == self._version and not self._is_lost and not anyway:
            return
        self._version = -1 if version is None else version
        answers = [watch.notice(self._read) for watch in list(self._watches)]
        self._is_lost = not all(answers)


__all__ = ["EmbeddedWatch", "Hub"]
