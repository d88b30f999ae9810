"""The events that a linked device gets: neonize's own protobufs with every required field set.

Units and shapes as neonize 0.5.2 gives them: MessageInfo.Timestamp in milliseconds (of whole
seconds, which is all that WhatsApp tells), Receipt and history times in seconds, absent addresses
as empty JIDs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bridge.simulator.content import Content, build_message, stanza_type
from bridge.whatsapp import proto
from bridge.whatsapp.proto import EventCode

CHAT_PRESENCE = 19
"""neonize's code for someone who types."""

Event = tuple[int, bytes]
"""neonize's event code and the serialized protobuf."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a message or receipt comes from; JIDs as text, empty when WhatsApp does not tell."""

    chat: str
    sender: str
    from_me: bool = False
    sender_alt: str = ""
    recipient_alt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """The facts around one message."""

    source: Source
    message_id: str
    seconds: int
    push_name: str


def fill_jid(target: Any, text: str, device: int = 0) -> None:
    """Write a JID given as `user@server`, or an empty one."""
    user, _, server = text.partition("@")
    target.User, target.Server = user, server
    target.RawAgent = target.Integrator = 0
    target.Device = device
    target.IsEmpty = not text


def _fill_source(target: Any, source: Source) -> None:
    fill_jid(target.Chat, source.chat)
    fill_jid(target.Sender, source.sender)
    target.IsFromMe = source.from_me
    target.IsGroup = source.chat.endswith(("@g.us", "@broadcast"))
    target.AddressingMode = 2 if source.sender.endswith("@lid") else 1
    fill_jid(target.SenderAlt, source.sender_alt)
    fill_jid(target.RecipientAlt, source.recipient_alt)
    fill_jid(target.BroadcastListOwner, "")


def _fill_info(info: Any, envelope: Envelope, kinds: tuple[str, str], edit: str = "") -> None:
    _fill_source(info.MessageSource, envelope.source)
    info.ID = envelope.message_id
    info.ServerID = 0
    info.Type, info.MediaType = kinds
    info.Pushname = envelope.push_name
    info.Timestamp = envelope.seconds * 1000
    info.Category = ""
    info.Multicast = False
    info.Edit = edit
    if envelope.source.from_me:
        info.DeviceSentMeta.DestinationJID = envelope.source.chat
        info.DeviceSentMeta.Phash = ""


def _message(envelope: Envelope, kinds: tuple[str, str], edit: str = "") -> Any:
    event = proto.neonize_pb2.Message()
    _fill_info(event.Info, envelope, kinds, edit)
    event.IsEphemeral = event.IsViewOnce = event.IsViewOnceV2 = False
    event.IsViewOnceV2Extension = event.IsDocumentWithCaption = False
    event.IsLottieSticker = event.IsEdit = False
    event.UnavailableRequestID = ""
    event.RetryCount = 0
    return event


def message_event(envelope: Envelope, content: Content) -> Event:
    """A live message, already unwrapped."""
    event = _message(envelope, stanza_type(content))
    event.Message.CopyFrom(build_message(content, envelope.message_id, wrapped=False))
    event.Raw.CopyFrom(build_message(content, envelope.message_id, wrapped=True))
    wrap = content.get("wrap", "")
    event.IsEphemeral = wrap == "ephemeral"
    event.IsViewOnceV2 = event.IsViewOnce = wrap == "view_once"
    event.IsDocumentWithCaption = wrap == "document_with_caption"
    return EventCode.MESSAGE, event.SerializeToString()


def _fill_key(key: Any, *, chat: str, message_id: str, from_me: bool, participant: str) -> None:
    key.remoteJID, key.ID, key.fromMe = chat, message_id, from_me
    if participant:
        key.participant = participant


def edit_event(envelope: Envelope, target_id: str, content: Content, *, milliseconds: int) -> Event:
    """A new text for a message, written at a moment by the phone's clock; only by its sender."""
    event = _message(envelope, ("text", ""), "1")
    event.IsEdit = True
    protocol = event.Message.protocolMessage
    _fill_key(
        protocol.key, chat=envelope.source.chat, message_id=target_id, from_me=True, participant=""
    )
    protocol.type = proto.e2e_pb2.ProtocolMessage.MESSAGE_EDIT
    protocol.editedMessage.CopyFrom(build_message(content, target_id, wrapped=False))
    protocol.timestampMS = milliseconds
    return EventCode.MESSAGE, event.SerializeToString()


def revoke_event(envelope: Envelope, target_id: str) -> Event:
    """A message taken back for everyone."""
    event = _message(envelope, ("text", ""), "7")
    protocol = event.Message.protocolMessage
    _fill_key(
        protocol.key, chat=envelope.source.chat, message_id=target_id, from_me=True, participant=""
    )
    protocol.type = proto.e2e_pb2.ProtocolMessage.REVOKE
    return EventCode.MESSAGE, event.SerializeToString()


