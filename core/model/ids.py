"""Ids and paths: each is made and taken apart here and nowhere else."""

from typing import Self

import msgspec

PHONE_SERVER = "s.whatsapp.net"
_OLD_PHONE_SERVER = "c.us"
LID_SERVER = "lid"
GROUP_SERVER = "g.us"


class Jid(msgspec.Struct, frozen=True):
    """A WhatsApp address without a device part, as `user@server`."""

    user: str
    server: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `user[.agent][:device]@server`, dropping agent and device.

        Raises ValueError when there is no server.
        """
        user, at, server = text.strip().rpartition("@")
        if not at or not server:
            raise ValueError(f"not a JID: {text!r}")
        server = PHONE_SERVER if server == _OLD_PHONE_SERVER else server
        user = user.partition(":")[0]
        if server in (PHONE_SERVER, LID_SERVER):
            user = user.partition(".")[0]
        return cls(user, server)

    @classmethod
    def of_phone(cls, phone_e164: str) -> Self:
        """Return the address of an E.164 phone number."""
        return cls(phone_e164.removeprefix("+"), PHONE_SERVER)

    @classmethod
    def of_exported_group(cls, account_id: str, name: str) -> Self:
        """Return the stand-in for the address of a group that only an exported chat told of."""
        import hashlib  # noqa: PLC0415 - see `make_request_id`

        digest = hashlib.sha256(f"{account_id}|{name}".encode()).hexdigest()
        return cls(f"import-{digest[:20]}", GROUP_SERVER)

    @property
    def is_phone(self) -> bool:
        """Whether the user part is a phone number."""
        return self.server == PHONE_SERVER

    @property
    def is_lid(self) -> bool:
        """Whether this is a hidden identity that stands for some phone number."""
        return self.server == LID_SERVER

    @property
    def is_group(self) -> bool:
        """Whether this is a group."""
        return self.server == GROUP_SERVER

    @property
    def phone_e164(self) -> str | None:
        """The phone number in E.164, or None when the address does not tell it.

        WhatsApp's own announcements come from `0`, which is nobody's number.
        """
        digits = self.user if self.is_phone and self.user.isascii() else ""
        return f"+{digits}" if digits.isdigit() and digits[0] != "0" else None

    def __str__(self) -> str:
        return f"{self.user}@{self.server}"


def make_thread_id(account_id: str, client_jid: Jid) -> str:
    """Return the id of the thread of one customer or group with one account."""
    return f"{account_id}__{client_jid}"


def parse_thread_id(thread_id: str) -> tuple[str, Jid]:
    """Take a thread id apart into account id and JID. Raises ValueError."""
    account_id, separator, jid = thread_id.rpartition("__")  # which an account's id may hold too
    if not separator or not account_id:
        raise ValueError(f"not a thread id: {thread_id!r}")
    return account_id, Jid.parse(jid)


def make_request_id(thread_id: str, uid: str, client_message_id: str) -> str:
    """Return the outbox id of a message: the same for every repetition of one send."""
    import hashlib  # noqa: PLC0415 - only needed to send, and it loads OpenSSL

    return hashlib.sha256(f"{thread_id}|{uid}|{client_message_id}".encode()).hexdigest()


ACCOUNTS = "accounts"
THREADS = "threads"
MESSAGES = "messages"
ALIASES = "aliases"
EXTRACTIONS = "extractions"
PRESENCE = "presence"
OUTBOX = "outbox"
EVENTS = "evenimente"
HISTORY = "history"
CLIENTS = "clients"
STAFF = "staffProfiles"
COUNTERS = "counters"
CONFIG = "app_config"


def account_path(account_id: str) -> str:
    """Return the path of an account document."""
    return f"{ACCOUNTS}/{account_id}"


def thread_path(thread_id: str) -> str:
    """Return the path of a thread document."""
    return f"{THREADS}/{thread_id}"


def messages_path(thread_id: str) -> str:
    """Return the path of a thread's collection of messages."""
    return f"{THREADS}/{thread_id}/{MESSAGES}"


def message_path(thread_id: str, message_id: str) -> str:
    """Return the path of a message document."""
    return f"{THREADS}/{thread_id}/{MESSAGES}/{message_id}"


def alias_path(thread_id: str, wa_id: str) -> str:
    """Return the path of what tells which imported message has a WhatsApp id."""
    return f"{THREADS}/{thread_id}/{ALIASES}/{wa_id}"


def presence_path(thread_id: str) -> str:
    """Return the path of a thread's collection of who is looking at it."""
    return f"{THREADS}/{thread_id}/{PRESENCE}"


def outbox_path(request_id: str) -> str:
    """Return the path of an outbox document."""
    return f"{OUTBOX}/{request_id}"


def extraction_path(thread_id: str, message_id: str) -> str:
    """Return the path of the extraction made of a thread up to an inbound message."""
    return f"{THREADS}/{thread_id}/{EXTRACTIONS}/{message_id}"


def event_path(event_id: str) -> str:
    """Return the path of an event document."""
    return f"{EVENTS}/{event_id}"


def history_path(event_id: str) -> str:
    """Return the path of an event's collection of history entries."""
    return f"{EVENTS}/{event_id}/{HISTORY}"


def client_path(phone_e164: str) -> str:
    """Return the path of a client document."""
    return f"{CLIENTS}/{phone_e164}"


def counter_path(name: str) -> str:
    """Return the path of a counter document."""
    return f"{COUNTERS}/{name}"


def staff_path(uid: str) -> str:
    """Return the path of an operator's staff profile."""
    return f"{STAFF}/{uid}"
