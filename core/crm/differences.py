"""What two versions of an event hold differently, and what a draft would change in one."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from msgspec.structs import replace

from core.crm.draft import EventDraft, Extraction, Role
from core.crm.events import Event, EventPayment, EventRole, EventSource
from core.crm.folding import squash
from core.crm.slots import letters_of, put_in_slots
from core.crm.words import LABELS, attribute_of, label_of, show_field, value_of

EDITABLE = tuple(field for field in LABELS if field not in ("isArchived", "archiveReason"))
"""The fields that an operator fills in, named as in the document."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that two versions of an event hold differently."""

    field: str
    """As in the document: `startTime`, `payment.amount`, `rolesBySlot`."""
    label: str
    before: str
    """In words, in the operator's language; empty when there was nothing."""
    after: str


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a draft makes a new event or changes one that is there."""

    action: Literal["create", "update", "choose", "none"]
    """`choose`: several open events could be meant, and the operator picks one (or none)."""
    target: Event | None = None
    candidates: tuple[Event, ...] = ()
    """Open events the operator may choose from, the likeliest first."""


def changed_fields(before: Event, after: Event) -> tuple[str, ...]:
    """Return the editable fields that differ; slots count by their letters, not the short id."""
    return tuple(field for field in EDITABLE if plain(before, field) != plain(after, field))


def differences(before: Event, after: Event) -> list[Difference]:
    """Return field by field what `after` would change, in words."""
    return [
        Difference(field, label_of(field), show_field(before, field), show_field(after, field))
        for field in changed_fields(before, after)
    ]


def merged(event: Event, other: Event, fields: Iterable[str]) -> Event:
    """Return `event` with the named fields of `other`."""
    top: dict[str, Any] = {}
    payment: dict[str, Any] = {}
    for field in fields:
        holder = payment if "." in field else top
        holder[attribute_of(field)] = value_of(other, field)
    return replace(event, **top, payment=replace(event.payment, **payment))


def plain(event: Event, field: str) -> Any:
    """Return a field's value in a form that compares."""
    value = value_of(event, field)
    if field != "rolesBySlot":
        return value
    return {letters_of(slot): replace(role, slot="") for slot, role in value.items()}


def event_of_draft(
    draft: EventDraft, *, phone_e164: str | None, source: EventSource | None = None
) -> Event:
    """Return the new event that a draft describes; what the chat does not say stays empty."""
    roles = [EventRole(role_type=role.role_type, label=role.label) for role in draft.roles]
    return Event(
        phone_e164=phone_e164,
        parent_name=draft.parent_name,
        child_name=draft.child_name,
        child_age=draft.child_age,
        num_children=draft.num_children,
        date=draft.date,
        start_time=draft.start_time,
        duration_min=draft.duration_min,
        address=draft.address,
        roles_by_slot=put_in_slots(roles, None),
        payment=EventPayment(
            amount=draft.payment.amount,
            currency=draft.payment.currency,
            status=draft.payment.status,
            deposit=draft.payment.deposit,
        ),
        notes=draft.notes,
        source=source or EventSource(),
    )


def apply_draft(event: Event, draft: EventDraft) -> Event:
    """Return an event with what a draft mentions; nothing that it does not mention is reset."""
    told = {
        name: value
        for name in (
            "date", "start_time", "duration_min", "address", "parent_name", "child_name",
            "child_age", "num_children", "notes",
        )
        if (value := getattr(draft, name)) is not None
    }  # fmt: skip
    if "address" in told and _says_no_more(told["address"], event.address):
        del told["address"]
    roles = _change_roles(event, draft)
    return replace(event, **told, roles_by_slot=roles, payment=_apply_payment(event, draft))


def _says_no_more(address: str, known: str | None) -> bool:
    """Whether all words of an address, in their order, are in a known one: "Str. Rozelor" is."""
    return f" {squash(address)} " in f" {squash(known or '')} "


def _change_roles(event: Event, draft: EventDraft) -> dict[str, EventRole]:
    """Take out what is dropped and add the services that the event does not have yet.

    What comes in for a dropped service of its kind takes its slot, hour and length.
    """
    gone = draft.dropped_roles
    dropped = [role for role in event.roles if any(_covers(one, role) for one in gone)]
    roles = [role for role in event.roles if role not in dropped]
    for asked in draft.roles:
        if any(_covers(asked, role) for role in roles):
            continue
        added = EventRole(role_type=asked.role_type, label=asked.label)
        place = next((role for role in dropped if role.role_type == asked.role_type), None)
        if place is not None:
            dropped.remove(place)
            added = replace(
                added, slot=place.slot, start_time=place.start_time,
                duration_min=place.duration_min,
            )  # fmt: skip
        roles.append(added)
    if roles == event.roles:
        return event.roles_by_slot
    return put_in_slots(roles, event.event_short_id)


def _covers(told: Role, role: EventRole) -> bool:
    """Whether a stored service is the one that a draft names: "Minnie" is "Minnie Mouse"."""
    words, known = squash(told.label or "").split(), squash(role.label or "").split()
    return told.role_type == role.role_type and set(words) <= set(known)


def _apply_payment(event: Event, draft: EventDraft) -> EventPayment:
    payment, told = event.payment, draft.payment
    if told.amount is not None:
        payment = replace(payment, amount=told.amount, currency=told.currency or payment.currency)
    if told.status != "UNPAID":  # which only says that the chat does not speak of it
        payment = replace(payment, status=told.status, deposit=told.deposit or payment.deposit)
    return payment


def decide(extraction: Extraction, events: Iterable[Event]) -> Decision:
    """Return whether a draft is for a new event or for one of the client's stored ones.

    An open event on the draft's date is the one that is meant; the engine's own target counts when
    it is open; where several could be meant, the operator chooses.
    """
    if extraction.action == "NOOP" or extraction.event is None:
        return Decision("none")
    open_events = [event for event in events if event.is_open]
    day = extraction.event.date
    same_day = tuple(event for event in open_events if day and event.date == day)
    by_id = {event.event_id: event for event in open_events}
    target = by_id.get(extraction.target_event_id or "")
    if target is None and len(same_day) == 1:
        target = same_day[0]
    if target is not None and (len(same_day) < 2 or target not in same_day):
        others = (event for event in open_events if event != target)
        return Decision("update", target, (target, *others))
    if same_day:
        return Decision("choose", None, same_day)
    if extraction.action == "UPDATE_EVENT":
        return _without_target(open_events)
    return Decision("create", None, tuple(open_events))


def _without_target(open_events: list[Event]) -> Decision:
    """Decide for a chat that changes an event without saying which."""
    if len(open_events) > 1:
        return Decision("choose", None, tuple(open_events))
    if open_events:
        return Decision("update", open_events[0], tuple(open_events))
    return Decision("create")
