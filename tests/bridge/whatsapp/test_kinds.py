"""Every kind of message says what it is, live and in history, wrapped and unwrapped."""

from pathlib import Path
from typing import Any

import pytest

from bridge.whatsapp.kinds import reader
from bridge.whatsapp.proto import E2EMessage, e2e_pb2
from core.model.documents import Media
from core.service import kinds
from tests.support.neonize_events import CUSTOMER, history, message, past
from tests.support.translated import chat_facts, seen, shown

BRIDGE = Path(reader.__file__).parents[2]
VCARD = "BEGIN:VCARD\nVERSION:3.0\nFN:Ana\nitem1.TEL;waid=40733333333:+40 733 333 333\nEND:VCARD"
MENU_BUTTONS = [{"buttonText": {"displayText": "Da"}}, {"buttonText": {"displayText": "Nu"}}]
FLOW = {"buttons": [{"name": "cta", "buttonParamsJSON": '{"display_text": "Apasă"}'}]}
POLL = {"name": "Când?", "options": [{"optionName": "Sâmbătă"}, {"optionName": "Duminică"}]}
POLL_BODY = "Poll: Când?\n• Sâmbătă\n• Duminică"
PAYMENT = "Payment message: see the phone."

KINDS: list[tuple[dict[str, Any], str, str, Media | None]] = [
    ({"conversation": "Bună!"}, "text", "Bună!", None),
    ({"extendedTextMessage": {"text": "Da\nsigur"}}, "text", "Da\nsigur", None),
    (
        {"imageMessage": {"mimetype": "image/jpeg", "fileLength": 5, "caption": "Tort"}},
        "image",
        "Tort",
        Media(mime_type="image/jpeg", size=5),
    ),
    (
        {"imageMessage": {"mimetype": "image/jpeg", "viewOnce": True}},
        "image",
        "View-once photo",
        Media(mime_type="image/jpeg"),
    ),
    (
        {"videoMessage": {"mimetype": "video/mp4", "fileLength": 9, "seconds": 12}},
        "video",
        "",
        Media(mime_type="video/mp4", size=9, seconds=12),
    ),
    ({"videoMessage": {"viewOnce": True}}, "video", "View-once video", Media()),
    ({"ptvMessage": {"seconds": 3}}, "video", "", Media(seconds=3)),
    (
        {"audioMessage": {"mimetype": "audio/ogg", "PTT": True, "seconds": 7}},
        "voice",
        "",
        Media(mime_type="audio/ogg", seconds=7),
    ),
    ({"audioMessage": {"mimetype": "audio/mpeg"}}, "audio", "", Media(mime_type="audio/mpeg")),
    (
        {"audioMessage": {"PTT": True, "viewOnce": True}},
        "voice",
        "View-once voice message",
        Media(),
    ),
    (
        {"documentMessage": {"fileName": "oferta.pdf", "mimetype": "application/pdf"}},
        "document",
        "",
        Media(mime_type="application/pdf", file_name="oferta.pdf"),
    ),
    ({"documentMessage": {"title": "oferta"}}, "document", "", Media(file_name="oferta")),
    ({"stickerMessage": {"mimetype": "image/webp"}}, "sticker", "", Media(mime_type="image/webp")),
    (
        {"stickerPackMessage": {"name": "Pisici", "fileLength": 4}},
        "sticker",
        "Pisici",
        Media(size=4),
    ),
    (
        {
            "locationMessage": {
                "degreesLatitude": 44.4268,
                "degreesLongitude": 26.1025,
                "name": "Acasă",
                "address": "Str. Florilor 1",
            }
        },
        "location",
        "Location: Acasă\nStr. Florilor 1\n44.426800, 26.102500",
        None,
    ),
    (
        {
            "liveLocationMessage": {
                "degreesLatitude": 1.0,
                "degreesLongitude": 2.0,
                "caption": "vin",
            }
        },
        "location",
        "Live location: vin\n1.000000, 2.000000",
        None,
    ),
    (
        {"contactMessage": {"displayName": "Ana", "vcard": VCARD}},
        "contact",
        "Ana +40 733 333 333",
        None,
    ),
    ({"contactMessage": {}}, "contact", "", None),
    (
        {
            "contactsArrayMessage": {
                "contacts": [{"displayName": "Ana", "vcard": VCARD}, {"displayName": "Ion"}]
            }
        },
        "contact",
        "Ana +40 733 333 333\nIon",
        None,
    ),
    ({"pollCreationMessage": POLL}, "poll", POLL_BODY, None),
    ({"pollCreationMessageV2": POLL}, "poll", POLL_BODY, None),
    ({"pollCreationMessageV3": POLL}, "poll", POLL_BODY, None),
    (
        {"pollCreationMessageV4": {"message": {"pollCreationMessageV3": POLL}}},
        "poll",
        POLL_BODY,
        None,
    ),
    ({"pollCreationMessageV5": POLL}, "poll", POLL_BODY, None),
    ({"pollCreationMessageV6": POLL}, "poll", POLL_BODY, None),
    (
        {
            "pollResultSnapshotMessage": {
                "name": "Când?",
                "pollVotes": [{"optionName": "Sâmbătă", "optionVoteCount": 3}],
            }
        },
        "poll",
        "Poll result: Când?\n• Sâmbătă: 3",
        None,
    ),
    (
        {"eventMessage": {"name": "Petrecere", "startTime": 1_773_500_966, "description": "Vino!"}},
        "text",
        "Event: Petrecere\n2026-03-14 15:09 UTC\nVino!",
        None,
    ),
    ({"eventMessage": {"name": "X", "isCanceled": True}}, "text", "Cancelled event: X", None),
    ({"eventInviteMessage": {"eventTitle": "Y"}}, "text", "Event: Y", None),
    (
        {"groupInviteMessage": {"groupName": "Părinți", "caption": "Hai"}},
        "text",
        "Group invitation: Părinți\nHai",
        None,
    ),
    (
        {"newsletterAdminInviteMessage": {"newsletterName": "Știri"}},
        "text",
        "Channel invitation: Știri",
        None,
    ),
    (
        {"musicMessage": {"embeddedMusic": {"author": "A", "title": "B"}}},
        "text",
        "Music: A - B",
        None,
    ),
    ({"questionResponseMessage": {"text": "da"}}, "text", "da", None),
    (
        {"buttonsMessage": {"contentText": "Confirmați?", "buttons": MENU_BUTTONS}},
        "text",
        "Confirmați?\n• Da\n• Nu",
        None,
    ),
    ({"buttonsResponseMessage": {"selectedDisplayText": "Da"}}, "text", "Da", None),
    (
        {
            "listMessage": {
                "title": "Meniu",
                "description": "Alegeți",
                "sections": [{"rows": [{"title": "Tort"}, {"title": "Suc"}]}],
            }
        },
        "text",
        "Meniu\nAlegeți\n• Tort\n• Suc",
        None,
    ),
    ({"listResponseMessage": {"title": "Tort", "description": "mic"}}, "text", "Tort\nmic", None),
    (
        {"listResponseMessage": {"singleSelectReply": {"selectedRowID": "row-1"}}},
        "text",
        "row-1",
        None,
    ),
    (
        {
            "templateMessage": {
                "hydratedTemplate": {
                    "hydratedContentText": "Comanda e gata",
                    "hydratedButtons": [{"quickReplyButton": {"displayText": "Mulțumesc"}}],
                }
            }
        },
        "text",
        "Comanda e gata\n• Mulțumesc",
        None,
    ),
    (
        {
            "templateMessage": {
                "hydratedFourRowTemplate": {
                    "hydratedContentText": "Poza",
                    "imageMessage": {"mimetype": "image/png"},
                }
            }
        },
        "image",
        "Poza",
        Media(mime_type="image/png"),
    ),
    (
        {
            "highlyStructuredMessage": {
                "hydratedHsm": {"hydratedTemplate": {"hydratedContentText": "x"}}
            }
        },
        "text",
        "x",
        None,
    ),
    ({"templateButtonReplyMessage": {"selectedDisplayText": "Da"}}, "text", "Da", None),
    (
        {"interactiveMessage": {"body": {"text": "Plătiți"}, "nativeFlowMessage": FLOW}},
        "text",
        "Plătiți\n• Apasă",
        None,
    ),
    ({"interactiveResponseMessage": {"body": {"text": "Gata"}}}, "text", "Gata", None),
    (
        {
            "orderMessage": {
                "orderTitle": "Baloane",
                "itemCount": 3,
                "totalAmount1000": 45500,
                "totalCurrencyCode": "RON",
                "message": "Urgent",
            }
        },
        "text",
        "Order, 3 items: Baloane\n45.50 RON\nUrgent",
        None,
    ),
    (
        {
            "productMessage": {
                "product": {"title": "Tort", "priceAmount1000": 9000, "currencyCode": "RON"}
            }
        },
        "text",
        "Product: Tort\n9.00 RON",
        None,
    ),
    ({"invoiceMessage": {"note": "martie"}}, "unsupported", "Invoice, see the phone: martie", None),
    ({"requestPaymentMessage": {}}, "unsupported", PAYMENT, None),
    ({"sendPaymentMessage": {}}, "unsupported", PAYMENT, None),
    ({"paymentInviteMessage": {}}, "unsupported", PAYMENT, None),
    ({"callLogMesssage": {"callOutcome": 1}}, "system", "Missed voice call", None),
    (
        {"callLogMesssage": {"isVideo": True, "callOutcome": 0, "durationSecs": 185}},
        "system",
        "Video call: 3:05",
        None,
    ),
    ({"scheduledCallCreationMessage": {"title": "Ofertă"}}, "system", "Planned call: Ofertă", None),
    ({"requestPhoneNumberMessage": {}}, "system", "Asks for your phone number.", None),
    (
        {"statusMentionMessage": {"message": {"protocolMessage": {"type": 25}}}},
        "system",
        "Mentioned you in a status.",
        None,
    ),
    (
        {"placeholderMessage": {"type": 0}},
        "unsupported",
        "",
        None,
    ),
    ({"richResponseMessage": {"messageType": 1}}, "unsupported", "", None),
    ({"conditionalRevealMessage": {}}, "unsupported", "", None),
    ({"viewOnceMessageV2": {}}, "unsupported", "", None),
    (
        {"protocolMessage": {"type": 3, "ephemeralExpiration": 604800}},
        "system",
        "Messages now disappear after 7 days.",
        None,
    ),
    (
        {"protocolMessage": {"type": 3, "ephemeralExpiration": 0}},
        "system",
        "Disappearing messages were turned off.",
        None,
    ),
]

