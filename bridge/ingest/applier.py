"""Applies a batch of facts to the documents, in one transaction that may be done again."""

from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime

from bridge.ingest import messages, threads
from bridge.ingest.messages import Change, Doc
from bridge.ingest.notes import Notes
from bridge.ingest.places import Place, Places
from bridge.ingest.runs import Run, Tellable
from bridge.ingest.sent_ids import SentIds, SentMessage
from bridge.ingest.unread import count_unread
from bridge.ingest.working import Working
from bridge.outbox.items import show_item
from bridge.whatsapp.facts import (
    Chat,
    ConversationNoted,
    HistoryProgress,
    LidLinked,
    MessageEdited,
    MessageRevoked,
    MessageSeen,
    NameLearned,
    ReactionSet,
    ReceiptSeen,
)
from core.model.ids import Jid, message_path, outbox_path, thread_path
from core.store.embedded.packed import Packed
from core.store.port import Create, Store, Transaction

_CHANGES = (MessageEdited, MessageRevoked, ReactionSet, ReceiptSeen)
_NEVER_UNREAD = ("reaction", "system")
_NAME_RANKS = ("group", "contact", "push")


@dataclass(frozen=True, slots=True)
class Told:
    """A fact, or a run of them, and the journal entry that it came from."""

    fact: Tellable
    received_at: datetime
    seq: int = 0


@dataclass(slots=True)
class Applied:
    """What a batch came to."""

    new_threads: int = 0
    new_messages: int = 0
    created: list[tuple[str, str]] = field(default_factory=list)
    """Thread and WhatsApp id of each new message."""
    early: list[tuple[str, str, Change, datetime]] = field(default_factory=list)
    """Thread, WhatsApp id, fact and arrival of what is about messages nobody knows."""


class Applier:
    """Turns the facts of one account into documents."""

    def __init__(
        self, store: Store, account_id: str, notes: Notes, places: Places, sent: SentIds
    ) -> None:
        self._store = store
        self._account_id = account_id
        self._notes = notes
        self._places = places
        self._sent = sent
        self._links: set[tuple[Jid, Jid]] = set()
        self._named: set[Jid] = set()

    async def apply(self, batch: Sequence[Told], *, durable: bool = True) -> Applied:
        """Apply facts in order; raises StoreError, after which the batch is to be done again.

        The notes are to be saved before the facts count as done; and `make_durable` is due, if
        this was not to wait for the disk.
        """
        places = await self._find_places(batch)
        ids = await self._document_ids(batch, places)
        applied = await self._store.transact(
            lambda transaction: _Batch(self._account_id, self._notes, places, ids).run(
                transaction, batch
            ),
            durable=durable,
        )
        for thread_id, wa_id in applied.created:
            self._notes.forget_early(thread_id, wa_id)
        for thread_id, wa_id, fact, received_at in applied.early:
            self._notes.put_early(thread_id, wa_id, fact, received_at)
        self._links.clear()
        self._named.clear()
        await self._replay_known(applied)
        return applied

    async def make_durable(self) -> None:
        """Have everything that was applied survive a failure of the machine."""
        await self._store.commit([])

    async def replay_early(self, thread_id: str, wa_id: str) -> None:
        """Apply what came about a message before it was known."""
        early = self._notes.early(thread_id, wa_id)
        if early:
            await self.apply([Told(one.fact, one.received_at) for one in early])
            self._notes.forget_early(thread_id, wa_id)
            self._notes.save()

    async def _replay_known(self, applied: Applied) -> None:
        """Apply early facts at once whose message was sent while the batch was at work."""
        ids = {wa_id: thread_id for thread_id, wa_id, _fact, _at in applied.early}
        for wa_id in await self._sent.find(ids):
            await self.replay_early(ids[wa_id], wa_id)

    async def _find_places(self, batch: Sequence[Told]) -> dict[Jid, Place]:
        """Return the place of every conversation that the batch is about, by the JID it names."""
        chats: dict[Jid, Chat] = {}
        for told in batch:
            match told.fact:
                case LidLinked(lid=lid, phone=phone):
                    if self._notes.link(lid, phone):
                        self._links.add((lid, phone))
                case NameLearned(jid=jid, name=name, source=source):
                    if self._notes.learn_name(jid, name, source):
                        self._named.add(jid)
                case ConversationNoted(chat=chat, is_archived=is_archived):
                    if is_archived:
                        self._notes.note_archived(chat.jid)
                case HistoryProgress():
                    pass
                case fact:
                    chats[fact.chat.jid] = fact.chat
        for chat in await self._places.with_thread(self._links):
            chats.setdefault(chat.jid, chat)
        for jid in await self._places.existing(self._named):
            chats.setdefault(jid, Chat(jid=jid))
        return {jid: await self._places.find(chat) for jid, chat in chats.items()}

    async def _document_ids(
        self, batch: Sequence[Told], places: dict[Jid, Place]
    ) -> dict[str, SentMessage]:
        """Return which of the WhatsApp ids in the batch belong to console messages."""
        if await self._sent.is_empty():
            return {}
        asked: dict[str, str] = {}
        for told in batch:
            fact = told.fact
            if isinstance(fact, _CHANGES) or (isinstance(fact, MessageSeen) and fact.from_me):
                ids = _ids_in(fact)
            elif isinstance(fact, Run):
                ids = tuple(line.message_id for line in fact.lines if line.from_me)
            else:
                continue
            for wa_id in ids:
                asked[message_path(places[fact.chat.jid].thread_id, wa_id)] = wa_id
        if not asked:
            return {}
        found = await self._store.get_all(list(asked))
        missing = [wa_id for wa_id, doc in zip(asked.values(), found, strict=True) if doc is None]
        return await self._sent.find(missing)


