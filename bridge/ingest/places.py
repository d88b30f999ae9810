"""Where a conversation lives: the one thread of a customer, whichever address an event names.

A thread keeps the id it was made with. A customer first seen under a hidden identity (LID) keeps
that thread when the phone number becomes known; where both threads exist already, the LID's is
merged into the phone's and archived with `mergedInto`. Nothing is deleted. The same is done with
the thread that an exported chat made of a group before the account met it.
"""

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from bridge.ingest import threads
from bridge.ingest.merge import merge_into
from bridge.ingest.notes import Notes
from bridge.whatsapp.facts import Chat
from core.model.ids import THREADS, Jid, make_thread_id, thread_path
from core.store.errors import AlreadyExists
from core.store.limits import MOST_ALTERNATIVES
from core.store.port import SERVER_TIMESTAMP, Create, Document, Query, Store

_REMEMBERED = 4000
"""Addresses whose place is at hand; the others are looked up in the store again."""
_LONGEST_CHAIN = 5
"""Merges of merges that are followed; more means a circle."""
_SEVERAL = 3
"""So many conversations are looked for together first."""
Sought = tuple[Jid | None, Jid | None]
"""LID and phone of a conversation's customer, each if known; none for a group."""


@dataclass(frozen=True, slots=True)
class Place:
    """A thread, which need not exist yet, and what is known of its customer's addresses."""

    thread_id: str
    client: Jid
    """The address that the thread is, or will be, named by."""
    lid: Jid | None = None
    phone: Jid | None = None
    is_new: bool = False
    """Whether there was no such thread when this was found."""


class Places:
    """Finds the thread of each conversation of one account."""

    def __init__(self, store: Store, account_id: str, notes: Notes) -> None:
        self._store = store
        self._account_id = account_id
        self._notes = notes
        self._known: dict[Jid, Place] = {}

    async def find(self, chat: Chat) -> Place:
        """Return the place of a conversation, merging two threads of one customer if need be."""
        return (await self.find_all([chat]))[chat.jid]

    async def find_all(self, chats: Iterable[Chat]) -> dict[Jid, Place]:
        """Return the places of conversations by the JIDs that name them."""
        found: dict[Jid, Place] = {}
        sought: dict[Jid, Sought] = {}
        for chat in chats:
            lid, phone = self._addresses(chat.jid, chat.other_jid)
            known = self._known.get(chat.jid)
            if known is not None and known.lid == lid and known.phone == phone:
                found[chat.jid] = known
            else:
                sought[chat.jid] = (lid, phone)
        new = await self._without_thread(sought)
        for jid, (lid, phone) in sought.items():
            if jid in new:
                found[jid] = self._new(jid, lid, phone)
            else:
                found[jid] = await self._locate(jid, lid, phone)
            self._remember(jid, found[jid])
        return found

    def _remember(self, named: Jid, place: Place) -> None:
        place = replace(place, is_new=False)
        for jid in {named, place.lid, place.phone} - {None}:
            assert jid is not None
            self._known.pop(jid, None)
            self._known[jid] = place
        while len(self._known) > _REMEMBERED:
            del self._known[next(iter(self._known))]

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

    def _addresses(self, jid: Jid, other: Jid | None) -> Sought:
        """Return the addresses of a conversation's customer, given as far as an event tells."""
        lid = next((one for one in (jid, other) if one is not None and one.is_lid), None)
        phone = next((one for one in (jid, other) if one is not None and one.is_phone), None)
        if lid is not None and phone is not None:
            self._notes.link(lid, phone)
        elif lid is not None:
            phone = self._notes.phone_of(lid)
        elif phone is not None:
            lid = self._notes.lid_of(phone)
        return lid, phone

    async def _without_thread(self, sought: Mapping[Jid, Sought]) -> set[Jid]:
        """Of customers, return those that plainly have no thread: nearly all of a first history."""
        plain = {jid: pair for jid, pair in sought.items() if not jid.is_group and any(pair)}
        if len(plain) < _SEVERAL:
            return set()
        jids = [one for pair in plain.values() for one in pair if one is not None]
        threads = await self._store.get_all([self._path(jid) for jid in jids])
        taken = {jid for jid, thread in zip(jids, threads, strict=True) if thread is not None}
        named: dict[str, dict[str, Jid]] = {
            "phoneE164": {text: jid for jid in jids if (text := jid.phone_e164)},
            "lidJid": {str(jid): jid for jid in jids if jid.is_lid},
        }
        for field, by_value in named.items():
            values = list(by_value)
            for start in range(0, len(values), MOST_ALTERNATIVES):
                some = values[start : start + MOST_ALTERNATIVES]
                for one in await self._store.query(Query(THREADS).where(field, "in", some)):
                    taken.add(by_value[one.data[field]])
        return {jid for jid, pair in plain.items() if taken.isdisjoint(pair)}

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
        return self._new(jid, lid, phone)

    def _new(self, jid: Jid, lid: Jid | None, phone: Jid | None) -> Place:
        client = phone or lid or jid
        return Place(make_thread_id(self._account_id, client), client, lid, phone, is_new=True)

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
