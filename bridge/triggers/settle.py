"""Settles one event: everything that follows from its present state, in one transaction.

Doing it again, later or elsewhere at the same time, changes nothing: what is written depends on
the event, its history and its client's events alone. Nothing is added to what was there before.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from bridge.triggers.names import find_display_name
from bridge.triggers.short_ids import Numbering, look_up_number
from core.clock import Clock
from core.crm.clients import add_up, client_fields
from core.crm.events import Event, StoredEvent, event_data, event_of, read_event
from core.crm.history import (
    HistoryEntry,
    changes_between,
    history_id,
    kind_of,
    last_seen,
    tracked,
)
from core.crm.save import upgraded
from core.crm.slots import rename_slots
from core.crm.validation import E164
from core.model.documents import to_data
from core.model.ids import EVENTS, client_path, event_path, history_path
from core.settings import Business
from core.store.port import (
    DOCUMENT_ID,
    SERVER_TIMESTAMP,
    Create,
    Document,
    Query,
    Store,
    Transaction,
    Update,
    Write,
)

ATTEMPTS = 20
"""Tries of one transaction while others write to the same collections."""


@dataclass(frozen=True, slots=True)
class Context:
    """What settling needs to know besides the documents."""

    store: Store
    business: Business
    clock: Clock

    @property
    def today(self) -> date:
        """The date in the business's time zone."""
        return self.clock().astimezone(ZoneInfo(self.business.time_zone)).date()


@dataclass(frozen=True, slots=True)
class Settled:
    """What settling an event or a client had to mend; empty when all was as it must be."""

    paths: tuple[str, ...] = ()
    """Documents that were written."""
    fields: tuple[str, ...] = ()
    """`path field: before → after`, for whoever wants to know."""


async def settle_event(context: Context, event_id: str, *, write: bool = True) -> Settled:
    """Bring short id, slots, history and clients of an event up to date.

    With `write` off, only tell what would be written. Raises StoreError.
    """

    async def body(transaction: Transaction) -> Settled:
        document = await transaction.get(event_path(event_id))
        if document is None:
            return Settled()
        entries = [one.data for one in await _history(transaction, event_id)]
        before = last_seen(entries)
        stored = read_event(document)
        numbering = await look_up_number(transaction, stored.event, is_new=not entries)
        event = _numbered(stored.event, numbering)
        writes = [*numbering.writes, *_event_writes(stored, event, document)]
        writes += _history_writes(
            event, before, document, [entry["historyId"] for entry in entries]
        )
        phones = {event.phone_e164, before.get("phoneE164")}
        for phone in sorted(phone for phone in phones if phone and E164.fullmatch(phone)):
            writes += await _client_writes(context, transaction, phone, event)
        if write:
            transaction.write(*writes)
        return _settled(writes)

    return await context.store.transact(body, attempts=ATTEMPTS)


async def settle_client(context: Context, phone_e164: str, *, write: bool = True) -> Settled:
    """Bring a client's document up to date with its events. Raises StoreError."""

    async def body(transaction: Transaction) -> Settled:
        writes = await _client_writes(context, transaction, phone_e164, None)
        if write:
            transaction.write(*writes)
        return _settled(writes)

    return await context.store.transact(body, attempts=ATTEMPTS)


def _numbered(event: Event, numbering: Numbering) -> Event:
    roles = rename_slots(event.roles_by_slot, numbering.number)
    return replace(event, event_short_id=numbering.number, roles_by_slot=roles)


async def _history(transaction: Transaction, event_id: str) -> list[Document]:
    return await transaction.query(Query(history_path(event_id)).order_by(DOCUMENT_ID))


def _event_writes(stored: StoredEvent, event: Event, document: Document) -> list[Write]:
    """Write number and slots, and version 3 over version 2; times and authors stay as they are."""
    fields = upgraded(stored, event)
    if not fields:
        wanted = event_data(event)
        names = ("eventShortId", "rolesBySlot")
        fields = {name: wanted[name] for name in names if document.data.get(name) != wanted[name]}
        if set(fields) == {"rolesBySlot"} and event.roles_by_slot == stored.event.roles_by_slot:
            return []
    return [Update(document.path, fields)] if fields else []


def _history_writes(
    event: Event, before: dict[str, Any], document: Document, known: list[str]
) -> list[Write]:
    after = tracked(event)
    changes = changes_between(before, after)
    if not changes:
        return []
    name = history_id(document.update_time)
    entry = HistoryEntry(
        history_id=name if name not in known else f"{name}-{len(known)}",
        event_id=event.event_id,
        kind=kind_of(before, after),
        at=document.update_time,
        by=event.updated_by or event.created_by,
        changes=changes,
    )
    return [Create(f"{history_path(event.event_id)}/{entry.history_id}", to_data(entry))]


async def _client_writes(
    context: Context, transaction: Transaction, phone: str, settled: Event | None
) -> list[Write]:
    """Return what makes a client's document equal to what its events add up to."""
    found = await transaction.query(Query(EVENTS).where("phoneE164", "==", phone))
    events = {one.id: event_of(one.data, one.id) for one in found}
    if settled is not None:
        events.pop(settled.event_id, None)
        if settled.phone_e164 == phone:
            events[settled.event_id] = settled
    existing = await transaction.get(client_path(phone))
    if not events and existing is None:
        return []
    known = existing.data.get("displayName") if existing else ""
    name = await find_display_name(context.store, phone, list(events.values())) or known or ""
    totals = add_up(events.values(), currency=context.business.currency, today=context.today)
    fields = client_fields(phone, name, totals)
    if existing is None:
        stamps = {"createdAt": SERVER_TIMESTAMP, "updatedAt": SERVER_TIMESTAMP}
        return [Create(client_path(phone), fields | stamps)]
    changed = {key: value for key, value in fields.items() if existing.data.get(key) != value}
    if not changed:
        return []
    return [Update(client_path(phone), changed | {"updatedAt": SERVER_TIMESTAMP})]


def _settled(writes: list[Write]) -> Settled:
    told: list[str] = []
    for one in writes:
        if isinstance(one, Update):
            told.append(f"{one.path}: {', '.join(sorted(set(one.fields) - {'updatedAt'}))}")
        else:
            told.append(one.path)
    return Settled(tuple(one.path for one in writes), tuple(told))
