"""A chat that was imported and is synced: one conversation, whichever came first."""

import asyncio
import tempfile
import zipfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.chat_import.archive import Export, open_export
from bridge.chat_import.classify import Content
from bridge.chat_import.media import MediaFiles
from bridge.chat_import.people import People
from bridge.chat_import.reader import Exported
from bridge.chat_import.target import find_target, prepare_thread
from bridge.chat_import.write import ChatWriter, Outcome
from bridge.ingest import batch
from bridge.ingest.runs import gathered
from bridge.ingest.told import Told
from bridge.ingest.working import Working
from bridge.whatsapp.facts import (
    Chat,
    LidLinked,
    MessageEdited,
    MessageRevoked,
    MessageSeen,
    NameLearned,
    ReactionSet,
)
from core.model.documents import Media, MessageType
from core.model.ids import Jid, messages_path
from core.service.chat import message_row
from core.store.errors import StoreUnavailable
from core.store.port import Query, Reader
from tests.contract.engines import ENGINES
from tests.support.accounts import (
    LID,
    NOW,
    PHONE,
    THREAD,
    Desk,
    a_desk,
    at,
    desk_on,
    message,
    receipt,
)

CHAT = Chat(jid=PHONE)
PEOPLE = People(me="P", name="Ana", is_group=False, phone_e164="+40712345678")


@dataclass(frozen=True)
class Said:
    """A message of the conversation as it really was."""

    number: int
    seconds: int
    from_me: bool
    body: str
    type: MessageType = "text"

    @property
    def fact(self) -> MessageSeen:
        """As the history tells it, with a time that keeps the order within its second."""
        return message(
            f"WA{self.number}", self.body, seconds=self.seconds + self.number * 1e-6,
            from_me=self.from_me, type=self.type, is_history=True,
        )  # fmt: skip

    @property
    def exported(self) -> Exported:
        """As an Android phone exports it."""
        moment = at(self.seconds).replace(second=0, microsecond=0)
        content = Content(self.type, self.body, has_media=self.type != "text")
        sender = "P" if self.from_me else "Ana"
        return Exported(1, moment.replace(tzinfo=None), moment, sender, content)


async def take_in(
    desk: Desk, messages: Sequence[Exported], export: Export, *, people: People = PEOPLE
) -> Outcome:
    """Import messages as the command does."""
    target = await find_target(desk.store, "WA-01", people)
    await prepare_thread(desk.store, target, people)
    writer = ChatWriter(
        desk.store, target, MediaFiles(export, export.path.parent / "media"), people=people,
        has_seconds=False, region="RO", clock=lambda: NOW + timedelta(days=1),
    )  # fmt: skip
    outcome = Outcome()
    await writer.write(messages, outcome)
    return outcome


async def visible(desk: Desk) -> tuple[list[Any], dict[str, Any]]:
    """Return what an operator sees of the conversation and of its line in the inbox."""
    query = Query(messages_path(THREAD)).order_by("tsClient")
    rows = [message_row(document) for document in await desk.store.query(query)]
    seen = [
        (_second(row.moment), row.is_outbound, row.kind, row.body, row.status, row.is_revoked,
         row.is_edited, row.reactions, row.sender)
        for row in rows
    ]  # fmt: skip
    thread = await desk.thread()
    names = ("lastMessageText", "lastMessageDirection", "lastMessageStatus", "unreadCount")
    line = {name: thread.get(name) for name in names}
    line |= {name: _second(thread[name]) for name in ("lastMessageAt",) if thread.get(name)}
    return seen, line


def _second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


@st.composite
def conversations(draw: st.DrawFn) -> list[Said]:
    """Conversations in which the same words are said again and again, seconds apart."""
    gaps = draw(st.lists(st.sampled_from([0, 1, 7, 20, 55, 61, 130, 9000]), max_size=12))
    said: list[Said] = []
    seconds = 0
    for number, gap in enumerate(gaps):
        seconds += gap
        kinds: list[MessageType] = ["text", "text", "text", "image"]
        kind = draw(st.sampled_from(kinds))
        body = draw(st.sampled_from(["da", "ok", "bine"])) if kind == "text" else ""
        said.append(Said(number, seconds, draw(st.booleans()), body, kind))
    return said


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_any_interleaving_gives_the_same_conversation(data: st.DataObject) -> None:
    said = data.draw(conversations(), "said")
    is_synced = [data.draw(st.sampled_from([True, True, False])) for _ in said]
    synced = [one for one, is_told in zip(said, is_synced, strict=True) if is_told]
    order = data.draw(st.permutations(synced), "order") if data.draw(st.booleans()) else synced
    sizes = data.draw(st.lists(st.integers(1, 5), max_size=5), "batches")
    when = data.draw(st.lists(st.integers(0, len(sizes) + 1), min_size=1, max_size=3), "imports")
    asyncio.run(_interleave(said, synced, order, sizes, when))


