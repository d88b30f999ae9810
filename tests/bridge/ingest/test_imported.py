"""A chat that was imported and is synced: one conversation, whichever came first."""

import asyncio
import zipfile
from pathlib import Path

import msgspec

from bridge.chat_import.archive import open_export
from bridge.chat_import.classify import Content
from bridge.chat_import.people import People
from bridge.chat_import.reader import Exported
from bridge.whatsapp.facts import (
    Chat,
    LidLinked,
    MessageEdited,
    MessageRevoked,
    NameLearned,
    ReactionSet,
)
from core.model.documents import Media
from core.model.ids import Jid, message_path, thread_path
from core.store.port import DELETE_FIELD, Update
from tests.support.accounts import (
    LID,
    NOW,
    PHONE,
    THREAD,
    a_desk,
    at,
    message,
    receipt,
)
from tests.support.imported import CHAT, Said, an_imported_chat, take_in


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


async def test_what_an_older_version_imported_is_recognised_once_it_is_imported_again(
    tmp_path: Path,
) -> None:
    ours, theirs = Said(1, 0, True, "Salut"), Said(2, 70, False, "Bună @Ana")
    async with an_imported_chat(tmp_path, ours, theirs) as (desk, export):
        for own in await desk.messages():  # as they were before they said where they came from
            gone = {"exportPrecision": DELETE_FIELD, "exportText": DELETE_FIELD}
            await desk.store.commit([Update(message_path(THREAD, own), gone)])
        gone = {"importedFrom": DELETE_FIELD, "importedUntil": DELETE_FIELD}
        await desk.store.commit([Update(thread_path(THREAD), gone)])
        outcome = await take_in(desk, [ours.exported, theirs.exported], export)
        assert (outcome.added, outcome.known) == (0, 2)
        again = await take_in(desk, [ours.exported, theirs.exported], export)
        assert (again.added, again.known, again.improved) == (0, 2, 0)
        await desk.tell(ours.fact, theirs.fact)
        told = {doc["waMessageId"]: doc["body"] for doc in (await desk.messages()).values()}
        assert told == {"WA1": "Salut", "WA2": "Bună @Ana"}


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


async def test_photos_of_a_minute_keep_their_own_files_when_not_all_of_them_are_told(
    tmp_path: Path,
) -> None:
    archive = tmp_path / "WhatsApp Chat with Ana.zip"
    names = ("IMG-1.jpg", "IMG-2.jpg")
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("_chat.txt", "")
        for length, name in enumerate(names, start=1):
            file.writestr(name, b"x" * length)
    photos = [Exported(1, NOW, NOW, "Ana", Content("image", "", name, True)) for name in names]
    second = message("WA2", "", seconds=9, type="image", media=Media(size=2), is_history=True)
    for folder, is_import_first in ((tmp_path / "a", True), (tmp_path / "b", False)):
        folder.mkdir()
        with open_export(archive) as export:
            async with a_desk(folder) as desk:
                if is_import_first:
                    await take_in(desk, photos, export)
                await desk.tell(second)
                await take_in(desk, photos, export)
                docs = (await desk.messages()).values()
                files = {doc["waMessageId"]: Path(doc["media"]["localPath"]) for doc in docs}
                sizes = {wa_id: (await asyncio.to_thread(path.stat)).st_size
                         for wa_id, path in files.items()}  # fmt: skip
                assert sizes == {None: 1, "WA2": 2}


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
