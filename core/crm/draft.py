"""What extraction reads and gives: a chat with its context in, an event draft out."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

import msgspec

Intent = Literal["BOOKING", "UPDATE", "QUESTION", "CANCEL", "OTHER"]
Action = Literal["CREATE_EVENT", "UPDATE_EVENT", "NOOP"]
PaymentStatus = Literal["UNPAID", "DEPOSIT", "PAID", "CANCELLED"]
ReasonCode = Literal[
    "not_written", "nothing_asked", "advertising", "calls_off", "only_asks", "not_booked_yet",
    "asks_for_party", "accepts_offer", "gives_details", "about_stored", "several_events",
    "worded_as_booking", "worded_as_update", "worded_as_cancel", "worded_as_question",
    "worded_as_other", "instructions_left_out", "no_longer_wanted", "several_days",
    "birthday_as_date", "no_date", "no_hour", "no_address", "no_service", "no_evidence",
    "read_differently", "unknown_message", "not_one_value", "not_in_message", "not_accepted",
    "prompt_unusable",
]  # fmt: skip
"""Why an engine proposes what it does; the words are in `core.crm.reasons`."""


class _Shape(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A value whose JSON keys are camelCase; keys that it does not name are ignored."""


class Role(_Shape, frozen=True, kw_only=True):
    """One service of an event."""

    role_type: str
    label: str | None = None
    """The character or variant."""


class Payment(_Shape, frozen=True, kw_only=True):
    """What a party costs, and what was paid."""

    amount: Decimal | None = None
    """The total, in the currency's main unit."""
    currency: str | None = None
    """ISO 4217."""
    status: PaymentStatus = "UNPAID"
    deposit: Decimal | None = None
    """The deposit that was sent, only with `DEPOSIT`."""


class EventDraft(_Shape, frozen=True, kw_only=True):
    """An event as far as the chat states it; None is unknown."""

    date: str | None = None
    """ISO `YYYY-MM-DD`."""
    start_time: str | None = None
    """`HH:MM`."""
    duration_min: int | None = None
    """Minutes."""
    address: str | None = None
    parent_name: str | None = None
    child_name: str | None = None
    child_age: int | None = None
    """Whole years that the child turns."""
    num_children: int | None = None
    roles: list[Role] = []
    """What is asked for; in a change to a stored event only what is added or swapped in."""
    dropped_roles: list[Role] = []
    """What the customer takes out of the stored event that is changed, swapped out or for good."""
    payment: Payment = Payment()
    notes: str | None = None


class ExistingEvent(_Shape, frozen=True, kw_only=True):
    """An event that is stored for the same phone number."""

    event_id: str
    event_short_id: int | None = None
    date: str | None = None
    start_time: str | None = None
    is_archived: bool = False
    address: str | None = None
    payment: Payment = Payment()
    roles: list[Role] = []


class ChatMessage(_Shape, frozen=True, kw_only=True):
    """One message of the chat."""

    id: str
    direction: Literal["inbound", "outbound"]
    """`inbound` is from the customer."""
    ts: datetime
    """Aware."""
    body: str


class ExtractionInput(_Shape, frozen=True, kw_only=True):
    """A chat, oldest message first, and what is known about the customer."""

    id: str = ""
    now: datetime
    """When the extraction is asked for; aware."""
    timezone: str
    """IANA name of the business's zone."""
    phone_e164: str | None = msgspec.field(default=None, name="phoneE164")
    existing_events: list[ExistingEvent] = []
    messages: list[ChatMessage] = []


class Reason(msgspec.Struct, frozen=True):
    """One reason for a proposal."""

    code: ReasonCode
    about: tuple[str, ...] = ()
    """What it is about: a field, or the labels or kinds of services."""


class Extraction(_Shape, frozen=True, kw_only=True):
    """What one engine made of a chat."""

    intent: Intent
    action: Action
    target_event_id: str | None = None
    event: EventDraft | None = None
    evidence: dict[str, list[str]] = {}
    """Field (`payment.amount` for the parts of the payment) to the ids of its messages."""
    confidence: float = 0.0
    """0 to 1."""
    field_confidence: dict[str, float] = {}
    reasons: list[Reason] = []
    engine: str = "rules"
    model: str | None = None
    """The language model, when one was asked."""
    tokens: int | None = None
    """What the model was paid for, in and out together."""
    latency_ms: int | None = None
    """How long the model took, repeats and waits included."""


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def to_exchange(extraction: Extraction, conversation_id: str) -> dict[str, Any]:
    """Return the result as one line of an exchange file: the shapes that labelled data uses."""
    event: dict[str, Any] | None = None
    if extraction.event is not None:
        event = msgspec.to_builtins(extraction.event, builtin_types=(Decimal,))
        event.pop("notes")
        if not event["droppedRoles"]:
            event.pop("droppedRoles")
        for part in ("amount", "deposit"):
            if event["payment"][part] is not None:
                event["payment"][part] = _number(event["payment"][part])
    return {
        "id": conversation_id,
        "intent": extraction.intent,
        "action": extraction.action,
        "targetEventId": extraction.target_event_id,
        "event": event,
        "evidence": extraction.evidence,
    }
