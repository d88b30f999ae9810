"""Where a conversation lives: the one thread of a customer, whichever address an event names.

A thread keeps the id it was made with. A customer first seen under a hidden identity (LID) keeps
that thread when the phone number becomes known; where both threads exist already, the LID's is
merged into the phone's and archived with `mergedInto`. Nothing is deleted. The same is done with
the thread that an exported chat made of a group before the account met it.
"""

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass

from bridge.ingest import threads
from bridge.ingest.merge import merge_into
from bridge.ingest.notes import Notes
from bridge.whatsapp.facts import Chat
from core.model.ids import THREADS, Jid, make_thread_id, thread_path
from core.store.errors import AlreadyExists
from core.store.port import SERVER_TIMESTAMP, Create, Document, Query, Store

_REMEMBERED = 4000
"""Addresses whose place is at hand; the others are looked up in the store again."""
_LONGEST_CHAIN = 5
"""Merges of merges that are followed; more means a circle."""


@dataclass(frozen=True, slots=True)
class Place:
    """A thread, which need not exist yet, and what is known of its customer's addresses."""

    thread_id: str
    client: Jid
    """The address that the thread is, or will be, named by."""
    lid: Jid | None = None
    phone: Jid | None = None


class Places:
    """Finds the thread of each conversation of one account."""

    def __init__(self, store: Store, account_id: str, notes: Notes) -> None:
        self._store = store
        self._account_id = account_id
        self._notes = notes
        self._known: dict[Jid, Place] = {}

    async def find(self, chat: Chat) -> Place:
        """Return the place of a conversation, merging two threads of one customer if need be."""
        lid, phone = self._addresses(chat.jid, chat.other_jid)
        known = self._known.get(chat.jid)
        if known is not None and known.lid == lid and known.phone == phone:
            return known
        place = await self._locate(chat.jid, lid, phone)
        for jid in {chat.jid, lid, phone} - {None}:
            assert jid is not None
            self._known.pop(jid, None)
            self._known[jid] = place
        while len(self._known) > _REMEMBERED:
            del self._known[next(iter(self._known))]
        return place

    async def of_thread(self, thread_id: str) -> str:
        """Return the id of the thread that a thread was merged into, itself if none."""
        document = await self._followed(await self._store.get(thread_path(thread_id)))
        return thread_id if document is None else document.id

    async def with_thread(self, links: Iterable[tuple[Jid, Jid]]) -> list[Chat]:
        """Of new pairs of LID and phone, return those that concern a thread that exists."""
        pairs = list(links)
        paths = [self._path(jid) for pair in pairs for jid in pair]
        found = await self._store.get_all(paths) if paths else []
        return [
            Chat(jid=phone, other_jid=lid)
            for number, (lid, phone) in enumerate(pairs)
            if found[2 * number] is not None or found[2 * number + 1] is not None
        ]

    async def existing(self, jids: Iterable[Jid]) -> list[Jid]:
        """Of the addresses of conversations, return those that have a thread."""
        wanted = [
            (jid, self._notes.phone_of(jid) if jid.is_lid else self._notes.lid_of(jid))
            for jid in jids
        ]
        paths = [self._path(one) for pair in wanted for one in pair if one is not None]
        documents = await self._store.get_all(paths) if paths else []
        there = {document.path for document in documents if document is not None}
        return [
            jid
            for jid, other in wanted
            if self._path(jid) in there or (other is not None and self._path(other) in there)
        ]

    def _addresses(self, jid: Jid, other: Jid | None) -> tuple[Jid | None, Jid | None]:
        """Return LID and phone of a conversation's customer, each if known; none for a group."""
        lid = next((one for one in (jid, other) if one is not None and one.is_lid), None)
        phone = next((one for one in (jid, other) if one is not None and one.is_phone), None)
        if lid is not None and phone is not None:
            self._notes.link(lid, phone)
        elif lid is not None:
            phone = self._notes.phone_of(lid)
        elif phone is not None:
            lid = self._notes.lid_of(phone)
        return lid, phone

    async def _locate(self, jid: Jid, lid: Jid | None, phone: Jid | None) -> Place:
        of_phone = await self._thread_of(phone, "phoneE164", phone.phone_e164 if phone else None)
        of_lid = await self._thread_of(lid, "lidJid", str(lid))
        if of_phone is not None and of_lid is not None and of_phone.id != of_lid.id:
            await merge_into(self._store, self._notes, of_lid.id, of_phone.id)
            of_lid = of_phone
        found = of_phone or of_lid
        if jid.is_group:
            found = await self._group(jid)
        if found is not None:
            return Place(found.id, Jid.parse(found.data["clientJid"]), lid, phone)
        client = phone or lid or jid
        return Place(make_thread_id(self._account_id, client), client, lid, phone)

    async def _group(self, jid: Jid) -> Document | None:
        """Return the thread of a group, joined with the one that an exported chat of it made."""
        document = await self._store.get(self._path(jid))
        name = self._notes.name_of(jid)
        shown = threads.shown_name(name[0]) if name else ""
        stand_in = self._path(Jid.of_exported_group(self._account_id, shown))
        imported = await self._store.get(stand_in) if shown else None
        if imported is None or imported.data.get("mergedInto"):
            return document
        called_so = await self._store.query(
            Query(THREADS)
            .where("accountId", "==", self._account_id)
            .where("displayName", "==", imported.data["displayName"])
        )
        mine = {self._path(jid), stand_in}
        if any(one.path not in mine and one.data.get("isGroup") for one in called_so):
            return document  # It is open which of them the chat is of.
        thread_id = make_thread_id(self._account_id, jid)
        if document is None:
            thread = threads.new_thread(thread_id, self._account_id, jid, lid=None, phone=None)
            thread = {**threads.with_name(thread, shown, "group"), "updatedAt": SERVER_TIMESTAMP}
            with contextlib.suppress(AlreadyExists):
                await self._store.commit([Create(self._path(jid), thread)])
        await merge_into(self._store, self._notes, imported.id, thread_id)
        return await self._store.get(self._path(jid))

    def forget(self, jid: Jid) -> None:
        """Have a conversation looked up again: something that its place depends on was learned."""
        self._known.pop(jid, None)

    async def _thread_of(self, jid: Jid | None, field: str, value: str | None) -> Document | None:
        """Return the thread named by an address, or one that was made under the other address."""
        if jid is None:
            return None
        if (document := await self._store.get(self._path(jid))) is not None:
            return await self._followed(document)
        for document in await self._store.query(Query(THREADS).where(field, "==", value).limit(20)):
            if document.data.get("accountId") == self._account_id:
                return await self._followed(document)
        return None

    async def _followed(self, document: Document | None) -> Document | None:
        """Return the thread at the end of a chain of merges."""
        for _step in range(_LONGEST_CHAIN):
            if document is None or not document.data.get("mergedInto"):
                return document
            document = await self._store.get(thread_path(document.data["mergedInto"]))
        return document

    def _path(self, jid: Jid) -> str:
        return thread_path(make_thread_id(self._account_id, jid))