class _Batch:
    """One attempt at a batch: reads, works on copies, and hands over the writes."""

    def __init__(
        self,
        account_id: str,
        notes: Notes,
        places: dict[Jid, Place],
        ids: dict[str, SentMessage],
    ) -> None:
        self._account_id = account_id
        self._notes = notes
        self._places = places
        self._ids = ids
        self._working = Working()
        self._applied = Applied()
        self._recount: set[str] = set()
        self._created: list[Create] = []
        """Documents that are new and final."""

    async def run(self, transaction: Transaction, batch: Sequence[Told]) -> Applied:
        """Work off the batch."""
        places = list(dict.fromkeys(self._places.values()))
        await self._working.load(
            transaction,
            [*(thread_path(place.thread_id) for place in places), *self._paths(batch)],
        )
        known: Set[str] = frozenset()
        if runs := [told.fact for told in batch if isinstance(told.fact, Run)]:
            known = _repeated(_all_ids(batch)) | self._ids.keys()
            await self._working.load(transaction, list(self._run_paths(runs, known)))
        for place in places:
            self._refresh(place)
        for told in batch:
            if isinstance(told.fact, Run):
                self._see_run(told.fact, told.seq, known)
            elif isinstance(told.fact, MessageSeen):
                self._see(told.fact, told.seq)
            elif isinstance(told.fact, _CHANGES):
                await self._change(transaction, told.fact, told.received_at)
        await self._count_unread(transaction)
        transaction.write(*self._working.writes(), *self._created)
        return self._applied

    def _paths(self, batch: Sequence[Told]) -> Iterable[str]:
        for told in batch:
            if isinstance(told.fact, MessageSeen | MessageEdited | MessageRevoked):
                yield self._message_path(told.fact.chat, told.fact.message_id)
            elif isinstance(told.fact, ReactionSet | ReceiptSeen):
                for wa_id in _ids_in(told.fact):
                    yield self._message_path(told.fact.chat, wa_id)
        for sent in self._ids.values():
            yield outbox_path(sent.request_id)
            yield thread_path(sent.thread_id)

    def _run_paths(self, runs: Iterable[Run], known: Set[str]) -> Iterable[str]:
        """Yield what must be read for runs: a thread that is not there yet has no messages."""
        for run in runs:
            thread = thread_path(self._places[run.chat.jid].thread_id)
            if not self._working.is_new(thread) or self._is_known(run, known):
                for line in run.lines:
                    yield self._message_path(run.chat, line.message_id)

    def _is_known(self, run: Run, known: Set[str]) -> bool:
        """Whether something else than the run itself is to be told about any of its messages."""
        ids = run.ids()
        return not known.isdisjoint(ids) or self._notes.is_any_early(ids)

    def _message_path(self, chat: Chat, wa_id: str) -> str:
        if (sent := self._ids.get(wa_id)) is not None:
            return message_path(sent.thread_id, sent.request_id)
        return message_path(self._places[chat.jid].thread_id, wa_id)

    # -- threads ------------------------------------------------------------------------------

    def _refresh(self, place: Place) -> None:
        """Let an existing thread have the addresses and the name that are known by now."""
        path = thread_path(place.thread_id)
        if (thread := self._working.get(path)) is not None:
            self._working.put(path, self._dressed(thread, place))

    def _dressed(self, thread: Doc, place: Place) -> Doc:
        thread = threads.with_addresses(thread, place.lid, place.phone)
        known = [self._notes.name_of(jid) for jid in (place.phone, place.lid, place.client)]
        for name, source in sorted(
            (one for one in known if one is not None), key=lambda one: _NAME_RANKS.index(one[1])
        )[:1]:
            thread = threads.with_name(thread, name, source)
        return thread

    def _thread(self, place: Place) -> Doc:
        """Return the thread of a place, new if there is none."""
        thread = self._working.get(thread_path(place.thread_id))
        if thread is None:
            thread = threads.new_thread(
                place.thread_id, self._account_id, place.client, lid=place.lid, phone=place.phone
            )
            thread["isArchived"] = any(
                self._notes.is_archived(jid)
                for jid in (place.client, place.lid, place.phone)
                if jid is not None
            )
            thread = self._dressed(thread, place)
            self._applied.new_threads += 1
        return thread

    async def _count_unread(self, transaction: Transaction) -> None:
        """Count anew where something was read that is not the newest."""
        for thread_id in sorted(self._recount):
            path = thread_path(thread_id)
            thread = self._working.get(path)
            if thread is None or not thread.get("unreadCount"):
                continue
            count = 0
            if thread["lastInboundAt"] > thread["readUpTo"]:
                prefix = f"{path}/messages/"
                newer = {
                    at.removeprefix(prefix): doc
                    for at, doc in self._working.changed()
                    if at.startswith(prefix)
                }
                count = await count_unread(transaction, thread_id, thread["readUpTo"], newer)
            self._working.put(path, {**thread, "unreadCount": count})

    # -- messages -----------------------------------------------------------------------------

    def _see(self, fact: MessageSeen, seq: int) -> None:
        place = self._places[fact.chat.jid]
        path = self._message_path(fact.chat, fact.message_id)
        before = self._working.get(path)
        thread = self._thread(place)
        message = messages.seen(
            before, fact, account_id=self._account_id, client_jid=thread["clientJid"]
        )
        was_live = bool(before and before.get("isLive"))
        if not fact.is_history and not fact.from_me and fact.type not in _NEVER_UNREAD:
            message["isLive"] = True
        if "media" in message and seq and "journalSeq" not in message:
            message["journalSeq"] = seq
        self._working.put(path, message)
        thread = threads.with_message(thread, message, was_live=was_live)
        if fact.from_me:
            thread = threads.read_up_to(thread, fact.ts_client)
            self._recount.add(place.thread_id)
        self._working.put(thread_path(place.thread_id), thread)
        if before is None:
            self._applied.new_messages += 1
            self._applied.created.append((place.thread_id, fact.message_id))
            for early in self._early(place.thread_id, fact.message_id):
                self._change_message(place.thread_id, path, early)

    def _see_run(self, run: Run, seq: int, known: Set[str]) -> None:
        """See the messages of a run: all at once when every one is new, else one by one."""
        place = self._places[run.chat.jid]
        path = thread_path(place.thread_id)
        prefix = f"{path}/messages/"
        if self._is_known(run, known) or not (
            self._working.is_new(path)
            or all(self._working.is_new(prefix + line.message_id) for line in run.lines)
        ):
            for fact in run.facts():
                self._see(fact, seq)
            return
        thread = self._thread(place)
        fields = Packed.of({"clientJid": thread["clientJid"]})
        self._created += [
            Create(prefix + line.message_id, line.document(fields)) for line in run.lines
        ]
        for number in run.telling:
            fact = run.lines[number].told()
            message = messages.told(fact, self._account_id)
            thread = threads.with_message(thread, message, was_live=False)
            if fact.from_me:
                thread = threads.read_up_to(thread, fact.ts_client)
                self._recount.add(place.thread_id)
        self._working.put(path, thread)
        self._applied.new_messages += len(run.lines)

    def _early(self, thread_id: str, wa_id: str) -> list[Change]:
        """Return what came before a message: kept from earlier, or told in this batch."""
        found = [early.fact for early in self._notes.early(thread_id, wa_id)]
        waiting = self._applied.early
        found += [one[2] for one in waiting if one[:2] == (thread_id, wa_id)]
        self._applied.early = [one for one in waiting if one[:2] != (thread_id, wa_id)]
        return found

    async def _change(self, transaction: Transaction, fact: Change, received_at: datetime) -> None:
        thread_id = self._places[fact.chat.jid].thread_id
        for wa_id in _ids_in(fact):
            path = self._message_path(fact.chat, wa_id)
            if self._working.get(path) is None:
                self._applied.early.append((thread_id, wa_id, fact, received_at))
                continue
            sent = self._ids.get(wa_id)
            self._change_message(sent.thread_id if sent else thread_id, path, fact)
            if sent is not None and isinstance(fact, ReceiptSeen):
                await self._change_outbox(transaction, sent, fact)

    def _change_message(self, thread_id: str, path: str, fact: Change) -> None:
        """Change a message that is there, and what its thread says about it."""
        before = self._working.get(path)
        thread = self._working.get(thread_path(thread_id))
        assert before is not None
        reactor = self._address_of(fact.reactor_jid) if isinstance(fact, ReactionSet) else ""
        message = messages.changed(before, fact, reactor=reactor)
        self._working.put(path, message)
        if thread is None:
            return
        thread = threads.with_message(thread, message, was_live=True)
        if isinstance(fact, ReceiptSeen) and fact.kind == "read_on_phone":
            thread = threads.read_up_to(thread, message["tsClient"])
            self._recount.add(thread_id)
        self._working.put(thread_path(thread_id), thread)

    async def _change_outbox(
        self, transaction: Transaction, sent: SentMessage, fact: ReceiptSeen
    ) -> None:
        path = outbox_path(sent.request_id)
        item = self._working.get(path)
        if item is None or fact.kind not in ("delivered", "read"):
            return
        self._working.put(path, messages.advanced(item, fact.kind, fact.at))
        await show_item(
            self._working, transaction, sent.request_id, self._working.get(path) or item
        )

    def _address_of(self, jid: Jid) -> str:
        """Return how a person is named in a document: by phone when known."""
        return str((self._notes.phone_of(jid) if jid.is_lid else None) or jid)


def _all_ids(batch: Sequence[Told]) -> Iterable[str]:
    for told in batch:
        yield from told.fact.ids() if isinstance(told.fact, Run) else _ids_in(told.fact)


def _repeated(ids: Iterable[str]) -> set[str]:
    """Return those that are there more than once."""
    return {one for one, count in Counter(ids).items() if count > 1}


def _ids_in(fact: Tellable) -> tuple[str, ...]:
    """Return the WhatsApp ids of the messages that a fact is about."""
    match fact:
        case ReceiptSeen(message_ids=ids):
            return ids
        case MessageSeen() | MessageEdited() | MessageRevoked() | ReactionSet():
            return (fact.message_id,)
        case _:
            return ()
