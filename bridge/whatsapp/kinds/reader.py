"""From a message of WhatsApp's end-to-end layer to its one content."""

from collections.abc import Callable
from typing import Any

import msgspec
from google.protobuf.unknown_fields import UnknownFieldSet

from bridge.whatsapp.addresses import OwnJids, jid_of_text, safe_id
from bridge.whatsapp.kinds import business, media, system, texts
from bridge.whatsapp.kinds.content import Content, unsupported
from bridge.whatsapp.proto import E2EMessage
from core.model.documents import Quoted

_DEEPEST = 12
"""Wrappers inside wrappers; more is not WhatsApp's doing."""
_LONGEST_QUOTE = 300
"""Characters of a quoted message that are kept."""

_WRAPPERS = frozenset(
    field.name
    for field in E2EMessage(conversation="").DESCRIPTOR.fields
    if field.message_type is not None and field.message_type.name == "FutureProofMessage"
) | {"deviceSentMessage", "commentMessage"}
"""Fields that only wrap another message: history has them all, live events but a few."""

_WITH_CONTEXT = frozenset(
    field.name
    for field in E2EMessage(conversation="").DESCRIPTOR.fields
    if field.message_type is not None and "contextInfo" in field.message_type.fields_by_name
)

_SILENT = frozenset(
    (
        "messageContextInfo",
        "senderKeyDistributionMessage",
        "fastRatchetKeySenderKeyDistributionMessage",
        "groupRootKeyShare",
        "rootSecretDistributeMessage",
        "chat",
        "stickerSyncRmrMessage",
        "statusLinkPreviewMetadata",
        "messageHistoryBundle",
        "messageHistoryNotice",
        "statusNotificationMessage",
        "statusStickerInteractionMessage",
        # Encrypted for another message: votes, answers, comments. Nothing of them can be shown.
        "pollUpdateMessage",
        "pollAddOptionMessage",
        "encReactionMessage",
        "encCommentMessage",
        "encEventResponseMessage",
        "secretEncryptedMessage",
        # Not lines of a chat: a pin, a keep, an album whose photos follow one by one.
        "pinInChatMessage",
        "keepInChatMessage",
        "albumMessage",
        "scheduledCallEditMessage",
        "splitPaymentUpdateMessage",
    )
)
"""Fields that never make a line in the chat."""

_KINDS: dict[str, Callable[[Any], Content | None]] = {
    "conversation": texts.conversation,
    "extendedTextMessage": texts.extended_text,
    "imageMessage": media.image,
    "videoMessage": media.video,
    "ptvMessage": media.video,
    "audioMessage": media.audio,
    "documentMessage": media.document,
    "stickerMessage": media.sticker,
    "stickerPackMessage": media.sticker_pack,
    "locationMessage": texts.location,
    "liveLocationMessage": texts.live_location,
    "contactMessage": texts.contact,
    "contactsArrayMessage": texts.contacts,
    "pollCreationMessage": texts.poll,
    "pollCreationMessageV2": texts.poll,
    "pollCreationMessageV3": texts.poll,
    "pollCreationMessageV5": texts.poll,
    "pollCreationMessageV6": texts.poll,
    "pollResultSnapshotMessage": texts.poll_result,
    "pollResultSnapshotMessageV3": texts.poll_result,
    "eventMessage": texts.event,
    "eventInviteMessage": texts.event_invite,
    "groupInviteMessage": texts.group_invite,
    "newsletterAdminInviteMessage": texts.newsletter_invite,
    "newsletterFollowerInviteMessageV2": texts.newsletter_invite,
    "musicMessage": texts.music,
    "questionResponseMessage": texts.answer_text,
    "statusQuestionAnswerMessage": texts.answer_text,
    "statusQuotedMessage": texts.answer_text,
    "buttonsMessage": business.buttons,
    "buttonsResponseMessage": business.buttons_response,
    "listMessage": business.menu_list,
    "listResponseMessage": business.list_response,
    "templateMessage": business.template,
    "templateButtonReplyMessage": business.template_reply,
    "highlyStructuredMessage": business.structured,
    "interactiveMessage": business.interactive,
    "interactiveResponseMessage": business.interactive_response,
    "orderMessage": business.order,
    "productMessage": business.product,
    "invoiceMessage": business.invoice,
    "sendPaymentMessage": business.payment,
    "requestPaymentMessage": business.payment,
    "declinePaymentRequestMessage": business.payment,
    "cancelPaymentRequestMessage": business.payment,
    "paymentInviteMessage": business.payment,
    "paymentReminderMessage": business.payment,
    "splitPaymentMessage": business.payment,
    "call": system.call,
    "bcallMessage": system.call,
    "callLogMesssage": system.call_log,
    "scheduledCallCreationMessage": system.scheduled_call,
    "requestPhoneNumberMessage": system.phone_number_asked,
    "placeholderMessage": system.masked,
}

_MENTIONED_IN_STATUS = frozenset(("statusMentionMessage", "groupStatusMentionMessage"))


class Field(msgspec.Struct, frozen=True):
    """The one field of a message that says what it is."""

    name: str
    value: Any


def field_of(message: Any) -> Field | None:
    """Return what a message is, its wrappers taken off; None when it makes no line in the chat.

    A kind that this program does not know, newer than its protobufs, has the name "".
    """
    for _depth in range(_DEEPEST):
        if text := message.conversation:  # most messages are plain texts, and this is cheap to ask
            return Field("conversation", text)
        name = ""
        found = None
        for descriptor, value in message.ListFields():
            name = descriptor.name
            if name not in _SILENT:
                found = Field(name, value)
                break
        if found is None:
            is_newer = not name and len(UnknownFieldSet(message)) > 0
            return Field("", None) if is_newer else None
        if name not in _WRAPPERS or name in _MENTIONED_IN_STATUS:
            return found
        if not found.value.HasField("message"):
            return Field("", None)
        message = found.value.message
    return Field("", None)


def content_of(field: Field) -> Content | None:
    """Return what a field shows in the chat, or None when it shows nothing."""
    read = _KINDS.get(field.name)
    if read is not None:
        return read(field.value)
    if field.name in _MENTIONED_IN_STATUS:
        return system.status_mention(field.value)
    return unsupported()


def quoted_by(field: Field, own: OwnJids) -> Quoted | None:
    """Return the message that this one answers, if it answers one."""
    if field.name not in _WITH_CONTEXT or not field.value.HasField("contextInfo"):
        return None
    context = field.value.contextInfo
    if not context.stanzaID:
        return None
    quoted = field_of(context.quotedMessage)
    content = content_of(quoted) if quoted is not None else None
    author = jid_of_text(context.participant)
    is_ours = author in own
    return Quoted(
        message_id=safe_id(context.stanzaID),
        type="text" if content is None else content.type,
        heading=None if content is None else content.heading,
        body="" if content is None else content.body[:_LONGEST_QUOTE],
        direction="outbound" if is_ours else "inbound",
        sender_name="" if is_ours or author is None else author.phone_e164 or "",
    )
