"""Follows the events of a store without a feed, as the cloud is: by watches, one bridge at a time.

Whoever changes an event stamps it with the commit's time (`updatedAt`; the rules see to that), so
the changes after a moment are a query. The moment up to which all is settled is kept in the store,
in a document whose lease says which bridge follows. A start reads what changed since, and a minute
more: commits may show in another order than their times. What was settled already is known by its
stamp; settling itself does not stamp, so nothing goes round in circles.
"""

import asyncio
import contextlib
import logging
from datetime import datetime, timedelta

from bridge.errors import LeaseLost
from bridge.leases import Held, Leases
from bridge.tasks import cancel_all
from bridge.triggers.settle import Context
from bridge.triggers.settling import Settling
from core.clock import EPOCH
from core.model.collections import EVENT_CURSOR
from core.model.ids import EVENTS
from core.store.errors import AlreadyExists, StoreError
from core.store.port import DOCUMENT_ID, Create, Document, Query

_log = logging.getLogger(__name__)

OVERLAP = timedelta(seconds=90)
"""How far behind the latest stamp another change may still turn up."""
_PAGE = 100
_LARGEST_WINDOW = 200
"""Documents that a watch holds before one with a later beginning takes its place."""
_RETRY_SECONDS = 2.0
_LOOK_SECONDS = 60.0
_RELEASE_SECONDS = 2.0
_SETTLED_UP_TO = "settledUpTo"
Changed = asyncio.Queue[list[Document]]


class WatchedTriggers:
    """The triggers of a store without a feed."""

    def __init__(self, context: Context, leases: Leases) -> None:
        self._store = context.store
        self._settling = Settling(context)
        self._leases = leases
        self._cursor = EPOCH
        self._settled: dict[str, datetime] = {}
        """Path of each event settled lately to the stamp that it had."""

    async def run(self) -> None:
        """Follow the events while it is this bridge's turn, and wait for that, until cancelled.

        Raises StoreError.
        """
        while True:
            held = await self._turn()
            try:
                await self._follow(held)
            except LeaseLost:
                _log.warning("another bridge follows the events now")
            finally:
                with contextlib.suppress(LeaseLost, StoreError, TimeoutError):
                    async with asyncio.timeout(_RELEASE_SECONDS):
                        await held.release({_SETTLED_UP_TO: self._cursor})

    async def _turn(self) -> Held:
        """Wait for this bridge's turn."""
        with contextlib.suppress(AlreadyExists):
            await self._store.commit([Create(EVENT_CURSOR, {"lease": None})])
        while True:
            held = await self._leases.claim(EVENT_CURSOR)
            if held is not None:
                self._cursor = held.document.data.get(_SETTLED_UP_TO) or EPOCH
                return held
            document = await self._store.get(EVENT_CURSOR)
            seconds = self._leases.seconds_until_free(document) if document else 0.0
            await asyncio.sleep(max(seconds, _RETRY_SECONDS))

    # -- while it is our turn -----------------------------------------------------------------

    async def _follow(self, held: Held) -> None:
        """Catch up, then settle what changes. Raises LeaseLost, StoreError."""
        await self._catch_up(held)
        while True:
            changed: Changed = asyncio.Queue()
            # Older programs leave the stamp out; settling makes their events the present version.
            legacy = Query(EVENTS).where("schemaVersion", "==", 2)
            watching = [
                asyncio.create_task(self._watch(query, changed), name="event triggers: watch")
                for query in (self._window(), legacy)
            ]
            try:
                await self._settle_changes(held, changed, watching)
            finally:
                await cancel_all(watching)

    def _window(self) -> Query:
        """Return the query of everything that changed since the cursor, and a minute before."""
        begin = self._cursor - OVERLAP if self._cursor > EPOCH else EPOCH
        return Query(EVENTS).where("updatedAt", ">=", begin).order_by("updatedAt")

    async def _catch_up(self, held: Held) -> None:
        """Settle page by page what changed since the cursor."""
        query = page = self._window().order_by(DOCUMENT_ID).limit(_PAGE)
        while documents := await self._store.query(page):
            await self._settle_all(held, documents)
            await held.write({_SETTLED_UP_TO: self._cursor})
            last = documents[-1]
            page = query.start_after(last.data["updatedAt"], last.id)

    async def _settle_changes(
        self, held: Held, changed: Changed, watching: list[asyncio.Task[None]]
    ) -> None:
        """Settle what the watches tell, until their window holds too much that is long settled."""
        while self._forgettable() < _LARGEST_WINDOW:
            await self._settling.begin_day()
            await self._keep(held)
            seconds = min(max(held.renew_in(), 0.0), _LOOK_SECONDS)
            await self._settle_all(held, await _next(changed, watching, seconds))
        begin = self._cursor - OVERLAP
        self._settled = {path: at for path, at in self._settled.items() if at >= begin}

    def _forgettable(self) -> int:
        begin = self._cursor - OVERLAP
        return sum(at < begin for at in self._settled.values())

    async def _settle_all(self, held: Held, documents: list[Document]) -> None:
        for document in sorted(documents, key=_stamp):
            stamp = _stamp(document)
            if self._settled.get(document.path) != stamp:
                await self._settling.settle(document.id)
                self._settled[document.path] = stamp
                self._cursor = max(self._cursor, stamp)
                await self._keep(held)

    async def _keep(self, held: Held) -> None:
        """Renew the lease when it is due, with how far we are. Raises LeaseLost, StoreError."""
        if held.renew_in() <= 0:
            await held.write({_SETTLED_UP_TO: self._cursor})

    async def _watch(self, query: Query, changed: Changed) -> None:
        watch = self._store.watch(query)
        try:
            async for snapshot in watch:
                if snapshot.is_live:
                    changed.put_nowait(
                        [one.document for one in snapshot.changes if one.kind != "removed"]
                    )
        finally:
            await watch.close()


async def _next(
    changed: Changed, watching: list[asyncio.Task[None]], seconds: float
) -> list[Document]:
    """Return what changed next; nothing after some seconds. Raises what ended a watch."""
    getting = asyncio.create_task(changed.get(), name="event triggers: next")
    try:
        await asyncio.wait(
            {getting, *watching}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
        )
    finally:
        getting.cancel()
    for task in watching:
        if task.done():
            task.result()
    return getting.result() if getting.done() and not getting.cancelled() else []


def _stamp(document: Document) -> datetime:
    """Return when an event was last changed by a person, as far as that is told."""
    moment = document.data.get("updatedAt")
    return moment if isinstance(moment, datetime) else document.update_time
