"""Transactions that clients have open: a moment that they see, and what they read of it."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_bytes
from typing import Final

from grpc import StatusCode

from core.store.embedded.transaction import EmbeddedTransaction
from tests.support.firestore_server.engine import Engine
from tests.support.firestore_server.messages import Pb
from tests.support.firestore_server.status import Refusal, contention, invalid, unimplemented

MOST_OPEN: Final = 500


class OpenTransaction:
    """A transaction between its begin and its end; what it read must still hold at its commit.

    The service calls this optimistic concurrency: nobody waits, the second to commit loses.
    """

    def __init__(self, engine: Engine, *, is_read_only: bool) -> None:
        self.is_read_only = is_read_only
        self.id = token_bytes(16)
        self._connection = engine.snapshot()
        self.reads = EmbeddedTransaction(self._seen, engine.reader)
        self.is_lost = False
        """Whether its commit was refused: all that is left to do is to roll it back."""

    @contextmanager
    def _seen(self) -> Iterator[sqlite3.Connection]:
        yield self._connection

    def is_current(self, engine: Engine) -> bool:
        """Whether everything read is still so."""
        with engine.moment() as connection:
            return all(check(connection) for check in self.reads.checks)

    def lose(self) -> None:
        """Keep only the knowledge that it lost."""
        self.is_lost = True
        self.end()

    def end(self) -> None:
        """Free the moment that was held."""
        self._connection.close()


class Transactions:
    """All open transactions of a server."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._open: dict[bytes, OpenTransaction] = {}

    def begin(self, options: Pb) -> OpenTransaction:
        """Begin a transaction; a retry brings the id of the attempt that lost."""
        if options.read_only.HasField("read_time"):
            raise unimplemented("reads of the past")
        if len(self._open) >= MOST_OPEN:
            raise Refusal(StatusCode.RESOURCE_EXHAUSTED, "Too many open transactions.")
        before = self._open.get(options.read_write.retry_transaction)
        if before is not None and before.is_lost:
            self.forget(before.id)
        found = OpenTransaction(
            self._engine, is_read_only=options.WhichOneof("mode") == "read_only"
        )
        self._open[found.id] = found
        return found

    def get(self, transaction_id: bytes) -> OpenTransaction:
        """Return a transaction that may go on. Raises Refusal."""
        found = self.find(transaction_id)
        if found.is_lost:
            raise contention()
        return found

    def find(self, transaction_id: bytes) -> OpenTransaction:
        """Return an open transaction, be it lost. Raises Refusal."""
        found = self._open.get(transaction_id)
        if found is None:
            raise invalid("The referenced transaction has expired or is no longer valid.")
        return found

    def chosen(self, request: Pb) -> tuple[OpenTransaction | None, bytes]:
        """Return the transaction that a read belongs to, and its id if it is new."""
        match request.WhichOneof("consistency_selector"):
            case "transaction":
                return self.get(request.transaction), b""
            case "new_transaction":
                begun = self.begin(request.new_transaction)
                return begun, begun.id
            case "read_time":
                raise unimplemented("reads of the past")
        return None, b""

    def forget(self, transaction_id: bytes) -> None:
        """End a transaction, if it is open."""
        found = self._open.pop(transaction_id, None)
        if found is not None:
            found.end()

    def close(self) -> None:
        """End all."""
        for transaction_id in list(self._open):
            self.forget(transaction_id)
