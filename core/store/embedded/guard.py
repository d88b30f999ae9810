"""Who judges what a handle's operator asks for: the engine shows what it is about, and obeys."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Final, Literal, Protocol

import msgspec

from core.i18n import _
from core.store.embedded.execute import one_moment, read_document
from core.store.errors import PermissionDenied
from core.store.port import Document, Query, Value

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


class Gate:
    """What reads pass on their way to the file; open on a server's handle, which has no guard."""

    def __init__(self, guard: Guard | None) -> None:
        self._guard = guard

    def moment(self, connection: sqlite3.Connection) -> AbstractContextManager[None]:
        """See what is read, and what it is judged by, as of one moment."""
        return nullcontext() if self._guard is None else one_moment(connection)

    def pass_get(
        self, connection: sqlite3.Connection, path: str, document: Document | None
    ) -> None:
        """Let a document through that was read. Raises PermissionDenied."""
        if self._guard is not None:
            self._guard.check_get(path, document, lambda other: read_document(connection, other))

    def pass_list(self, connection: sqlite3.Connection, query: Query) -> None:
        """Let a query through. Raises PermissionDenied, InvalidRequest."""
        if self._guard is not None:
            self._guard.check_list(query, lambda other: read_document(connection, other))

    def pass_server(self) -> None:
        """Let through what is a server's alone, because no rule speaks of it.

        Raises PermissionDenied.
        """
        if self._guard is not None:
            raise PermissionDenied(_("Only the bridge may do this."))


OPEN_GATE: Final = Gate(None)
"""What a server's reads pass."""