def reaction_event(
    envelope: Envelope,
    target_id: str,
    emoji: str,
    *,
    milliseconds: int,
    to_own: bool,
    participant: str,
) -> Event:
    """A reaction; `to_own`: to a message of the reactor's own; empty `emoji` takes it back.

    The moment is by the phone's clock.
    """
    event = _message(envelope, ("reaction", ""))
    reaction = event.Message.reactionMessage
    _fill_key(
        reaction.key,
        chat=envelope.source.chat,
        message_id=target_id,
        from_me=to_own,
        participant=participant,
    )
    reaction.text = emoji
    reaction.senderTimestampMS = milliseconds
    return EventCode.MESSAGE, event.SerializeToString()


def undecryptable_event(envelope: Envelope, content: Content) -> Event:
    """A message whose keys are not there yet."""
    event = proto.neonize_pb2.UndecryptableMessage()
    _fill_info(event.Info, envelope, stanza_type(content))
    event.IsUnavailable = False
    event.DecryptFailMode = proto.neonize_pb2.UndecryptableMessage.DECRYPT_FAIL_SHOW
    return EventCode.UNDECRYPTABLE_MESSAGE, event.SerializeToString()


def receipt_event(
    source: Source,
    message_ids: Sequence[str],
    seconds: int,
    kind: Literal["DELIVERED", "READ", "READ_SELF", "PLAYED"],
) -> Event:
    """Messages were delivered or read; READ_SELF: on the business's own phone."""
    event = proto.neonize_pb2.Receipt()
    _fill_source(event.MessageSource, source)
    event.MessageIDs.extend(message_ids)
    event.Timestamp = seconds
    event.Type = proto.neonize_pb2.Receipt.ReceiptType.Value(kind)
    return EventCode.RECEIPT, event.SerializeToString()


def typing_event(source: Source) -> Event:
    """Someone types."""
    event = proto.neonize_pb2.ChatPresence()
    _fill_source(event.MessageSource, source)
    event.State = proto.neonize_pb2.ChatPresence.COMPOSING
    event.Media = proto.neonize_pb2.ChatPresence.TEXT
    return CHAT_PRESENCE, event.SerializeToString()


def history_event(data: Any) -> Event:
    """One chunk of history: a waHistorySync.HistorySync inside neonize's event."""
    event = proto.neonize_pb2.HistorySync()
    event.Data.CopyFrom(data)
    return EventCode.HISTORY_SYNC, event.SerializeToString()


def pair_status_event(jid: str) -> Event:
    """The phone accepted this device."""
    event = proto.neonize_pb2.PairStatus()
    fill_jid(event.ID, jid)
    event.BusinessName, event.Platform = "", "android"
    event.Status = proto.neonize_pb2.PairStatus.SUCCESS
    return EventCode.PAIR_STATUS, event.SerializeToString()


def connected_event() -> Event:
    """The device is logged in."""
    return EventCode.CONNECTED, proto.neonize_pb2.Connected(status=True).SerializeToString()


def logged_out_event(*, on_connect: bool) -> Event:
    """The phone unlinked this device."""
    event = proto.neonize_pb2.LoggedOut(OnConnect=on_connect)
    event.Reason = proto.neonize_pb2.ConnectFailureReason.Value("LOGGED_OUT")
    return EventCode.LOGGED_OUT, event.SerializeToString()


def stream_replaced_event() -> Event:
    """Another process uses the same session."""
    return EventCode.STREAM_REPLACED, proto.neonize_pb2.StreamReplaced().SerializeToString()


def temporary_ban_event(seconds: int) -> Event:
    """The number is banned for so long."""
    event = proto.neonize_pb2.TemporaryBan(Expire=seconds)
    event.Code = proto.neonize_pb2.TemporaryBan.TempBanReason.Value("SEND_TO_TOO_MANY_PEOPLE")
    return EventCode.TEMPORARY_BAN, event.SerializeToString()


def client_outdated_event() -> Event:
    """WhatsApp no longer accepts this version."""
    return EventCode.CLIENT_OUTDATED, proto.neonize_pb2.ClientOutdated().SerializeToString()


def connect_failure_event(reason: str) -> Event:
    """WhatsApp refused the login; `SERVICE_UNAVAILABLE` is a throttle (503)."""
    event = proto.neonize_pb2.ConnectFailure(Message="")
    event.Reason = proto.neonize_pb2.ConnectFailureReason.Value(reason)
    event.Raw.Tag = "failure"
    return EventCode.CONNECT_FAILURE, event.SerializeToString()


def keep_alive_event(*, restored: bool, seconds: int) -> Event:
    """Pings go unanswered, or are answered again."""
    if restored:
        return (
            EventCode.KEEPALIVE_RESTORED,
            proto.neonize_pb2.KeepAliveRestored().SerializeToString(),
        )
    event = proto.neonize_pb2.KeepAliveTimeout(ErrorCount=1, LastSuccess=seconds)
    return EventCode.KEEPALIVE_TIMEOUT, event.SerializeToString()
