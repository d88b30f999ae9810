"""WhatsApp's addresses, ids and times, as values that the rest of the program can use safely."""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from bridge.whatsapp.facts import Chat
from core.model.ids import GROUP_SERVER, LID_SERVER, PHONE_SERVER, Jid

_CONVERSATIONS = frozenset((PHONE_SERVER, LID_SERVER, GROUP_SERVER))
_USER = re.compile(r"[0-9A-Za-z]+(?:-[0-9]+)?")
_LONGEST_ID = 128
_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.:=+-]{0,127}")
_WHATSAPP_ITSELF = "0"
"""The user part of WhatsApp's own announcements."""


@dataclass(frozen=True, slots=True)
class OwnJids:
    """The addresses of the account itself, as far as they are known."""

    phone: Jid | None = None
    lid: Jid | None = None

    @property
    def best(self) -> Jid | None:
        """The one to name ourselves by: the phone number when known."""
        return self.phone or self.lid

    def __contains__(self, jid: object) -> bool:
        return jid is not None and jid in (self.phone, self.lid)


NOBODY = OwnJids()


def jid_of(proto: Any) -> Jid | None:
    """Return a neonize JID as ours, or None for one that is empty; agent and device are dropped."""
    server = proto.Server
    return _jid(proto.User, server) if server and not proto.IsEmpty else None


@lru_cache(maxsize=8192)
def jid_of_text(text: str) -> Jid | None:
    """Return the JID that `text` names, or None when it names none."""
    try:
        return Jid.parse(text) if text else None
    except ValueError:
        return None


@lru_cache(maxsize=8192)
def _jid(user: str, server: str) -> Jid:
    return Jid(user, PHONE_SERVER if server == "c.us" else server)


@lru_cache(maxsize=8192)
def is_conversation(jid: Jid | None) -> bool:
    """Whether this is a customer or a group.

    Kept out: status and other broadcasts, newsletters, bots, hosted numbers, WhatsApp's own
    announcements, and whatever could not be a part of a document's path.
    """
    return (
        jid is not None
        and jid.server in _CONVERSATIONS
        and jid.user != _WHATSAPP_ITSELF
        and _USER.fullmatch(jid.user) is not None
    )


def is_broadcast_list(jid: Jid | None) -> bool:
    """Whether this is somebody's list of receivers, and not the status stories."""
    return jid is not None and jid.server == "broadcast" and jid.user != "status"


def chat_of(jid: Jid | None, *others: Jid | None) -> Chat | None:
    """Return the conversation of `jid`, or None when it is none that we keep.

    The first of `others` that is the same person's address of the other kind goes with it.
    """
    if jid is None or not is_conversation(jid):
        return None
    if not jid.is_group:
        wanted = PHONE_SERVER if jid.is_lid else LID_SERVER
        for other in others:
            if other is not None and other.server == wanted and is_conversation(other):
                return Chat(jid=jid, other_jid=other)
    return Chat(jid=jid)


def person_of(chat: Chat) -> Jid:
    """Return how to name the person of a conversation of two: by phone number when known."""
    other = chat.other_jid
    return other if other is not None and other.is_phone else chat.jid


def safe_id(message_id: str) -> str:
    """Return a message id that can be a document's id.

    The sender's program chooses it, so it may hold anything: a strange one becomes its digest.
    """
    if message_id.isalnum() and message_id.isascii() and len(message_id) <= _LONGEST_ID:
        return message_id
    if _ID.fullmatch(message_id) or not message_id:
        return message_id
    return "x" + hashlib.sha256(message_id.encode("utf-8", "replace")).hexdigest()[:40]


def moment(seconds: float, otherwise: datetime) -> datetime:
    """Return seconds since the epoch as a moment; `otherwise` when there are none or absurd."""
    if seconds <= 0:
        return otherwise
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return otherwise
