"""History in runs gives the same documents as the same facts told one by one."""

import asyncio
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.ingest.places import Place
from bridge.ingest.runs import MOST_LINES, Run, gathered
from bridge.ingest.threads import new_thread
from bridge.ingest.told import Told
from bridge.whatsapp.facts import (
    Chat,
    ConversationNoted,
    Fact,
    LidLinked,
    MessageEdited,
    MessageRevoked,
    MessageSeen,
    NameLearned,
    ReactionSet,
)
from core.model.documents import Heading, Media, Quoted
from core.model.ids import Jid, make_request_id
from core.store.port import Create
from tests.support.accounts import LID, NOW, PHONE, THREAD, Desk, a_desk, at, message, receipt

GROUP = Jid("1203630", "g.us")
CHATS = [Chat(jid=PHONE), Chat(jid=LID), Chat(jid=PHONE, other_jid=LID), Chat(jid=GROUP)]
IDS = st.sampled_from("ABCDEFGH")
SECONDS = st.integers(-5, 5)


@st.composite
def _messages(draw: st.DrawFn) -> MessageSeen:
    from_me = draw(st.booleans())
    kind = draw(st.sampled_from(["text", "text", "text", "image", "system", "unsupported"]))
    return message(
        draw(IDS),
        draw(st.sampled_from(["unu", "doi", ""])),
        seconds=draw(SECONDS),
        chat=draw(st.sampled_from(CHATS)),
        from_me=from_me,
        type=kind,
        status=draw(st.sampled_from([None, "failed", "sent", "read"])) if from_me else None,
        heading=draw(st.sampled_from([None, None, Heading(code="order", count=2)])),
        media=Media(mime_type="image/jpeg", size=7) if kind == "image" else None,
        quoted=draw(st.sampled_from([None, None, Quoted(message_id="A", body="x")])),
        is_placeholder=kind == "unsupported" and draw(st.booleans()),
        is_history=draw(st.sampled_from([True, True, True, False])),
    )


@st.composite
def _others(draw: st.DrawFn) -> Fact:
    chat, wa_id, moment = draw(st.sampled_from(CHATS)), draw(IDS), at(draw(SECONDS))
    kind = draw(st.sampled_from(["delivered", "read", "read_on_phone"]))
    changes: list[Fact] = [
        MessageEdited(chat=chat, message_id=wa_id, body="nou", at=moment),
        MessageRevoked(chat=chat, message_id=wa_id, at=moment),
        ReactionSet(chat=chat, message_id=wa_id, reactor_jid=PHONE, emoji="👍", at=moment),
        receipt(kind, wa_id, "H", seconds=draw(SECONDS), chat=chat),
        NameLearned(jid=chat.jid, name=draw(st.sampled_from(["Ana", "Ion"])), source="push"),
        LidLinked(lid=LID, phone=PHONE),
        ConversationNoted(
            chat=chat,
            name="",
            unread_count=0,
            last_activity_at=None,
            is_archived=draw(st.booleans()),
        ),
    ]
    return draw(st.sampled_from(changes))


@st.composite
def _stretches(draw: st.DrawFn) -> list[Fact]:
    """Neighbouring messages of one chat's history."""
    chat = draw(st.sampled_from(CHATS))
    told = draw(st.lists(_messages(), min_size=2, max_size=5, unique_by=lambda one: one.message_id))
    return [
        msgspec.structs.replace(one, chat=chat, is_history=True, message_id=f"{one.message_id}{at}")
        for at, one in enumerate(told)
    ]


FACTS = st.lists(_stretches() | (_messages() | _others()).map(lambda one: [one]), max_size=6).map(
    lambda parts: [fact for part in parts for fact in part]
)


async def _documents(
    state: list[Fact], told: list[list[Fact]], *, in_runs: bool, was_sent: bool
) -> dict[str, Any]:
    """Tell batches on top of a state, and return every document, and what is left to be told."""
    with tempfile.TemporaryDirectory() as folder:
        async with a_desk(Path(folder)) as desk:
            if was_sent:
                await _send(desk)
            if state:
                await desk.tell(*state)
            counts = []
            for number, batch in enumerate(told, start=1):
                facts = gathered(batch, "WA-01", number) if in_runs else iter(batch)
                all_told = [Told(fact, NOW, number) for fact in facts]
                applied = await desk.applier.apply(all_told) if all_told else None
                counts.append(applied and (applied.new_threads, applied.new_messages))
            found: dict[str, Any] = {"counts": counts}
            for thread_id in await desk.threads():
                found[thread_id] = await desk.thread(thread_id)
                early = desk.notes.early_in(thread_id)
                found[f"{thread_id} early"] = sorted(map(repr, early))
                for key, doc in (await desk.messages(thread_id)).items():
                    found[f"{thread_id}/{key}"] = doc
            return {key: _timeless(doc) for key, doc in found.items()}


