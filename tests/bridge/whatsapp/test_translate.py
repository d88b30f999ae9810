"""Events become facts: who, where, when; and nothing but a TranslationError comes of rubbish."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import TranslationError
from bridge.whatsapp.addresses import OwnJids
from bridge.whatsapp.facts import (
    Chat,
    Fact,
    MessageRevoked,
    MessageSeen,
    NameLearned,
    ReceiptSeen,
)
from bridge.whatsapp.proto import E2EMessage, EventCode
from bridge.whatsapp.translate import JOURNALLED, translate
from core.model.ids import Jid
from tests.support.neonize_events import (
    CUSTOMER,
    CUSTOMER_LID,
    GROUP,
    NOW_SECONDS,
    OWN_LID,
    OWN_PHONE,
    call_offer,
    code_of,
    group_renamed,
    history,
    message,
    past,
    receipt,
    undecryptable,
)
from tests.support.translated import LATER, NOW, OWN, facts, messages, shown

PHONE, LID = Jid.parse(CUSTOMER), Jid.parse(CUSTOMER_LID)
SENDERS_PHONE, SENDERS_LID = "40744444444@s.whatsapp.net", "777@lid"


# -- live -----------------------------------------------------------------------------------------


def test_a_customers_message() -> None:
    name, line = facts(message("Bună!", at=NOW_SECONDS * 1000 + 123))
    assert name == NameLearned(jid=PHONE, name="Ana", source="push")
    assert line == MessageSeen(
        chat=Chat(jid=PHONE),
        message_id="M1",
        sender_jid=PHONE,
        sender_name="Ana",
        from_me=False,
        ts_client=NOW + timedelta(milliseconds=123),
        type="text",
        body="Bună!",
    )


@pytest.mark.parametrize(
    ("chat", "alt", "expected"),
    [
        (CUSTOMER, "", Chat(jid=PHONE)),
        (CUSTOMER, CUSTOMER_LID, Chat(jid=PHONE, other_jid=LID)),
        (CUSTOMER_LID, CUSTOMER, Chat(jid=LID, other_jid=PHONE)),
        (CUSTOMER_LID, "", Chat(jid=LID)),
        (CUSTOMER_LID, "999@lid", Chat(jid=LID)),
    ],
)
@pytest.mark.parametrize("from_me", [False, True])
def test_a_person_has_a_phone_number_and_a_lid(
    chat: str, alt: str, expected: Chat, from_me: bool
) -> None:
    alts: dict[str, Any] = {"recipient_alt": alt} if from_me else {"sender_alt": alt}
    (line,) = messages(facts(message(chat=chat, from_me=from_me, **alts)))
    assert line.chat == expected
    known_phone = expected.other_jid if expected.other_jid == PHONE else expected.jid
    assert line.sender_jid == (OWN.phone if from_me else known_phone)


def test_our_own_lid_is_never_taken_for_the_customers() -> None:
    (line,) = messages(facts(message(chat=CUSTOMER, from_me=True, sender_alt=OWN_LID)))
    assert line.chat == Chat(jid=PHONE)


def test_what_was_written_on_the_phone_is_ours_and_sent() -> None:
    (line,) = facts(message("Salut", from_me=True, pushname="Shop"))
    assert isinstance(line, MessageSeen)
    assert (line.from_me, line.status, line.sender_name) == (True, "sent", "")
    assert line.sender_jid == OWN.phone


def test_before_we_know_ourselves_the_event_says_who_we_are() -> None:
    (line,) = messages(
        facts(message(from_me=True, sender="40711111111:3@s.whatsapp.net"), OwnJids())
    )
    assert line.sender_jid == OWN.phone


def test_in_a_group_the_sender_is_named_by_phone_when_known() -> None:
    (line,) = messages(facts(message(chat=GROUP, sender=SENDERS_LID, sender_alt=SENDERS_PHONE)))
    assert line.chat == Chat(jid=Jid.parse(GROUP))
    assert line.sender_jid == Jid.parse(SENDERS_PHONE)
    (line,) = messages(facts(message(chat=GROUP, sender=SENDERS_LID)))
    assert line.sender_jid == Jid.parse(SENDERS_LID)


@pytest.mark.parametrize(
    "chat",
    [
        "status@broadcast", "120363@newsletter", "4071@hosted", "71@hosted.lid",
        "867@bot", "0@s.whatsapp.net", "../../x@s.whatsapp.net", "a/b@lid", "__x__@g.us",
    ],
)  # fmt: skip
def test_what_is_no_customer_is_kept_out(chat: str) -> None:
    assert facts(message(chat=chat)) == []
    assert facts(receipt(4, "A", chat=chat)) == []
    assert facts(undecryptable(chat=chat)) == []
    assert facts(history((chat, [past("A", "x")], {"name": "N"})))[:-1] == []


def test_what_a_customer_sends_to_a_list_is_a_direct_message() -> None:
    (line,) = messages(facts(message(chat="1234@broadcast", sender=CUSTOMER)))
    assert line.chat.jid == line.sender_jid
    assert not line.from_me
    assert messages(facts(message(chat="1234@broadcast", from_me=True))) == []


def test_a_message_that_cannot_be_decrypted_stands_in_for_the_real_one() -> None:
    (line,) = messages(facts(undecryptable("M9")))
    assert (line.message_id, line.type, line.is_placeholder) == ("M9", "unsupported", True)
    assert facts(undecryptable("M9", mode=2)) == []


def test_a_message_without_a_time_was_written_when_it_came() -> None:
    event = message()
    for nonsense in (0, 1 << 62):
        event.Info.Timestamp = nonsense
        assert messages(facts(event))[0].ts_client - LATER < timedelta(milliseconds=1)


def test_what_is_written_within_a_second_keeps_the_order_of_the_journal() -> None:
    payload = message("Bună!").SerializeToString()
    times = [
        messages(translate(EventCode.MESSAGE, payload, own=OWN, received_at=LATER, seq=seq))[0]
        for seq in (7, 8, 9)
    ]
    assert sorted({one.ts_client for one in times}) == [one.ts_client for one in times]
    assert {one.ts_client.replace(microsecond=0) for one in times} == {NOW}


def test_what_was_written_within_a_second_keeps_the_order_of_the_history() -> None:
    lines = [past("N4", "d", at=4), past("N3", "c", at=3), past("N2", "b", at=3)]
    found = messages(facts(history((CUSTOMER, lines, {}))))
    assert [one.message_id for one in sorted(found, key=lambda one: one.ts_client)] == [
        "N2", "N3", "N4",
    ]  # fmt: skip
    assert len({one.ts_client for one in found}) == 3


@pytest.mark.parametrize("strange", ["../../accounts/shop", "a/b", "__id__", ".", "x" * 5000, "ă"])
def test_a_strange_message_id_cannot_leave_its_place(strange: str) -> None:
    (line,) = messages(facts(message(message_id=strange)))
    assert line.message_id.isalnum()
    assert len(line.message_id) < 100
    target = E2EMessage(protocolMessage={"type": 0, "key": {"ID": strange}})
    (revoked,) = [f for f in facts(message(target)) if isinstance(f, MessageRevoked)]
    assert revoked.message_id == line.message_id


def test_groups_have_names() -> None:
    assert facts(group_renamed("Părinți")) == [
        NameLearned(jid=Jid.parse(GROUP), name="Părinți", source="group")
    ]
    assert facts(group_renamed("")) == []


def test_a_call_is_a_line() -> None:
    (line,) = messages(facts(call_offer()))
    assert (line.type, shown(line), line.message_id) == ("system", "Incoming call", "call-C1")
    assert facts(call_offer(caller=OWN_PHONE)) == []


# -- receipts -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "from_me", "expected"),
    [
        (1, False, "delivered"), (4, False, "read"), (6, False, "read"),
        (5, False, "read_on_phone"), (4, True, "read_on_phone"), (5, True, "read_on_phone"),
        (8, True, "read_on_phone"), (1, True, None), (2, False, None), (2, True, None),
        (3, False, None), (8, False, None), (9, False, None), (10, True, None), (11, True, None),
    ],
)  # fmt: skip
def test_receipts(kind: int, from_me: bool, expected: str | None) -> None:
    found = facts(receipt(kind, "A", "B", from_me=from_me))
    if expected is None:
        assert found == []
        return
    (fact,) = found
    assert isinstance(fact, ReceiptSeen)
    assert (fact.kind, fact.message_ids, fact.at) == (expected, ("A", "B"), NOW)


def test_a_receipt_comes_back_under_the_lid() -> None:
    (fact,) = facts(receipt(1, "A", chat=CUSTOMER_LID, sender_alt=CUSTOMER))
    assert isinstance(fact, ReceiptSeen)
    assert fact.chat == Chat(jid=LID, other_jid=PHONE)


def test_one_reader_of_a_group_is_not_all_of_them() -> None:
    (fact,) = facts(receipt(4, "A", chat=GROUP, sender=SENDERS_PHONE))
    assert isinstance(fact, ReceiptSeen)
    assert fact.kind == "delivered"


# -- rubbish --------------------------------------------------------------------------------------

SAMPLES = [
    message("Bună!"),
    message(E2EMessage(extendedTextMessage={"text": "x", "contextInfo": {"stanzaID": "Q"}})),
    message(E2EMessage(contactMessage={"displayName": "A", "vcard": "TEL:+40"})),
    message(E2EMessage(interactiveMessage={"nativeFlowMessage": {"buttons": [{"name": "n"}]}})),
    message(E2EMessage(protocolMessage={"type": 14, "key": {"ID": "x"}})),
    undecryptable(),
    receipt(4, "A", "B"),
    group_renamed("G"),
    call_offer(),
    history(
        (CUSTOMER, [past("A", "x", pushName="P"), past("B", messageStubType=27)], {"name": "N"}),
        (GROUP, [past("C", E2EMessage(imageMessage={"caption": "c"}))], {"lidJID": "x@lid"}),
    ),
]


def translated(code: int, payload: bytes) -> list[Fact]:
    """Return the facts of a payload, none when it is refused in the one way that is allowed."""
    found: list[Fact] = []
    try:
        found.extend(translate(code, payload, own=OWN, received_at=LATER, seq=42))
    except TranslationError as error:
        refused = error
    else:
        return found
    assert (refused.code, refused.seq) == (code, 42)
    return found


@given(data=st.data())
def test_rubbish_is_a_translation_error_at_worst(data: st.DataObject) -> None:
    event = data.draw(st.sampled_from(SAMPLES))
    payload = bytearray(event.SerializeToString())
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(payload) - 1))
        match data.draw(st.sampled_from(["set", "cut", "insert"])):
            case "set":
                payload[place] = data.draw(st.integers(0, 255))
            case "cut":
                del payload[place : place + data.draw(st.integers(1, 9))]
            case _:
                payload[place:place] = data.draw(st.binary(min_size=1, max_size=9))
        if not payload:
            break
    for fact in translated(code_of(event), bytes(payload)):
        if isinstance(fact, MessageSeen):
            assert fact.message_id
            assert fact.ts_client.tzinfo is not None


@given(payload=st.binary(max_size=300), code=st.sampled_from(sorted(JOURNALLED)))
def test_any_bytes_are_a_translation_error_at_worst(payload: bytes, code: int) -> None:
    translated(code, payload)


def test_an_event_that_lost_its_required_parts_is_refused() -> None:
    with pytest.raises(TranslationError):
        list(translate(EventCode.RECEIPT, b"", own=OWN, received_at=LATER))


def test_a_message_without_an_id_is_refused() -> None:
    with pytest.raises(TranslationError) as caught:
        facts(message("secretul clientului", message_id=""))
    assert "secret" not in str(caught.value)


def test_an_event_of_no_interest_says_nothing() -> None:
    assert list(translate(EventCode.CONNECTED, b"\x08\x01", own=OWN, received_at=LATER)) == []
