"""Services as an operator writes them in one line of a form, in Romanian or English."""

import re

from msgspec.structs import replace

from core.crm.catalogue import Catalogue
from core.crm.events import clock_time
from core.crm.folding import squash
from core.crm.resolve.roles import resolve_roles
from core.crm.slots import EventRole
from core.crm.words import show_kind, show_role
from core.text import clean_line

_TIME = re.compile(r"(?<!\d)([01]?\d|2[0-3])[:.]([0-5]\d)(?!\d)")
_MINUTES = re.compile(r"\(?\b(\d{1,4})\s*(?:min(?:ute|utes)?)\b\.?\)?", re.IGNORECASE)


def read_roles(
    text: str, catalogue: Catalogue, *, base: EventRole | None = None
) -> list[EventRole]:
    """Return the services that a line names; several parted by `+` or commas are several.

    A line that names the same service as `base` stays it, but for the hour and the length. What the
    catalogue does not know becomes an OTHER with the line as its label. The first service takes the
    slot, note and status of `base`.
    """
    text = clean_line(text)
    if base is not None and text == clean_line(show_role(base)):
        return [base]
    text = _without_notes(text, base)
    start_time, minutes = None, None
    if found := _TIME.search(text):
        start_time, text = clock_time(found[0]), _without(text, found)
    if found := _MINUTES.search(text):
        minutes, text = int(found[1]), _without(text, found)
    if base is not None and squash(text) == squash(_name(base)):
        return [replace(base, start_time=start_time, duration_min=minutes)]
    text = _without_kind(text)
    if not text:
        return []
    pairs = _named(text, catalogue)
    roles = [
        EventRole(
            role_type=role_type,
            label=catalogue.labels.get(squash(label), label) if label else None,
            start_time=start_time,
            duration_min=minutes,
        )
        for role_type, label in pairs
    ]
    if base is not None:
        roles[0] = replace(
            roles[0], slot=base.slot, status=base.status, details=base.details, note=base.note
        )
    return roles


def _name(role: EventRole) -> str:
    """Return what a service is called in a line: its kind and its label."""
    return f"{show_kind(role.role_type)} {clean_line(role.label or '')}"


def _named(text: str, catalogue: Catalogue) -> list[tuple[str, str | None]]:
    """Return (roleType, label) of what a text names; `animator Elsa` is one service, not two."""
    found = resolve_roles(text, catalogue)
    labelled = {role_type for role_type, label in found if label}
    pairs = [(kind, label) for kind, label in found if label or kind not in labelled]
    if not pairs or [kind for kind, _label in pairs] == ["OTHER"]:
        return [("OTHER", text)]
    return pairs


def _without_notes(text: str, base: EventRole | None) -> str:
    """Return a line without the details and note that stand behind the service it began as."""
    for part in (base.note, base.details) if base is not None else ():
        shown = clean_line(part or "")
        if shown and text.endswith(f" {shown}"):
            text = text.removesuffix(shown).rstrip()
    return text


def _without_kind(text: str) -> str:
    """Return a line without the word that only says "other service" before its name."""
    kind = show_kind("OTHER")
    count = len(kind.split())
    words = text.split(" ")
    return " ".join(words[count:]) if squash(" ".join(words[:count])) == squash(kind) else text


def _without(text: str, found: re.Match[str]) -> str:
    return clean_line(text[: found.start()] + " " + text[found.end() :])
