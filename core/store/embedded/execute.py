"""Reads of documents and queries, each from one moment of the file."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from heapq import merge
from itertools import islice
from operator import itemgetter
from typing import TypeVar

from core.clock import from_microseconds
from core.store.embedded.catalogue import Catalogue
from core.store.embedded.codec import decode
from core.store.embedded.feed import few_changes_since
from core.store.embedded.held import MOST_CHANGES, Held
from core.store.embedded.plan import IndexScan, Plan, plan
from core.store.embedded.rows import Row, collection_no, rows_of
from core.store.indexes import IndexSet
from core.store.keys import encode_name, position
from core.store.paths import NAME_PATH, parse_field, split_document
from core.store.port import Aggregate, Document, Query
from core.store.shape import Shape
from core.store.values import field_value

T = TypeVar("T")

Known = Mapping[str, Document]
"""Documents by path that need not be decoded again when they did not change."""

_Row = tuple[str, str, bytes, int, int, bytes]
"""Collection path, id, data, create and update time, and the key where an index was read."""

_COLUMNS = "c.path, d.id, d.data, d.create_time, d.update_time"


@contextmanager
def one_moment(connection: sqlite3.Connection) -> Iterator[None]:
    """See the file as it is now in everything that is read within."""
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("COMMIT")


def read_document(connection: sqlite3.Connection, path: str) -> Document | None:
    """Return a document, or None. Raises InvalidRequest."""
    parent, name = split_document(path)
    row = connection.execute(
        "SELECT d.data, d.create_time, d.update_time FROM collections c"
        " JOIN documents d ON d.col = c.no WHERE c.path = ? AND d.id = ? AND d.data IS NOT NULL",
        (parent, name),
    ).fetchone()
    if row is None:
        return None
    return Document(path, decode(row[0]), from_microseconds(row[1]), from_microseconds(row[2]))


def read_documents(connection: sqlite3.Connection, paths: Sequence[str]) -> list[Document | None]:
    """Return documents in the order of `paths`, one collection at a time. Raises InvalidRequest."""
    if len(paths) == 1:
        return [read_document(connection, paths[0])]
    found: dict[str, Document | None] = dict.fromkeys(paths)
    for parent, (name, _no, blob, created, updated) in _rows(connection, paths):
        if blob is not None:
            path = f"{parent}/{name}"
            moments = from_microseconds(created), from_microseconds(updated)
            found[path] = Document(path, decode(blob), *moments)
    return [found[path] for path in paths]


def read_versions(connection: sqlite3.Connection, paths: Sequence[str]) -> dict[str, int]:
    """Return the update times of those documents that exist, in microseconds."""
    return {
        f"{parent}/{name}": updated
        for parent, (name, _no, blob, _created, updated) in _rows(connection, paths)
        if blob is not None
    }


def _rows(connection: sqlite3.Connection, paths: Sequence[str]) -> Iterator[tuple[str, Row]]:
    """Yield the rows that there are, each with its collection's path."""
    by_parent: dict[str, list[str]] = {}
    for path in paths:
        parent, name = split_document(path)
        by_parent.setdefault(parent, []).append(name)
    for parent, names in by_parent.items():
        col = collection_no(connection, parent)
        if col is not None:
            for row in rows_of(connection, col, names):
                yield parent, row


def last_change(connection: sqlite3.Connection, collection: str, *, is_group: bool) -> int:
    """Return the sequence number of the last change in a collection, or in all with an id."""
    where = "grp" if is_group else "path"
    row = connection.execute(
        f"SELECT max(last_seq) FROM collections WHERE {where} = ?",  # noqa: S608
        (collection,),
    ).fetchone()
    return row[0] or 0


def is_empty(connection: sqlite3.Connection, collection: str) -> bool:
    """Whether a collection holds no document."""
    row = connection.execute(
        "SELECT 1 FROM collections c JOIN documents d ON d.col = c.no"
        " WHERE c.path = ? AND d.data IS NOT NULL LIMIT 1",
        (collection,),
    ).fetchone()
    return row is None


