"""The event document (`evenimente/{eventId}`) as a typed value, and its data.

Written always as schemaVersion 3; `core.crm.legacy` knows the names of version 2. Reading never
fails: what a field holds that cannot be understood is left out, so that no document of another
program can stop this one.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Literal, get_args

import msgspec

from core.crm.draft import PaymentStatus
from core.crm.legacy import as_version_3, legacy_fields
from core.crm.money import currency_code, from_number, to_number
from core.crm.slots import EventRole, in_order, put_in_slots
from core.model.documents import Model
from core.store.port import Document

SCHEMA_VERSION: Final = 3
_MOST_EVENTS = 1_000_000_000
"""A larger short id is no number that people say."""
_ISO_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_DAY_FIRST = re.compile(r"(\d{1,2})[-./](\d{1,2})[-./](\d{4})")
_TIME = re.compile(r"(\d{1,2})[:.](\d{2})(?::\d{2})?")


class EventPayment(Model, frozen=True, kw_only=True):
    """What an event costs, and what was paid."""

    amount: Decimal | None = None
    """The total, in the currency's main unit."""
    currency: str | None = None
    """ISO 4217; the business's own when absent."""
    status: PaymentStatus = "UNPAID"
    method: str | None = None
    deposit: Decimal | None = None
    """What was paid ahead; counts while the status is `DEPOSIT`."""


class EventSource(Model, frozen=True, kw_only=True):
    """Where an event came from."""

    thread_id: str | None = None
    account_id: str | None = None
    extraction_id: str | None = None
    client_request_id: str | None = None


class Event(Model, frozen=True, kw_only=True):
    """`evenimente/{eventId}`; None is unknown."""

    event_id: str = ""
    event_short_id: int | None = None
    """The number that people say; given by the bridge."""
    schema_version: Literal[3] = SCHEMA_VERSION
    phone_e164: str | None = msgspec.field(default=None, name="phoneE164")
    phone_raw: str | None = None
    parent_name: str | None = None
    child_name: str | None = None
    child_age: int | None = None
    """Whole years that the child turns."""
    child_dob: str | None = None
    """ISO date of birth."""
    num_children: int | None = None
    date: str | None = None
    """ISO `YYYY-MM-DD`."""
    start_time: str | None = None
    """`HH:MM` in the business's time zone."""
    duration_min: int | None = None
    address: str | None = None
    roles_by_slot: dict[str, EventRole] = msgspec.field(default_factory=dict)
    payment: EventPayment = EventPayment()
    notes: str | None = None
    source: EventSource = EventSource()
    is_archived: bool = False
    archived_at: datetime | None = None
    archived_by: str | None = None
    archive_reason: str | None = None
    created_at: datetime | None = None
    created_by: str | None = None
    updated_at: datetime | None = None
    updated_by: str | None = None

    @property
    def roles(self) -> list[EventRole]:
        """The roles in the order of their slots."""
        return in_order(self.roles_by_slot)

    @property
    def is_open(self) -> bool:
        """Whether the chat may still change it: neither archived nor cancelled."""
        return not self.is_archived and self.payment.status != "CANCELLED"


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as the store holds it, and when it was last written: the base of an edit."""

    event: Event
    update_time: datetime
    is_legacy: bool = False
    """Whether the document is of a version before 3, which the next write makes 3."""
    leftovers: tuple[str, ...] = ()
    """Fields of version 2 that the next write removes, because the event holds their values."""


def read_event(document: Document) -> StoredEvent:
    """Read a document of version 2 or 3."""
    data = document.data
    event = event_of(data, document.id)
    if not is_legacy(data):
        return StoredEvent(event, document.update_time)
    leftovers = legacy_fields(data, event_data(event))
    return StoredEvent(event, document.update_time, is_legacy=True, leftovers=leftovers)


def is_legacy(data: Mapping[str, Any]) -> bool:
    """Whether a document was written by a version before 3."""
    return data.get("schemaVersion") != SCHEMA_VERSION


def event_of(data: Mapping[str, Any], event_id: str) -> Event:
    """Return the event that document data hold."""
    if is_legacy(data):
        data = as_version_3(data)
    short_id = _short_id(data.get("eventShortId"))
    return Event(
        event_id=event_id,
        event_short_id=short_id,
        phone_e164=_text(data.get("phoneE164")),
        phone_raw=_text(data.get("phoneRaw")),
        parent_name=_text(data.get("parentName")),
        child_name=_text(data.get("childName")),
        child_age=_whole(data.get("childAge")),
        child_dob=iso_date(data.get("childDob")),
        num_children=_whole(data.get("numChildren")),
        date=iso_date(data.get("date")),
        start_time=clock_time(data.get("startTime")),
        duration_min=_whole(data.get("durationMin")),
        address=_text(data.get("address")),
        roles_by_slot=_roles(data.get("rolesBySlot"), short_id),
        payment=_payment(data.get("payment")),
        notes=_text(data.get("notes")),
        source=_source(data.get("source")),
        is_archived=data.get("isArchived") is True,
        archived_at=_moment(data.get("archivedAt")),
        archived_by=_text(data.get("archivedBy")),
        archive_reason=_text(data.get("archiveReason")),
        created_at=_moment(data.get("createdAt")),
        created_by=_text(data.get("createdBy")),
        updated_at=_moment(data.get("updatedAt")),
        updated_by=_text(data.get("updatedBy")),
    )


def event_data(event: Event) -> dict[str, Any]:
    """Return the whole document of an event, money as numbers."""
    data: dict[str, Any] = msgspec.to_builtins(event, builtin_types=(datetime, Decimal))
    data["payment"]["amount"] = to_number(event.payment.amount)
    data["payment"]["deposit"] = to_number(event.payment.deposit)
    return data


def make_event_id(client_request_id: str) -> str:
    """Return the id of the event that a request makes: the same for every repetition."""
    return hashlib.sha256(f"evenimente|{client_request_id}".encode()).hexdigest()[:32]


def make_client_request_id(thread_id: str, last_message_id: str) -> str:
    """Return the request id of a draft: the same while the chat's newest message is the same."""
    return hashlib.sha256(f"{thread_id}{last_message_id}".encode()).hexdigest()


