"""The part of the engine that needs gRPC and Firestore's messages, loaded at first use."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from core.i18n import _
from core.store.errors import InvalidRequest, StoreError
from core.store.firestore.connection import Connection, Method
from core.store.firestore.deadline import Deadline, Pauses
from core.store.firestore.delivery import Delivery
from core.store.firestore.endpoint import Bounds, Endpoint
from core.store.firestore.listener import Listener
from core.store.firestore.messages import Message
from core.store.firestore.reads import Reads
from core.store.firestore.statuses import contention
from core.store.firestore.transaction import FirestoreTransaction, commit_request, is_repeatable
from core.store.firestore.values import time_of
from core.store.port import CommitResult, Query, Transaction, Write

T = TypeVar("T")

_FIRST_PAUSE = 0.02
"""Seconds before a transaction is run for the second time."""


class Engine:
    """One connection, and what is done on it."""

    def __init__(self, endpoint: Endpoint, bounds: Bounds) -> None:
        self._bounds = bounds
        self._connection = Connection(endpoint, bounds)
        self.reads = Reads(self._connection, self._ask)
        self._rollbacks: set[asyncio.Task[None]] = set()

    async def _ask(self, method: Method, request: Message) -> list[Message]:
        return await self._connection.read(method, request, Deadline(self._bounds.total))

    async def commit(self, writes: Sequence[Write]) -> CommitResult:
        """Do all writes, or none."""
        request = commit_request(self._connection, writes)
        answer = await self._connection.commit(
            request, Deadline(self._bounds.total), may_repeat=lambda: is_repeatable(request)
        )
        return CommitResult(time_of(answer.commit_time))

    async def transact(self, body: Callable[[Transaction], Awaitable[T]], *, attempts: int) -> T:
        """Run `body` until what it read was still true at its commit."""
        if attempts < 1:
            raise InvalidRequest(_("A transaction needs at least one attempt."))
        deadline = Deadline(self._bounds.transaction)
        pauses = Pauses(_FIRST_PAUSE, self._bounds.longest_pause)
        previous = b""
        for attempt in range(attempts):
            if attempt:
                await asyncio.sleep(min(pauses.next(), deadline.left()))
            transaction = FirestoreTransaction(self._connection, deadline, previous)
            try:
                result = await body(transaction)
                await transaction.commit()
            except BaseException as error:
                if isinstance(error, StoreError) and transaction.is_stale:
                    previous = transaction.id or previous
                    continue
                self._let_go(transaction.id)
                raise
            return result
        raise contention()

    def _let_go(self, transaction: bytes) -> None:
        """Tell the service that a transaction will not be committed, without waiting for it."""
        if transaction:
            task = asyncio.create_task(
                self._connection.roll_back(transaction), name="firestore-rollback"
            )
            self._rollbacks.add(task)
            task.add_done_callback(self._rollbacks.discard)

    async def follow(self, target: Query | str, delivery: Delivery) -> None:
        """Keep a watch supplied until cancelled. Raises StoreError when it has failed for good."""
        await Listener(self._connection, target, delivery).run()

    async def close(self) -> None:
        """End every call that is under way, and the connection."""
        await self._connection.close()
        await asyncio.gather(*self._rollbacks)
