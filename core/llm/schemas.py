"""What the model has to answer with: quotations of the chat, never values of its own."""

from typing import Any, Literal

import msgspec

from core.crm.draft import Action, Intent

FactField = Literal[
    "date", "startTime", "durationMin", "address", "parentName", "childName", "childAge",
    "numChildren", "service", "droppedService", "price", "depositSent", "depositSum", "paidInFull",
]  # fmt: skip
"""What a fact is about. A service has one fact each, one that is taken out too; the payment's
status follows from the words by which the customer says that money was sent."""
FACT_FIELDS: tuple[str, ...] = FactField.__args__  # type: ignore[attr-defined]
MAX_FACTS = 80
"""How many facts of one answer are looked at."""


class QuotedFact(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """One thing that the chat states, in the chat's own words."""

    field: FactField
    quote: str
    """The words that state it, exactly as they stand in the message."""
    message_id: str
    accepted_in: str | None = None
    """The customer's later message that accepts what the company said."""
    service: str | None = None
    """The kind of service, for a fact about one."""


class ExtractionAnswer(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A model's reading of a chat."""

    intent: Intent
    action: Action
    intent_quote: str
    intent_message_id: str
    target_event_id: str | None
    facts: list[QuotedFact]


class WordedAnswer(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A model's answer to a question about a client."""

    text: str
    short_ids: list[int]
    """The events that it rests on."""


def _strings(*values: str, nullable: bool = False) -> dict[str, Any]:
    shape: dict[str, Any] = {"type": ["string", "null"] if nullable else "string"}
    if values:
        shape["enum"] = [*values, None] if nullable else list(values)
    return shape


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    """Return an object's schema as strict output wants it: all required, nothing else."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def extraction_schema(service_kinds: list[str]) -> dict[str, Any]:
    """Return the JSON schema of an ExtractionAnswer; `service_kinds` are the catalogue's."""
    fact = _object(
        {
            "field": _strings(*FACT_FIELDS),
            "quote": _strings(),
            "messageId": _strings(),
            "acceptedIn": _strings(nullable=True),
            "service": _strings(*service_kinds, nullable=True),
        }
    )
    return _object(
        {
            "intent": _strings("BOOKING", "UPDATE", "QUESTION", "CANCEL", "OTHER"),
            "action": _strings("CREATE_EVENT", "UPDATE_EVENT", "NOOP"),
            "intentQuote": _strings(),
            "intentMessageId": _strings(),
            "targetEventId": _strings(nullable=True),
            "facts": {"type": "array", "items": fact},
        }
    )


def answer_schema() -> dict[str, Any]:
    """Return the JSON schema of a WordedAnswer."""
    short_ids = {"type": "array", "items": {"type": "integer"}}
    return _object({"text": _strings(), "shortIds": short_ids})
