"""Reads of one moment: a transaction of its own that stays open."""

import sqlite3
from collections.abc import Sequence
from typing import Self

from core.store.embedded.execute import Reader, read_document, read_documents
from core.store.port import Aggregate, Document, Query


class StillReader:
    """Sees the file as it was when it began; see `core.store.capabilities.StillReads`."""

    def __init__(self, connection: sqlite3.Connection, reader: Reader) -> None:
        self._connection = connection
        self._reader = reader

    @classmethod
    def begin(cls, connection: sqlite3.Connection, reader: Reader) -> Self:
        """Open the transaction, which the end of the connection ends. Raises sqlite3.Error."""
        connection.execute("PRAGMA query_only=ON")
        connection.execute("BEGIN")
        connection.execute("SELECT seq FROM state").fetchone()  # Only a read fixes the moment.
        return cls(connection, reader)

    async def get(self, path: str) -> Document | None:
        """Return a document, or None if there was none."""
        return read_document(self._connection, path)

    async def get_all(self, paths: Sequence[str]) -> list[Document | None]:
        """Return documents in the order of `paths`."""
        return read_documents(self._connection, paths)

    async def query(self, query: Query) -> list[Document]:
        """Return what matches, in order."""
        return self._reader.query(self._connection, query)

    async def aggregate(self, query: Query, *, sums: Sequence[str] = ()) -> Aggregate:
        """Count what matches, and add up fields."""
        return self._reader.aggregate(self._connection, query, sums)
