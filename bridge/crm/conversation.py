"""What an extraction reads: a thread's newest messages and the customer's stored events."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
from msgspec.structs import replace

from core.clock import Clock
from core.crm.draft import ChatMessage, ExistingEvent, ExtractionInput, Payment, Role
from core.crm.events import Event, event_of
from core.model.documents import Message, Thread, from_document, to_data
from core.model.ids import EVENTS, messages_path
from core.service.kinds import headed, heading_words
from core.settings import Settings
from core.store.port import Document, Query, Store

LONGEST_BODY = 3000
"""Characters of one message that are read; nobody books a party after them."""
MOST_TEXT = 30_000
"""Characters of all messages together, the newest first: a flood of text must not cost minutes."""
_MOST_EVENTS = 50
_NO_TEXT = frozenset({"reaction", "system", "unsupported"})


@dataclass(frozen=True, slots=True)
class Conversation:
    """A thread as an extractor gets it."""

    given: ExtractionInput
    events: tuple[Event, ...]
    """The customer's, newest date first."""
    newest_inbound: str | None
    """Id of the customer's newest message that was read."""

    @property
    def digest(self) -> str:
        """Changes with everything read but the moment of reading."""
        moment = replace(self.given, now=self.given.messages[-1].ts) if self.given.messages else ""
        return hashlib.sha256(msgspec.json.encode(moment)).hexdigest()


async def read_conversation(
    store: Store, thread: Thread, settings: Settings, clock: Clock
) -> Conversation:
    """Return what is to be read of a thread, the oldest message first. Raises StoreError."""
    newest = Query(messages_path(thread.thread_id)).order_by("tsClient", "desc")
    found = await store.query(newest.limit(settings.crm.newest_messages))
    messages = _within_bounds(message for one in found if (message := _message(one)) is not None)
    events = await events_of(store, thread.phone_e164)
    given = ExtractionInput(
        id=thread.thread_id,
        now=clock(),
        timezone=settings.business.time_zone,
        phone_e164=thread.phone_e164,
        existing_events=[existing(event) for event in events],
        messages=messages,
    )
    inbound = [message.id for message in messages if message.direction == "inbound"]
    return Conversation(given, tuple(events), inbound[-1] if inbound else None)


def _within_bounds(newest_first: Iterable[ChatMessage]) -> list[ChatMessage]:
    """Return as many of the newest messages as are read, the oldest first."""
    kept: list[ChatMessage] = []
    length = 0
    for message in newest_first:
        length += len(message.body)
        if length > MOST_TEXT and kept:
            break
        kept.append(message)
    return kept[::-1]


async def events_of(store: Store, phone_e164: str | None) -> list[Event]:
    """Return a client's events, the latest date first, archived ones too. Raises StoreError."""
    if phone_e164 is None:
        return []
    query = Query(EVENTS).where("phoneE164", "==", phone_e164).order_by("date", "desc")
    return [event_of(one.data, one.id) for one in await store.query(query.limit(_MOST_EVENTS))]


def existing(event: Event) -> ExistingEvent:
    """Return a stored event as extractors and callers get to see it."""
    return ExistingEvent(
        event_id=event.event_id,
        event_short_id=event.event_short_id,
        date=event.date,
        start_time=event.start_time,
        is_archived=event.is_archived or event.payment.status == "CANCELLED",
        address=event.address,
        payment=Payment(
            amount=event.payment.amount,
            currency=event.payment.currency,
            status=event.payment.status,
            deposit=event.payment.deposit,
        ),
        roles=[Role(role_type=role.role_type, label=role.label) for role in event.roles],
    )


def _message(document: Document) -> ChatMessage | None:
    """Return a message that says something; None for the others."""
    message = from_document(document, Message)
    if message.is_revoked or message.type in _NO_TEXT or message.status == "failed":
        return None
    body = message.body[:LONGEST_BODY]
    if message.heading is not None and message.media is None:
        body = headed(heading_words(to_data(message.heading)), body)
    if not body.strip():
        return None
    return ChatMessage(id=document.id, direction=message.direction, ts=message.ts_client, body=body)
