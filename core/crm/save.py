"""Saving events as the operator: create, change, archive, and take back an archiving.

All writes meet the store's rules for a signed-in operator: a new event is made by its creator, is
not archived and of the present schema version; nothing is ever deleted.
"""

import secrets
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from core.crm.differences import Difference, changed_fields, differences, merged, plain
from core.crm.draft import PaymentStatus
from core.crm.events import (
    Event,
    StoredEvent,
    event_data,
    make_event_id,
    read_event,
)
from core.crm.slots import put_in_slots
from core.errors import CapcoadaError
from core.i18n import _
from core.model.ids import event_path
from core.store.errors import AlreadyExists, NotFound, PermissionDenied, PreconditionFailed
from core.store.port import DELETE_FIELD, SERVER_TIMESTAMP, Create, Store, Update, field_path

_ATTEMPTS = 5


class EventMissing(CapcoadaError):
    """The event is not in the store."""


class EditConflict(CapcoadaError):
    """What is stored is not what this edit began from, or was saved otherwise."""

    def __init__(
        self, current: StoredEvent, clashes: list[Difference], message: str | None = None
    ) -> None:
        super().__init__(
            message or _("Somebody else changed this event meanwhile."),
            hint=_("Look at the differences, then save again over them or leave them."),
        )
        self.current = current
        """The event as it is now: the base to save again on."""
        self.clashes = clashes
        """For each field at stake: what is there now, and what this edit wanted."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What a save left in the store."""

    stored: StoredEvent
    is_new: bool
    """False when there was nothing to do: this very draft had been saved before.

    `stored` may then differ from what was given: somebody edited or archived it since, or the form
    was changed after its first save. `differences` tells, and `update_event` writes them.
    """


def new_client_request_id() -> str:
    """Return a random request id for a form that no chat stands behind; make it once per form."""
    return secrets.token_hex(32)


async def create_event(store: Store, event: Event, *, uid: str, client_request_id: str) -> Saved:
    """Save a new event once, however often it is called with the same `client_request_id`.

    When the event exists already, it is returned as it is, unchanged. Raises StoreError.
    """
    event_id = make_event_id(client_request_id)
    path = event_path(event_id)
    wanted = replace(
        event,
        event_id=event_id,
        event_short_id=None,
        roles_by_slot=put_in_slots(event.roles, None),
        source=replace(event.source, client_request_id=client_request_id),
        is_archived=False,
        archived_at=None,
        archived_by=None,
        archive_reason=None,
        created_by=uid,
        updated_by=uid,
    )
    data = event_data(wanted) | {"createdAt": SERVER_TIMESTAMP, "updatedAt": SERVER_TIMESTAMP}
    try:
        await store.commit([Create(path, data)])
    except AlreadyExists:
        return Saved(await load_event(store, event_id), is_new=False)
    except PermissionDenied:
        # Rules may take it for a change of the event that is there; if there is none, they mean it.
        if await store.get(path) is None:
            raise
        return Saved(await load_event(store, event_id), is_new=False)
    return Saved(await load_event(store, event_id), is_new=True)


async def load_event(store: Store, event_id: str) -> StoredEvent:
    """Return an event. Raises EventMissing, StoreError."""
    document = await store.get(event_path(event_id))
    if document is None:
        raise EventMissing(_("There is no such event."))
    return read_event(document)


async def update_event(store: Store, base: StoredEvent, wanted: Event, *, uid: str) -> Saved:
    """Write the fields in which `wanted` differs from `base`, and no others.

    What others changed meanwhile stays, unless they changed the same fields to something else:
    then nothing is written and EditConflict tells the differences. Raises EventMissing, StoreError.
    """
    fields = changed_fields(base.event, wanted)
    current = base
    for _attempt in range(_ATTEMPTS):
        if not any(plain(current.event, name) != plain(wanted, name) for name in fields):
            return Saved(current, is_new=False)
        changes = _fields(current, wanted, fields)
        try:
            return await _write(store, current, changes, uid)
        except PreconditionFailed:
            current = await load_event(store, base.event.event_id)
            _refuse_clashes(base, current, wanted, fields)
    raise EditConflict(current, differences(current.event, wanted))


