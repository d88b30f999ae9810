"""Facts become documents, whatever their order and however often they are told."""

import asyncio
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.whatsapp.facts import (
    Chat,
    ConversationNoted,
    Fact,
    LidLinked,
    MessageEdited,
    MessageRevoked,
    NameLearned,
    ReactionSet,
)
from core.model.documents import Heading, Media, Message, Thread, from_document
from core.model.ids import Jid, message_path, thread_path
from core.store.port import Delete
from tests.support.accounts import (
    LID,
    LID_THREAD,
    NOW,
    PHONE,
    THREAD,
    Desk,
    a_desk,
    at,
    message,
    receipt,
)

CHAT = Chat(jid=PHONE)
OTHER = Chat(jid=Jid("40799999999", "s.whatsapp.net"))
FACTS: list[Fact] = [
    message("A", "unu", seconds=0),
    message("B", "doi", seconds=10),
    message("C", "trei", seconds=30),
    message("H", "vechi", seconds=-500, is_history=True),
    message("O", "de pe telefon", seconds=20, from_me=True),
    message("P", "", seconds=25, type="unsupported", is_placeholder=True),
    message("P", "în sfârșit", seconds=25),
    message("X", "altcineva", seconds=5, chat=OTHER),
    MessageEdited(chat=CHAT, message_id="C", body="trei!", at=at(40)),
    MessageEdited(chat=CHAT, message_id="C", body="trei!!", at=at(50)),
    MessageRevoked(chat=CHAT, message_id="B", at=at(60)),
    ReactionSet(chat=CHAT, message_id="O", reactor_jid=PHONE, emoji="👍", at=at(41)),
    ReactionSet(chat=CHAT, message_id="O", reactor_jid=PHONE, emoji="❤", at=at(42)),
    ReactionSet(chat=CHAT, message_id="A", reactor_jid=PHONE, emoji="😀", at=at(43)),
    ReactionSet(chat=CHAT, message_id="A", reactor_jid=PHONE, emoji="", at=at(44)),
    receipt("delivered", "O", seconds=21),
    receipt("read", "O", seconds=22),
    receipt("read_on_phone", "B", seconds=70),
    NameLearned(jid=PHONE, name="Maria P", source="push"),
    NameLearned(jid=PHONE, name="Maria Popescu", source="contact"),
]


async def _documents(facts: list[Fact], batches: list[int]) -> dict[str, Any]:
    """Tell facts in batches of the sizes given, and return every document."""
    with tempfile.TemporaryDirectory() as folder:
        async with a_desk(Path(folder)) as desk:
            rest = list(facts)
            for size in [*batches, len(rest)]:
                some, rest = rest[:size], rest[size:]
                if some:
                    await desk.tell(*some)
            found: dict[str, Any] = {}
            for thread_id in await desk.threads():
                found[thread_id] = await desk.thread(thread_id)
                for key, doc in (await desk.messages(thread_id)).items():
                    found[f"{thread_id}/{key}"] = doc
            for doc in found.values():  # the moments of writing differ, and may
                doc.pop("createdAt")
                doc.pop("updatedAt", None)
            return found


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_any_order_and_repetition_give_the_same_documents(data: st.DataObject) -> None:
    order = data.draw(st.permutations(FACTS))
    again = data.draw(st.lists(st.sampled_from(FACTS), max_size=6))
    batches = data.draw(st.lists(st.integers(1, 6), max_size=6))
    told = asyncio.run(_documents([*order, *again], batches))
    assert told == _in_order()


@cache
def _in_order() -> dict[str, Any]:
    return asyncio.run(_documents(FACTS, []))


