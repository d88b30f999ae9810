"""What a Listen stream follows: queries and documents, told as what changed since a moment."""

import sqlite3
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Self

from core.clock import from_microseconds, to_microseconds
from core.store.capabilities import StoredChange
from core.store.embedded.execute import Reader, read_documents
from core.store.embedded.feed import changes_since
from core.store.errors import IndexMissing
from core.store.keys import encode_name, position
from core.store.paths import FieldPath, split_document
from core.store.port import Document
from core.store.shape import Shape
from tests.support.firestore_server.calls import Operation
from tests.support.firestore_server.messages import Pb
from tests.support.firestore_server.queries import Translated, translate
from tests.support.firestore_server.status import index_refusal, invalid, unimplemented
from tests.support.firestore_server.values import path_of, time_of

MOST_CHANGES: Final = 10_000
"""A target that missed more than so many changes is reset."""
_TOKEN: Final = struct.Struct(">4sQQ")
_MAGIC: Final = b"cpf1"


@dataclass(frozen=True, slots=True)
class Moment:
    """A place in the store's history; a resume token is one."""

    seq: int
    time: datetime
    """When the latest commit before it was made."""

    @classmethod
    def now(cls, connection: sqlite3.Connection) -> Self:
        """Return the moment that a connection sees."""
        seq, latest = connection.execute("SELECT seq, commit_time FROM state").fetchone()
        return cls(seq, from_microseconds(latest))

    @classmethod
    def of_token(cls, token: bytes, now: "Moment") -> Self:
        """Return what a resume token stands for. Raises Refusal."""
        try:
            magic, seq, latest = _TOKEN.unpack(token)
        except struct.error:
            magic, seq, latest = b"", 0, 0
        if magic != _MAGIC or seq > now.seq:
            raise invalid("Invalid resume token.")
        return cls(seq, from_microseconds(latest))

    @property
    def token(self) -> bytes:
        """The resume token."""
        return _TOKEN.pack(_MAGIC, self.seq, to_microseconds(self.time))


@dataclass(slots=True)
class Delta:
    """How a target's result differs from what the client was told."""

    changed: list[Document] = field(default_factory=list)
    """In the result, and new to it or newer."""
    left: list[Document] = field(default_factory=list)
    """Changed, and therefore in the result no more."""
    deleted: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    """Not changed, but pushed out of the result by others."""
    is_reset: bool = False
    """Whether the client has to forget what it was told."""