SILENT: list[dict[str, Any]] = [
    {},
    {"messageContextInfo": {"messageSecret": b"s"}},
    {"senderKeyDistributionMessage": {"groupID": "g"}},
    {"pollUpdateMessage": {"senderTimestampMS": 1}},
    {"encReactionMessage": {"encPayload": b"x"}},
    {"pinInChatMessage": {"type": 1}},
    {"keepInChatMessage": {"keepType": 1}},
    {"albumMessage": {"expectedImageCount": 2}},
    {"secretEncryptedMessage": {"encPayload": b"x"}},
    {"protocolMessage": {"type": 5}},
    {"protocolMessage": {"type": 6}},
    {"protocolMessage": {"type": 22}},
    {"protocolMessage": {}},
    {"conversation": ""},
]

WRAPPERS = [
    "ephemeralMessage", "viewOnceMessage", "viewOnceMessageV2", "viewOnceMessageV2Extension",
    "documentWithCaptionMessage", "editedMessage", "botInvokeMessage", "lottieStickerMessage",
    "groupMentionedMessage", "associatedChildMessage", "spoilerMessage", "deviceSentMessage",
    "pollCreationMessageV4", "questionMessage", "limitSharingMessage",
]  # fmt: skip


@pytest.mark.parametrize(("fields", "kind", "body", "media"), KINDS)
def test_a_kind_says_what_it_is(
    fields: dict[str, Any], kind: str, body: str, media: Media | None
) -> None:
    content = E2EMessage(**fields)
    live = seen(message(content))
    assert (live.type, shown(live), live.media) == (kind, body, media)
    then = seen(history((CUSTOMER, [past("H1", content)], {})))
    assert (then.type, shown(then), then.media) == (kind, body, media)
    assert then.is_history
    assert not live.is_history


