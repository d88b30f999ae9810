"""A chat as the model gets to see it: short ids, local times, bounded text, all of it JSON data."""

import re
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from core.crm.catalogue import Catalogue
from core.crm.draft import ExistingEvent, ExtractionInput
from core.crm.extract.rules.turns import Turn, read_turns
from core.crm.resolve.phones import hide_numbers
from core.text import clean_line

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_BLANKS = re.compile(r"[ \t]{2,}")
_SHORT = 700
"""How much of each message is kept when the service finds the chat too long."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The newest messages and the open events, by the ids that the model knows them by."""

    turns: dict[str, Turn]
    events: dict[str, ExistingEvent]
    document: str
    """What the model is sent, as JSON."""

    @property
    def heard(self) -> bool:
        """Whether the customer has said anything."""
        return any(turn.inbound and turn.folded.strip() for turn in self.turns.values())


def read_chat(chat: ExtractionInput, catalogue: Catalogue, *, brief: bool = False) -> Reading:
    """Return a chat ready to be sent; `brief` takes only its newest quarter, and less of each.

    Instructions inside messages are blanked out, and phone numbers are not sent. Raises
    ZoneInfoNotFoundError for an unknown time zone.
    """
    zone = ZoneInfo(chat.timezone)
    newest = chat.messages[-20:] if brief else chat.messages
    turns = read_turns(newest, zone, catalogue)
    sent_at = {message.id: message.ts.astimezone(zone) for message in newest}
    named = {f"m{number}": turn for number, turn in enumerate(turns, start=1)}
    still_open = [event for event in chat.existing_events if not event.is_archived][-20:]
    events = {f"e{number}": event for number, event in enumerate(still_open, start=1)}
    now = chat.now.astimezone(zone)
    document = {
        "today": f"{now:%Y-%m-%d} {_DAYS[now.weekday()]}",
        "timeZone": chat.timezone,
        "storedOpenEvents": [_event(name, event) for name, event in events.items()],
        "chat": [
            {
                "id": name,
                "from": "customer" if turn.inbound else "company",
                "at": f"{sent_at[turn.id]:%Y-%m-%d} {_DAYS[turn.day.weekday()]} "
                f"{sent_at[turn.id]:%H:%M}",
                "text": _text(turn, _SHORT if brief else None),
            }
            for name, turn in named.items()
        ],
    }
    return Reading(named, events, msgspec.json.encode(document).decode())


def _text(turn: Turn, limit: int | None) -> str:
    """Return a message's words without private numbers and without the gaps of what was blanked."""
    words = hide_numbers(turn.text)[:limit]
    return _BLANKS.sub(" … " if turn.shielded else " ", words).strip()


def _event(name: str, event: ExistingEvent) -> dict[str, Any]:
    """Return a stored event as context: enough to recognise it by."""
    return {
        "id": name,
        "date": event.date,
        "startTime": event.start_time,
        "address": _line(event.address or "") or None,
        "services": [_line(f"{role.role_type} {role.label or ''}") for role in event.roles],
    }


def _line(text: str) -> str:
    return hide_numbers(clean_line(text)).strip()