async def change_payment(
    store: Store,
    base: StoredEvent,
    *,
    uid: str,
    status: PaymentStatus,
    amount: Decimal | None = None,
    deposit: Decimal | None = None,
    method: str | None = None,
) -> Saved:
    """Change what was paid; None leaves amount, deposit and method as they are."""
    payment = base.event.payment
    changed = replace(
        payment,
        status=status,
        amount=payment.amount if amount is None else amount,
        deposit=payment.deposit if deposit is None else deposit,
        method=payment.method if method is None else method,
    )
    return await update_event(store, base, replace(base.event, payment=changed), uid=uid)


async def archive_event(store: Store, event_id: str, *, reason: str, uid: str) -> Saved:
    """Archive an event; one that is archived already keeps its reason and time."""
    return await _set_archived(store, event_id, uid, reason.strip() or None)


async def restore_event(store: Store, event_id: str, *, uid: str) -> Saved:
    """Take back an archiving."""
    return await _set_archived(store, event_id, uid, None, archived=False)


async def _set_archived(
    store: Store, event_id: str, uid: str, reason: str | None, *, archived: bool = True
) -> Saved:
    current = await load_event(store, event_id)
    for _attempt in range(_ATTEMPTS):
        if current.event.is_archived == archived:
            return Saved(current, is_new=False)
        fields = {
            "isArchived": archived,
            "archivedAt": SERVER_TIMESTAMP if archived else None,
            "archivedBy": uid if archived else None,
            "archiveReason": reason,
        }
        try:
            return await _write(store, current, upgraded(current, current.event) | fields, uid)
        except PreconditionFailed:
            current = await load_event(store, event_id)
    raise EditConflict(current, [])


async def _write(store: Store, base: StoredEvent, fields: dict[str, Any], uid: str) -> Saved:
    """Write fields on an event that is still as it was in `base`.

    Raises PreconditionFailed, also when the rules refused for the reason that it is not.
    """
    event_id = base.event.event_id
    stamps = {"updatedAt": SERVER_TIMESTAMP, "updatedBy": uid}
    try:
        await store.commit(
            [Update(event_path(event_id), fields | stamps, update_time=base.update_time)]
        )
    except NotFound as error:
        raise EventMissing(_("There is no such event.")) from error
    except PermissionDenied as error:
        if (await load_event(store, event_id)).update_time == base.update_time:
            raise
        raise PreconditionFailed(error.message) from error
    return Saved(await load_event(store, event_id), is_new=True)


def upgraded(base: StoredEvent, event: Event) -> dict[str, Any]:
    """Return the fields that write `event` over a version 2 document; none for version 3."""
    if not base.is_legacy:
        return {}
    return event_data(event) | {field_path(name): DELETE_FIELD for name in base.leftovers}


def _fields(current: StoredEvent, wanted: Event, names: tuple[str, ...]) -> dict[str, Any]:
    """Return the named fields of `wanted` as paths of an update of the present document."""
    slots = put_in_slots(wanted.roles, current.event.event_short_id)
    wanted = replace(wanted, roles_by_slot=slots)
    if current.is_legacy:
        return upgraded(current, merged(current.event, wanted, names))
    data = event_data(wanted)
    payment: dict[str, Any] = data["payment"]
    return {
        name: payment[name.removeprefix("payment.")] if "." in name else data[name]
        for name in names
    }


def _refuse_clashes(
    base: StoredEvent, current: StoredEvent, wanted: Event, fields: tuple[str, ...]
) -> None:
    """Raise EditConflict when others changed one of `fields` to something else."""
    theirs = set(changed_fields(base.event, current.event))
    clashes = [
        difference
        for difference in differences(current.event, wanted)
        if difference.field in theirs and difference.field in fields
    ]
    if clashes:
        raise EditConflict(current, clashes)


__all__ = [
    "EditConflict", "EventMissing", "Saved", "archive_event", "change_payment",
    "create_event", "load_event", "new_client_request_id", "restore_event", "update_event",
    "upgraded",
]  # fmt: skip