class Reader:
    """Answers queries from a connection."""

    def __init__(self, wanted: IndexSet, catalogue: Catalogue) -> None:
        self._wanted = wanted
        self._wanted_of_group: dict[str, IndexSet] = {}
        self._catalogue = catalogue

    def query(self, connection: sqlite3.Connection, query: Query) -> list[Document]:
        """Return what matches, in order. Raises IndexMissing, InvalidRequest, sqlite3.Error."""
        return self._documents(connection, Shape(query), {})

    def held(
        self, connection: sqlite3.Connection, query: Query, before: Held | None, seq: int
    ) -> Held:
        """Return a watched query's result as of the change `seq`. Raises like `query`."""
        if before is None or before.shape is None:
            shape = Shape(query)
            return Held(seq, self._documents(connection, shape, {}), shape)
        changes = few_changes_since(
            connection,
            query.collection,
            before.seq,
            MOST_CHANGES,
            is_group=query.all_descendants,
        )
        if changes is not None and (after := before.after(changes, seq)) is not None:
            return after
        known = {document.path: document for document in before.documents}
        return Held(seq, self._documents(connection, before.shape, known), before.shape)

    def _documents(
        self, connection: sqlite3.Connection, shape: Shape, known: Known
    ) -> list[Document]:
        def read(chosen: Plan) -> list[Document]:
            if chosen is None:
                return _look_through(connection, shape, known)
            return _read_index(connection, shape, chosen, known)

        return self._run(connection, shape, read)

    def _run(self, connection: sqlite3.Connection, shape: Shape, read: Callable[[Plan], T]) -> T:
        """Read by a plan; anew when another version of the program has changed the indexes."""
        wanted = self._wanted_of_group.get(shape.group)
        if wanted is None:
            wanted = self._wanted_of_group[shape.group] = self._wanted.of_group(shape.group)
        with one_moment(connection):
            try:
                return read(plan(shape, wanted, self._catalogue))
            except sqlite3.OperationalError as error:
                if not str(error).startswith("no such table: index_"):
                    raise
                self._catalogue = Catalogue.load(connection)
                return read(plan(shape, wanted, self._catalogue))

    def aggregate(
        self, connection: sqlite3.Connection, query: Query, sums: Sequence[str]
    ) -> Aggregate:
        """Count what matches, and add up fields. Raises like `query`."""
        shape = Shape(query)
        paths = [parse_field(text) for text in sums]
        if not sums:
            count = self._run(connection, shape, lambda chosen: _count(connection, shape, chosen))
            if count is not None:
                limit = query.limit_count
                return Aggregate(count if limit is None else min(limit, count))
        documents = self.query(connection, query)
        totals = {}
        for text, path in zip(sums, paths, strict=True):
            values = (field_value(one.data, path) for one in documents)
            totals[text] = _total([one for one in values if type(one) in (int, float)])
        return Aggregate(len(documents), totals)


def _total(numbers: list[int | float]) -> int | float:
    """Add up: integers exactly, while they fit into 64 bits; one float makes a float."""
    total = sum(numbers)
    if type(total) is int and not -(2**63) <= total < 2**63:
        return float(total)
    return total


def _document(row: _Row, known: Known) -> Document:
    path = f"{row[0]}/{row[1]}"
    update_time = from_microseconds(row[4])
    old = known.get(path)
    if old is not None and old.update_time == update_time:
        return old
    return Document(path, decode(row[2]), from_microseconds(row[3]), update_time)


# -- through an index --


def _scope(connection: sqlite3.Connection, shape: Shape) -> int | None:
    """Return the scope number of the entries to read; None when the collection is unknown."""
    if shape.query.all_descendants:
        return 0
    row = connection.execute(
        "SELECT no FROM collections WHERE path = ?", (shape.query.collection,)
    ).fetchone()
    return None if row is None else int(row[0])


def _read_index(
    connection: sqlite3.Connection, shape: Shape, scan: IndexScan, known: Known
) -> list[Document]:
    limit = shape.query.limit_count
    scope = _scope(connection, shape)
    if scope is None:
        return []
    most = None if scan.residual else limit

    def matching(prefix: bytes, first: bytes, end: bytes) -> Iterator[tuple[bytes, Document]]:
        for row in _entries(connection, scan, scope, (first, end), most):
            document = _document(row, known)
            if _holds(shape, scan, row, document):
                yield row[5][len(prefix) :], document

    # Each range is in order, so of all of them no more is read than the result holds.
    ranges = (matching(*one) for one in scan.ranges)
    found = merge(*ranges, key=itemgetter(0), reverse=scan.is_reverse)
    return [document for _key, document in islice(found, limit)]


def _holds(shape: Shape, scan: IndexScan, row: _Row, document: Document) -> bool:
    if not scan.residual:
        return True
    name_key = _name_key(shape, row)
    return all(one.holds(name_key, document.data) for one in scan.residual)


def _name_key(shape: Shape, row: _Row) -> bytes:
    if shape.query.all_descendants:
        return encode_name(*row[0].split("/"), row[1])
    return encode_name(row[1])


def _entries(
    connection: sqlite3.Connection,
    scan: IndexScan,
    scope: int,
    bounds: tuple[bytes, bytes],
    limit: int | None,
) -> Iterator[_Row]:
    order = "DESC" if scan.is_reverse else "ASC"
    # CROSS JOIN holds SQLite to this order: the index first.
    return connection.execute(
        f"SELECT {_COLUMNS}, e.key FROM {scan.entries.table} e"  # noqa: S608 - our own names
        " CROSS JOIN documents d ON d.no = e.doc CROSS JOIN collections c ON c.no = d.col"
        f" WHERE e.scope = ? AND e.key >= ? AND e.key < ? ORDER BY e.key {order} LIMIT ?",
        (scope, *bounds, -1 if limit is None else limit),
    )


