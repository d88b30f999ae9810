"""Has threads say what became of their messages, each at its turn and not in the same commit.

A message may be accepted, sent and delivered within a second, and a thread in the cloud should not
be written as often. What is not told yet when a bridge ends is found again by `recover`.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterable
from functools import partial

from bridge.ingest import threads
from bridge.ingest.working import Working
from bridge.outbox.board import OPEN_STATUSES
from bridge.tasks import cancel_all
from bridge.thread_pace import ThreadPace
from core.model.ids import THREADS, message_path, thread_path
from core.store.errors import StoreError, StoreUnavailable
from core.store.port import Query, Store, Transaction

_log = logging.getLogger(__name__)

_RETRY_SECONDS = 1.0
_MOST_FOUND = 200


class ThreadShower:
    """The threads of one account that are still to be told of messages."""

    def __init__(self, store: Store, account_id: str, pace: ThreadPace) -> None:
        self._store = store
        self._account_id = account_id
        self._pace = pace
        self._owed: defaultdict[str, set[str]] = defaultdict(set)
        """By thread, the messages that it is to be told of."""
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def show(self, thread_id: str, message_id: str) -> None:
        """Have a thread say what a message says, soon."""
        self._owed[thread_id].add(message_id)
        if thread_id not in self._tasks:
            name = f"{self._account_id}: tell a thread"
            self._tasks[thread_id] = asyncio.create_task(self._tell(thread_id), name=name)

    async def recover(self) -> None:
        """Find threads that an earlier run left untold. Raises StoreError."""
        query = Query(THREADS).where("accountId", "==", self._account_id)
        waiting = query.where("lastMessageStatus", "in", list(OPEN_STATUSES))
        for thread in await self._store.query(waiting.limit(_MOST_FOUND)):
            self.show(thread.id, thread.data["lastMessageId"])

    async def finish(self) -> None:
        """Wait until every thread is told."""
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)  # each is logged

    async def close(self) -> None:
        """Stop where it is."""
        tasks, self._tasks = self._tasks, {}
        await cancel_all(list(tasks.values()))

    async def _tell(self, thread_id: str) -> None:
        try:
            while thread_id in self._owed:
                await self._tell_once(thread_id)
        finally:
            # Here and not when the task is done, which is later: in between more may be shown.
            self._tasks.pop(thread_id, None)

    async def _tell_once(self, thread_id: str) -> None:
        await self._pace.turn(thread_id)
        owed = self._owed.pop(thread_id)
        try:
            await self._store.transact(partial(_tell, thread_id, owed))
        except StoreUnavailable:
            self._owed[thread_id] |= owed
            await asyncio.sleep(_RETRY_SECONDS)
        except StoreError as error:
            _log.error("%s: a thread cannot be told: %s", self._account_id, error)


async def _tell(thread_id: str, message_ids: Iterable[str], transaction: Transaction) -> None:
    working = Working()
    path = thread_path(thread_id)
    paths = [message_path(thread_id, message_id) for message_id in sorted(message_ids)]
    await working.load(transaction, [path, *paths])
    thread = working.get(path)
    if thread is None:
        return
    for message in map(working.get, paths):
        if message is not None:
            thread = threads.with_message(thread, message, was_live=True)
    working.put(path, thread)
    transaction.write(*working.writes())
