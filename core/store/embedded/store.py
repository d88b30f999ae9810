"""The embedded engine's handle."""

import asyncio
import random
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self, TypeVar

from core.clock import Clock, system_clock
from core.i18n import _
from core.store.closing import Closing
from core.store.embedded.catalogue import reconcile
from core.store.embedded.database import Database
from core.store.embedded.doorbell import ring_all
from core.store.embedded.execute import (
    Reader,
    is_empty,
    last_change,
    one_moment,
    read_document,
    read_documents,
)
from core.store.embedded.faults import closed, translated
from core.store.embedded.feed import changed_collections, changes_since, last_seq
from core.store.embedded.guard import Gate, Guard, Standing
from core.store.embedded.held import Held
from core.store.embedded.watch import EmbeddedWatch, Hub
from core.store.errors import Contention, InvalidRequest
from core.store.indexes import IndexSet
from core.store.paths import collection_group, split_document
from core.store.port import (
    Aggregate,
    CommitResult,
    Create,
    Document,
    Query,
    Transaction,
    Watch,
    Write,
)

if TYPE_CHECKING:
    from core.store.capabilities import StoredChange
    from core.store.embedded.still import StillReader
    from core.store.embedded.writer import Writer

T = TypeVar("T")
_READ_LOCK_SECONDS: Final = 0.5
"""Readers wait for nobody in WAL mode, but for a recovery after a crash."""
_SHORTEST_PAUSE: Final = 0.002
_LONGEST_PAUSE: Final = 0.2


