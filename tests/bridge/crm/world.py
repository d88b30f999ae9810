"""What the tests of the CRM in the bridge share: a store, its triggers, and events to save."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bridge.triggers.run import EventTriggers
from bridge.triggers.settle import Context
from core.crm.events import Event, EventPayment, EventRole, StoredEvent
from core.crm.save import Saved, create_event, load_event
from core.crm.slots import put_in_slots
from core.model.ids import client_path, history_path
from core.settings import Business
from core.store.embedded import EmbeddedStore
from core.store.port import DOCUMENT_ID, Query

PHONE = "+40712345678"
OTHER_PHONE = "+40799999999"


class World:
    """A store, a clock that stands still until it is moved, and triggers run by hand."""

    def __init__(self, folder: Path, now: datetime) -> None:
        self.now = now
        self.folder = folder
        self.store = self.open()
        self.context = Context(self.store, Business(), lambda: self.now)
        self.triggers = EventTriggers(self.context, self.store)

    def open(self) -> EmbeddedStore:
        return EmbeddedStore.open(self.folder / "store.db")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.store.close()

    async def save(self, request_id: str, event: Event, *, uid: str = "ana") -> Saved:
        return await create_event(self.store, event, uid=uid, client_request_id=request_id)

    async def event(self, event_id: str) -> StoredEvent:
        return await load_event(self.store, event_id)

    async def client(self, phone: str = PHONE) -> dict[str, Any]:
        document = await self.store.get(client_path(phone))
        return {} if document is None else dict(document.data)

    async def history(self, event_id: str) -> list[dict[str, Any]]:
        query = Query(history_path(event_id)).order_by(DOCUMENT_ID)
        return [dict(document.data) for document in await self.store.query(query)]

    async def everything(self) -> dict[str, Any]:
        """Return the data of all that the triggers make, without times of writing."""
        found: dict[str, Any] = {}
        for name in ("evenimente", "history", "clients", "counters"):
            for one in await self.store.query(Query(name, all_descendants=True)):
                found[one.path] = {
                    key: value
                    for key, value in one.data.items()
                    if key not in ("createdAt", "updatedAt", "at", "historyId", "seq")
                }
        return found


def party(
    date: str | None = "2026-02-10",
    amount: str | None = "1200",
    *labels: str,
    phone: str | None = PHONE,
    status: Any = "UNPAID",
    deposit: str | None = None,
    currency: str | None = "RON",
) -> Event:
    """Return an event to save."""
    roles = [EventRole(role_type="ANIMATOR", label=label) for label in labels or ("Elsa",)]
    return Event(
        phone_e164=phone,
        date=date,
        start_time="18:00",
        address="Str. X nr 3",
        parent_name="Ana Pop",
        roles_by_slot=put_in_slots(roles, None),
        payment=EventPayment(
            amount=None if amount is None else Decimal(amount),
            currency=currency,
            status=status,
            deposit=None if deposit is None else Decimal(deposit),
        ),
    )
