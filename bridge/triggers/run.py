"""Follows the events that change and settles each, at least once, from where it stopped before."""

import asyncio
import contextlib
import logging
from datetime import date

from bridge.tasks import cancel_all
from bridge.triggers.settle import Context, settle_client, settle_event
from core.failpoints import reach
from core.model.collections import EVENT_CURSOR
from core.model.ids import CLIENTS, EVENTS
from core.store.errors import InvalidRequest
from core.store.port import ChangeFeed, Query, Set

_log = logging.getLogger(__name__)

_BATCH = 100
_POLL_SECONDS = 2.0
"""The longest that a change waits whose writer did not set `updatedAt`, which rings the bell."""


class EventTriggers:
    """The triggers of one store; several bridges on one store do the same and do no harm."""

    def __init__(self, context: Context, feed: ChangeFeed) -> None:
        self._context = context
        self._feed = feed
        self._day: date | None = None

    async def run(self) -> None:
        """Settle whatever changed and changes, until cancelled. Raises StoreError."""
        bell = asyncio.Event()
        listener = asyncio.create_task(self._listen(bell), name="event triggers: listen")
        try:
            while True:
                bell.clear()
                await self.catch_up()
                await self.begin_day()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(bell.wait(), _POLL_SECONDS)
        finally:
            await cancel_all([listener])

    async def catch_up(self) -> int:
        """Settle every change since the cursor; return how many. Raises StoreError."""
        settled = 0
        document = await self._context.store.get(EVENT_CURSOR)
        seq = document.data["seq"] if document else 0
        while changes := await self._feed.changes_since(EVENTS, seq, _BATCH):
            for change in changes:
                reach("triggers.settle")
                await self._settle(change.path.rpartition("/")[2])
            reach("triggers.settled")
            settled += len(changes)
            seq = changes[-1].seq
            await self._context.store.commit([Set(EVENT_CURSOR, {"seq": seq})])
        return settled

    async def begin_day(self) -> None:
        """On a new day, recompute the clients whose next event has passed. Raises StoreError."""
        today = self._context.today
        if today == self._day:
            return
        query = Query(CLIENTS).where("nextEventAt", "<", today.isoformat())
        for client in await self._context.store.query(query):
            await settle_client(self._context, client.id)
        self._day = today

    async def _settle(self, event_id: str) -> None:
        try:
            await settle_event(self._context, event_id)
        except InvalidRequest:  # a document that no try will settle must not hold up the others
            _log.exception("the event %s cannot be settled", event_id)

    async def _listen(self, bell: asyncio.Event) -> None:
        """Ring whenever an event is saved."""
        query = Query(EVENTS).order_by("updatedAt", "desc").limit(1)
        watch = self._context.store.watch(query)
        try:
            async for _snapshot in watch:
                bell.set()
        finally:
            await watch.close()
