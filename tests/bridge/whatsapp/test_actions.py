"""What messages do to other messages: quote, change, take back, and react to them."""

from datetime import UTC, datetime

import pytest

from bridge.whatsapp.addresses import jid_of_text
from bridge.whatsapp.facts import Author, MessageEdited, MessageRevoked, ReactionSet
from bridge.whatsapp.proto import E2EMessage
from core.model.documents import Quoted
from tests.support.neonize_events import CUSTOMER, CUSTOMER_LID, OWN_LID, history, message, past
from tests.support.translated import OWN, chat_facts, seen


def test_a_quote_is_kept_with_its_kind_text_and_author() -> None:
    content = E2EMessage(extendedTextMessage={"text": "Da"})
    context = content.extendedTextMessage.contextInfo
    context.stanzaID, context.participant = "Q1", OWN_LID
    context.quotedMessage.imageMessage.mimetype = "image/jpeg"
    quoted = seen(message(content)).quoted
    assert quoted == Quoted(message_id="Q1", type="image", direction="outbound")
    context.participant = CUSTOMER
    context.quotedMessage.Clear()
    context.quotedMessage.conversation = "ă" * 1000
    quoted = seen(message(content)).quoted
    assert quoted == Quoted(
        message_id="Q1", body="ă" * 300, direction="inbound", sender_name="+40722222222"
    )


def test_an_edit_carries_the_new_text() -> None:
    content = E2EMessage()
    protocol = content.protocolMessage
    protocol.type, protocol.key.ID, protocol.timestampMS = 14, "M1", 1_773_500_000_500
    protocol.editedMessage.extendedTextMessage.text = "Bună seara"
    (edit,) = chat_facts(message(content, message_id="E1"))
    assert isinstance(edit, MessageEdited)
    assert (edit.message_id, edit.body) == ("M1", "Bună seara")
    assert edit.author == Author(False, jid_of_text(CUSTOMER))
    assert edit.at == datetime(2026, 3, 14, 14, 53, 20, 500_000, tzinfo=UTC)
    wrapped = E2EMessage(editedMessage={"message": content})
    assert list(chat_facts(history((CUSTOMER, [past("E1", wrapped)], {})))) == [edit]


def test_an_edited_caption_may_become_empty() -> None:
    content = E2EMessage()
    content.protocolMessage.type, content.protocolMessage.key.ID = 14, "M1"
    content.protocolMessage.editedMessage.imageMessage.mimetype = "image/jpeg"
    (edit,) = chat_facts(message(content))
    assert isinstance(edit, MessageEdited)
    assert edit.body == ""


def test_a_deletion_names_the_message() -> None:
    content = E2EMessage(protocolMessage={"type": 0, "key": {"ID": "M1"}})
    (revoked,) = chat_facts(message(content, message_id="R1"))
    assert isinstance(revoked, MessageRevoked)
    assert revoked.message_id == "M1"
    (ours,) = chat_facts(message(content, message_id="R1", from_me=True))
    assert isinstance(ours, MessageRevoked)
    assert ours.author == Author(True, OWN.best)


@pytest.mark.parametrize("emoji", ["👍", ""])
def test_a_reaction_says_who_and_what(emoji: str) -> None:
    content = E2EMessage(
        reactionMessage={"key": {"ID": "M1"}, "text": emoji, "senderTimestampMS": 1_773_500_000_000}
    )
    (theirs,) = chat_facts(message(content, chat=CUSTOMER_LID, sender_alt=CUSTOMER))
    assert isinstance(theirs, ReactionSet)
    assert (theirs.message_id, theirs.emoji) == ("M1", emoji)
    assert theirs.reactor_jid == jid_of_text(CUSTOMER)
    (ours,) = chat_facts(message(content, from_me=True))
    assert isinstance(ours, ReactionSet)
    assert ours.reactor_jid == OWN.phone