def _timeless(doc: Any) -> Any:
    """The moments of writing differ, and may."""
    if not isinstance(doc, dict):
        return doc
    return {name: one for name, one in doc.items() if name not in ("createdAt", "updatedAt")}


async def _send(desk: Desk) -> None:
    """Have message A be one that was sent from the console."""
    request_id = make_request_id(THREAD, "u1", "c1")
    common = {"accountId": "WA-01", "waMessageId": "A", "status": "sent", "createdAt": NOW}
    item = {**common, "threadId": THREAD, "requestId": request_id, "body": "unu"}
    sent = {**common, "messageId": request_id, "clientJid": str(PHONE), "direction": "outbound"}
    await desk.tell(message("H", "deja aici", seconds=-9))
    await desk.store.commit(
        [
            Create(f"outbox/{request_id}", item),
            Create(f"threads/{THREAD}/messages/{request_id}", sent | {"tsClient": NOW, "body": ""}),
        ]
    )


@settings(max_examples=25, deadline=None)
@given(state=FACTS, told=st.lists(FACTS, min_size=1, max_size=3), was_sent=st.booleans())
def test_runs_give_the_same_documents(
    state: list[Fact],
    told: list[list[Fact]],
    was_sent: bool,
) -> None:
    slow = asyncio.run(_documents(state, told, in_runs=False, was_sent=was_sent))
    assert asyncio.run(_documents(state, told, in_runs=True, was_sent=was_sent)) == slow


def test_only_neighbours_of_one_chat_with_different_ids_make_a_run() -> None:
    old = [message(f"M{number}", is_history=True) for number in range(MOST_LINES + 1)]
    other = message("X", chat=Chat(jid=GROUP), is_history=True)
    live, again = message("L"), message("M1", "alt text", is_history=True)
    facts = [*old, other, live, old[1], again]
    found = list(gathered(facts, "WA-01", 1))
    sizes = [len(one) if isinstance(one, Run) else 0 for one in found]
    assert sizes == [MOST_LINES, 1, 1, 0, 1, 1]
    runs = [list(one.facts()) if isinstance(one, Run) else [one] for one in found]
    assert [fact for run in runs for fact in run] == facts


def test_what_cannot_be_packed_is_told_one_by_one() -> None:
    facts = [message("A", is_history=True), message("B", "\ud800", is_history=True)]
    assert list(gathered(facts, "WA-01", 1)) == facts


async def test_a_thread_that_somebody_makes_meanwhile_is_added_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = [message("A", "unu", is_history=True), message("B", "doi", seconds=1, is_history=True)]
    async with a_desk(tmp_path) as desk:
        find_all = desk.places.find_all

        async def found_too_soon(chats: Iterable[Chat]) -> dict[Jid, Place]:
            found = await find_all(chats)
            thread = new_thread(THREAD, "WA-01", PHONE, lid=None, phone=PHONE)
            await desk.store.commit([Create(f"threads/{THREAD}", {**thread, "labels": ["vip"]})])
            return found

        monkeypatch.setattr(desk.places, "find_all", found_too_soon)
        applied = await desk.applier.apply([Told(one, NOW) for one in gathered(facts, "WA-01", 1)])
        assert (applied.new_threads, applied.new_messages) == (0, 2)
        assert sorted(await desk.messages()) == ["A", "B"]
        thread = await desk.thread()
        assert (thread["labels"], thread["lastMessageText"]) == (["vip"], "doi")


async def test_a_name_that_comes_before_its_history_names_the_thread(tmp_path: Path) -> None:
    chat = Chat(jid=PHONE)
    name = NameLearned(jid=PHONE, name="Ana", source="contact")
    async with a_desk(tmp_path) as desk:
        await desk.tell(message("A", is_history=True))
        await desk.applier.apply([Told(name, NOW)], goes_on=chat)
        await desk.tell(message("B", seconds=1, is_history=True))
        assert (await desk.thread())["displayName"] == "Ana"
