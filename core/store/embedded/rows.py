"""Rows of the documents of one collection, several at a time."""

import sqlite3
from collections.abc import Iterable, Sequence

import msgspec

Row = tuple[str, int, bytes | None, int, int]
"""Id, number, data (None: deleted), create and update time."""


def collection_no(connection: sqlite3.Connection, path: str) -> int | None:
    """Return a collection's number, or None while it has none."""
    row = connection.execute("SELECT no FROM collections WHERE path = ?", (path,)).fetchone()
    return None if row is None else row[0]


def rows_of(connection: sqlite3.Connection, col: int, names: Sequence[str]) -> Iterable[Row]:
    """Return the rows that there are for some ids of a collection, in any order."""
    if len(names) == 1:  # Nearly always in live use, and half the work.
        where, value = "id = ?", names[0]
    else:
        where = "id IN (SELECT value FROM json_each(?))"
        value = msgspec.json.encode(names).decode()
    return connection.execute(
        "SELECT id, no, data, create_time, update_time FROM documents"  # noqa: S608 - our own words
        f" WHERE col = ? AND {where}",
        (col, value),
    )