class QueryTarget:
    """A query that is followed."""

    def __init__(self, target_id: int, message: Pb, reader: Reader) -> None:
        self.id = target_id
        self._parent = message.query.parent
        self._translated: Translated = translate(self._parent, message.query.structured_query)
        if self._translated.offset:
            raise unimplemented("listening with an offset")
        self._query = self._translated.query
        self._shape = Shape(self._query)
        self._reader = reader
        self._seq = 0
        self.told: dict[str, datetime] = {}
        """What the client has been told, by path: the times of update."""

    @property
    def mask(self) -> list[FieldPath] | None:
        """The fields to tell of."""
        return self._translated.mask

    def operations(self, documents: Iterable[Document]) -> list[Operation]:
        """Return what a judge has to decide before documents are told."""
        found = tuple(documents)
        return [Operation("list", self._query.collection, query=self._query, found=found)]

    def begin(self, connection: sqlite3.Connection, since: Moment | None) -> Delta:
        """Return the whole result, or what changed in it since a moment. Raises Refusal."""
        documents = self._run(connection)
        self.told = {one.path: one.update_time for one in documents}
        changes: Sequence[StoredChange] = ()
        if since is not None and self._query.limit_count is None:
            changes = self._changes(connection, since.seq)
        self._seq = Moment.now(connection).seq
        if since is None:
            return Delta(documents)
        if self._query.limit_count is not None or len(changes) == MOST_CHANGES:
            # What stood within the limit then is not known any more.
            return Delta(documents, is_reset=True)
        return self._sorted_out(changes)

    def advance(self, connection: sqlite3.Connection) -> Delta:
        """Return what changed since the client was last told."""
        changes = self._changes(connection, self._seq)
        if not changes or self._translated.is_empty:
            return Delta()
        self._seq = Moment.now(connection).seq
        if len(changes) == MOST_CHANGES or self._query.limit_count is not None:
            return self._compared(self._run(connection), {one.path: one for one in changes})
        delta = self._sorted_out(
            [one for one in changes if one.path in self.told or self._matches(one.document)]
        )
        for document in delta.changed:
            self.told[document.path] = document.update_time
        for path in (*delta.deleted, *(one.path for one in delta.left)):
            self.told.pop(path, None)
        return delta

    def _run(self, connection: sqlite3.Connection) -> list[Document]:
        if self._translated.is_empty:
            return []
        try:
            return self._reader.query(connection, self._query)
        except IndexMissing as error:
            raise index_refusal(error, self._query, self._parent) from error

    def _changes(self, connection: sqlite3.Connection, seq: int) -> list[StoredChange]:
        collection, is_group = self._query.collection, self._query.all_descendants
        return changes_since(connection, collection, seq, MOST_CHANGES, is_group=is_group)

    def _sorted_out(self, changes: Sequence[StoredChange]) -> Delta:
        delta = Delta()
        for one in changes:
            if one.document is None:
                delta.deleted.append(one.path)
            elif self._matches(one.document):
                delta.changed.append(one.document)
            else:
                delta.left.append(one.document)
        return delta

    def _compared(self, documents: list[Document], changes: dict[str, StoredChange]) -> Delta:
        """Return how a result that was read anew differs."""
        before, self.told = self.told, {one.path: one.update_time for one in documents}
        delta = Delta([one for one in documents if before.get(one.path) != one.update_time])
        for path in before.keys() - self.told.keys():
            change = changes.get(path)
            if change is None:
                delta.dropped.append(path)
            elif change.document is None:
                delta.deleted.append(path)
            else:
                delta.left.append(change.document)
        return delta

    def _matches(self, document: Document | None) -> bool:
        if document is None:
            return False
        segments = document.path.split("/")
        name_key = encode_name(*(segments if self._query.all_descendants else segments[-1:]))
        if not all(one.holds(name_key, document.data) for one in self._shape.conditions):
            return False
        key = self._shape.order_key(name_key, document.data)
        lower, upper = (position(boundary) for boundary in self._shape.bounds())
        return key is not None and lower <= key < upper


class DocumentsTarget:
    """Documents that are followed by name."""

    mask: list[FieldPath] | None = None

    def __init__(self, target_id: int, message: Pb) -> None:
        self.id = target_id
        self._paths = [path_of(name) for name in message.documents.documents]
        for path in self._paths:
            split_document(path)
        self.told: dict[str, datetime] = {}
        """What the client has been told, by path: the times of update."""

    def operations(self, documents: Iterable[Document]) -> list[Operation]:
        """Return what a judge has to decide before documents are told."""
        found = {one.path: one for one in documents}
        return [Operation("get", path, found.get(path)) for path in self._paths]

    def begin(self, connection: sqlite3.Connection, since: Moment | None) -> Delta:
        """Return the documents, or those that changed since a moment or are gone."""
        delta = self.advance(connection)
        if since is not None:
            delta.changed = [one for one in delta.changed if one.update_time > since.time]
            delta.deleted = [path for path in self._paths if path not in self.told]
        return delta

    def advance(self, connection: sqlite3.Connection) -> Delta:
        """Return what changed since the client was last told."""
        found = {one.path: one for one in read_documents(connection, self._paths) if one}
        before, self.told = self.told, {one.path: one.update_time for one in found.values()}
        changed = [one for one in found.values() if before.get(one.path) != one.update_time]
        return Delta(changed, deleted=[path for path in before if path not in found])


Target = QueryTarget | DocumentsTarget


def target_of(target_id: int, message: Pb, reader: Reader) -> Target:
    """Return the target that a client adds. Raises Refusal, InvalidRequest."""
    match message.WhichOneof("target_type"):
        case "query":
            return QueryTarget(target_id, message, reader)
        case "documents":
            return DocumentsTarget(target_id, message)
    raise invalid("A target must have a type.")


def since_of(message: Pb, now: Moment) -> Moment | None:
    """Return the moment from which a client resumes. Raises Refusal."""
    match message.WhichOneof("resume_type"):
        case "resume_token":
            return Moment.of_token(message.resume_token, now) if message.resume_token else None
        case "read_time":
            time_of(message.read_time)
            raise unimplemented("resuming from a read time")
    return None
