"""An optimistic transaction: it remembers what it read, and that must hold at its commit."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from core.clock import to_microseconds
from core.i18n import _
from core.store.embedded.execute import (
    Reader,
    last_change,
    one_moment,
    read_documents,
    read_versions,
)
from core.store.embedded.guard import OPEN_GATE, Gate
from core.store.errors import InvalidRequest
from core.store.port import Aggregate, Creates, Document, Query, Write

Check = Callable[[sqlite3.Connection], bool]


class EmbeddedTransaction:
    """One attempt of a transaction; see `core.store.port.Transaction`."""

    def __init__(
        self,
        open_connection: Callable[[], AbstractContextManager[sqlite3.Connection]],
        reader: Reader,
        gate: Gate = OPEN_GATE,
    ) -> None:
        self._open_connection = open_connection
        self._reader = reader
        self._gate = gate
        self.writes: list[Write | Creates] = []
        self.checks: list[Check] = []
        """Whether each thing read is still so; run where the commit happens."""

    def is_current(self) -> bool:
        """Whether everything read is still so, at one moment."""
        with self._open_connection() as connection, one_moment(connection):
            return all(check(connection) for check in self.checks)

    def write(self, *writes: Write | Creates) -> None:
        """Add writes to the commit at the end."""
        self.writes.extend(writes)

    def _check_order(self) -> None:
        if self.writes:
            raise InvalidRequest(_("A transaction reads before it writes."))

    async def get(self, path: str) -> Document | None:
        """Return a document, or None if there is none."""
        return (await self.get_all([path]))[0]

    async def get_all(self, paths: Sequence[str]) -> list[Document | None]:
        """Return documents in the order of `paths`, all from one moment."""
        self._check_order()
        with self._open_connection() as connection, one_moment(connection):
            found = read_documents(connection, paths)
            self._gate.pass_all(connection, paths, found)
        self.checks.append(_documents_check(paths, found))
        return found

    async def query(self, query: Query) -> list[Document]:
        """Return what matches, in order."""
        self._check_order()
        with self._open_connection() as connection, one_moment(connection):
            self._gate.pass_list(connection, query)
            seq = last_change(connection, query.collection, is_group=query.all_descendants)
            found = self._reader.query(connection, query)
        versions = _versions(found)

        def same(connection: sqlite3.Connection) -> bool:
            return versions == _versions(self._reader.query(connection, query))

        self.checks.append(_collection_check(query, seq, same))
        return found

    async def aggregate(self, query: Query, *, sums: Sequence[str] = ()) -> Aggregate:
        """Count what matches, and add up fields."""
        self._check_order()
        with self._open_connection() as connection, one_moment(connection):
            self._gate.pass_list(connection, query)
            seq = last_change(connection, query.collection, is_group=query.all_descendants)
            found = self._reader.aggregate(connection, query, sums)

        def same(connection: sqlite3.Connection) -> bool:
            return found == self._reader.aggregate(connection, query, sums)

        self.checks.append(_collection_check(query, seq, same))
        return found


def _documents_check(paths: Sequence[str], found: Sequence[Document | None]) -> Check:
    versions = {one.path: to_microseconds(one.update_time) for one in found if one is not None}

    def check(connection: sqlite3.Connection) -> bool:
        return read_versions(connection, paths) == versions

    return check


def _collection_check(query: Query, seq: int, same: Check) -> Check:
    """Run a query again only if something changed in its collection."""

    def check(connection: sqlite3.Connection) -> bool:
        now = last_change(connection, query.collection, is_group=query.all_descendants)
        return now == seq or same(connection)

    return check


def _versions(documents: list[Document]) -> list[tuple[str, object]]:
    return [(document.path, document.update_time) for document in documents]