async def _interleave(
    said: Sequence[Said], synced: Sequence[Said], order: Sequence[Said], sizes: list[int],
    when: list[int],
) -> None:  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chat.txt"
        path.write_text("")
        exported = [one.exported for one in said]
        with open_export(path) as export:
            async with a_desk(Path(folder)) as desk:
                rest = list(order)
                for number, size in enumerate([*sizes, len(rest)]):
                    for _ in range(when.count(number)):
                        await take_in(desk, exported, export)
                    some, rest = rest[:size], rest[size:]
                    if some:
                        await desk.tell(*(one.fact for one in some))
                for _ in range(when.count(len(sizes) + 1)):
                    await take_in(desk, exported, export)
                if said:
                    interleaved = await visible(desk)
            (Path(folder) / "other").mkdir()
            async with a_desk(Path(folder) / "other") as desk:
                if synced:
                    await desk.tell(*(one.fact for one in synced))
                await take_in(desk, exported, export)
                if said:
                    assert interleaved == await visible(desk)


@asynccontextmanager
async def an_imported_chat(folder: Path, *said: Said) -> AsyncIterator[tuple[Desk, Export]]:
    """A desk whose only conversation came by an import."""
    (folder / "chat.txt").write_text("")
    async with a_desk(folder) as desk:
        with open_export(folder / "chat.txt") as export:
            await take_in(desk, [one.exported for one in said], export)
            yield desk, export


async def test_a_recognised_message_keeps_its_document(tmp_path: Path) -> None:
    hello = Said(1, 65, False, "Salut")
    async with an_imported_chat(tmp_path, hello) as (desk, _export):
        (own,) = await desk.messages()
        await desk.tell(hello.fact)
        ((after, doc),) = (await desk.messages()).items()
        assert after == own == doc["messageId"]
        assert doc["waMessageId"] == "WA1"
        assert doc["tsClient"] == hello.fact.ts_client
        assert (await desk.thread())["lastMessageAt"] == hello.fact.ts_client


async def test_what_happens_to_a_recognised_message_finds_it(tmp_path: Path) -> None:
    ours, theirs = Said(1, 0, True, "Salut"), Said(2, 70, False, "Bună")
    async with an_imported_chat(tmp_path, ours, theirs) as (desk, _export):
        await desk.tell(receipt("delivered", "WA1", seconds=2))  # before anybody told of it
        await desk.tell(ours.fact, theirs.fact)
        await desk.tell(
            receipt("read", "WA1", seconds=5),
            MessageEdited(chat=CHAT, message_id="WA2", body="Bună!", at=at(80)),
            ReactionSet(chat=CHAT, message_id="WA2", reactor_jid=PHONE, emoji="👍", at=at(81)),
        )
        await desk.tell(ours.fact, theirs.fact)
        by_wa_id = {doc["waMessageId"]: doc for doc in (await desk.messages()).values()}
        assert len(by_wa_id) == len(await desk.messages()) == 2
        assert by_wa_id["WA1"]["status"] == "read"
        assert by_wa_id["WA1"]["deliveredAt"] == at(2)
        assert by_wa_id["WA2"]["body"] == "Bună!"
        assert by_wa_id["WA2"]["reactions"] == {str(PHONE): "👍"}
        assert (await desk.thread())["lastMessageText"] == "Bună!"
        await desk.tell(MessageRevoked(chat=CHAT, message_id="WA2", at=at(90)))
        assert [doc["isRevoked"] for doc in (await desk.messages()).values()].count(True) == 1


async def test_a_live_message_that_is_recognised_counts_as_unread_once(tmp_path: Path) -> None:
    hello = Said(1, 0, False, "Salut")
    live = message("WA1", "Salut")
    async with an_imported_chat(tmp_path, hello) as (desk, _export):
        await desk.tell(live)
        await desk.tell(live)
        assert len(await desk.messages()) == 1
        assert (await desk.thread())["unreadCount"] == 1


