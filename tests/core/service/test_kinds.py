"""Whoever reads gets the words for a message without a text in their own language."""

from collections.abc import Iterator
from typing import Any, get_args

import pytest

from bridge.whatsapp.protocol import FailureCode
from core.clock import EPOCH
from core.i18n import use_language
from core.model.documents import MessageType
from core.service.chat import message_row
from core.service.failures import failure_words
from core.service.inbox import InboxView, Matcher, thread_row
from core.service.kinds import headed, heading_words, kind_name
from core.store.port import Document


@pytest.fixture
def _in_romanian() -> Iterator[None]:
    use_language("ro")
    yield
    use_language("en")


def thread(**fields: Any) -> Document:
    return Document("threads/WA-01__40711@s.whatsapp.net", fields, EPOCH, EPOCH)


def quoting(**fields: Any) -> Document:
    data = {"body": "Da", "quoted": {"messageId": "M0", **fields}}
    return Document("threads/T/messages/M1", data, EPOCH, EPOCH)


@pytest.mark.parametrize(
    ("heading", "words"),
    [
        (None, ""),
        ({}, ""),
        ({"code": "of a newer version"}, ""),
        ({"code": "joined"}, "Joined"),
        ({"code": "joined", "count": "3"}, "Joined"),
        ({"code": "order", "count": 0}, "Order"),
        ({"code": "order", "count": 1}, "Order, 1 item"),
        ({"code": "disappearing", "count": 7}, "Messages now disappear after 7 days."),
        ({"code": "disappearing", "count": 1}, "Messages now disappear after 1 day."),
    ],
)
def test_a_heading_has_words(heading: dict[str, Any] | None, words: str) -> None:
    assert heading_words(heading) == words
    assert (headed(words, ""), headed("", "Da")) == (words, "Da")
    assert headed(words, "Da") == (f"{words}: Da" if words else "Da")


def test_every_kind_that_is_more_than_its_text_has_a_name() -> None:
    nameless = {kind for kind in get_args(MessageType) if not kind_name(kind)}
    assert nameless == {"text", "reaction", "system"}
    assert kind_name("hologram") == "Message of another kind"


@pytest.mark.usefixtures("_in_romanian")
@pytest.mark.parametrize(
    ("fields", "preview"),
    [
        ({"lastMessageType": "image", "lastMessageText": ""}, "Fotografie"),
        ({"lastMessageType": "voice", "lastMessageText": ""}, "Mesaj vocal"),
        ({"lastMessageType": "image", "lastMessageText": "tortul"}, "tortul"),
        ({"lastMessageType": "text", "lastMessageText": ""}, ""),
        ({"lastMessageType": "unsupported", "lastMessageText": "",
          "lastMessageHeading": {"code": "waiting"}}, "Se așteaptă acest mesaj."),
        ({"lastMessageType": "text", "lastMessageText": "Baloane",
          "lastMessageHeading": {"code": "order", "count": 2}}, "Comandă, 2 articole: Baloane"),
        ({}, ""),
        ({"lastMessageType": "image", "lastMessageText": "Photo"}, "Photo"),  # of an older version
    ],
)  # fmt: skip
def test_a_conversation_names_its_last_message(fields: dict[str, Any], preview: str) -> None:
    assert thread_row(thread(**fields)).preview == preview


@pytest.mark.usefixtures("_in_romanian")
def test_typing_finds_a_conversation_by_what_is_shown_of_it() -> None:
    document = thread(lastMessageType="image", lastMessageText="")
    assert Matcher(InboxView(text="fotografie")).row(document) is not None
    assert Matcher(InboxView(text="photo")).row(document) is None
    assert Matcher(InboxView(text="fotografie", by_name=True)).row(document) is None


@pytest.mark.usefixtures("_in_romanian")
@pytest.mark.parametrize(
    ("error", "shown"),
    [
        ("cancelled", "Anulat."),
        ("not_on_whatsapp", "Acest număr nu are WhatsApp."),
        ("No WhatsApp there.", "No WhatsApp there."),  # of an older version
        (None, ""),
    ],
)
def test_a_message_that_did_not_go_out_says_why(error: str | None, shown: str) -> None:
    data = {"body": "Da", "direction": "outbound", "status": "failed", "error": error}
    assert message_row(Document("threads/T/messages/M1", data, EPOCH, EPOCH)).error == shown


def test_every_reason_of_the_worker_has_words() -> None:
    assert [code for code in get_args(FailureCode) if failure_words(code) == code] == []


@pytest.mark.usefixtures("_in_romanian")
@pytest.mark.parametrize(
    ("fields", "sender", "body"),
    [
        ({"type": "image", "direction": "outbound"}, "Dumneavoastră", "Fotografie"),
        ({"type": "image", "direction": "inbound", "senderName": "Ana"}, "Ana", "Fotografie"),
        ({"type": "text", "body": "Cât?", "direction": "inbound"}, "", "Cât?"),
        ({"type": "poll", "body": "Când?", "heading": {"code": "poll"}}, "", "Sondaj: Când?"),
        ({"body": "Photo", "senderName": "You"}, "You", "Photo"),  # of an older version
    ],
)
def test_a_reply_names_what_it_answers(fields: dict[str, Any], sender: str, body: str) -> None:
    quote = message_row(quoting(**fields)).quote
    assert quote is not None
    assert (quote.sender, quote.body) == (sender, body)
