"""Handles on one store that need no thread, and count what they use."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.store.counting import CountingStore, Usage
from core.store.embedded import EmbeddedStore
from core.store.embedded.guard import Guard
from core.store.embedded.writer import Job, Writer
from core.store.port import CommitResult, Creates, Write
from tests.support.virtual_time import clock


class _AtOnce(Writer):
    """Commits in the loop."""

    async def commit(
        self,
        writes: Sequence[Write | Creates],
        checks: Sequence[Any] = (),
        *,
        durable: bool = True,
        guard: Guard | None = None,
    ) -> CommitResult:
        [answer] = self._do([Job(writes, checks, durable, lambda _answer: None, guard)])
        if isinstance(answer, Exception):
            raise answer
        self._tell_own()
        return answer

    async def close(self) -> None:
        self._drop_connection()


class File:
    """A store's file, and the handles on it, which need no thread and wake each other at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handles: list[EmbeddedStore] = []

    def open(self) -> EmbeddedStore:
        """Open a further handle."""
        store = EmbeddedStore.open(self._path, clock=clock)
        store._writer = _AtOnce(
            store._database, clock, tell_others=lambda: None, tell_own=self._wake_all
        )
        self._handles.append(store)
        return store

    def _wake_all(self) -> None:
        for handle in self._handles:
            handle._hub.wake()


class Handle:
    """A bridge's or a console's handle on the store, with what it used and when it wrote."""

    def __init__(self, store: EmbeddedStore) -> None:
        self.usage = Usage()
        self.store = CountingStore(store, self.usage, self._committed)
        self.commits: list[int] = []
        self.written: list[tuple[float, str]] = []
        """Seconds since the start, and the document."""

    def _committed(self, writes: Sequence[Write]) -> None:
        moment = asyncio.get_running_loop().time()
        self.commits.append(len(writes))
        self.written += [(moment, write.path) for write in writes]

    def most_in_a_second(self, prefix: str) -> int:
        """Return how often one document of a collection was written within a second, at most."""
        most = 0
        by_path: dict[str, list[float]] = {}
        for moment, path in self.written:
            if path.startswith(prefix) and path.count("/") == 1:
                by_path.setdefault(path, []).append(moment)
        for moments in by_path.values():
            for first in moments:
                most = max(most, sum(first <= one < first + 0.999 for one in moments))
        return most
