"""One commit: its preconditions, and the rows that its writes change."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, Final

import msgspec

from core.clock import from_microseconds, to_microseconds
from core.i18n import _
from core.store.embedded.catalogue import Catalogue, Entries
from core.store.embedded.changes import merged, replaced, updated
from core.store.embedded.codec import decode, encode
from core.store.embedded.execute import read_document
from core.store.embedded.guard import Guard, Method, Proposal
from core.store.embedded.packed import Packed
from core.store.embedded.rows import collection_no, rows_of
from core.store.errors import (
    AlreadyExists,
    InvalidRequest,
    NotFound,
    PreconditionFailed,
    StoreError,
)
from core.store.limits import MOST_WRITES
from core.store.paths import collection_group, split_document
from core.store.port import Create, Delete, Document, Set, Update, Value, Write

_ROWS_AT_ONCE: Final = 50


Whole = tuple[dict[str, Value] | None, bytes]
"""A whole document's data, unless it came packed, and its bytes."""


class _Draft:
    """A document on its way through a commit."""

    __slots__ = (
        "blob",
        "create_time",
        "data",
        "encoded",
        "name",
        "no",
        "parent",
        "touched",
        "update_time",
    )

    def __init__(self, parent: str, name: str) -> None:
        self.parent = parent
        self.name = name
        self.no: int | None = None
        self.blob: bytes | None = None
        """As stored before the commit; None when there was no document."""
        self.create_time = 0
        self.update_time = 0
        self.data: dict[str, Value] | None = None
        """As the writes so far leave it, once touched; None also where only the bytes are known."""
        self.touched = False
        self.encoded: bytes | None = None
        """The bytes to store, where they are known already."""

    @property
    def exists(self) -> bool:
        if self.touched:
            return self.data is not None or self.encoded is not None
        return self.blob is not None

    def current(self) -> dict[str, Value]:
        """Return data that may be changed in place."""
        if self.data is None:
            blob = self.encoded if self.touched else self.blob
            self.data = None if blob is None else decode(blob)
        return {} if self.data is None else self.data

    def copy(self) -> dict[str, Value] | None:
        """Return the data as they are now, shared with nobody; None when there are none."""
        blob = self.result() if self.touched else self.blob
        return None if blob is None else decode(blob)

    def put(self, data: dict[str, Value] | None, encoded: bytes | None = None) -> None:
        self.data = data
        self.encoded = encoded
        self.touched = True

    def result(self) -> bytes | None:
        """Return the bytes to store; None to delete. Raises InvalidRequest."""
        if self.data is None or self.encoded is not None:
            return self.encoded
        return encode(f"{self.parent}/{self.name}", self.data)


class _Rows:
    """The rows that a commit writes, table by table."""

    def __init__(self) -> None:
        self.inserts: list[tuple[int, int, str, int, int, int, bytes | None]] = []
        self.updates: list[tuple[int, int, int, bytes | None, int]] = []
        self.last: dict[int, int] = {}
        """By collection number: the number of its last change."""
        self._removed: dict[str, list[tuple[int, bytes]]] = defaultdict(list)
        self._added: dict[str, list[tuple[int, bytes, int | None]]] = defaultdict(list)

    def reindex(self, draft: _Draft, col: int, indexes: tuple[Entries, ...]) -> None:
        """Add what changes in the indexes."""
        old = None if draft.blob is None else decode(draft.blob)
        new = draft.data
        if new is None and draft.encoded is not None:
            new = decode(draft.encoded)
        for entries in indexes:
            after = entries.keys(draft.parent, draft.name, new)
            scope = 0 if entries.is_group else col
            if old is not None:
                before = entries.keys(draft.parent, draft.name, old)
                gone, after = set(before) - set(after), set(after) - set(before)
                self._removed[entries.table] += [(scope, key) for key in gone]
            self._added[entries.table] += [(scope, key, draft.no) for key in after]

    def write(self, connection: sqlite3.Connection) -> None:
        """Write all rows. Raises sqlite3.Error."""
        many = connection.executemany
        _insert(connection, "documents", self.inserts)
        many(
            "UPDATE documents SET create_time = ?, update_time = ?, seq = ?, data = ? WHERE no = ?",
            self.updates,
        )
        for table, gone in self._removed.items():
            many(f"DELETE FROM {table} WHERE scope = ? AND key = ?", gone)  # noqa: S608
        for table, new in self._added.items():
            _insert(connection, table, new)
        many(
            "UPDATE collections SET last_seq = ? WHERE no = ?",
            [(seq, col) for col, seq in self.last.items()],
        )


