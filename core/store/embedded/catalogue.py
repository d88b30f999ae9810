"""The indexes that a store's file holds: kept the same as the index file says."""

import sqlite3
from collections.abc import Collection
from typing import Final, Self

import msgspec

from core.store.embedded.codec import decode
from core.store.embedded.database import rollback
from core.store.indexes import Index, IndexField, IndexSet, Mode
from core.store.keys import encode_key, encode_name, invert
from core.store.port import Data
from core.store.values import MISSING, field_value


class Entries:
    """One index as it is held: in a table of its own."""

    def __init__(self, no: int, index: Index) -> None:
        self.index = index
        self.table: Final = f"index_{no}"
        self.is_group: Final = index.scope == "COLLECTION_GROUP"
        """Whether the entries of all collections with the id stand together."""
        self._only_name = _only_name(index)

    def keys(self, parent: str, name: str, data: Data | None) -> Collection[bytes]:
        """Return the keys of a document's entries: several for the elements of an array."""
        if data is None:
            return ()
        if self._only_name is not None:
            if (value := data.get(self._only_name, MISSING)) is MISSING:
                return ()
            return (encode_key(value) + encode_name(name),)
        head, elements = b"", None
        for field in self.index.fields:
            value = field_value(data, field.path)
            if value is MISSING:
                return ()
            if field.mode == "contains":
                if type(value) is not list:
                    return ()
                elements = [head + encode_key(element) for element in value]
                head = b""
                continue
            key = encode_key(value)
            head += invert(key) if field.mode == "desc" else key
        tail = encode_name(*parent.split("/"), name) if self.is_group else encode_name(name)
        head += invert(tail) if self.index.name_mode == "desc" else tail
        return (head,) if elements is None else {element + head for element in elements}


def _only_name(index: Index) -> str | None:
    """Return the name of the field of an index of the simplest kind, which most are."""
    if index.scope != "COLLECTION" or len(index.fields) != 1 or index.name_mode != "asc":
        return None
    (field,) = index.fields
    return field.path[0] if field.mode == "asc" and len(field.path) == 1 else None


def held_form(index: Index) -> Index:
    """Return the form in which an index is held: its mirror image is read from the other end."""
    first = next((field.mode for field in index.fields if field.mode != "contains"), "asc")
    if first == "asc":
        return index
    flipped = tuple(
        field if field.mode == "contains" else IndexField(field.path, _flip(field.mode))
        for field in index.fields
    )
    return msgspec.structs.replace(index, fields=flipped, name_mode=_flip(index.name_mode))


def _flip(mode: str) -> Mode:
    return "desc" if mode == "asc" else "asc"


class Catalogue:
    """The indexes of a store's file at one version of it."""

    def __init__(self, version: int, entries: tuple[Entries, ...]) -> None:
        self.version = version
        self._by_index = {one.index: one for one in entries}
        self._by_group: dict[str, tuple[Entries, ...]] = {}
        for one in entries:
            group = one.index.group
            self._by_group[group] = (*self._by_group.get(group, ()), one)

    @classmethod
    def load(cls, connection: sqlite3.Connection) -> Self:
        """Read which indexes the file holds; call it inside a transaction."""
        version = connection.execute("SELECT indexes_version FROM state").fetchone()[0]
        rows = connection.execute("SELECT no, definition FROM indexes ORDER BY no")
        return cls(version, tuple(Entries(no, _parse(text)) for no, text in rows))

    def find(self, index: Index) -> Entries | None:
        """Return what holds an index."""
        return self._by_index.get(held_form(index))

    def of_group(self, group: str) -> tuple[Entries, ...]:
        """Return what must be kept for the collections with an id."""
        return self._by_group.get(group, ())

    @property
    def indexes(self) -> set[Index]:
        """All indexes held."""
        return set(self._by_index)


def reconcile(connection: sqlite3.Connection, wanted: IndexSet) -> Catalogue:
    """Bring the file's indexes to what is wanted, in one transaction, and return them."""
    forms = {held_form(index) for index in wanted.all()}
    connection.execute("BEGIN")
    catalogue = Catalogue.load(connection)
    connection.execute("COMMIT")
    if catalogue.indexes == forms:
        return catalogue
    connection.execute("BEGIN IMMEDIATE")
    try:
        held = Catalogue.load(connection).indexes
        for index in held - forms:
            _drop(connection, index)
        for index in sorted(forms - held, key=_text):
            _build(connection, index)
        if held != forms:
            connection.execute("UPDATE state SET indexes_version = indexes_version + 1")
        catalogue = Catalogue.load(connection)
        connection.execute("COMMIT")
    except BaseException:
        rollback(connection)
        raise
    return catalogue


def _drop(connection: sqlite3.Connection, index: Index) -> None:
    row = connection.execute("SELECT no FROM indexes WHERE definition = ?", (_text(index),))
    no = row.fetchone()[0]
    connection.execute(f"DROP TABLE index_{no}")
    connection.execute("DELETE FROM indexes WHERE no = ?", (no,))


def _build(connection: sqlite3.Connection, index: Index) -> None:
    no = connection.execute(
        "INSERT INTO indexes (definition) VALUES (?) RETURNING no", (_text(index),)
    ).fetchone()[0]
    entries = Entries(no, index)
    connection.execute(
        f"CREATE TABLE {entries.table} ("
        " scope INTEGER NOT NULL, key BLOB NOT NULL, doc INTEGER NOT NULL,"
        " PRIMARY KEY (scope, key)) WITHOUT ROWID"
    )
    rows = connection.execute(
        "SELECT c.no, c.path, d.no, d.id, d.data"
        " FROM collections c JOIN documents d ON d.col = c.no"
        " WHERE c.grp = ? AND d.data IS NOT NULL",
        (index.group,),
    )
    connection.executemany(
        f"INSERT INTO {entries.table} VALUES (?, ?, ?)",  # noqa: S608 - a number of our own
        (
            (0 if entries.is_group else col, key, doc)
            for col, path, doc, name, blob in rows
            for key in entries.keys(path, name, decode(blob))
        ),
    )


def _text(index: Index) -> str:
    import json  # noqa: PLC0415 - only while an index is built or dropped

    fields = [[list(field.path), field.mode] for field in index.fields]
    return json.dumps([index.group, index.scope, fields, index.name_mode])


def _parse(text: str) -> Index:
    group, scope, fields, name_mode = msgspec.json.decode(text)
    return Index(
        group, scope, tuple(IndexField(tuple(path), mode) for path, mode in fields), name_mode
    )
