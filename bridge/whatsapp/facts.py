"""What an event of WhatsApp says, free of protobufs: from the translator to the ingest.

Structs rather than dataclasses: a history of half a million messages makes as many facts, and these
are made ten times as fast.
"""

from datetime import datetime
from typing import Literal

import msgspec

from core.model.documents import Heading, Media, MessageStatus, MessageType, Quoted
from core.model.ids import Jid


class Chat(msgspec.Struct, frozen=True, kw_only=True):
    """The conversation that a fact is about."""

    jid: Jid
    """As the event named it: phone, LID or group."""
    other_jid: Jid | None = None
    """The same person's other address (LID and phone), when the event told it."""


class Author(msgspec.Struct, frozen=True):
    """Who changed a message."""

    from_me: bool
    jid: Jid | None
    """By phone number when known; None when nobody told."""


class MessageSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A message exists: live, from history, or sent from the phone."""

    chat: Chat
    message_id: str
    sender_jid: Jid | None
    sender_name: str
    from_me: bool
    ts_client: datetime
    type: MessageType
    body: str
    heading: Heading | None = None
    media: Media | None = None
    quoted: Quoted | None = None
    status: MessageStatus | None = None
    """Of our own messages, as far as the event tells."""
    is_history: bool = False
    """History never raises unread counts nor rings."""
    is_placeholder: bool = False
    """It could not be decrypted (yet); a later message with its id takes its place."""


class MessageEdited(msgspec.Struct, frozen=True, kw_only=True):
    """A message has a new text."""

    chat: Chat
    message_id: str
    body: str
    at: datetime
    author: Author | None = None
    """Who says so; None in what an older version noted."""


class MessageRevoked(msgspec.Struct, frozen=True, kw_only=True):
    """A message was deleted for everyone; its text is kept, marked."""

    chat: Chat
    message_id: str
    at: datetime
    author: Author | None = None
    """Who says so; None in what an older version noted."""


class ReactionSet(msgspec.Struct, frozen=True, kw_only=True):
    """A person's reaction to a message is now `emoji`; empty takes it back."""

    chat: Chat
    message_id: str
    reactor_jid: Jid
    emoji: str
    at: datetime


class ReceiptSeen(msgspec.Struct, frozen=True, kw_only=True):
    """Messages of ours were delivered or read, or the phone's owner read the customer's."""

    chat: Chat
    message_ids: tuple[str, ...]
    kind: Literal["delivered", "read", "read_on_phone", "server_error"]
    at: datetime


class NameLearned(msgspec.Struct, frozen=True, kw_only=True):
    """A person or group is called so."""

    jid: Jid
    name: str
    source: Literal["push", "contact", "group"]
    """`contact` and `group` win over `push`."""


class LidLinked(msgspec.Struct, frozen=True, kw_only=True):
    """A LID and a phone number are the same person."""

    lid: Jid
    phone: Jid


class ConversationNoted(msgspec.Struct, frozen=True, kw_only=True):
    """History's summary of one conversation."""

    chat: Chat
    name: str
    unread_count: int
    last_activity_at: datetime | None
    is_archived: bool


class HistoryProgress(msgspec.Struct, frozen=True, kw_only=True):
    """One history chunk has been read to its end."""

    percent: int
    sync_type: str


Fact = (
    MessageSeen
    | MessageEdited
    | MessageRevoked
    | ReactionSet
    | ReceiptSeen
    | NameLearned
    | LidLinked
    | ConversationNoted
    | HistoryProgress
)
