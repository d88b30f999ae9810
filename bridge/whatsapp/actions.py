"""What one message of WhatsApp does to a chat: a new line, an edit, a deletion, a reaction."""

from datetime import datetime
from typing import Any

import msgspec

from bridge.whatsapp.addresses import OwnJids, moment, safe_id
from bridge.whatsapp.facts import (
    Author,
    Chat,
    Fact,
    MessageEdited,
    MessageRevoked,
    MessageSeen,
    ReactionSet,
)
from bridge.whatsapp.kinds.content import Content
from bridge.whatsapp.kinds.reader import Field, content_of, field_of, quoted_by
from bridge.whatsapp.kinds.system import disappearing
from core.model.documents import MessageStatus, Quoted
from core.model.ids import Jid

_REVOKE, _EPHEMERAL_SETTING, _EDIT = 0, 3, 14  # waE2E.ProtocolMessage.Type


class Envelope(msgspec.Struct, frozen=True):
    """Who wrote a message, where and when; everything but its content."""

    chat: Chat
    message_id: str
    sender: Jid | None
    sender_name: str
    from_me: bool
    at: datetime
    status: MessageStatus | None
    is_history: bool

    @property
    def author(self) -> Author:
        """Who wrote it, as one who changes another message by it."""
        return Author(self.from_me, self.sender)


def fact_of(envelope: Envelope, message: Any, own: OwnJids) -> Fact | None:
    """Return what a message does, or None when it does nothing that a chat shows."""
    if text := message.conversation:  # Most messages are plain texts, and those nothing else.
        return seen(envelope, Content("text", text))
    field = field_of(message)
    if field is None:
        return None
    if field.name == "protocolMessage":
        return _protocol(envelope, field.value)
    if field.name == "reactionMessage":
        return _reaction(envelope, field.value)
    content = content_of(field)
    return None if content is None else seen(envelope, content, quoted_by(field, own))


def seen(envelope: Envelope, content: Content, quoted: Quoted | None = None) -> MessageSeen:
    """Return the fact that a message with this content exists."""
    return MessageSeen(
        chat=envelope.chat,
        message_id=envelope.message_id,
        sender_jid=envelope.sender,
        sender_name=envelope.sender_name,
        from_me=envelope.from_me,
        ts_client=envelope.at,
        type=content.type,
        body=content.body,
        heading=content.heading,
        media=content.media,
        quoted=quoted,
        status=envelope.status,
        is_history=envelope.is_history,
        is_placeholder=content.is_placeholder,
    )


def _protocol(envelope: Envelope, value: Any) -> Fact | None:
    """Return what a message of the protocol does: most of them nothing that a chat shows."""
    kind = value.type
    if kind == _EPHEMERAL_SETTING and value.HasField("type"):
        return seen(envelope, disappearing(value.ephemeralExpiration))
    target = safe_id(value.key.ID)
    if not target or not value.HasField("type"):
        return None
    if kind == _REVOKE:
        return MessageRevoked(
            chat=envelope.chat, message_id=target, at=envelope.at, author=envelope.author
        )
    if kind == _EDIT:
        field = field_of(value.editedMessage)
        content = content_of(field) if field is not None else None
        if content is None:
            return None
        at = moment(value.timestampMS / 1000, envelope.at)
        return MessageEdited(
            chat=envelope.chat,
            message_id=target,
            body=content.body,
            at=at,
            author=envelope.author,
        )
    return None


def _reaction(envelope: Envelope, value: Any) -> ReactionSet | None:
    target = safe_id(value.key.ID)
    if not target or envelope.sender is None:
        return None
    return ReactionSet(
        chat=envelope.chat,
        message_id=target,
        reactor_jid=envelope.sender,
        emoji=value.text,
        at=moment(value.senderTimestampMS / 1000, envelope.at),
    )


__all__ = ["Envelope", "Field", "fact_of", "seen"]