def _count(connection: sqlite3.Connection, shape: Shape, chosen: IndexScan | None) -> int | None:
    """Count without reading documents; None when they must be judged one by one."""
    if chosen is not None:
        scope = _scope(connection, shape)
        if chosen.residual or scope is None:
            return None if chosen.residual else 0
        statement = (
            f"SELECT count(*) FROM {chosen.entries.table}"  # noqa: S608
            " WHERE scope = ? AND key >= ? AND key < ?"
        )
        return sum(
            int(connection.execute(statement, (scope, first, end)).fetchone()[0])
            for _prefix, first, end in chosen.ranges
        )
    query = shape.query
    if shape.conditions or shape.orders or query.start or query.end:
        return None
    where = "grp" if query.all_descendants else "path"
    count: int = connection.execute(
        "SELECT count(*) FROM collections c JOIN documents d ON d.col = c.no"  # noqa: S608
        f" WHERE c.{where} = ? AND d.data IS NOT NULL",
        (query.collection,),
    ).fetchone()[0]
    return count


# -- through the collection --


def _look_through(connection: sqlite3.Connection, shape: Shape, known: Known) -> list[Document]:
    limit = shape.query.limit_count
    is_sorted = not shape.orders and not (shape.query.all_descendants and shape.name_is_descending)
    lower, upper = (position(boundary) for boundary in shape.bounds())
    matching: Iterator[tuple[bytes, Document]] = (
        (key, document)
        for row, document in _candidates(connection, shape, known)
        if (key := _place(shape, row, document)) is not None and lower <= key < upper
    )
    if is_sorted:
        return [document for _key, document in islice(matching, limit)]
    found = sorted(matching, key=lambda pair: pair[0])
    return [document for _key, document in found[:limit]]


def _place(shape: Shape, row: _Row, document: Document) -> bytes | None:
    name_key = _name_key(shape, row)
    if not all(one.holds(name_key, document.data) for one in shape.conditions):
        return None
    return shape.order_key(name_key, document.data)


def _candidates(
    connection: sqlite3.Connection, shape: Shape, known: Known
) -> Iterator[tuple[_Row, Document]]:
    if shape.query.all_descendants:
        rows = _group_rows(connection, shape)
    else:
        rows = _collection_rows(connection, shape)
    for row in rows:
        yield row, _document(row, known)


def _collection_rows(connection: sqlite3.Connection, shape: Shape) -> Iterator[_Row]:
    where, values = _by_id(shape)
    order = "DESC" if shape.name_is_descending else "ASC"
    return connection.execute(
        f"SELECT {_COLUMNS}, x'' FROM collections c CROSS JOIN documents d ON d.col = c.no"  # noqa: S608
        f" WHERE {where} AND d.data IS NOT NULL"
        + ("" if shape.orders else f" ORDER BY d.id {order}"),
        values,
    )


def _group_rows(connection: sqlite3.Connection, shape: Shape) -> Iterator[_Row]:
    """Yield the rows of all collections of an id by their paths, from about the cursor on.

    So each page of a walk through a million documents costs the same, wherever it begins.
    """
    start = shape.query.start
    is_place = start is not None and not shape.orders and not shape.name_is_descending
    parent, _slash, name = str(start.values[0]).rpartition("/") if start and is_place else [""] * 3
    first = parent.split("/")
    collections = sorted(
        (path.split("/"), no)
        for no, path in connection.execute(
            "SELECT no, path FROM collections WHERE grp = ?", (shape.query.collection,)
        )
    )
    for segments, no in collections:
        if is_place and segments < first:
            continue
        yield from connection.execute(
            f"SELECT {_COLUMNS}, x'' FROM documents d CROSS JOIN collections c ON c.no = d.col"  # noqa: S608
            " WHERE d.col = ? AND d.id >= ? AND d.data IS NOT NULL ORDER BY d.id",
            (no, name if is_place and segments == first else ""),
        )


def _by_id(shape: Shape) -> tuple[str, list[str]]:
    """Return the part of the search that document ids settle."""
    where, values = ["c.path = ?"], [shape.query.collection]
    for one in shape.conditions:
        if one.path == NAME_PATH and one.operator not in ("!=",):
            names = [_name(key) for key in one.keys]
            if one.operator in ("==", "in"):
                where.append(f"d.id IN ({', '.join('?' * len(names))})")
            else:
                where.append(f"d.id {one.operator} ?")
            values.extend(names)
    if not shape.orders and not shape.name_is_descending:
        (first, is_after_first), (end, is_after_end) = shape.lower, shape.upper
        if shape.query.start is not None:
            where.append("d.id > ?" if is_after_first else "d.id >= ?")
            values.append(_name(first))
        if shape.query.end is not None:
            where.append("d.id <= ?" if is_after_end else "d.id < ?")
            values.append(_name(end))
    return " AND ".join(where), values


def _name(key: bytes) -> str:
    """Return the id that a name key was made of; ids hold no zero byte."""
    return key[:-2].decode()
