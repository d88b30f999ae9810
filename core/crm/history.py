"""History entries of events: who changed what, when, with each field's value before and after.

The entries are also the memory of the triggers: taken together in order, they give the event as it
was last seen, so that no second copy of it is needed to know what a change changed.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec

from core.clock import to_microseconds
from core.crm.differences import EDITABLE
from core.crm.events import Event, event_data
from core.crm.slots import letters_of
from core.model.documents import Model

Kind = Literal["created", "changed", "archived", "restored"]


class FieldChange(Model, frozen=True, kw_only=True):
    """One field of a change."""

    field: str
    """As in the document; `payment.amount`, and `rolesBySlot.A` by the letters of the slot."""
    before: Any = None
    after: Any = None


class HistoryEntry(Model, frozen=True, kw_only=True):
    """`evenimente/{eventId}/history/{historyId}`."""

    history_id: str
    """The event's update time in microseconds, so that ids sort by time and repeats are one."""
    event_id: str
    kind: Kind
    at: datetime
    by: str | None = None
    """Uid of whoever changed it last; changes made while no bridge ran are told as one."""
    changes: list[FieldChange] = msgspec.field(default_factory=list)


def history_id(update_time: datetime) -> str:
    """Return the id of the entry for the version of an event that was written then."""
    return f"{to_microseconds(update_time):017d}"


def tracked(event: Event) -> dict[str, Any]:
    """Return everything of an event that its history tells, flat, without what is unknown."""
    data = event_data(event)
    names = (*(name for name in EDITABLE if "." not in name), "phoneRaw", "isArchived",
             "archiveReason")  # fmt: skip
    found = {name: data[name] for name in names if name != "rolesBySlot"}
    found |= {f"payment.{name}": value for name, value in data["payment"].items()}
    for slot, role in data["rolesBySlot"].items():
        told = {name: value for name, value in role.items() if value is not None}
        found[f"rolesBySlot.{letters_of(slot)}"] = told | {"slot": letters_of(slot)}
    return {name: value for name, value in found.items() if value is not None}


def last_seen(entries: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what an event held when its latest entry was written, from all entries in order."""
    seen: dict[str, Any] = {}
    for entry in entries:
        for change in entry.get("changes", ()):
            if change["after"] is None:
                seen.pop(change["field"], None)
            else:
                seen[change["field"]] = change["after"]
    return seen


def changes_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[FieldChange]:
    """Return the fields that differ, in the order of their names."""
    return [
        FieldChange(field=name, before=before.get(name), after=after.get(name))
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    ]


def kind_of(before: Mapping[str, Any], after: Mapping[str, Any]) -> Kind:
    """Return what a change is called."""
    if not before:
        return "created"
    if bool(before.get("isArchived")) == bool(after.get("isArchived")):
        return "changed"
    return "archived" if after.get("isArchived") else "restored"
