"""A handle that counts what is read and written through it, as Cloud Firestore bills it.

The rules of https://firebase.google.com/docs/firestore/pricing: a read for each document that is
got, there or not, or that a query returns, at least one a query; a read for each thousand index
entries that an aggregation counts, at least one; a read for each document that a watch delivers, or
that changed so that the watch no longer shows it; a write for each write of a commit. What a
transaction reads counts at each attempt. The cloud also bills a read for each document that the
security rules look up, which this handle cannot see.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Self, TypeVar

from core.store.closing import Closing
from core.store.port import (
    Aggregate,
    CommitResult,
    Creates,
    Delete,
    Document,
    Query,
    Reader,
    Snapshot,
    Store,
    Transaction,
    Watch,
    Write,
    each_write,
)

T = TypeVar("T")
_ENTRIES_A_READ = 1000


class Usage:
    """What was read, written and deleted, by the ids of the collections."""

    def __init__(self) -> None:
        self.reads: Counter[str] = Counter()
        self.writes: Counter[str] = Counter()
        self.deletes: Counter[str] = Counter()

    def since(self, earlier: "Usage") -> "Usage":
        """Return what was used after a copy of this was made."""
        later = Usage()
        later.reads = self.reads - earlier.reads
        later.writes = self.writes - earlier.writes
        later.deletes = self.deletes - earlier.deletes
        return later

    def copy(self) -> "Usage":
        """Return the counts as they are now."""
        return self.since(Usage())

    def note_read(self, collection: str, documents: int) -> None:
        """Count documents that were asked for in a collection, by its path or id."""
        self.reads[collection.rpartition("/")[2]] += documents

    def note_written(self, writes: Iterable[Write]) -> None:
        """Count the writes of a commit that was done."""
        for write in writes:
            kind = self.deletes if isinstance(write, Delete) else self.writes
            kind[write.path.split("/")[-2]] += 1


class _CountingReader:
    """Reads that are counted."""

    def __init__(self, reader: Reader, usage: Usage) -> None:
        self._reader = reader
        self._usage = usage

    async def get(self, path: str) -> Document | None:
        self._usage.note_read(path.rpartition("/")[0], 1)
        return await self._reader.get(path)

    async def get_all(self, paths: Sequence[str]) -> list[Document | None]:
        for path in dict.fromkeys(paths):
            self._usage.note_read(path.rpartition("/")[0], 1)
        return await self._reader.get_all(paths)

    async def query(self, query: Query) -> list[Document]:
        found = await self._reader.query(query)
        self._usage.note_read(query.collection, max(1, len(found)))
        return found

    async def aggregate(self, query: Query, *, sums: Sequence[str] = ()) -> Aggregate:
        found = await self._reader.aggregate(query, sums=sums)
        self._usage.note_read(query.collection, max(1, -(-found.count // _ENTRIES_A_READ)))
        return found


class _CountingTransaction(_CountingReader):
    """A transaction whose reads are counted at once, and whose writes when it was committed."""

    def __init__(self, transaction: Transaction, usage: Usage) -> None:
        super().__init__(transaction, usage)
        self._transaction = transaction
        self.writes: list[Write] = []

    def write(self, *writes: Write | Creates) -> None:
        self.writes += each_write(writes)
        self._transaction.write(*writes)


class _CountingWatch:
    """A watch whose deliveries are counted; changes that nobody took in time count as one."""

    def __init__(self, watch: Watch, collection: str, usage: Usage) -> None:
        self._watch = watch
        self._collection = collection
        self._usage = usage
        self._is_first = True

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Snapshot:
        snapshot = await anext(self._watch)
        least = 1 if self._is_first else 0
        self._usage.note_read(self._collection, max(least, len(snapshot.changes)))
        self._is_first = False
        return snapshot

    async def close(self) -> None:
        await self._watch.close()


class CountingStore(_CountingReader, Closing):
    """A store that keeps count; see `core.store.port.Store`."""

    def __init__(
        self,
        store: Store,
        usage: Usage,
        committed: Callable[[Sequence[Write]], None] = lambda _writes: None,
    ) -> None:
        """Count what goes to `store`; `committed` hears of each commit that was done."""
        super().__init__(store, usage)
        self._store = store
        self._committed = committed

    def _note(self, writes: Sequence[Write]) -> None:
        self._usage.note_written(writes)
        if writes:
            self._committed(writes)

    async def commit(self, writes: Sequence[Write]) -> CommitResult:
        """Do all writes, or none."""
        result = await self._store.commit(writes)
        self._note(writes)
        return result

    async def transact(
        self,
        body: Callable[[Transaction], Awaitable[T]],
        *,
        attempts: int = 10,
        durable: bool = True,
    ) -> T:
        """Run `body` until what it read was still true at its commit."""
        last: list[Write] = []

        async def counted(transaction: Transaction) -> T:
            nonlocal last
            counting = _CountingTransaction(transaction, self._usage)
            result = await body(counting)
            last = counting.writes
            return result

        result = await self._store.transact(counted, attempts=attempts, durable=durable)
        self._note(last)
        return result

    def watch(self, target: Query | str) -> Watch:
        """Watch a query, or the document at a path."""
        collection = target.rpartition("/")[0] if isinstance(target, str) else target.collection
        return _CountingWatch(self._store.watch(target), collection, self._usage)

    async def close(self) -> None:
        """Close the store."""
        await self._store.close()