async def test_what_differs_in_a_live_message_is_another_message(tmp_path: Path) -> None:
    """A history tells of deleted messages what an export does not; live ones are newer."""
    gone = Exported(1, NOW, NOW, "Ana", Content("text", is_revoked=True))
    (tmp_path / "chat.txt").write_text("")
    async with a_desk(tmp_path) as desk:
        with open_export(tmp_path / "chat.txt") as export:
            await take_in(desk, [gone], export)
        await desk.tell(message("LIVE", "Mai sunteți?", seconds=30))
        told = {doc["waMessageId"]: doc for doc in (await desk.messages()).values()}
        assert set(told) == {None, "LIVE"}
        assert "isRevoked" not in told["LIVE"]
        await desk.tell(message("OLD", "Lasă", seconds=10, is_history=True))
        told = {doc["waMessageId"]: doc for doc in (await desk.messages()).values()}
        assert set(told) == {"LIVE", "OLD"}
        assert told["OLD"]["isRevoked"]


async def test_the_export_s_file_stays_with_the_message(tmp_path: Path) -> None:
    archive = tmp_path / "WhatsApp Chat with Ana.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("_chat.txt", "")
        file.writestr("IMG-1.jpg", b"tort")
    photo = Content("image", "tortul", file_name="IMG-1.jpg", has_media=True)
    exported = Exported(1, NOW, NOW, "Ana", photo)
    fact = message(
        "WA1", "tortul", seconds=7, type="image", media=Media(mime_type="image/jpeg", size=9),
        is_history=True,
    )  # fmt: skip
    seen = []
    for folder, is_import_first in ((tmp_path / "a", True), (tmp_path / "b", False)):
        folder.mkdir()
        with open_export(archive) as export:
            async with a_desk(folder) as desk:
                if is_import_first:
                    await take_in(desk, [exported], export)
                await desk.tell(fact)
                await take_in(desk, [exported], export)
                (doc,) = (await desk.messages()).values()
                kept = Path(doc["media"].pop("localPath"))
                assert await asyncio.to_thread(kept.read_bytes) == b"tort"
                doc["media"].pop("url", None)
                seen.append({name: doc[name] for name in ("media", "body", "type", "tsClient")})
    assert seen[0] == seen[1]


async def test_messages_of_a_minute_keep_their_order_when_some_are_recognised(
    tmp_path: Path,
) -> None:
    said = [Said(number, 0, False, text) for number, text in enumerate(["a", "b", "c"])]
    async with an_imported_chat(tmp_path, *said) as (desk, _export):
        await desk.tell(message("WA1", "b", seconds=40, is_history=True))
        ordered = sorted((await desk.messages()).values(), key=lambda doc: doc["tsClient"])
        assert [doc["body"] for doc in ordered] == ["a", "b", "c"]
        thread = await desk.thread()
        assert thread["lastMessageText"] == "c"
        assert thread["lastMessageAt"] == ordered[-1]["tsClient"] > at(40)


async def test_two_threads_that_become_one_have_each_message_once(tmp_path: Path) -> None:
    said = [Said(1, 0, False, "Salut"), Said(2, 70, True, "Bună"), Said(3, 200, False, "Pa")]
    async with an_imported_chat(tmp_path, *said) as (desk, export):
        hidden = Chat(jid=LID)
        for one in said[:2]:
            await desk.tell(msgspec.structs.replace(one.fact, chat=hidden))
        assert len(await desk.threads()) == 2
        await desk.tell(LidLinked(lid=LID, phone=PHONE))
        await desk.tell(said[2].fact)
        await desk.tell(*(one.fact for one in said))
        await take_in(desk, [one.exported for one in said], export)
        docs = sorted((await desk.messages()).values(), key=lambda doc: doc["tsClient"])
        assert [(doc["body"], doc["waMessageId"]) for doc in docs] == [
            ("Salut", "WA1"), ("Bună", "WA2"), ("Pa", "WA3"),
        ]  # fmt: skip
        assert (await desk.thread())["lastMessageText"] == "Pa"


