"""Short chats for the tests of the rules engine."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from core.crm.catalogue import load_catalogue
from core.crm.draft import (
    ChatMessage,
    EventDraft,
    ExistingEvent,
    Extraction,
    ExtractionInput,
    Payment,
    Role,
)
from core.crm.extract.rules import extract
from core.crm.extract.rules.turns import Turn, read_turn

START = datetime(2026, 5, 12, 10, 0, tzinfo=ZoneInfo("Europe/Bucharest"))
"""A Tuesday."""
STORED = ExistingEvent(
    event_id="ev1", date="2026-05-23", start_time="16:00", address="Str. Lungă 1",
    payment=Payment(amount=Decimal(500), currency="RON"),
    roles=[Role(role_type="ANIMATOR", label="Elsa")],
)  # fmt: skip


def written(bodies: Sequence[str], begin: datetime, *, prefix: str = "m") -> list[ChatMessage]:
    """Return messages three minutes apart; a leading `<` marks one of the company."""
    return [
        ChatMessage(
            id=f"{prefix}{number}",
            direction="outbound" if body.startswith("<") else "inbound",
            ts=begin + timedelta(minutes=3 * number),
            body=body.removeprefix("<"),
        )
        for number, body in enumerate(bodies, start=1)
    ]


def turn_of(text: str, sent_at: datetime = START) -> Turn:
    """Return a customer's message as the engine reads it."""
    message = ChatMessage(id="m1", direction="inbound", ts=sent_at, body=text)
    return read_turn(0, message, ZoneInfo("Europe/Bucharest"), load_catalogue())


def read(*bodies: str, events: list[ExistingEvent] | None = None) -> Extraction:
    """Extract from messages three minutes apart; a leading `<` marks one of the company."""
    chat = ExtractionInput(
        now=START + timedelta(days=1), timezone="Europe/Bucharest",
        messages=written(bodies, START), existing_events=events or [],
    )  # fmt: skip
    return extract(chat)


def booked(*bodies: str, events: list[ExistingEvent] | None = None) -> EventDraft:
    """Extract, and return the draft of a new event."""
    result = read(*bodies, events=events)
    assert (result.intent, result.action) == ("BOOKING", "CREATE_EVENT"), result
    assert result.event is not None
    return result.event


def updated(*bodies: str, events: list[ExistingEvent] | None = None) -> EventDraft:
    """Extract, and return the draft of a change to the stored event."""
    result = read(*bodies, events=events or [STORED])
    assert (result.intent, result.target_event_id) == ("UPDATE", "ev1"), result
    assert result.event is not None
    return result.event
