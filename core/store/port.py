"""The document store port, shaped like Firestore: everything above it is written once.

Semantics follow Cloud Firestore (https://firebase.google.com/docs/firestore): documents by path,
atomic commits with preconditions and field transforms, optimistic transactions, queries that need
an index, and watches that deliver whole snapshots with their changes. Engines: `embedded` and, in
the cloud, `firestore`; `capabilities` has what only one of them can do.
"""

import enum
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Final, Literal, Protocol, Self, TypeVar

import msgspec
from msgspec.structs import replace

Value = Any
"""None, bool, int (64 bit), float, str, bytes, aware datetime (microseconds), list, dict.

Lists and maps nest (no list directly in a list, map keys are str); types are kept exactly:
1 stays int, 1.0 stays float.
"""

Data = Mapping[str, Value]
T = TypeVar("T")


# -- documents ------------------------------------------------------------------------------------


class Document(msgspec.Struct, frozen=True):
    """A document as it was at `update_time`. Its data is shared: never change it in place."""

    path: str
    """Slash-separated, an even number of segments: `threads/WA-01__407…@s.whatsapp.net`."""
    data: Data
    create_time: datetime
    update_time: datetime

    @property
    def id(self) -> str:
        """The last segment of the path."""
        return self.path.rpartition("/")[2]

    @property
    def collection(self) -> str:
        """The path of the collection that holds the document."""
        return self.path.rpartition("/")[0]


# -- writes ---------------------------------------------------------------------------------------


class Sentinel(enum.Enum):
    """Values that the store replaces while it commits."""

    SERVER_TIMESTAMP = "server_timestamp"
    """The time of the commit, one and the same in all writes of it."""
    DELETE_FIELD = "delete_field"
    """Removes the field; only in an update or a merging set."""


SERVER_TIMESTAMP: Final = Sentinel.SERVER_TIMESTAMP
DELETE_FIELD: Final = Sentinel.DELETE_FIELD


class Increment(msgspec.Struct, frozen=True):
    """Adds to a number; a missing or non-number field counts as 0."""

    amount: int | float


class ArrayUnion(msgspec.Struct, frozen=True):
    """Appends the elements that the array does not hold yet; a missing field counts as empty."""

    elements: Sequence[Value]


class ArrayRemove(msgspec.Struct, frozen=True):
    """Removes every occurrence of the elements."""

    elements: Sequence[Value]


class Create(msgspec.Struct, frozen=True):
    """Writes a document that must not exist yet (else AlreadyExists)."""

    path: str
    data: Data


class Set(msgspec.Struct, frozen=True):
    """Writes a document whole; with `merge`, only the leaf fields given (maps merge deeply)."""

    path: str
    data: Data
    merge: bool = False
    update_time: datetime | None = None
    """Precondition: the document exists and was last written then (else PreconditionFailed)."""


class Update(msgspec.Struct, frozen=True):
    """Changes fields, named by dotted paths, of a document that must exist (else NotFound).

    A segment that is not a plain identifier is quoted with backticks, as in Firestore:
    "reactions.`407…@s.whatsapp.net`"; `field_path` does it.
    """

    path: str
    fields: Data
    update_time: datetime | None = None


class Delete(msgspec.Struct, frozen=True):
    """Removes a document; one that does not exist is no error unless `must_exist`."""

    path: str
    must_exist: bool = False
    update_time: datetime | None = None


Write = Create | Set | Update | Delete


class Creates(Protocol):
    """Many new documents at once, which an engine may have a shorter way for."""

    def each(self) -> Iterator[Create]:
        """Yield what it stands for."""
        ...


def each_write(writes: Iterable[Write | Creates]) -> Iterator[Write]:
    """Yield writes one by one."""
    for write in writes:
        if isinstance(write, Write):
            yield write
        else:
            yield from write.each()


class CommitResult(msgspec.Struct, frozen=True):
    """What a commit left behind."""

    commit_time: datetime
    """The update_time of every document that the commit changed."""


# -- queries --------------------------------------------------------------------------------------

Operator = Literal["==", "!=", "<", "<=", ">", ">=", "in", "array_contains"]
Direction = Literal["asc", "desc"]
DOCUMENT_ID: Final = "__name__"
"""The pseudo field that filters and orders by document id."""


class Filter(msgspec.Struct, frozen=True):
    """One condition; a document that lacks the field never matches."""

    field: str
    operator: Operator
    value: Value


class Order(msgspec.Struct, frozen=True):
    """One ordering; a document that lacks the field is left out. Ties fall back to the id."""

    field: str
    direction: Direction = "asc"


class Cursor(msgspec.Struct, frozen=True):
    """A place in the result's order, by the values of the order fields (the id may be last)."""

    values: tuple[Value, ...]
    before: bool
    """Whether the place is just before documents equal to it, else just after them."""


