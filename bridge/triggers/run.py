"""Follows the feed of a store and settles each event that changes, from where it stopped before."""

import asyncio
import contextlib

from bridge.tasks import cancel_all
from bridge.triggers.settle import Context
from bridge.triggers.settling import Settling
from core.failpoints import reach
from core.model.collections import EVENT_CURSOR
from core.model.ids import EVENTS
from core.store.capabilities import ChangeFeed
from core.store.port import Query, Set

_BATCH = 100
_POLL_SECONDS = 2.0
"""The longest that a change waits whose writer did not set `updatedAt`, which rings the bell."""


class EventTriggers:
    """The triggers of a store with a feed; several bridges do the same and do no harm."""

    def __init__(self, context: Context, feed: ChangeFeed) -> None:
        self._context = context
        self._feed = feed
        self._settling = Settling(context)

    async def run(self) -> None:
        """Settle whatever changed and changes, until cancelled. Raises StoreError."""
        bell = asyncio.Event()
        listener = asyncio.create_task(self._listen(bell), name="event triggers: listen")
        try:
            while True:
                bell.clear()
                await self.catch_up()
                await self._settling.begin_day()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_POLL_SECONDS):
                        await bell.wait()
        finally:
            await cancel_all([listener])

    async def catch_up(self) -> int:
        """Settle every change since the cursor; return how many. Raises StoreError."""
        settled = 0
        document = await self._context.store.get(EVENT_CURSOR)
        seq = document.data.get("seq", 0) if document else 0
        while changes := await self._feed.changes_since(EVENTS, seq, _BATCH):
            for change in changes:
                reach("triggers.settle")
                await self._settling.settle(change.path.rpartition("/")[2])
            reach("triggers.settled")
            settled += len(changes)
            seq = changes[-1].seq
            await self._context.store.commit([Set(EVENT_CURSOR, {"seq": seq})])
        return settled

    async def _listen(self, bell: asyncio.Event) -> None:
        """Ring whenever an event is saved."""
        query = Query(EVENTS).order_by("updatedAt", "desc").limit(1)
        watch = self._context.store.watch(query)
        try:
            async for _snapshot in watch:
                bell.set()
        finally:
            await watch.close()
