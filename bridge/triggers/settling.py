"""What every kind of trigger does once it knows which event changed."""

import logging
from datetime import date

from bridge.triggers.settle import Context, settle_client, settle_event
from core.model.ids import CLIENTS
from core.store.errors import InvalidRequest
from core.store.port import Query

_log = logging.getLogger(__name__)


class Settling:
    """Settles events, and the clients whose next event has passed."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._day: date | None = None

    async def settle(self, event_id: str) -> None:
        """Settle one event. Raises StoreError, but not for an event that no try will settle."""
        try:
            await settle_event(self._context, event_id)
        except InvalidRequest:  # it must not hold up the others
            _log.exception("the event %s cannot be settled", event_id)

    async def begin_day(self) -> None:
        """On a new day, recompute the clients whose next event has passed. Raises StoreError."""
        today = self._context.today
        if today == self._day:
            return
        query = Query(CLIENTS).where("nextEventAt", "<", today.isoformat())
        for client in await self._context.store.query(query):
            await settle_client(self._context, client.id)
        self._day = today
