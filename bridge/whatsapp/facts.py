"""What an event of WhatsApp says, free of protobufs: from the translator to the ingest."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from core.model.documents import Media, MessageStatus, MessageType, Quoted
from core.model.ids import Jid


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """The conversation that a fact is about."""

    jid: Jid
    """As the event named it: phone, LID or group."""
    other_jid: Jid | None = None
    """The same person's other address (LID and phone), when the event told it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSeen:
    """A message exists: live, from history, or sent from the phone."""

    chat: Chat
    message_id: str
    sender_jid: Jid | None
    sender_name: str
    from_me: bool
    ts_client: datetime
    type: MessageType
    body: str
    media: Media | None = None
    quoted: Quoted | None = None
    status: MessageStatus | None = None
    """Of our own messages, as far as the event tells."""
    is_history: bool = False
    """History never raises unread counts nor rings."""
    is_placeholder: bool = False
    """It could not be decrypted (yet); a later message with its id takes its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEdited:
    """A message has a new text."""

    chat: Chat
    message_id: str
    body: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRevoked:
    """A message was deleted for everyone; its text is kept, marked."""

    chat: Chat
    message_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactionSet:
    """A person's reaction to a message is now `emoji`; empty takes it back."""

    chat: Chat
    message_id: str
    reactor_jid: Jid
    emoji: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptSeen:
    """Messages of ours were delivered or read, or the phone's owner read the customer's."""

    chat: Chat
    message_ids: tuple[str, ...]
    kind: Literal["delivered", "read", "read_on_phone", "server_error"]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NameLearned:
    """A person or group is called so."""

    jid: Jid
    name: str
    source: Literal["push", "contact", "group"]
    """`contact` and `group` win over `push`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LidLinked:
    """A LID and a phone number are the same person."""

    lid: Jid
    phone: Jid


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationNoted:
    """History's summary of one conversation."""

    chat: Chat
    name: str
    unread_count: int
    last_activity_at: datetime | None
    is_archived: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryProgress:
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
