"""The documents of the data model as typed values: snake_case here, camelCase in the store."""

from datetime import datetime
from typing import Any, Literal, Self, TypeVar

import msgspec

from core.store.port import Document

AccountStatus = Literal[
    "connecting", "qr_ready", "connected", "disconnected", "logged_out", "banned", "failed"
]
Direction = Literal["inbound", "outbound"]
MessageType = Literal[
    "text", "image", "video", "audio", "voice", "document", "sticker", "location", "contact",
    "poll", "reaction", "system", "unsupported",
]  # fmt: skip
MessageStatus = Literal["queued", "sending", "sent", "delivered", "read", "failed", "uncertain"]
OutboxStatus = Literal[
    "queued", "sending", "sent", "delivered", "read", "failed", "uncertain", "cancelled"
]
StaffRole = Literal["admin", "operator"]

_RANK = {
    "queued": 0,
    "sending": 1,
    "uncertain": 2,
    "failed": 2,
    "sent": 3,
    "delivered": 4,
    "read": 5,
}


def moves_forward(before: str | None, after: str) -> bool:
    """Whether a status may follow another: statuses only move forward.

    `uncertain` and `failed` stand before `sent`: a receipt settles what we were not sure of.
    """
    return before is None or _RANK[after] > _RANK[before]


class Model(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A document: fields that the data model does not name are left alone."""


class Lease(Model, frozen=True, kw_only=True):
    """Which bridge holds something, and until when by the store's clock."""

    owner: str
    expires_at: datetime
    tenure: str = ""
    """Tells one time of holding it from another of the same owner."""


class SyncState(Model, frozen=True, kw_only=True):
    """How far the history of a freshly paired phone has come."""

    progress: int = 0
    """0 to 100."""
    threads: int = 0
    messages: int = 0


class AccountError(Model, frozen=True, kw_only=True):
    """Why an account is not connected; `code` is a key of `core.model.conditions.CONDITIONS`."""

    code: str
    detail: str = ""
    at: datetime


class Account(Model, frozen=True, kw_only=True):
    """`accounts/{accountId}`."""

    account_id: str
    name: str
    status: AccountStatus
    phone_e164: str | None = None
    jid: str | None = None
    lid_jid: str | None = None
    """The account's own hidden identity."""
    device_jid: str | None = None
    """The linked device, by which a bridge finds its keys in a shared database."""
    qr_code: str | None = None
    qr_expires_at: datetime | None = None
    pairing_code: str | None = None
    last_connected_at: datetime | None = None
    last_history_sync_at: datetime | None = None
    sync: SyncState | None = None
    last_error: AccountError | None = None
    lease: Lease | None = None
    is_archived: bool = False
    created_at: datetime | None = None
    updated_at: datetime | None = None


class Thread(Model, frozen=True, kw_only=True):
    """`threads/{threadId}`."""

    thread_id: str
    account_id: str
    client_jid: str
    lid_jid: str | None = None
    phone_e164: str | None = None
    display_name: str = ""
    is_group: bool = False
    last_message_text: str = ""
    """Its text, or else its file's name; what has neither is named by its type."""
    last_message_type: MessageType | None = None
    last_message_at: datetime | None = None
    last_message_direction: Direction | None = None
    last_message_status: MessageStatus | None = None
    unread_count: int = 0
    owner_uid: str | None = None
    co_writer_uids: list[str] = []
    labels: list[str] = []
    is_archived: bool = False
    created_at: datetime | None = None
    updated_at: datetime | None = None


class Media(Model, frozen=True, kw_only=True):
    """What a message carries besides text."""

    mime_type: str = ""
    file_name: str = ""
    size: int | None = None
    """Bytes."""
    seconds: int | None = None
    local_path: str | None = None
    url: str | None = None


class Heading(Model, frozen=True, kw_only=True, omit_defaults=True):
    """What is said before a message's text, or in its place; `core.service.kinds` has the words."""

    code: str
    count: int = 0
    """What some of them count: items, days."""


class Quoted(Model, frozen=True, kw_only=True, omit_defaults=True):
    """The message that a reply answers."""

    message_id: str
    type: MessageType = "text"
    heading: Heading | None = None
    body: str = ""
    direction: Direction | None = None
    """None in documents of older versions, whose `sender_name` says "You" of our own."""
    sender_name: str = ""


class Message(Model, frozen=True, kw_only=True):
    """`threads/{threadId}/messages/{messageId}`."""

    message_id: str
    wa_message_id: str | None = None
    account_id: str
    client_jid: str
    sender_jid: str = ""
    sender_name: str = ""
    direction: Direction
    type: MessageType = "text"
    heading: Heading | None = None
    body: str = ""
    """What people wrote or sent, without words of ours."""
    media: Media | None = None
    quoted: Quoted | None = None
    reactions: dict[str, str] = {}
    """JID of the person to their emoji."""
    is_edited: bool = False
    is_revoked: bool = False
    ts_client: datetime
    created_at: datetime | None = None
    status: MessageStatus | None = None
    delivered_at: datetime | None = None
    read_at: datetime | None = None
    error: str | None = None


class OutboxItem(Model, frozen=True, kw_only=True):
    """`outbox/{requestId}`."""

    request_id: str
    thread_id: str
    account_id: str
    to_jid: str
    body: str
    quoted_message_id: str | None = None
    status: OutboxStatus
    attempt_count: int = 0
    next_attempt_at: datetime | None = None
    lease: Lease | None = None
    wa_message_id: str | None = None
    error: str | None = None
    created_at: datetime | None = None
    created_by_uid: str
    client_message_id: str
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    read_at: datetime | None = None


class StaffProfile(Model, frozen=True, kw_only=True):
    """`staffProfiles/{uid}`: what an operator may do; whoever has none may do nothing."""

    uid: str
    email: str = ""
    display_name: str = ""
    code: str = ""
    """A short name that colleagues know the operator by, such as `A1`."""
    role: StaffRole = "operator"
    allowed_account_ids: list[str] = []
    """Accounts whose conversations an operator sees; an admin sees all of them."""
    is_active: bool = True

    @classmethod
    def of_founder(cls, uid: str, *, name: str = "", email: str = "") -> Self:
        """Return the profile of whoever comes first on a machine: an admin."""
        return cls(uid=uid, email=email, display_name=name or uid, role="admin")

    @property
    def is_admin(self) -> bool:
        """Whether they manage accounts and operators, and see everything."""
        return self.is_active and self.role == "admin"

    def may_use(self, account_id: str) -> bool:
        """Whether they may read and answer the conversations of an account."""
        return self.is_admin or (self.is_active and account_id in self.allowed_account_ids)


M = TypeVar("M", bound=Model)


def from_document(document: Document, model: type[M]) -> M:
    """Read a document as a typed value. Raises msgspec.ValidationError when it does not fit."""
    return msgspec.convert(document.data, model)


def to_data(value: Model) -> dict[str, Any]:
    """Return a typed value as document data, timestamps and bytes as they are."""
    data: dict[str, Any] = msgspec.to_builtins(value, builtin_types=(datetime, bytes))
    return data
