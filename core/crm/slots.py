"""The slots of an event's roles: the event's short id and a letter, `01A`, `12B`, `12AA`."""

import re
from collections.abc import Iterable, Mapping

import msgspec

from core.model.documents import Model

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SLOT = re.compile(r"(\d*)([A-Z]{1,2})")


class EventRole(Model, frozen=True, kw_only=True):
    """One service of an event, in its slot."""

    slot: str = ""
    role_type: str
    label: str | None = None
    """The character or variant."""
    start_time: str | None = None
    """`HH:MM`, when it differs from the event's."""
    duration_min: int | None = None
    status: str | None = None
    details: str | None = None
    note: str | None = None


def slot_letters(index: int) -> str:
    """Return the letters of the role at `index`: A to Z, then AA, AB, …"""
    first, last = divmod(index, len(_LETTERS))
    return (_LETTERS[first - 1] if first else "") + _LETTERS[last]


def slot_prefix(short_id: int | None) -> str:
    """Return what slots begin with: the short id with at least two digits, `01` without one."""
    return f"{short_id or 1:02d}"


def letters_of(slot: str) -> str:
    """Return the letters that a slot ends with; all of it when it is no slot of ours."""
    found = _SLOT.fullmatch(slot)
    return found[2] if found else slot


def _order(letters: str) -> tuple[int, str]:
    return len(letters), letters


def in_order(roles: Mapping[str, EventRole]) -> list[EventRole]:
    """Return roles in the order of their letters."""
    return [roles[slot] for slot in sorted(roles, key=lambda slot: _order(letters_of(slot)))]


def put_in_slots(roles: Iterable[EventRole], short_id: int | None) -> dict[str, EventRole]:
    """Return roles by slot: those that have letters keep them, the others get the first free."""
    listed = list(roles)
    prefix = slot_prefix(short_id)
    taken = [letters_of(role.slot) if _SLOT.fullmatch(role.slot) else "" for role in listed]
    used: set[str] = set()
    placed: dict[str, EventRole] = {}
    for role, own in zip(listed, taken, strict=True):
        letters = own if own and own not in used else _first_free(used | set(taken))
        used.add(letters)
        placed[prefix + letters] = msgspec.structs.replace(role, slot=prefix + letters)
    return dict(sorted(placed.items(), key=lambda pair: _order(letters_of(pair[0]))))


def rename_slots(roles: Mapping[str, EventRole], short_id: int) -> dict[str, EventRole]:
    """Return the same roles in slots of the event's short id."""
    return put_in_slots(in_order(roles), short_id)


def _first_free(used: set[str]) -> str:
    return next(name for name in map(slot_letters, range(702)) if name not in used)
