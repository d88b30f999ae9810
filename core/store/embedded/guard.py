"""Who judges what a handle's operator asks for: the engine shows what it is about, and obeys."""

import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Final, Literal, Protocol

import msgspec

from core.i18n import _
from core.store.embedded.execute import last_change, one_moment, read_document
from core.store.embedded.feed import last_seq
from core.store.errors import PermissionDenied
from core.store.paths import split_document
from core.store.port import Document, Query, Value

REVIEW_SECONDS: Final = 30.0
"""After so long a watch is judged anew although nothing changed: rules may ask for the time."""

Read = Callable[[str], Document | None]
"""Returns the document at a path, from the moment that is judged; raises InvalidRequest."""


Method = Literal["create", "update", "delete"]


class Proposal(msgspec.Struct, frozen=True):
    """What one write of a commit would do to its document."""

    method: Method
    path: str
    before: dict[str, Value] | None
    """What the writes before it leave; None when there is no document."""
    after: dict[str, Value] | None


class Guard(Protocol):
    """Says whether something is allowed; raises PermissionDenied when it is not.

    Called in the writer's thread for writes, and in the event loop's for reads.
    """

    def check_get(self, path: str, document: Document | None, read: Read) -> None:
        """Judge a read of one document."""
        ...

    def check_list(self, query: Query, read: Read) -> None:
        """Judge a query by itself, before anything is found. Raises InvalidRequest, too."""
        ...

    def check_writes(
        self, proposals: Sequence[Proposal], moment: datetime, read: Read, read_after: Read
    ) -> None:
        """Judge the writes of a commit at `moment`; `read_after` sees all of them done."""
        ...


class Standing:
    """On what a watch was last let through, so that it is judged anew only when that changes."""

    def __init__(self) -> None:
        self._collections: set[str] = set()
        """Where the documents are that were looked at."""
        self._seq = 0
        self._until = 0.0

    def begin(self, connection: sqlite3.Connection) -> None:
        """Forget what it stood on before: it is judged now."""
        self._collections.clear()
        self._seq = last_seq(connection)
        self._until = time.monotonic() + REVIEW_SECONDS

    def note(self, path: str) -> None:
        """Take up a document that was looked at."""
        self._collections.add(split_document(path)[0])

    def holds(self, connection: sqlite3.Connection) -> bool:
        """Whether a new judgement would be the same."""
        return time.monotonic() < self._until and all(
            last_change(connection, each, is_group=False) <= self._seq for each in self._collections
        )


def _reading(connection: sqlite3.Connection, standing: Standing | None) -> Read:
    """Return how documents are looked at, and noted if a watch shall stand on them."""
    if standing is None:
        return lambda path: read_document(connection, path)
    standing.begin(connection)

    def read(path: str) -> Document | None:
        standing.note(path)
        return read_document(connection, path)

    return read


class Gate:
    """What reads pass on their way to the file; open on a server's handle, which has no guard."""

    def __init__(self, guard: Guard | None) -> None:
        self._guard = guard

    def moment(self, connection: sqlite3.Connection) -> AbstractContextManager[None]:
        """See what is read, and what it is judged by, as of one moment."""
        return nullcontext() if self._guard is None else one_moment(connection)

    def pass_get(
        self,
        connection: sqlite3.Connection,
        path: str,
        document: Document | None,
        standing: Standing | None = None,
    ) -> None:
        """Let a document through that was read. Raises PermissionDenied."""
        if self._guard is not None:
            self._guard.check_get(path, document, _reading(connection, standing))

    def pass_all(
        self, connection: sqlite3.Connection, paths: Sequence[str], found: list[Document | None]
    ) -> None:
        """Let documents through that were read; what they are judged by is read once.

        It may be among them: a message is judged by its thread.
        """
        if self._guard is not None:
            known = dict(zip(paths, found, strict=True))

            def read(path: str) -> Document | None:
                if path not in known:
                    known[path] = read_document(connection, path)
                return known[path]

            for path, document in zip(paths, found, strict=True):
                self._guard.check_get(path, document, read)

    def pass_list(
        self, connection: sqlite3.Connection, query: Query, standing: Standing | None = None
    ) -> None:
        """Let a query through. Raises PermissionDenied, InvalidRequest."""
        if self._guard is not None:
            self._guard.check_list(query, _reading(connection, standing))

    def must_review(self, connection: sqlite3.Connection, standing: Standing) -> bool:
        """Whether a watch has to pass anew, though what it shows is as it was."""
        return self._guard is not None and not standing.holds(connection)

    def pass_server(self) -> None:
        """Let through what is a server's alone, because no rule speaks of it.

        Raises PermissionDenied.
        """
        if self._guard is not None:
            raise PermissionDenied(_("Only the bridge may do this."))


OPEN_GATE: Final = Gate(None)
"""What a server's reads pass."""