def iso_date(value: Any) -> str | None:
    """Return a date written `YYYY-MM-DD` or day first as `YYYY-MM-DD`; None when it is no date."""
    text = value.strip() if isinstance(value, str) else ""
    iso, day_first = _ISO_DATE.match(text), _DAY_FIRST.fullmatch(text)
    try:
        if iso:
            return date(*map(int, iso.groups())).isoformat()
        if day_first:
            day, month, year = map(int, day_first.groups())
            return date(year, month, day).isoformat()
    except ValueError:
        pass
    return None


def clock_time(value: Any) -> str | None:
    """Return a time of day as `HH:MM`; None when it is none."""
    found = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        return None
    return f"{int(found[1]):02d}:{found[2]}"


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _whole(value: Any) -> int | None:
    """Read a whole number, also one that was written as text."""
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        value = int(value.strip()[:18])
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e15:
        return None
    return int(value) if value == int(value) else None


def _short_id(value: Any) -> int | None:
    number = _whole(value)
    return number if number and 0 < number < _MOST_EVENTS else None


def _moment(value: Any) -> datetime | None:
    return value if isinstance(value, datetime) else None


def _payment(value: Any) -> EventPayment:
    data = value if isinstance(value, Mapping) else {}
    known = data.get("status") in get_args(PaymentStatus)
    status: PaymentStatus = data["status"] if known else "UNPAID"
    return EventPayment(
        amount=from_number(data.get("amount")),
        currency=currency_code(_text(data.get("currency")) or ""),
        status=status,
        method=_text(data.get("method")),
        deposit=from_number(data.get("deposit")),
    )


def _source(value: Any) -> EventSource:
    data = value if isinstance(value, Mapping) else {}
    return EventSource(
        thread_id=_text(data.get("threadId")),
        account_id=_text(data.get("accountId")),
        extraction_id=_text(data.get("extractionId")),
        client_request_id=_text(data.get("clientRequestId")),
    )


def _roles(value: Any, short_id: int | None) -> dict[str, EventRole]:
    """Read roles; slots that the map and the role name differently go by the map."""
    data = value if isinstance(value, Mapping) else {}
    roles = {
        slot: EventRole(
            slot=slot,
            role_type=_text(role.get("roleType")) or "OTHER",
            label=_text(role.get("label")),
            start_time=clock_time(role.get("startTime")),
            duration_min=_whole(role.get("durationMin")),
            status=_text(role.get("status")),
            details=_text(role.get("details")),
            note=_text(role.get("note")),
        )
        for slot, role in data.items()
        if isinstance(role, Mapping)
    }
    return roles if roles else put_in_slots([], short_id)


__all__ = [
    "SCHEMA_VERSION", "Event", "EventPayment", "EventRole", "EventSource", "StoredEvent",
    "clock_time", "event_data", "event_of", "is_legacy", "iso_date", "make_client_request_id",
    "make_event_id", "read_event",
]  # fmt: skip