class EmbeddedStore(Closing):
    """A store in one SQLite file that several processes share; see `core.store.port.Store`.

    Reads run at once on the caller's thread: they take well under a millisecond. Commits run in a
    thread of their own. A handle belongs to one event loop.
    """

    def __init__(
        self,
        database: Database,
        connection: sqlite3.Connection,
        indexes: IndexSet,
        doorbells: Path | None,
        clock: Clock,
        *,
        guard: Guard | None,
    ) -> None:
        self._database = database
        self._connection: sqlite3.Connection | None = connection
        self._doorbells = doorbells
        with translated(database.path):
            self._reader = Reader(indexes, reconcile(connection, indexes))
            connection.execute("PRAGMA query_only=ON")
        connection.execute(f"PRAGMA busy_timeout={int(_READ_LOCK_SECONDS * 1000)}")
        self._guard = guard
        self._gate = Gate(guard)
        self._hub = Hub(
            connection,
            self._read_watched,
            database.check_presence,
            doorbells,
            must_review=guard is not None,
        )
        self._clock = clock
        self._writer: Writer | None = None
        """Comes with the first commit: a console paints before it writes anything."""

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        indexes: IndexSet | None = None,
        doorbells: Path | None = None,
        clock: Clock = system_clock,
        guard: Guard | None = None,
        founding: Create | None = None,
    ) -> Self:
        """Open the store in a file, made if there is none; its indexes are brought up to date.

        `guard` judges everything that is asked of the handle; without one it is a server's.
        `founding` is written first, unjudged, if its collection holds no document. `doorbells` is
        the folder in which handles on one file ring each other after commits; without one, watches
        learn of other processes' commits within 50 ms.
        Raises StoreUnavailable, StoreUnusable, SettingsError.
        """
        wanted = IndexSet.packaged() if indexes is None else indexes
        database = Database(path)
        connection = database.prepare()
        try:
            store = cls(database, connection, wanted, doorbells, clock, guard=guard)
            if founding is not None:
                store._found(founding)
            return store
        except BaseException:
            connection.close()
            raise

    def _found(self, founding: Create) -> None:
        """Write the first document of a collection, unless somebody did."""
        collection = split_document(founding.path)[0]
        with self._open_connection() as connection:
            if is_empty(connection, collection):
                writer = self._bring_writer()
                writer.commit_at_once([founding], [lambda held: is_empty(held, collection)])

    # -- reads --

    @contextmanager
    def _open_connection(self) -> Iterator[sqlite3.Connection]:
        """Give the connection for reads, and turn its errors into ours."""
        if self._connection is None:
            raise closed(self._database.path)
        self._database.check_presence()
        with translated(self._database.path):
            yield self._connection

    async def get(self, path: str) -> Document | None:
        """Return a document, or None if there is none."""
        with self._open_connection() as connection, self._gate.moment(connection):
            document = read_document(connection, path)
            self._gate.pass_get(connection, path, document)
            return document

    async def get_all(self, paths: Sequence[str]) -> list[Document | None]:
        """Return documents in the order of `paths`, all from one moment."""
        with self._open_connection() as connection, one_moment(connection):
            found = read_documents(connection, paths)
            self._gate.pass_all(connection, paths, found)
            return found

    async def query(self, query: Query) -> list[Document]:
        """Return what matches, in order."""
        with self._open_connection() as connection, self._gate.moment(connection):
            self._gate.pass_list(connection, query)
            return self._reader.query(connection, query)

    async def aggregate(self, query: Query, *, sums: Sequence[str] = ()) -> Aggregate:
        """Count what matches, and add up fields."""
        with self._open_connection() as connection, self._gate.moment(connection):
            self._gate.pass_list(connection, query)
            return self._reader.aggregate(connection, query, sums)

    async def changes_since(
        self, collection: str, seq: int, limit: int, *, all_descendants: bool = False
    ) -> list["StoredChange"]:
        """Return the documents of a collection that changed after `seq`, the earliest first."""
        self._gate.pass_server()
        with self._open_connection() as connection:
            return changes_since(connection, collection, seq, limit, is_group=all_descendants)

    async def changed_collections(
        self, collection_id: str, seq: int, limit: int, *, after: str = ""
    ) -> list[str]:
        """Return the paths of collections with an id that changed after `seq`, in their order."""
        with self._open_connection() as connection:
            return changed_collections(connection, collection_id, seq, limit, after)

    async def last_seq(self) -> int:
        """Return the sequence number of the latest change anywhere in the store."""
        self._gate.pass_server()
        with self._open_connection() as connection:
            return last_seq(connection)

    @asynccontextmanager
    async def stand_still(self) -> AsyncIterator["StillReader"]:
        """Give a reader that sees the file as it is now, until the block ends.

        SQLite's log cannot shrink meanwhile. Raises StoreUnavailable.
        """
        from core.store.embedded.still import StillReader  # noqa: PLC0415 - rarely asked for

        self._gate.pass_server()
        self._database.check_presence()
        connection = self._database.connect(lock_seconds=_READ_LOCK_SECONDS)
        try:
            with translated(self._database.path):
                yield StillReader.begin(connection, self._reader)
        finally:
            connection.close()

    # -- writes --

    async def commit(self, writes: Sequence[Write]) -> CommitResult:
        """Do all writes, or none; it happens even if the caller is cancelled meanwhile."""
        return await self._bring_writer().commit(tuple(writes), guard=self._guard)

    def _bring_writer(self) -> "Writer":
        if self._connection is None:
            raise closed(self._database.path)
        if self._writer is None:
            from core.store.embedded.writer import Writer  # noqa: PLC0415 - when first needed

            self._writer = Writer(
                self._database,
                self._clock,
                tell_others=self._ring_others,
                tell_own=self._hub.wake,
            )
        return self._writer

    async def transact(
        self,
        body: Callable[[Transaction], Awaitable[T]],
        *,
        attempts: int = 10,
        durable: bool = True,
    ) -> T:
        """Run `body` until what it read was still true at its commit."""
        from core.store.embedded.transaction import EmbeddedTransaction  # noqa: PLC0415
        from core.store.embedded.writer import Stale  # noqa: PLC0415 - as with the writer itself

        if attempts < 1:
            raise InvalidRequest(_("A transaction needs at least one attempt."))
        for attempt in range(attempts):
            if attempt:
                longest = min(_LONGEST_PAUSE, _SHORTEST_PAUSE * 2**attempt)
                await asyncio.sleep(random.uniform(0, longest))  # noqa: S311 - only spreads
            transaction = EmbeddedTransaction(self._open_connection, self._reader, self._gate)
            try:
                result = await body(transaction)
            except Exception:
                if transaction.is_current():
                    raise
                continue  # It saw a mix of two moments: no verdict.
            if not transaction.writes:
                if transaction.is_current():
                    return result
                continue
            try:
                await self._bring_writer().commit(
                    transaction.writes, transaction.checks, durable=durable, guard=self._guard
                )
            except Stale:
                continue
            return result
        raise Contention(
            _("Others kept changing the same documents."), hint=_("Try again in a moment.")
        )

    def _ring_others(self) -> None:
        """Wake every watch in other processes; runs in the writer's thread."""
        if self._doorbells is not None:
            ring_all(self._doorbells, but=self._hub.bell_path)

    # -- watches --

    def watch(self, target: Query | str) -> Watch:
        """Watch a query, or the document at a path."""
        return EmbeddedWatch(self._hub, target)

    def _read_watched(
        self, target: Query | str, held: Held | None, standing: Standing
    ) -> Held | None:
        """Judge a watched target; return what it shows, None when its collection is as it was."""
        with self._open_connection() as connection, one_moment(connection):
            if isinstance(target, str):
                changed = last_change(connection, split_document(target)[0], is_group=False)
            else:
                collection_group(target.collection)
                changed = last_change(
                    connection, target.collection, is_group=target.all_descendants
                )
            is_held = held is not None and changed <= held.seq
            must_review = self._gate.must_review(connection, standing)
            if is_held and not must_review:
                return None
            if isinstance(target, str):
                document = read_document(connection, target)
                self._gate.pass_get(connection, target, document, standing)
                return None if is_held else Held(changed, [] if document is None else [document])
            if must_review:
                self._gate.pass_list(connection, target, standing)
            return None if is_held else self._reader.held(connection, target, held, changed)

    # -- the end --

    async def close(self) -> None:
        """End all watches, finish the commits that wait, and release the file."""
        if self._connection is None:
            return
        connection, self._connection = self._connection, None
        self._hub.close()
        if self._writer is not None:
            await self._writer.close()
        connection.close()