def _insert(connection: sqlite3.Connection, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows, many with one statement where there are many: that takes two thirds as long."""
    if not rows:
        return
    marks = f"({', '.join('?' * len(rows[0]))})"
    insert = f"INSERT INTO {table} VALUES "  # noqa: S608 - our own names
    whole = len(rows) - len(rows) % _ROWS_AT_ONCE
    if whole:
        statement = insert + ", ".join([marks] * _ROWS_AT_ONCE)
        for start in range(0, whole, _ROWS_AT_ONCE):
            some = rows[start : start + _ROWS_AT_ONCE]
            connection.execute(statement, list(chain.from_iterable(some)))
    connection.executemany(insert + marks, rows[whole:])


class Prepared(msgspec.Struct, frozen=True):
    """Writes with all the work done that needs no look at the store."""

    moment: datetime
    """The commit time that the values were made for."""
    writes: Sequence[Write]
    places: list[tuple[str, str]]
    """Collection path and id of each write."""
    whole: list[Whole | None]
    """Data and its bytes for each write of a whole document."""


def prepare(writes: Sequence[Write], moment: datetime) -> Prepared:
    """Check writes, and encode the whole documents among them. Raises InvalidRequest."""
    if len(writes) > MOST_WRITES:
        raise InvalidRequest(
            _("A commit may have {limit} writes, not {count}.").format(
                limit=MOST_WRITES, count=len(writes)
            )
        )
    places = [split_document(write.path) for write in writes]
    whole: list[Whole | None] = []
    for write in writes:
        if isinstance(write, Create) or (isinstance(write, Set) and not write.merge):
            if isinstance(write.data, Packed):
                whole.append((None, write.data.blob(write.path, moment)))
                continue
            data = replaced(write.data, moment)
            whole.append((data, encode(write.path, data)))
        else:
            whole.append(None)
    return Prepared(moment, writes, places, whole)


class Commit:
    """The rows of one commit, read, changed and written within a transaction of the writer."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        catalogue: Catalogue,
        prepared: Prepared,
        seq: int,
        guard: Guard | None,
    ) -> None:
        self._connection = connection
        self._catalogue = catalogue
        self._prepared = prepared
        self._guard = guard
        self.moment = prepared.moment
        self._microseconds = to_microseconds(prepared.moment)
        self.seq = seq
        """The last sequence number given away."""
        self._collections: dict[str, int] = {}
        self._drafts: dict[tuple[str, str], _Draft] = {}

    def apply(self) -> None:
        """Do all writes. Raises a StoreError with nothing written, or sqlite3.Error."""
        self._read(self._prepared.places)
        if self._guard is None:
            for write, draft, whole in self._steps():
                if wrong := _wrong(write, draft):
                    raise wrong
                self._change(write, draft, whole)
        else:
            self._apply_judged(self._guard)
        self._flush()

    def _steps(self) -> Iterator[tuple[Write, _Draft, Whole | None]]:
        ready = self._prepared
        for write, place, whole in zip(ready.writes, ready.places, ready.whole, strict=True):
            yield write, self._drafts[place], whole

    def _apply_judged(self, guard: Guard) -> None:
        """Do all writes if they are allowed; only then tell what else is wrong with them.

        So nobody learns from an error about a document that is none of theirs.
        """
        proposals: list[Proposal] = []
        first_wrong: StoreError | None = None
        for write, draft, whole in self._steps():
            first_wrong = first_wrong or _wrong(write, draft)
            before = None if isinstance(write, Create) else draft.copy()
            self._change(write, draft, whole)
            proposals.append(Proposal(_method(write, before), write.path, before, draft.copy()))
        guard.check_writes(
            proposals,
            self.moment,
            lambda path: read_document(self._connection, path),
            self._read_after,
        )
        if first_wrong is not None:
            raise first_wrong

    def _read_after(self, path: str) -> Document | None:
        """Return a document as the commit leaves it."""
        draft = self._drafts.get(split_document(path))
        if draft is None or not draft.touched:
            return read_document(self._connection, path)
        data = draft.copy()
        created = self.moment if draft.blob is None else from_microseconds(draft.create_time)
        return None if data is None else Document(path, data, created, self.moment)

    # -- reading --

    def _read(self, places: Iterable[tuple[str, str]]) -> None:
        """Read what is stored at the places, one collection at a time."""
        by_parent: dict[str, list[str]] = {}
        for place in places:
            if place not in self._drafts:
                self._drafts[place] = _Draft(*place)
                by_parent.setdefault(place[0], []).append(place[1])
        for parent, names in by_parent.items():
            col = collection_no(self._connection, parent)
            if col is None:
                continue
            self._collections[parent] = col
            rows = rows_of(self._connection, col, names)
            for name, no, blob, create_time, update_time in rows:
                draft = self._drafts[parent, name]
                draft.no, draft.blob = no, blob
                draft.create_time, draft.update_time = create_time, update_time

    # -- changing --

    def _change(self, write: Write, draft: _Draft, whole: Whole | None) -> None:
        if whole is not None:
            draft.put(*whole)
        elif isinstance(write, Set | Create):
            draft.put(merged(draft.current(), write.data, self.moment))
        elif isinstance(write, Update):
            draft.put(updated(draft.current(), write.fields, self.moment))
        else:
            draft.put(None)

    # -- writing --

    def _flush(self) -> None:
        """Write the documents that are not what they were, and their index entries."""
        rows = _Rows()
        drafts = [(draft, draft.result()) for draft in self._drafts.values() if draft.touched]
        parent, col = "", 0
        indexes: tuple[Entries, ...] = ()
        for draft, blob in drafts:
            if blob == draft.blob:
                continue  # As in the cloud, a write that changes nothing leaves update_time alone.
            self.seq += 1
            if draft.parent != parent:  # Neighbours mostly share it.
                parent = draft.parent
                col = self._collection(parent)
                indexes = self._catalogue.of_group(collection_group(parent))
            rows.last[col] = self.seq
            created = self._microseconds if draft.blob is None else draft.create_time
            if draft.no is None:
                draft.no = self.seq
                rows.inserts.append(
                    (draft.no, col, draft.name, created, self._microseconds, self.seq, blob)
                )
            else:
                rows.updates.append((created, self._microseconds, self.seq, blob, draft.no))
            if indexes:
                rows.reindex(draft, col, indexes)
        rows.write(self._connection)

    def _collection(self, path: str) -> int:
        """Return a collection's number, giving it one if it is new."""
        no = self._collections.get(path)
        if no is None:
            no = self._connection.execute(
                "INSERT INTO collections (path, grp, last_seq) VALUES (?, ?, 0) RETURNING no",
                (path, collection_group(path)),
            ).fetchone()[0]
            self._collections[path] = no
        return no


def _wrong(write: Write, draft: _Draft) -> StoreError | None:
    """Return which precondition a write does not meet."""
    if isinstance(write, Create):
        return (
            AlreadyExists(_("{path} exists already.").format(path=write.path))
            if draft.exists
            else None
        )
    if write.update_time is not None and (
        not draft.exists
        or draft.blob is None
        or from_microseconds(draft.update_time) != write.update_time
    ):
        return PreconditionFailed(_("{path} was changed in the meantime.").format(path=write.path))
    must_exist = isinstance(write, Update) or (isinstance(write, Delete) and write.must_exist)
    if must_exist and not draft.exists:
        return NotFound(_("{path} does not exist.").format(path=write.path))
    return None


def _method(write: Write, before: dict[str, Value] | None) -> Method:
    """Return what a write is to whoever judges it."""
    if isinstance(write, Delete):
        return "delete"
    if isinstance(write, Create) or (isinstance(write, Set) and before is None):
        return "create"
    return "update"
