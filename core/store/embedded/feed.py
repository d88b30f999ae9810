"""The feed of changes: which documents changed after a given point, for triggers and the like."""

import sqlite3
from typing import TYPE_CHECKING, Final

from core.clock import from_microseconds
from core.i18n import _
from core.store.embedded.codec import decode
from core.store.errors import InvalidRequest
from core.store.paths import collection_group
from core.store.port import Document

if TYPE_CHECKING:
    from core.store.capabilities import StoredChange

_MANY: Final = 5000
"""Changed collections."""
_Row = tuple[int, str, str, bytes | None, int, int]
"""Sequence number, collection, id, data (None: deleted), create and update time."""


def changes_since(
    connection: sqlite3.Connection, collection: str, seq: int, limit: int, *, is_group: bool
) -> list["StoredChange"]:
    """Return up to `limit` changes after `seq`, the earliest first. Raises InvalidRequest."""
    if limit < 1:
        raise InvalidRequest(_("A limit must be at least 1."))
    return _stored(_changed(connection, collection, seq, limit, is_group=is_group))


def few_changes_since(
    connection: sqlite3.Connection, collection: str, seq: int, most: int, *, is_group: bool
) -> list["StoredChange"] | None:
    """Return all changes after `seq`, the earliest first; None when they are more than `most`."""
    rows = _changed(connection, collection, seq, most + 1, is_group=is_group)
    return None if len(rows) > most else _stored(rows)


def _changed(
    connection: sqlite3.Connection, collection: str, seq: int, limit: int, *, is_group: bool
) -> list[_Row]:
    collection_group(collection)
    where = "grp" if is_group else "path"
    return connection.execute(
        "SELECT d.seq, c.path, d.id, d.data, d.create_time, d.update_time"  # noqa: S608
        " FROM collections c CROSS JOIN documents d ON d.col = c.no"
        f" WHERE c.{where} = ? AND c.last_seq > ? AND d.seq > ? ORDER BY d.seq LIMIT ?",
        (collection, seq, seq, limit),
    ).fetchall()


def _stored(rows: list[_Row]) -> list["StoredChange"]:
    from core.store.capabilities import StoredChange  # noqa: PLC0415 - after the first frame

    found = []
    for number, parent, name, blob, created, updated in rows:
        path = f"{parent}/{name}"
        document = None
        if blob is not None:
            document = Document(
                path, decode(blob), from_microseconds(created), from_microseconds(updated)
            )
        found.append(StoredChange(number, path, document))
    return found


def changed_collections(
    connection: sqlite3.Connection, collection_id: str, seq: int, limit: int, after: str
) -> list[str]:
    """Return the paths of collections with an id that changed after `seq`, in their order.

    Few are found by their change and then put in order; many by walking through all in order, for
    else each page of them would put all of them in order again.
    """
    found = connection.execute(
        "SELECT count(*) FROM (SELECT 1 FROM collections WHERE grp = ? AND last_seq > ? LIMIT ?)",
        (collection_id, seq, _MANY),
    ).fetchone()
    by = "+grp" if found[0] == _MANY else "grp"  # A plus keeps SQLite from using the index.
    rows = connection.execute(
        f"SELECT path FROM collections WHERE {by} = ? AND last_seq > ? AND path > ?"  # noqa: S608
        " ORDER BY path LIMIT ?",
        (collection_id, seq, after, limit),
    )
    return [path for (path,) in rows]


def last_seq(connection: sqlite3.Connection) -> int:
    """Return the sequence number of the latest change."""
    number: int = connection.execute("SELECT seq FROM state").fetchone()[0]
    return number