@pytest.mark.parametrize("fields", SILENT)
def test_what_is_no_line_of_a_chat_is_none(fields: dict[str, Any]) -> None:
    content = E2EMessage(**fields)
    assert list(chat_facts(message(content))) == []
    assert list(chat_facts(history((CUSTOMER, [past("H1", content)], {})))) == []


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_wrappers_are_taken_off_in_live_events_and_in_history(wrapper: str) -> None:
    content = E2EMessage(
        **{wrapper: {"message": {"ephemeralMessage": {"message": {"conversation": "x"}}}}}
    )
    content.messageContextInfo.messageSecret = b"s"
    assert seen(message(content)).body == "x"
    assert seen(history((CUSTOMER, [past("H1", content)], {}))).body == "x"


def test_every_field_of_a_message_is_known_one_way_or_another() -> None:
    """A field that a newer neonize brings must be looked at before it is shipped."""
    shown_as_unsupported = {
        "richResponseMessage",
        "conditionalRevealMessage",
    }
    known = (
        reader._KINDS.keys()
        | reader._SILENT
        | reader._WRAPPERS
        | shown_as_unsupported
        | {"reactionMessage", "protocolMessage"}
    )
    assert {field.name for field in e2e_pb2.Message.DESCRIPTOR.fields} == known


def test_a_kind_of_the_future_is_a_placeholder_and_not_lost() -> None:
    event = message("x")
    event.Message.Clear()
    event.Message.MergeFromString(b"\xfa\x3f\x03abc")  # field 1023, in no protobuf yet
    assert (seen(event).type, shown(seen(event))) == ("unsupported", "")


def test_wrappers_without_end_are_a_placeholder() -> None:
    content = E2EMessage(conversation="x")
    for _ in range(30):
        content = E2EMessage(ephemeralMessage={"message": content})
    assert seen(message(content)).type == "unsupported"


def test_every_heading_that_has_words_is_one_that_a_message_may_have() -> None:
    sources = "".join(path.read_text() for path in BRIDGE.rglob("*.py"))
    assert [code for code in kinds._HEADINGS if f'"{code}"' not in sources] == []
