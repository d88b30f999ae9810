"""Events as neonize would deliver them, with every field set that its protobufs require."""

from typing import Any

from bridge.whatsapp.proto import (
    CallOfferEvent,
    E2EMessage,
    EventCode,
    GroupInfoEvent,
    HistorySyncEvent,
    MessageEvent,
    ProtoJid,
    ReceiptEvent,
    UndecryptableEvent,
    WebMessageInfo,
    neonize_pb2,
)

NOW_SECONDS = 1_773_500_966
CUSTOMER = "40722222222@s.whatsapp.net"
CUSTOMER_LID = "555000111222333@lid"
OWN_PHONE = "40711111111@s.whatsapp.net"
OWN_LID = "111222333444@lid"
GROUP = "120363041234567890@g.us"


def jid(text: str = "") -> Any:
    """A neonize JID; the empty text gives the empty JID that stands for none."""
    user, _at, server = text.partition("@")
    name, _colon, device = user.partition(":")
    return ProtoJid(
        User=name,
        RawAgent=0,
        Device=int(device or 0),
        Integrator=0,
        Server=server,
        IsEmpty=not text,
    )


def source(
    chat: str = CUSTOMER, *, sender: str = "", from_me: bool = False, sender_alt: str = "",
    recipient_alt: str = "",
) -> Any:  # fmt: skip
    """Where something came from."""
    return neonize_pb2.MessageSource(
        Chat=jid(chat),
        Sender=jid(sender or (OWN_PHONE if from_me else chat)),
        IsFromMe=from_me,
        IsGroup=chat.endswith("@g.us"),
        AddressingMode=1,
        SenderAlt=jid(sender_alt),
        RecipientAlt=jid(recipient_alt),
        BroadcastListOwner=jid(),
    )


def info(message_id: str = "M1", *, pushname: str = "Ana", where: Any = None, at: int = 0) -> Any:
    """What a message is about, but its content; `at` in milliseconds."""
    return neonize_pb2.MessageInfo(
        MessageSource=where if where is not None else source(),
        ID=message_id,
        ServerID=0,
        Type="text",
        Pushname=pushname,
        Timestamp=at or NOW_SECONDS * 1000,
        Category="",
        Multicast=False,
        MediaType="",
        Edit="",
    )


def message(
    content: Any = "Bună!", *, message_id: str = "M1", pushname: str = "Ana", at: int = 0,
    **where: Any,
) -> Any:  # fmt: skip
    """A live message."""
    return MessageEvent(
        Info=info(message_id, pushname=pushname, where=source(**where), at=at),
        Message=E2EMessage(conversation=content) if isinstance(content, str) else content,
        IsEphemeral=False,
        IsViewOnce=False,
        IsViewOnceV2=False,
        IsViewOnceV2Extension=False,
        IsDocumentWithCaption=False,
        IsLottieSticker=False,
        IsEdit=False,
        UnavailableRequestID="",
        RetryCount=0,
    )


def revoked(target_id: str, *, message_id: str = "R1", chat: str = CUSTOMER) -> Any:
    """A message was taken back by whoever wrote it."""
    content = E2EMessage()
    content.protocolMessage.type = 0
    content.protocolMessage.key.remoteJID = chat
    content.protocolMessage.key.ID = target_id
    return message(content, message_id=message_id, chat=chat)


def undecryptable(message_id: str = "M1", *, mode: int = 1, **where: Any) -> Any:
    """A message that could not be decrypted; mode 2 says not to show it."""
    return UndecryptableEvent(
        Info=info(message_id, where=source(**where)), IsUnavailable=False, DecryptFailMode=mode
    )


def receipt(kind: int, *ids: str, at: int = NOW_SECONDS, **where: Any) -> Any:
    """A receipt; `kind` is neonize's number of its type."""
    return ReceiptEvent(MessageSource=source(**where), MessageIDs=ids, Timestamp=at, Type=kind)


def group_renamed(name: str, group: str = GROUP) -> Any:
    """A group has a new name."""
    return GroupInfoEvent(
        JID=jid(group),
        Notify="",
        Timestamp=NOW_SECONDS,
        Name=neonize_pb2.GroupName(Name=name, NameSetAt=NOW_SECONDS, NameSetBy=jid(CUSTOMER)),
        PrevParticipantsVersionID="",
        ParticipantVersionID="",
        JoinReason="",
    )


def call_offer(caller: str = CUSTOMER, call_id: str = "C1") -> Any:
    """Somebody calls."""
    event = CallOfferEvent()
    meta = event.basicCallMeta
    getattr(meta, "from").CopyFrom(jid(caller))
    meta.timestamp = NOW_SECONDS
    meta.callCreator.CopyFrom(jid(caller))
    meta.callID = call_id
    for name in ("callCreatorAlt", "groupJID"):
        if name in meta.DESCRIPTOR.fields_by_name:
            getattr(meta, name).CopyFrom(jid())
    event.callRemoteMeta.remotePlatform = "android"
    event.callRemoteMeta.remoteVersion = "1"
    event.data.Tag = "offer"
    return event


def past(
    message_id: str, content: Any = None, *, at: int = NOW_SECONDS, from_me: bool = False,
    chat: str = CUSTOMER, **fields: Any,
) -> Any:  # fmt: skip
    """A message of history; `at` in seconds."""
    found = WebMessageInfo(messageTimestamp=at, **fields)
    found.key.remoteJID = chat
    found.key.ID = message_id
    found.key.fromMe = from_me
    if isinstance(content, str):
        found.message.conversation = content
    elif content is not None:
        found.message.CopyFrom(content)
    return found


def history(*conversations: tuple[str, list[Any], dict[str, Any]], **fields: Any) -> Any:
    """A chunk of history: (JID, messages newest first, other fields) for each conversation."""
    event = HistorySyncEvent()
    event.Data.syncType = fields.pop("syncType", 0)
    event.Data.progress = fields.pop("progress", 40)
    for jid_text, messages, more in conversations:
        conversation = event.Data.conversations.add(ID=jid_text, **more)
        for order, entry in enumerate(messages):
            conversation.messages.add(message=entry, msgOrderID=len(messages) - order)
    for name, value in fields.items():
        getattr(event.Data, name).extend(value)
    return event


CODES: dict[str, int] = {
    "Message": EventCode.MESSAGE,
    "Receipt": EventCode.RECEIPT,
    "HistorySync": EventCode.HISTORY_SYNC,
    "UndecryptableMessage": EventCode.UNDECRYPTABLE_MESSAGE,
    "GroupInfoEvent": EventCode.GROUP_INFO,
    "CallOffer": EventCode.CALL_OFFER,
}


def code_of(event: Any) -> int:
    """The number that neonize gives to an event of this class."""
    return int(CODES[event.DESCRIPTOR.name])