class Query(msgspec.Struct, frozen=True):
    """An immutable query; each method returns a changed copy.

    `collection` is a path (`threads`, `threads/{id}/messages`), or, with `all_descendants`, a
    collection id that is looked for everywhere.
    """

    collection: str
    all_descendants: bool = False
    filters: tuple[Filter, ...] = ()
    orders: tuple[Order, ...] = ()
    limit_count: int | None = None
    start: Cursor | None = None
    end: Cursor | None = None

    def where(self, field_name: str, operator: Operator, value: Value) -> Self:
        """Keep documents whose field, named by a dotted path, meets the condition."""
        return replace(self, filters=(*self.filters, Filter(field_name, operator, value)))

    def order_by(self, field_name: str, direction: Direction = "asc") -> Self:
        """Order by a field, after the orderings given before."""
        return replace(self, orders=(*self.orders, Order(field_name, direction)))

    def limit(self, count: int) -> Self:
        """Keep only the first `count` documents."""
        return replace(self, limit_count=count)

    def start_at(self, *values: Value) -> Self:
        """Begin with documents at these order values."""
        return replace(self, start=Cursor(values, before=True))

    def start_after(self, *values: Value) -> Self:
        """Begin after documents at these order values; end with the id for an exact place."""
        return replace(self, start=Cursor(values, before=False))

    def end_at(self, *values: Value) -> Self:
        """End with documents at these order values."""
        return replace(self, end=Cursor(values, before=False))

    def end_before(self, *values: Value) -> Self:
        """End before documents at these order values."""
        return replace(self, end=Cursor(values, before=True))


class Aggregate(msgspec.Struct, frozen=True):
    """Counts and sums over all documents that a query matches."""

    count: int
    sums: Mapping[str, int | float] = msgspec.field(default_factory=dict)
    """By field; documents whose field is not a number add nothing."""


# -- watches --------------------------------------------------------------------------------------

ChangeKind = Literal["added", "modified", "removed"]


class Change(msgspec.Struct, frozen=True):
    """How one document differs from the snapshot before."""

    kind: ChangeKind
    document: Document
    """As it is now; as it last was when removed."""


class Snapshot(msgspec.Struct, frozen=True):
    """The whole result of a watched query, or of a watched document (none or one)."""

    documents: tuple[Document, ...]
    """In the query's order."""
    changes: tuple[Change, ...]
    """Against the snapshot before; in the first one, every document is added."""
    is_live: bool = True
    """False when the watch lost its source: the documents are the last known ones."""
    error: str = ""
    """Why it is not live, in one sentence."""


class Watch(Protocol):
    """A running watch: iterate it for snapshots, close it to end it.

    The first snapshot comes at once. Snapshots that nobody took are collapsed into one, so a slow
    consumer sees fewer, never stale, ones. An interruption is delivered as a snapshot that is not
    live; the watch resumes by itself. `__anext__` raises PermissionDenied and IndexMissing.
    """

    def __aiter__(self) -> Self:
        """Return itself."""
        ...

    async def __anext__(self) -> Snapshot:
        """Return the next snapshot; raise StopAsyncIteration once closed."""
        ...

    async def close(self) -> None:
        """End the watch and free what it holds; more than once is harmless."""
        ...


# -- the store ------------------------------------------------------------------------------------


class Reader(Protocol):
    """Reads, as a store and as a transaction do them."""

    async def get(self, path: str) -> Document | None:
        """Return a document, or None if there is none."""
        ...

    async def get_all(self, paths: Sequence[str]) -> list[Document | None]:
        """Return documents in the order of `paths`, all from one moment."""
        ...

    async def query(self, query: Query) -> list[Document]:
        """Return what matches, in order. Raises IndexMissing, InvalidRequest."""
        ...

    async def aggregate(self, query: Query, *, sums: Sequence[str] = ()) -> Aggregate:
        """Count what matches, and add up fields, without fetching it."""
        ...


class Transaction(Reader, Protocol):
    """Reads followed by writes that are committed together, or not at all."""

    def write(self, *writes: Write | Creates) -> None:
        """Add writes to the commit at the end; no reads may follow (InvalidRequest)."""
        ...


class Store(Reader, Protocol):
    """A handle on the document store, acting as one identity.

    Every call is bounded in time and raises StoreUnavailable rather than waiting for ever.
    """

    async def commit(self, writes: Sequence[Write]) -> CommitResult:
        """Do all writes, or none. At most 500; several on one document apply in order.

        Durable when it returns, with all that this handle committed before.
        """
        ...

    async def transact(
        self,
        body: Callable[[Transaction], Awaitable[T]],
        *,
        attempts: int = 10,
        durable: bool = True,
    ) -> T:
        """Run `body` until what it read was still true at its commit; it must have no side effects.

        A commit that need not be `durable` is as whole as any and survives this process, but until
        the next durable one, an empty `commit` for instance, a failure of the machine may undo it:
        for work that is then done again. Raises Contention when `attempts` were not enough.
        """
        ...

    def watch(self, target: Query | str) -> Watch:
        """Watch a query, or the document at a path."""
        ...

    async def close(self) -> None:
        """End all watches and release the store."""
        ...

    async def __aenter__(self) -> Self:
        """Return itself."""
        ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the store."""
        ...


def field_path(*segments: str) -> str:
    """Join field names into a dotted path, quoting with backticks what is no identifier."""
    return ".".join(
        name
        if name.isidentifier() and name.isascii()
        else "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"
        for name in segments
    )
