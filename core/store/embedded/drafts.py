"""Documents on their way through a commit, and the rows that they come to."""

import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from itertools import chain
from typing import Any, Final

from core.store.embedded.catalogue import Entries
from core.store.embedded.codec import decode, encode
from core.store.embedded.packed import PackedCreates
from core.store.embedded.pieces import CUT, NAME
from core.store.port import Value

_ROWS_AT_ONCE: Final = 50
_CREATE_MANY: Final = (
    f"INSERT INTO documents SELECT ?1 + key, ?2, {NAME}, ?3, ?3, ?1 + key,"  # noqa: S608
    f" CAST({CUT.format(joined='?4')} || ?5 AS BLOB) FROM json_each(?6)"
)
"""Of bytes, `||` makes a text that holds them as they are."""
_INDEX_MANY: Final = (
    f"INSERT INTO {{table}} SELECT ?1, {CUT.format(joined='?2')}, ?3 + key FROM json_each(?4)"  # noqa: S608
)


class Draft:
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
        """Whether there is a document after the writes so far."""
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
        """Have it be so; None for both removes it."""
        self.data = data
        self.encoded = encoded
        self.touched = True

    def result(self) -> bytes | None:
        """Return the bytes to store; None to delete. Raises InvalidRequest."""
        if self.data is None or self.encoded is not None:
            return self.encoded
        return encode(f"{self.parent}/{self.name}", self.data)


class Rows:
    """The rows that a commit writes, table by table."""

    def __init__(self) -> None:
        self.inserts: list[tuple[int, int, str, int, int, int, bytes | None]] = []
        self.updates: list[tuple[int, int, int, bytes | None, int]] = []
        self.last: dict[int, int] = {}
        """By collection number: the number of its last change."""
        self._removed: dict[str, list[tuple[int, bytes]]] = defaultdict(list)
        self._added: dict[str, list[tuple[int, bytes, int | None]]] = defaultdict(list)
        self._cut: list[tuple[str, tuple[int | bytes | str, ...]]] = []
        """Statements for what is created in one go, and their values."""

    def reindex(self, draft: Draft, col: int, indexes: tuple[Entries, ...]) -> None:
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

    def add_many(self, many: PackedCreates, tail: bytes, col: int, first: int, at: int) -> None:
        """Add new documents with numbers from `first`, written at so many microseconds."""
        documents = many.documents
        values = (first, col, at, documents.joined, tail, documents.places)
        self._cut.append((_CREATE_MANY, values))

    def index_many(
        self, entries: Entries, many: PackedCreates, tail: bytes, col: int, first: int
    ) -> None:
        """Add the entries of those in an index."""
        if (ready := many.keys.get(entries.index)) is not None:
            statement = _INDEX_MANY.format(table=entries.table)
            self._cut.append((statement, (col, ready.joined, first, ready.places)))
            return
        scope = 0 if entries.is_group else col
        for number, (name, blob) in enumerate(many.documents.each(), first):
            keys = entries.keys(many.collection, name, decode(blob + tail))
            self._added[entries.table] += [(scope, key, number) for key in keys]

    def write(self, connection: sqlite3.Connection) -> None:
        """Write all rows. Raises sqlite3.Error."""
        many = connection.executemany
        _insert(connection, "documents", self.inserts)
        for statement, values in self._cut:
            connection.execute(statement, values)
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