async def test_a_group_that_was_imported_first_becomes_the_group_that_is_met(
    tmp_path: Path,
) -> None:
    people = People(me="P", name="Petrecere", is_group=True, phone_e164=None)
    group = Jid("1203630@g.us".partition("@")[0], "g.us")
    said = [Said(1, 0, False, "Salut"), Said(2, 70, True, "Bună")]
    facts = [msgspec.structs.replace(one.fact, chat=Chat(jid=group)) for one in said]
    (tmp_path / "chat.txt").write_text("")
    async with a_desk(tmp_path) as desk:
        with open_export(tmp_path / "chat.txt") as export:
            await take_in(desk, [one.exported for one in said], export, people=people)
            (stand_in,) = await desk.threads()
            await desk.tell(facts[0])
            await desk.tell(NameLearned(jid=group, name="Petrecere", source="group"), *facts[1:])
            await take_in(desk, [one.exported for one in said], export, people=people)
        thread_id = f"WA-01__{group}"
        docs = sorted((await desk.messages(thread_id)).values(), key=lambda doc: doc["tsClient"])
        assert [(doc["body"], doc["waMessageId"]) for doc in docs] == [
            ("Salut", "WA1"), ("Bună", "WA2"),
        ]  # fmt: skip
        assert docs[0]["senderName"] == "Ana"
        assert (await desk.thread(stand_in))["mergedInto"] == thread_id
        assert set(await desk.threads()) == {stand_in, thread_id}


async def test_only_threads_with_imported_messages_pay(tmp_path: Path) -> None:
    old = Said(1, 0, False, "Salut")
    async with an_imported_chat(tmp_path, old) as (desk, _export):
        asked: list[str] = []

        class Counted(Working):
            async def load(self, reader: Reader, paths: Sequence[str]) -> None:
                asked.extend(paths)
                await super().load(reader, paths)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(batch, "Working", Counted)
            other = Chat(jid=Jid("40799999999", "s.whatsapp.net"))
            await desk.tell(message("N1", "nou", chat=other, is_history=True))
            await desk.tell(message("N2", "nou", chat=other, is_history=True))
            await desk.tell(message("N3", "mult mai nou", seconds=9 * 86_400))
            assert not any("/aliases/" in path for path in asked)
            await desk.tell(message("N4", "de atunci", seconds=30, is_history=True))
            assert any("/aliases/" in path for path in asked)


async def test_an_import_beside_a_sync_adds_each_message_once(tmp_path: Path) -> None:
    said = [Said(number, 40 * number, number % 3 == 0, "da") for number in range(60)]
    (tmp_path / "chat.txt").write_text("")
    async with a_desk(tmp_path) as desk:
        with open_export(tmp_path / "chat.txt") as export:

            async def sync() -> None:
                for one in reversed(said):
                    await desk.tell(one.fact)

            await asyncio.gather(sync(), take_in(desk, [one.exported for one in said], export))
        assert len(await desk.messages()) == len(said)
        assert all(doc["waMessageId"] for doc in (await desk.messages()).values())


@pytest.mark.parametrize("engine", sorted(ENGINES))
async def test_a_long_history_beside_an_import_of_it(engine: str, tmp_path: Path) -> None:
    """Runs of hundreds of messages, on either engine, while the same chat is imported."""
    said = [Said(number, 20 * number, number % 3 == 0, f"nr {number % 7}") for number in range(700)]
    (tmp_path / "chat.txt").write_text("")
    with ENGINES[engine](tmp_path) as one, open_export(tmp_path / "chat.txt") as export:
        async with one.open() as store, one.open() as other:
            desk, elsewhere = desk_on(store, tmp_path), desk_on(other, tmp_path / "other")
            exported = [each.exported for each in said]

            async def sync() -> None:
                facts = [each.fact for each in said]
                for first in (500, 250, 0):  # the newest first, as phones tell it
                    runs = gathered(facts[first : first + 250], "WA-01", 1)
                    await desk.applier.apply([Told(run, NOW, 1) for run in runs])

            await take_in(desk, exported[:600], export)
            await asyncio.gather(sync(), take_in(elsewhere, exported, export))
            docs = sorted((await desk.messages()).values(), key=lambda doc: doc["tsClient"])
            assert [doc["waMessageId"] for doc in docs] == [f"WA{each.number}" for each in said]
            assert [doc["body"] for doc in docs] == [each.body for each in said]
            assert (await desk.thread())["lastMessageAt"] == said[-1].fact.ts_client
            for each in (desk, elsewhere):
                each.notes.close()


async def test_a_telling_that_was_cut_off_is_told_again(tmp_path: Path) -> None:
    hello = Said(1, 65, False, "Salut")
    async with an_imported_chat(tmp_path, hello) as (desk, _export):
        commit = desk.store.transact

        async def fails(*args: Any, **options: Any) -> Any:
            await commit(*args, **options)
            raise StoreUnavailable("gone", hint="")

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(desk.store, "transact", fails)
            with pytest.raises(StoreUnavailable):
                await desk.tell(hello.fact)
        await desk.tell(hello.fact)
        assert len(await desk.messages()) == 1
