"""The chunks of a phone's history become facts: in order, little by little, whatever they lack."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bridge.whatsapp import history as history_module
from bridge.whatsapp.facts import (
    Chat,
    ConversationNoted,
    HistoryProgress,
    LidLinked,
    MessageRevoked,
    NameLearned,
    ReactionSet,
)
from bridge.whatsapp.proto import Conversation
from bridge.whatsapp.translate import translate
from core.model.ids import Jid
from tests.support.neonize_events import (
    CUSTOMER,
    CUSTOMER_LID,
    GROUP,
    NOW_SECONDS,
    OWN_PHONE,
    history,
    past,
)
from tests.support.translated import LATER, NOW, OWN, facts, messages, shown

PHONE, LID = Jid.parse(CUSTOMER), Jid.parse(CUSTOMER_LID)
SENDERS_LID = "777@lid"


def test_a_history_chunk_streams_newest_conversation_first_and_oldest_message_first() -> None:
    old = ("40733333333@s.whatsapp.net", [past("O1", "vechi")], {"conversationTimestamp": 100})
    new = (
        CUSTOMER,
        [past("N3", "c", at=3), past("N2", "b", at=3), past("N1", "a", at=1)],
        {"conversationTimestamp": 200, "unreadCount": 2, "name": "Ana Popescu", "archived": True},
    )
    found = facts(history(old, new, progress=70, syncType=3))
    assert [line.message_id for line in messages(found)] == ["N1", "N2", "N3", "O1"]
    assert found[-1] == HistoryProgress(percent=70, sync_type="RECENT")
    assert found[:2] == [
        NameLearned(jid=PHONE, name="Ana Popescu", source="contact"),
        ConversationNoted(
            chat=Chat(jid=PHONE),
            name="Ana Popescu",
            unread_count=2,
            last_activity_at=datetime.fromtimestamp(200, UTC),
            is_archived=True,
        ),
    ]


def test_a_history_in_several_parts_is_one() -> None:
    parts = [history((CUSTOMER, [past("A", "x")], {})), history((GROUP, [past("B", "y")], {}))]
    payload = b"".join(part.SerializeToString() for part in parts)
    found = list(translate(13, payload, own=OWN, received_at=LATER))
    assert {line.message_id for line in messages(found)} == {"A", "B"}
    assert sum(isinstance(fact, HistoryProgress) for fact in found) == 1


def test_the_conversations_of_a_history_are_parsed_when_it_is_their_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parsed: list[int] = []

    class Counting:
        @staticmethod
        def FromString(data: bytes) -> Any:  # noqa: N802 - protobuf's name
            parsed.append(len(data))
            return Conversation.FromString(data)

    monkeypatch.setattr(history_module, "Conversation", Counting)
    event = history(*((f"407{n:08}@s.whatsapp.net", [past("A", "x")], {}) for n in range(50)))
    stream = translate(13, event.SerializeToString(), own=OWN, received_at=NOW)
    noted = [len(parsed) for fact in stream if isinstance(fact, ConversationNoted)]
    assert noted == list(range(1, 51))


def test_a_history_chunk_is_read_one_fact_at_a_time() -> None:
    event = history(*((f"407{n:08}@s.whatsapp.net", [past("A", "x")], {}) for n in range(50)))
    stream = translate(13, event.SerializeToString(), own=OWN, received_at=NOW)
    first = next(stream)
    assert isinstance(first, ConversationNoted)
    assert sum(1 for _ in stream) == 100


@pytest.mark.parametrize(
    ("jid", "more", "chat"),
    [
        (CUSTOMER, {"lidJID": CUSTOMER_LID}, Chat(jid=PHONE, other_jid=LID)),
        (CUSTOMER_LID, {"pnJID": CUSTOMER}, Chat(jid=LID, other_jid=PHONE)),
    ],
)
def test_history_tells_who_is_who(jid: str, more: dict[str, str], chat: Chat) -> None:
    found = facts(history((jid, [past("A", "x", chat=jid)], more)))
    assert LidLinked(lid=LID, phone=PHONE) in found
    (line,) = messages(found)
    assert (line.chat, line.sender_jid) == (chat, PHONE)


def test_mappings_and_names_come_before_the_conversations() -> None:
    event = history((CUSTOMER, [past("A", "x")], {}))
    event.Data.phoneNumberToLidMappings.add(pnJID=CUSTOMER, lidJID=CUSTOMER_LID)
    event.Data.phoneNumberToLidMappings.add(pnJID="rubbish", lidJID="")
    event.Data.pushnames.add(ID=CUSTOMER, pushname="Ana")
    event.Data.pushnames.add(ID="status@broadcast", pushname="x")
    assert facts(event)[:2] == [
        LidLinked(lid=LID, phone=PHONE),
        NameLearned(jid=PHONE, name="Ana", source="push"),
    ]


@pytest.mark.parametrize(
    ("number", "status"),
    [
        (None, None), (0, "failed"), (1, None), (2, "sent"), (3, "delivered"), (4, "read"),
        (5, "read"),
    ],
)  # fmt: skip
def test_history_says_what_became_of_our_messages(number: int | None, status: str | None) -> None:
    fields: dict[str, Any] = {} if number is None else {"status": number}
    (ours,) = messages(facts(history((CUSTOMER, [past("A", "x", from_me=True, **fields)], {}))))
    assert (ours.status, ours.sender_jid) == (status, OWN.phone)
    (theirs,) = messages(facts(history((CUSTOMER, [past("A", "x", **fields)], {}))))
    assert theirs.status is None


def test_group_history_takes_the_sender_from_where_it_is() -> None:
    outer = past("A", "x", chat=GROUP, participant=SENDERS_LID, pushName="Ion")
    inner = past("B", "y", chat=GROUP, pushName="Ion")
    inner.key.participant = SENDERS_LID
    found = facts(history((GROUP, [outer, inner], {"name": "Părinți"})))
    assert {line.sender_jid for line in messages(found)} == {Jid.parse(SENDERS_LID)}
    named = [fact for fact in found if isinstance(fact, NameLearned)]
    assert named == [
        NameLearned(jid=Jid.parse(GROUP), name="Părinți", source="group"),
        NameLearned(jid=Jid.parse(SENDERS_LID), name="Ion", source="push"),
    ]


def test_reactions_of_history_follow_their_message() -> None:
    info = past("A", "x")
    for from_me, text in ((False, "👍"), (True, "❤️"), (False, "")):
        reaction = info.reactions.add(text=text, senderTimestampMS=NOW_SECONDS * 1000)
        reaction.key.fromMe = from_me
    found = [f for f in facts(history((CUSTOMER, [info], {}))) if isinstance(f, ReactionSet)]
    assert [(fact.reactor_jid, fact.emoji) for fact in found] == [(PHONE, "👍"), (OWN.phone, "❤️")]
    assert {fact.message_id for fact in found} == {"A"}


STUBS = [
    (20, ["Părinți"], "Group created: Părinți"),
    (21, ["Nou"], "New group name: Nou"),
    (22, [], "The group's picture was changed."),
    (24, [], "The group's description was changed."),
    (27, [CUSTOMER, OWN_PHONE], "Added: +40722222222, +40711111111"),
    (27, ['{"id":"777@lid","phoneNumber":"40722222222@s.whatsapp.net"}'], "Added: +40722222222"),
    (27, ["777@lid"], "Added"),
    (27, ["{broken", '["x"]'], "Added"),
    (28, [CUSTOMER], "Removed: +40722222222"),
    (32, [CUSTOMER], "Left: +40722222222"),
    (38, [], "The security code has changed."),
    (40, [], "Missed voice call"),
    (41, [], "Missed video call"),
    (42, [], "Changed their phone number"),
    (72, ["86400"], "Messages now disappear after 1 day."),
    (72, ["0"], "Disappearing messages were turned off."),
    (39, [], None),
    (162, [], None),
]


@pytest.mark.parametrize(("number", "parameters", "body"), STUBS)
def test_system_lines_of_history(number: int, parameters: list[str], body: str | None) -> None:
    info = past("S", messageStubType=number, messageStubParameters=parameters)
    lines = messages(facts(history((CUSTOMER, [info], {}))))
    assert [(line.type, shown(line)) for line in lines] == ([("system", body)] if body else [])


def test_history_that_was_not_decrypted_stands_in() -> None:
    (line,) = messages(facts(history((CUSTOMER, [past("S", messageStubType=2)], {}))))
    assert line.is_placeholder
    assert shown(line) == "Waiting for this message."


def test_a_message_deleted_in_history_is_deleted() -> None:
    found = facts(history((CUSTOMER, [past("S", messageStubType=1)], {})))
    assert isinstance(found[1], MessageRevoked)
    assert found[1].message_id == "S"


def test_history_without_content_or_id_is_skipped() -> None:
    event = history((CUSTOMER, [past("A"), past("", "x")], {}))
    assert messages(facts(event)) == []