async def test_what_the_documents_say(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        await desk.tell(*FACTS)
        messages = await desk.messages()
        assert messages["A"]["reactions"] == {}
        assert messages["B"]["isRevoked"]
        assert messages["B"]["body"] == "doi"
        assert (messages["C"]["body"], messages["C"]["isEdited"]) == ("trei!!", True)
        assert messages["P"]["body"] == "în sfârșit"
        assert messages["O"]["status"] == "read"
        assert messages["O"]["deliveredAt"] == at(21)
        assert messages["O"]["reactions"] == {str(PHONE): "❤"}
        thread = await desk.thread()
        assert thread["lastMessageText"] == "trei!!"
        assert thread["lastMessageAt"] == at(30)
        assert thread["lastMessageDirection"] == "inbound"
        assert thread["unreadCount"] == 2  # C and P are newer than our answer
        assert thread["displayName"] == "Maria Popescu"
        document = await desk.store.get(thread_path(THREAD))
        assert document is not None
        assert from_document(document, Thread).phone_e164 == "+40712345678"
        for key in messages:
            one = await desk.store.get(f"{thread_path(THREAD)}/messages/{key}")
            assert one is not None
            assert from_document(one, Message).wa_message_id == key


@given(kinds=st.lists(st.sampled_from(["delivered", "read"]), min_size=1, max_size=6))
@settings(max_examples=20, deadline=None)
def test_a_status_never_goes_back(kinds: list[str]) -> None:
    async def tell() -> list[str]:
        seen = []
        with tempfile.TemporaryDirectory() as folder:
            async with a_desk(Path(folder)) as desk:
                await desk.tell(message("O", from_me=True))
                for number, kind in enumerate(kinds):
                    await desk.tell(receipt(kind, "O", seconds=number))
                    seen.append((await desk.messages())["O"]["status"])
        return seen

    ranks = [("sent", "delivered", "read").index(status) for status in asyncio.run(tell())]
    assert ranks == sorted(ranks)


async def test_a_live_message_is_one_commit_of_two_writes(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        await desk.tell(message("A"))
        before = await desk.store.last_seq()  # type: ignore[attr-defined]
        await desk.tell(message("B", seconds=1))
        assert await desk.store.last_seq() - before == 2  # type: ignore[attr-defined]
        await desk.tell(message("B", seconds=1))
        assert await desk.store.last_seq() - before == 2  # type: ignore[attr-defined]


async def test_history_neither_counts_nor_moves_the_preview_back(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        await desk.tell(message("A", "nou"))
        await desk.tell(message("H", "vechi", seconds=-100, is_history=True))
        thread = await desk.thread()
        assert (thread["lastMessageText"], thread["unreadCount"]) == ("nou", 1)


async def test_a_live_message_taken_for_history_still_counts(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        await desk.tell(message("A", is_history=True))
        assert (await desk.thread())["unreadCount"] == 0
        await desk.tell(message("A"))
        await desk.tell(message("A"))
        assert (await desk.thread())["unreadCount"] == 1


async def test_an_answer_from_the_phone_clears_unread(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        await desk.tell(message("A"), message("B", seconds=1))
        await desk.tell(message("O", seconds=2, from_me=True))
        assert (await desk.thread())["unreadCount"] == 0
        await desk.tell(message("C", seconds=3))
        assert (await desk.thread())["unreadCount"] == 1


async def test_a_system_line_is_no_message_to_answer(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        await desk.tell(message("A", "nou"), message("S", "linie", seconds=9, type="system"))
        thread = await desk.thread()
        assert (thread["lastMessageText"], thread["unreadCount"]) == ("nou", 1)


@pytest.mark.parametrize(
    ("body", "fields", "preview"),
    [
        ("  doi\n\nrânduri ", {}, "doi rânduri"),
        ("x" * 500, {}, "x" * 200),
        ("\x1b[31mroșu\u202e", {}, "roșu"),
        ("", {"type": "image"}, ""),
        ("", {"type": "document", "media": Media(file_name="oferta.pdf")}, "oferta.pdf"),
        ("Tort", {"type": "image"}, "Tort"),
    ],
)
async def test_the_preview_is_one_clean_line_of_the_messages_own(
    tmp_path: Path, body: str, fields: dict[str, Any], preview: str
) -> None:
    async with a_desk(tmp_path) as desk:
        await desk.tell(message("A", body, **fields))
        thread = await desk.thread()
        assert (thread["lastMessageText"], thread["lastMessageType"]) == (
            preview, fields.get("type", "text"),
        )  # fmt: skip
        assert (await desk.messages())["A"]["body"] == body


async def test_what_is_said_of_a_message_is_no_part_of_its_text(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        missed = Heading(code="missed_voice_call")
        await desk.tell(message("A", "Baloane", heading=Heading(code="order", count=3)))
        order = (await desk.messages())["A"]
        assert (order["body"], order["heading"]) == ("Baloane", {"code": "order", "count": 3})
        thread = await desk.thread()
        assert (thread["lastMessageText"], thread["lastMessageHeading"]) == (
            "Baloane", {"code": "order", "count": 3},
        )  # fmt: skip
        await desk.tell(message("B", "", type="system", heading=missed), message("C", "Da"))
        assert (await desk.messages())["B"]["heading"] == {"code": "missed_voice_call"}
        assert (await desk.thread())["lastMessageHeading"] is None


async def test_a_deleted_message_is_not_read_in_the_list_of_conversations(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        await desk.tell(message("A", "secret"))
        await desk.tell(MessageRevoked(chat=Chat(jid=PHONE), message_id="A", at=at(1)))
        thread = await desk.thread()
        assert (thread["lastMessageText"], thread["lastMessageHeading"]) == (
            "", {"code": "deleted"},
        )  # fmt: skip
        await desk.tell(message("B", "gata", seconds=2))
        thread = await desk.thread()
        assert (thread["lastMessageText"], thread["lastMessageHeading"]) == ("gata", None)


async def test_words_that_an_older_version_put_into_a_text_are_not_said_twice(
    tmp_path: Path,
) -> None:
    async with a_desk(tmp_path) as desk:
        await desk.tell(message("A", "Order: Baloane"))
        await desk.tell(message("A", "Baloane", heading=Heading(code="order")))
        told = (await desk.messages())["A"]
        assert (told["body"], told.get("heading")) == ("Order: Baloane", None)


async def test_a_message_that_was_waited_for_takes_the_place_of_the_wait(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        waiting = Heading(code="waiting")
        for wait in ({"heading": waiting}, {"body": "Waiting for this message."}):
            await desk.tell(message("A", type="unsupported", is_placeholder=True, **wait))
            await desk.tell(message("A", "Da, sigur"))
            told = (await desk.messages())["A"]
            assert (told["body"], told["type"], told.get("heading")) == ("Da, sigur", "text", None)
            await desk.store.commit([Delete(message_path(THREAD, "A"))])


async def test_names_learned_before_there_is_a_thread_are_kept(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        await desk.tell(NameLearned(jid=PHONE, name="Maria", source="push"))
        assert not await desk.threads()
        await desk.tell(message("A"))
        assert (await desk.thread())["displayName"] == "Maria"


async def test_a_chat_archived_on_the_phone_starts_archived_until_somebody_writes(
    tmp_path: Path,
) -> None:
    async with a_desk(tmp_path) as desk:
        noted = ConversationNoted(
            chat=CHAT, name="", unread_count=0, last_activity_at=NOW, is_archived=True
        )
        await desk.tell(noted, message("H", seconds=-9, is_history=True))
        assert (await desk.thread())["isArchived"]
        await desk.tell(message("A"))
        assert not (await desk.thread())["isArchived"]


# -- one customer, two addresses ------------------------------------------------------------------


async def test_a_lid_and_its_phone_are_one_thread(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        await desk.tell(message("A"), LidLinked(lid=LID, phone=PHONE))
        await desk.tell(message("B", seconds=1, chat=Chat(jid=LID)))
        assert await desk.threads() == [THREAD]
        thread = await desk.thread()
        assert thread["lidJid"] == str(LID)
        assert set(await desk.messages()) == {"A", "B"}


async def test_a_lid_thread_keeps_its_id_when_the_phone_becomes_known(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        await desk.tell(message("A", chat=Chat(jid=LID)))
        assert (await desk.thread(LID_THREAD))["phoneE164"] is None
        await desk.tell(LidLinked(lid=LID, phone=PHONE))
        thread = await desk.thread(LID_THREAD)
        assert (thread["phoneE164"], thread["displayName"]) == ("+40712345678", "+40712345678")
        await desk.tell(message("B", seconds=1))
        assert await desk.threads() == [LID_THREAD]


async def test_a_thread_is_found_again_without_notes(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        await desk.tell(message("A", chat=Chat(jid=LID, other_jid=PHONE)))
        await desk.tell(message("B", seconds=1, chat=Chat(jid=LID)))
    (tmp_path / "notes.db").unlink()
    async with a_desk(tmp_path) as desk:
        await desk.tell(message("C", seconds=2, chat=Chat(jid=LID)))
        assert await desk.threads() == [THREAD]
        assert set(await desk.messages()) == {"A", "B", "C"}


async def _two_threads(desk: Desk) -> None:
    await desk.tell(message("A", "la telefon"), message("S", seconds=2))
    await desk.tell(message("B", "ascuns", seconds=5, chat=Chat(jid=LID)))
    await desk.tell(message("S", seconds=2, chat=Chat(jid=LID)))


async def test_two_threads_of_one_customer_are_merged(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        await _two_threads(desk)
        assert sorted(await desk.threads()) == sorted([THREAD, LID_THREAD])
        await desk.tell(LidLinked(lid=LID, phone=PHONE))
        messages = await desk.messages()
        assert set(messages) == {"A", "B", "S"}
        assert messages["B"]["clientJid"] == str(PHONE)
        thread = await desk.thread()
        assert (thread["lastMessageText"], thread["unreadCount"]) == ("ascuns", 3)
        assert thread["lidJid"] == str(LID)
        closed = await desk.thread(LID_THREAD)
        assert closed["isArchived"]
        assert closed["mergedInto"] == THREAD
        assert len(await desk.messages(LID_THREAD)) == 2  # nothing is deleted
        await desk.tell(message("D", seconds=9, chat=Chat(jid=LID)))
        assert set(await desk.messages()) == {"A", "B", "S", "D"}


@pytest.mark.parametrize("edited_in", [LID, PHONE])
async def test_an_edit_that_one_of_two_threads_heard_of_is_shown_once_they_are_merged(
    tmp_path: Path, edited_in: Jid
) -> None:
    async with a_desk(tmp_path) as desk:
        for jid in (PHONE, LID):
            await desk.tell(message("A", "la 5", chat=Chat(jid=jid), is_history=True))
        edit = MessageEdited(chat=Chat(jid=edited_in), message_id="A", body="la 6", at=at(1))
        await desk.tell(edit)
        await desk.tell(LidLinked(lid=LID, phone=PHONE))
        assert (await desk.messages())["A"]["body"] == "la 6"
        assert (await desk.thread())["lastMessageText"] == "la 6"


async def test_a_merge_cut_short_is_finished_later(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        await _two_threads(desk)
    (tmp_path / "notes.db").unlink()  # the link was told, but the work was cut short
    async with a_desk(tmp_path) as desk:
        await desk.tell(message("D", seconds=9, chat=Chat(jid=LID, other_jid=PHONE)))
        assert set(await desk.messages()) == {"A", "B", "S", "D"}
        assert (await desk.thread(LID_THREAD))["mergedInto"] == THREAD


async def test_groups_and_accounts_stay_apart(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        group = Jid("40712345678-1500000000", "g.us")
        await desk.tell(
            message("A", chat=Chat(jid=group)),
            NameLearned(jid=group, name="Petrecere", source="group"),
        )
        thread = await desk.thread(f"WA-01__{group}")
        assert (thread["isGroup"], thread["phoneE164"]) == (True, None)
        assert thread["displayName"] == "Petrecere"
