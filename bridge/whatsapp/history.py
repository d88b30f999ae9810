"""History sync: one chunk of what the phone sent when it was paired.

Facts stream: who is who first, then the conversations from the newest to the oldest, each with its
messages from the oldest to the newest, and at the very end how far the history has come.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from bridge.whatsapp.actions import Envelope, fact_of, seen
from bridge.whatsapp.addresses import (
    OwnJids,
    chat_of,
    jid_of_text,
    moment,
    person_of,
    safe_id,
)
from bridge.whatsapp.cut import fields_of
from bridge.whatsapp.facts import (
    Chat,
    ConversationNoted,
    Fact,
    HistoryProgress,
    LidLinked,
    MessageRevoked,
    NameLearned,
    ReactionSet,
)
from bridge.whatsapp.proto import (
    Conversation,
    HistorySync,
    HistorySyncEvent,
    ProtoClass,
    excerpt,
    field_number,
    history_pb2,
)
from bridge.whatsapp.stubs import REVOKED, content_of_stub
from core.clock import EPOCH
from core.model.documents import MessageStatus
from core.model.ids import Jid

_STATUSES: dict[int, MessageStatus] = {
    0: "failed",  # ERROR
    2: "sent",  # SERVER_ACK
    3: "delivered",  # DELIVERY_ACK
    4: "read",
    5: "read",  # PLAYED
}
"""waWeb.WebMessageInfo.Status; PENDING is none: the phone had not sent it yet when it told us."""
_DATA = field_number(HistorySyncEvent, "Data")
_CONVERSATIONS = field_number(HistorySync, "conversations")
_Activity = excerpt(Conversation, "lastMsgTimestamp", "conversationTimestamp")


def history_facts(chunk: bytes, own: OwnJids, received_at: datetime) -> Iterator[Fact]:
    """Read a serialized neonize HistorySync chunk (times in seconds), one fact at a time.

    Its conversations are parsed one by one, as a parsed chunk takes ten times its size. Raises
    ValueError and DecodeError for what is no such chunk.
    """
    data, conversations = _cut(chunk)
    yield from _links(data)
    yield from _push_names(data)
    conversations.sort(key=lambda each: _activity(_parsed(each, _Activity)), reverse=True)
    for conversation in conversations:
        yield from _conversation_facts(_parsed(conversation, Conversation), own, received_at)
    sync_type = history_pb2.HistorySync.HistorySyncType.DESCRIPTOR.values_by_number[data.syncType]
    yield HistoryProgress(percent=min(data.progress, 100), sync_type=sync_type.name)


def _cut(chunk: bytes) -> tuple[Any, list[memoryview]]:
    """Return a chunk without its conversations, and these, not parsed yet."""
    conversations: list[memoryview] = []
    others: list[memoryview] = []
    for outer in fields_of(memoryview(chunk)):
        if outer.number != _DATA or outer.content is None:
            continue
        for field in fields_of(outer.content):
            if field.number == _CONVERSATIONS and field.content is not None:
                conversations.append(field.content)
            else:
                others.append(field.whole)
    return HistorySync.FromString(b"".join(others)), conversations


def _parsed(conversation: memoryview, kind: ProtoClass) -> Any:
    return kind.FromString(bytes(conversation))


def _links(data: Any) -> Iterator[LidLinked]:
    for mapping in data.phoneNumberToLidMappings:
        link = _link(jid_of_text(mapping.lidJID), jid_of_text(mapping.pnJID))
        if link is not None:
            yield link


def _link(lid: Jid | None, phone: Jid | None) -> LidLinked | None:
    if lid is None or phone is None or not lid.is_lid or not phone.is_phone:
        return None
    return LidLinked(lid=lid, phone=phone)


def _push_names(data: Any) -> Iterator[NameLearned]:
    for pushname in data.pushnames:
        chat = chat_of(jid_of_text(pushname.ID))
        if chat is not None and pushname.pushname not in ("", "-"):
            yield NameLearned(jid=chat.jid, name=pushname.pushname, source="push")


def _activity(conversation: Any) -> int:
    """Return when something last happened in a conversation, in seconds."""
    return int(conversation.lastMsgTimestamp or conversation.conversationTimestamp)


def _conversation_facts(conversation: Any, own: OwnJids, received_at: datetime) -> Iterator[Fact]:
    chat = chat_of(
        jid_of_text(conversation.ID),
        jid_of_text(conversation.pnJID),
        jid_of_text(conversation.lidJID),
    )
    if chat is None:
        return
    other = chat.other_jid
    if other is not None:
        lid, phone = (chat.jid, other) if chat.jid.is_lid else (other, chat.jid)
        yield LidLinked(lid=lid, phone=phone)
    name = conversation.name or conversation.displayName
    if name:
        yield NameLearned(
            jid=chat.jid, name=name, source="group" if chat.jid.is_group else "contact"
        )
    active_at = moment(_activity(conversation), EPOCH)
    yield ConversationNoted(
        chat=chat,
        name=name,
        unread_count=conversation.unreadCount,
        last_activity_at=None if active_at == EPOCH else active_at,
        is_archived=conversation.archived,
    )
    undated = received_at if active_at == EPOCH else active_at
    names: dict[Jid, str] = {}
    customer = None if chat.jid.is_group else person_of(chat)
    second, place = -1, 0
    for timestamp, info in _oldest_first(conversation.messages):
        # Times are whole seconds; the phone's order of what was written within one is kept.
        place = place + 1 if timestamp == second else 0
        second = timestamp
        at = moment(second, undated)
        if place:
            at += timedelta(microseconds=place)
        envelope = _envelope(info, chat, customer, own, at)
        if envelope is None:
            continue
        sender = envelope.sender
        if envelope.sender_name and sender and names.get(sender) != envelope.sender_name:
            names[sender] = envelope.sender_name
            yield NameLearned(jid=sender, name=envelope.sender_name, source="push")
        fact = _fact(info, envelope, own)
        if fact is not None:
            yield fact
        for reaction in info.reactions:
            yield from _reaction(reaction, envelope, own)


def _oldest_first(messages: Any) -> list[tuple[int, Any]]:
    """Return times and WebMessageInfos; phones send them newest first, equal times included."""
    infos = [(info.messageTimestamp, info) for entry in messages for info in (entry.message,)]
    if infos and infos[0][0] >= infos[-1][0]:
        infos.reverse()
    infos.sort(key=itemgetter(0))
    return infos


def _envelope(
    info: Any, chat: Chat, customer: Jid | None, own: OwnJids, at: datetime
) -> Envelope | None:
    """Return all but the content of a message; `customer` is who writes it if we do not.

    In a group that is None: there each message says it.
    """
    key = info.key
    message_id = key.ID
    if not message_id:
        return None
    from_me = key.fromMe
    return Envelope(
        chat=chat,
        message_id=safe_id(message_id),
        sender=own.best if from_me else customer or _member(info),
        sender_name="" if from_me else info.pushName,
        from_me=from_me,
        at=at,
        status=_STATUSES.get(info.status) if from_me and info.HasField("status") else None,
        is_history=True,
    )


def _fact(info: Any, envelope: Envelope, own: OwnJids) -> Fact | None:
    if info.messageStubType:
        if info.messageStubType in REVOKED:
            return MessageRevoked(
                chat=envelope.chat,
                message_id=envelope.message_id,
                at=envelope.at,
                author=envelope.author,
            )
        content = content_of_stub(info, own)
        return None if content is None else seen(envelope, content)
    return fact_of(envelope, info.message, own) if info.HasField("message") else None


def _member(info: Any) -> Jid | None:
    """Return who wrote a message of a group; LID groups leave the key's own participant empty."""
    return jid_of_text(info.participant) or jid_of_text(info.key.participant)


def _reaction(reaction: Any, envelope: Envelope, own: OwnJids) -> Iterator[ReactionSet]:
    key = reaction.key
    if key.fromMe:
        reactor = own.best
    elif envelope.chat.jid.is_group:
        reactor = jid_of_text(key.participant)
    else:
        reactor = person_of(envelope.chat)
    if reactor is not None and reaction.text:
        yield ReactionSet(
            chat=envelope.chat,
            message_id=envelope.message_id,
            reactor_jid=reactor,
            emoji=reaction.text,
            at=moment(reaction.senderTimestampMS / 1000, envelope.at),
        )
