"""The cloud engine's handle: light to import and to open; it connects at its first use."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from core.i18n import _
from core.store.closing import Closing
from core.store.errors import StoreUnavailable
from core.store.firestore.delivery import Delivery
from core.store.firestore.endpoint import Bounds, Endpoint
from core.store.firestore.watch import FirestoreWatch
from core.store.port import (
    Aggregate,
    CommitResult,
    Document,
    Query,
    Transaction,
    Watch,
    Write,
)

if TYPE_CHECKING:
    from core.store.firestore.engine import Engine

T = TypeVar("T")


class FirestoreStore(Closing):
    """A handle on one Firestore database; see `core.store.port.Store`.

    A handle belongs to one event loop. `durable` makes no difference: every commit is.
    """

    def __init__(self, endpoint: Endpoint, bounds: Bounds | None = None) -> None:
        self._endpoint = endpoint
        self._bounds = bounds or Bounds()
        self._engine: Engine | None = None
        self._opening = asyncio.Lock()
        self._watches: set[FirestoreWatch] = set()
        self._is_closed = False

    async def _opened(self) -> "Engine":
        """Return the engine, made at first use. Raises StoreUnavailable once closed."""
        if self._engine is not None:
            return self._engine
        async with self._opening:
            if self._is_closed:
                raise StoreUnavailable(_("The connection to Firestore is closed."))
            if self._engine is None:
                kind = await asyncio.to_thread(_load)
                self._engine = kind(self._endpoint, self._bounds)
            return self._engine

    async def get(self, path: str) -> Document | None:
        """Return a document, or None if there is none."""
        return await (await self._opened()).reads.get(path)

    async def get_all(self, paths: Sequence[str]) -> list[Document | None]:
        """Return documents in the order of `paths`, all from one moment."""
        return await (await self._opened()).reads.get_all(paths)

    async def query(self, query: Query) -> list[Document]:
        """Return what matches, in order."""
        return await (await self._opened()).reads.query(query)

    async def aggregate(self, query: Query, *, sums: Sequence[str] = ()) -> Aggregate:
        """Count what matches, and add up fields, all from one moment."""
        if not sums:
            return await (await self._opened()).reads.aggregate(query)
        return await self.transact(lambda reads: reads.aggregate(query, sums=sums))

    async def commit(self, writes: Sequence[Write]) -> CommitResult:
        """Do all writes, or none. Raises OutcomeUnknown when the answer was lost."""
        return await (await self._opened()).commit(writes)

    async def transact(
        self,
        body: Callable[[Transaction], Awaitable[T]],
        *,
        attempts: int = 10,
        durable: bool = True,
    ) -> T:
        """Run `body` until what it read was still true at its commit."""
        return await (await self._opened()).transact(body, attempts=attempts)

    def watch(self, target: Query | str) -> Watch:
        """Watch a query, or the document at a path."""
        watch = FirestoreWatch(target, self._follow, self._watches.discard)
        self._watches.add(watch)
        return watch

    async def _follow(self, target: Query | str, delivery: Delivery) -> None:
        await (await self._opened()).follow(target, delivery)

    async def close(self) -> None:
        """End all watches and every call that is under way, and the connection."""
        self._is_closed = True
        for watch in list(self._watches):
            await watch.close()
        async with self._opening:
            engine, self._engine = self._engine, None
        if engine is not None:
            await engine.close()


def _load() -> "type[Engine]":
    """Import gRPC and Firestore's messages, which takes a third of a second."""
    # What gRPC has to say, calls tell; its own lines would be written across the console's screen.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    from core.store.firestore.engine import Engine  # noqa: PLC0415 - at first use, in a thread

    return Engine
