"""Chats, and what a model quotes of them."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from core.crm.draft import (
    EventDraft,
    ExistingEvent,
    Extraction,
    ExtractionInput,
    Payment,
    Role,
)
from tests.core.crm.chats import written

START = datetime(2026, 1, 20, 10, 0, tzinfo=ZoneInfo("Europe/Bucharest"))
"""A Tuesday."""
STORED = ExistingEvent(
    event_id="9f2c", date="2026-02-10", start_time="18:00", address="Str. X nr 3",
    roles=[Role(role_type="ANIMATOR", label="Elsa")],
    payment=Payment(amount=Decimal(1200), currency="RON"),
)  # fmt: skip
WISH = "Vreau pe 10 feb la 18:00, Str. X nr 3, Spiderman + Elsa, buget 1200"


def chat(*bodies: str, events: list[ExistingEvent] | None = None) -> ExtractionInput:
    """Return messages three minutes apart; a leading `<` marks one of the company."""
    return ExtractionInput(
        now=START + timedelta(days=1), timezone="Europe/Bucharest", phone_e164="+40700000111",
        messages=written(bodies, START, prefix="wa-"), existing_events=events or [],
    )  # fmt: skip


def fact(
    field: str, quote: str, at: str = "m1", accepted: str | None = None, kind: str | None = None
) -> dict[str, Any]:
    return {
        "field": field, "quote": quote, "messageId": at, "acceptedIn": accepted, "service": kind,
    }  # fmt: skip


def answer(
    *facts: dict[str, Any], intent: str = "BOOKING", quote: str = "Vreau", at: str = "m1",
    target: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    actions = {"BOOKING": "CREATE_EVENT", "UPDATE": "UPDATE_EVENT"}
    return {
        "intent": intent, "action": actions.get(intent, "NOOP"), "intentQuote": quote,
        "intentMessageId": at, "targetEventId": target, "facts": list(facts),
    }  # fmt: skip


def event_of(result: Extraction) -> EventDraft:
    assert result.event is not None, result
    return result.event


WISHED = answer(
    fact("date", "10 feb"), fact("startTime", "18:00"), fact("address", "Str. X nr 3"),
    fact("service", "Spiderman", kind="ANIMATOR"), fact("service", "Elsa", kind="ANIMATOR"),
    fact("price", "buget 1200"),
)  # fmt: skip
