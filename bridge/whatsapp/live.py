"""Events as they happen: messages, undecryptable ones, receipts, groups, calls."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

from bridge.whatsapp.actions import Envelope, fact_of, seen
from bridge.whatsapp.addresses import (
    OwnJids,
    chat_of,
    is_broadcast_list,
    jid_of,
    moment,
    person_of,
    safe_id,
)
from bridge.whatsapp.facts import Chat, Fact, NameLearned, ReceiptSeen
from bridge.whatsapp.kinds.content import undecryptable
from bridge.whatsapp.kinds.system import incoming_call
from core.model.ids import Jid

_HIDE = 2  # neonize UndecryptableMessage.DECRYPT_FAIL_HIDE: reactions, votes and the like
_DELIVERED, _READ, _READ_SELF, _PLAYED, _PLAYED_SELF, _SERVER_ERROR = 1, 4, 5, 6, 7, 8
"""neonize Receipt.ReceiptType; the others say nothing about what people saw."""


def message_facts(event: Any, own: OwnJids, received_at: datetime) -> Iterator[Fact]:
    """Read a neonize Message: somebody wrote, or we did on the phone.

    Raises ValueError when it has no id.
    """
    envelope = _envelope(event.Info, own, received_at)
    if envelope is None:
        return
    yield from _name(event.Info, envelope)
    fact = fact_of(envelope, event.Message, own)
    if fact is not None:
        yield fact


def undecryptable_facts(event: Any, own: OwnJids, received_at: datetime) -> Iterator[Fact]:
    """Read a neonize UndecryptableMessage: a line that stands until the message itself comes."""
    if event.DecryptFailMode == _HIDE:
        return
    envelope = _envelope(event.Info, own, received_at)
    if envelope is None:
        return
    yield from _name(event.Info, envelope)
    yield seen(envelope, undecryptable())


def receipt_facts(event: Any, _own: OwnJids, received_at: datetime) -> Iterator[Fact]:
    """Read a neonize Receipt (its time is in seconds, unlike a message's)."""
    chat = _chat(event.MessageSource)
    kind = _receipt_kind(event.Type, event.MessageSource.IsFromMe)
    ids = tuple(safe_id(message_id) for message_id in event.MessageIDs if message_id)
    if chat is None or kind is None or not ids:
        return
    if chat.jid.is_group and kind == "read":
        kind = "delivered"  # one of many read it; "read" would claim that all did
    yield ReceiptSeen(
        chat=chat, message_ids=ids, kind=kind, at=moment(event.Timestamp, received_at)
    )


def group_facts(event: Any, _own: OwnJids, _received_at: datetime) -> Iterator[Fact]:
    """Read a neonize GroupInfoEvent: only a new name matters here."""
    jid = jid_of(event.JID)
    if jid is not None and jid.is_group and event.HasField("Name") and event.Name.Name:
        yield NameLearned(jid=jid, name=event.Name.Name, source="group")


def joined_group_facts(event: Any, _own: OwnJids, _received_at: datetime) -> Iterator[Fact]:
    """Read a neonize JoinedGroup: the group's name."""
    jid = jid_of(event.GroupInfo.JID)
    if jid is not None and jid.is_group and event.GroupInfo.GroupName.Name:
        yield NameLearned(jid=jid, name=event.GroupInfo.GroupName.Name, source="group")


def call_facts(event: Any, own: OwnJids, received_at: datetime) -> Iterator[Fact]:
    """Read a neonize CallOffer: somebody calls."""
    meta = event.basicCallMeta
    caller = jid_of(getattr(meta, "from"))
    chat = chat_of(caller, jid_of(meta.callCreator))
    if chat is None or caller in own or not meta.callID:
        return
    envelope = Envelope(
        chat=chat,
        message_id=safe_id(f"call-{meta.callID}"),
        sender=person_of(chat),
        sender_name="",
        from_me=False,
        at=moment(meta.timestamp, received_at),
        status=None,
        is_history=False,
    )
    yield seen(envelope, incoming_call(_call_kind(event.data)))


def _envelope(info: Any, own: OwnJids, received_at: datetime) -> Envelope | None:
    source = info.MessageSource
    chat = _chat(source)
    if chat is None:
        return None
    if not info.ID:
        raise ValueError("a message without an id")
    from_me = source.IsFromMe
    return Envelope(
        chat=chat,
        message_id=safe_id(info.ID),
        sender=_sender(source, chat, own),
        sender_name="" if from_me else info.Pushname,
        from_me=from_me,
        at=moment(info.Timestamp / 1000, received_at),
        status="sent" if from_me else None,
        is_history=False,
    )


def _chat(source: Any) -> Chat | None:
    """Return where it happened; the person's other address is the peer's, never our own.

    What a customer sends to a broadcast list reaches each of its members as a direct message.
    """
    other = source.RecipientAlt if source.IsFromMe else source.SenderAlt
    chat = jid_of(source.Chat)
    if is_broadcast_list(chat) and not source.IsFromMe:
        chat = jid_of(source.Sender)
    return chat_of(chat, jid_of(other))


def _sender(source: Any, chat: Chat, own: OwnJids) -> Jid | None:
    if source.IsFromMe:
        return own.best or jid_of(source.Sender)
    if not chat.jid.is_group:
        return person_of(chat)
    known = [jid for jid in (jid_of(source.SenderAlt), jid_of(source.Sender)) if jid is not None]
    return next((jid for jid in known if jid.is_phone), known[-1] if known else None)


def _name(info: Any, envelope: Envelope) -> Iterator[NameLearned]:
    """Return how the sender calls themselves, or how WhatsApp says the business is called."""
    name = info.Pushname or info.VerifiedName.Details.verifiedName
    if name and name != "-" and not envelope.from_me and envelope.sender is not None:
        yield NameLearned(jid=envelope.sender, name=name, source="push")


def _call_kind(node: Any) -> str:
    """Return "audio" or "video", as the offer's node says, or "" when it does not."""
    tags = {child.Tag for child in node.Nodes}
    return "video" if "video" in tags else "audio" if "audio" in tags else ""


def _receipt_kind(kind: int, from_me: bool) -> Literal["delivered", "read", "read_on_phone"] | None:
    """Return what a receipt says.

    neonize 0.5.2 gives the phone's `played-self` the number of SERVER_ERROR, and a real server
    error never comes through; so that number, from ourselves, means heard on the phone.
    """
    if from_me:
        on_phone = (_READ, _READ_SELF, _PLAYED, _PLAYED_SELF, _SERVER_ERROR)
        return "read_on_phone" if kind in on_phone else None
    if kind == _DELIVERED:
        return "delivered"
    if kind in (_READ, _PLAYED):
        return "read"
    return "read_on_phone" if kind in (_READ_SELF, _PLAYED_SELF) else None
