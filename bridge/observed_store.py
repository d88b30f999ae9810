"""A store that counts what it could not do; everything else passes through."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from bridge.metrics import Metrics
from core.store.closing import Closing
from core.store.errors import StoreError
from core.store.port import (
    Aggregate,
    CommitResult,
    Document,
    Query,
    Store,
    Transaction,
    Watch,
    Write,
)

T = TypeVar("T")


class ObservedStore(Closing):
    """Implements `core.store.port.Store` on another one."""

    def __init__(self, store: Store, metrics: Metrics) -> None:
        self._store = store
        self._metrics = metrics

    async def get(self, path: str) -> Document | None:
        """Return a document, or None if there is none."""
        return await self._counted("get", self._store.get(path))

    async def get_all(self, paths: Sequence[str]) -> list[Document | None]:
        """Return documents in the order of `paths`, all from one moment."""
        return await self._counted("get", self._store.get_all(paths))

    async def query(self, query: Query) -> list[Document]:
        """Return what matches, in order."""
        return await self._counted("query", self._store.query(query))

    async def aggregate(self, query: Query, *, sums: Sequence[str] = ()) -> Aggregate:
        """Count what matches, and add up fields, without fetching it."""
        return await self._counted("query", self._store.aggregate(query, sums=sums))

    async def commit(self, writes: Sequence[Write]) -> CommitResult:
        """Do all writes, or none."""
        return await self._counted("commit", self._store.commit(writes))

    async def transact(
        self,
        body: Callable[[Transaction], Awaitable[T]],
        *,
        attempts: int = 10,
        durable: bool = True,
    ) -> T:
        """Run `body` until what it read was still true at its commit."""
        work = self._store.transact(body, attempts=attempts, durable=durable)
        return await self._counted("transact", work)

    def watch(self, target: Query | str) -> Watch:
        """Watch a query, or the document at a path."""
        return self._store.watch(target)

    async def close(self) -> None:
        """End all watches and release the store."""
        await self._store.close()

    async def _counted(self, operation: str, work: Awaitable[T]) -> T:
        try:
            return await work
        except StoreError as error:
            self._metrics.store_errors.labels(operation, type(error).__name__).inc()
            raise
