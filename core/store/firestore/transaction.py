"""Transactions: what was read is checked at the commit, and the body run again if it changed."""

import asyncio
from collections import Counter
from collections.abc import Sequence

import grpc
from grpc import StatusCode

from core.i18n import _
from core.store.errors import InvalidRequest, StoreError, StoreUnusable
from core.store.firestore import messages
from core.store.firestore.connection import Connection, Method
from core.store.firestore.deadline import Deadline
from core.store.firestore.messages import Message
from core.store.firestore.reads import Reads
from core.store.firestore.writes import put_writes
from core.store.port import Creates, Write, each_write


class FirestoreTransaction(Reads):
    """One attempt of a transaction; see `core.store.port.Transaction`.

    It begins with its first read and is optimistic: it holds no locks, and rules allow operators
    no other.
    """

    def __init__(self, connection: Connection, deadline: Deadline, previous: bytes = b"") -> None:
        """`previous` is the attempt before, which the service then treats with favour."""
        super().__init__(connection, self._ask_within)
        self._deadline = deadline
        self._previous = previous
        self._beginning = asyncio.Lock()
        self._writes: list[Write] = []
        self.id = b""
        """What the service calls it; empty until the first read."""
        self.is_stale = False
        """Whether it lost against others: the body may be run again."""

    def write(self, *writes: Write | Creates) -> None:
        """Add writes to the commit at the end."""
        self._writes.extend(each_write(writes))

    async def _ask_within(self, method: Method, request: Message) -> list[Message]:
        if self._writes:
            raise InvalidRequest(_("A transaction reads before it writes."))
        async with self._beginning:
            if not self.id:
                return await self._begin(method, request)
        request.transaction = self.id
        return await self._read(method, request)

    async def _begin(self, method: Method, request: Message) -> list[Message]:
        mode = request.new_transaction.read_write
        mode.concurrency_mode = messages.OPTIMISTIC
        mode.retry_transaction = self._previous
        answers = await self._read(method, request)
        self.id = next((one.transaction for one in answers if one.transaction), b"")
        if not self.id:
            raise StoreUnusable(_("This server does not begin transactions."))
        return answers

    async def _read(self, method: Method, request: Message) -> list[Message]:
        try:
            return await self._connection.read(method, request, self._deadline, within=True)
        except StoreError as error:
            self.is_stale = _is_over(error)
            raise

    async def commit(self) -> None:
        """Commit, if anything was read or written. Raises StoreError."""
        if not self.id and not self._writes:
            return
        request = commit_request(self._connection, self._writes)
        request.transaction = self.id
        try:
            # A transaction is committed once, however often that is asked for.
            await self._connection.commit(
                request, self._deadline, may_repeat=lambda: bool(self.id) or is_repeatable(request)
            )
        except StoreError as error:
            self.is_stale = _is_over(error)
            raise


def commit_request(connection: Connection, writes: Sequence[Write]) -> Message:
    """Return the request that commits writes. Raises InvalidRequest."""
    request = messages.CommitRequest(database=connection.names.database)
    put_writes(connection.names, writes, request.writes)
    return request


def is_repeatable(request: Message) -> bool:
    """Whether a commit does no harm when it is done again because its answer was lost.

    That holds unless it increments; and even then, if the second time is sure to be refused,
    because it creates a document or removes one that must exist.
    """
    if not any(
        transform.HasField("increment")
        for write in request.writes
        for transform in write.update_transforms
    ):
        return True
    times = Counter(write.delete or write.update.name for write in request.writes)
    return any(
        times[write.delete or write.update.name] == 1 and _fails_when_repeated(write)
        for write in request.writes
    )


def _fails_when_repeated(write: Message) -> bool:
    """Whether a write, alone on its document, leaves it so that its precondition fails."""
    if not write.current_document.HasField("exists"):
        return False
    exists, is_delete = write.current_document.exists, write.HasField("delete")
    return bool(exists) is bool(is_delete)


def _is_over(error: StoreError) -> bool:
    """Whether a transaction ended because others were faster, or because it took too long."""
    status = error.__cause__
    if not isinstance(status, grpc.aio.AioRpcError):
        return False
    code, details = status.code(), status.details() or ""
    return code is StatusCode.ABORTED or (
        code is StatusCode.INVALID_ARGUMENT and "transaction" in details.lower()
    )
