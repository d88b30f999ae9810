"""One attempt at a batch of facts: reads, works on copies, and hands over the writes."""

from collections import Counter
from collections.abc import Iterable, Sequence, Set
from datetime import datetime
from itertools import chain

from bridge.ingest import messages, threads
from bridge.ingest.adopt import adopted
from bridge.ingest.imported import Recognised, Unknown, read_latest, recognise
from bridge.ingest.messages import Change, Doc
from bridge.ingest.notes import Notes
from bridge.ingest.places import Place
from bridge.ingest.runs import Run
from bridge.ingest.sent_ids import SentMessage
from bridge.ingest.summary import Summary
from bridge.ingest.told import CHANGES, Applied, Carried, Known, Told, ids_in
from bridge.ingest.unread import count_unread
from bridge.ingest.working import Working
from bridge.outbox.items import show_item
from bridge.whatsapp.facts import (
    Chat,
    MessageEdited,
    MessageRevoked,
    MessageSeen,
    ReactionSet,
    ReceiptSeen,
)
from core.model.documents import moves_forward
from core.model.ids import Jid, message_path, messages_path, outbox_path, thread_path
from core.store.embedded.packed import Packed, PackedCreates
from core.store.limits import MOST_WRITES
from core.store.port import Transaction

_NEVER_UNREAD = ("reaction", "system")
_NAME_RANKS = ("group", "contact", "push")


class TooManyWrites(Exception):
    """A batch comes to more writes than a commit may have: it is to be done in parts."""


class Batch:
    """One attempt."""

    def __init__(self, account_id: str, notes: Notes, known: Known) -> None:
        self._account_id = account_id
        self._notes = notes
        self._known = known
        self._places = known.places
        self._ids = known.ids
        self._working = Working()
        self._applied = Applied()
        self._recount: set[str] = set()
        self._recognised = Recognised()
        self._summaries: Carried = {
            name: (place, summary.copy()) for name, (place, summary) in known.carried.items()
        }
        self._created: list[PackedCreates] = []
        """Documents that are new and final."""

    async def run(self, transaction: Transaction, batch: Sequence[Told]) -> Applied:
        """Work off the batch. Raises TooManyWrites before it has written anything."""
        places = self._all_places()
        runs = [told.fact for told in batch if isinstance(told.fact, Run)]
        self._assume_new(runs)
        await self._working.load(
            transaction,
            [*(thread_path(place.thread_id) for place in places), *self._paths(batch)],
        )
        known: Set[str] = frozenset()
        if runs:
            known = _repeated(batch) | self._ids.keys()
            await self._working.load(transaction, list(self._run_paths(runs, known)))
        if (unknown := self._unknown(batch)).asked:
            self._recognised = await recognise(transaction, self._working, unknown)
            known = known | {wa_id for _thread_id, wa_id in self._recognised.ids}
        for place in places:
            if place.thread_id != self._known.open_thread:
                self._refresh(place)
        for told in batch:
            if isinstance(told.fact, Run):
                self._see_run(told.fact, told.seq, known)
            elif isinstance(told.fact, MessageSeen):
                self._see(told.fact, told.seq)
            elif isinstance(told.fact, CHANGES):
                await self._change(transaction, told.fact, told.received_at)
        await self._show_last(transaction)
        self._tell_threads()
        await self._count_unread(transaction)
        writes = self._working.writes()
        if len(writes) + sum(map(len, self._created)) > MOST_WRITES:
            raise TooManyWrites
        transaction.write(*writes, *self._created)
        self._applied.new_threads = sum(
            self._working.is_created(thread_path(place.thread_id)) for place in places
        )
        return self._applied

    def _assume_new(self, runs: Iterable[Run]) -> None:
        """Spare the reading of threads that the commit makes: it fails if there is one by then."""
        if self._known.are_repeated:
            return
        for run in runs:
            place = self._places[run.chat.jid]
            if place.is_new and place.thread_id != self._known.open_thread:
                self._working.assume_new(thread_path(place.thread_id))

    def _all_places(self) -> list[Place]:
        """Return each thread's place once, as it is known by now."""
        carried = {name: place for name, (place, _summary) in self._summaries.items()}
        now = {place.thread_id: place for place in self._places.values()}
        return list((carried | now).values())

    def _paths(self, batch: Sequence[Told]) -> Iterable[str]:
        for told in batch:
            if isinstance(told.fact, MessageSeen | MessageEdited | MessageRevoked):
                yield self._message_path(told.fact.chat, told.fact.message_id)
            elif isinstance(told.fact, ReactionSet | ReceiptSeen):
                for wa_id in ids_in(told.fact):
                    yield self._message_path(told.fact.chat, wa_id)
        for sent in self._ids.values():
            yield outbox_path(sent.request_id)
            yield thread_path(sent.thread_id)

    def _run_paths(self, runs: Iterable[Run], known: Set[str]) -> Iterable[str]:
        """Yield what must be read for runs: a thread that is not there yet has no messages."""
        for run in runs:
            thread = thread_path(self._places[run.chat.jid].thread_id)
            if (
                self._known.are_repeated
                or not self._working.is_new(thread)
                or self._is_known(run, known)
            ):
                for wa_id in run.ids:
                    yield self._message_path(run.chat, wa_id)

    def _is_known(self, run: Run, known: Set[str]) -> bool:
        """Whether something else than the run itself is to be told about any of its messages."""
        ids = run.ids
        return not known.isdisjoint(ids) or self._notes.is_any_early(ids)

    def _message_path(self, chat: Chat, wa_id: str) -> str:
        if (sent := self._ids.get(wa_id)) is not None:
            return message_path(sent.thread_id, sent.request_id)
        thread_id = self._places[chat.jid].thread_id
        return message_path(thread_id, self._recognised.ids.get((thread_id, wa_id), wa_id))

    def _unknown(self, batch: Sequence[Told]) -> Unknown:
        """Return what may be about messages that came by an import."""
        unknown = Unknown(self._working)
        for told in batch:
            if not isinstance(told.fact, (Run, MessageSeen, *CHANGES)):
                continue
            thread_id = self._places[told.fact.chat.jid].thread_id
            if not unknown.is_sought_in(thread_id):
                continue
            if isinstance(told.fact, CHANGES):
                for wa_id in ids_in(told.fact):
                    if wa_id not in self._ids:
                        unknown.speak_of(thread_id, wa_id)
                continue
            for fact in told.fact.facts() if isinstance(told.fact, Run) else (told.fact,):
                if fact.message_id not in self._ids:
                    unknown.tell(thread_id, fact)
        return unknown

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
        return thread

    def _summary(self, place: Place) -> Summary:
        _place, summary = self._summaries.setdefault(place.thread_id, (place, Summary()))
        return summary

    def _tell_threads(self) -> None:
        """Tell the threads what their history says, but for the one whose history goes on."""
        for thread_id, (place, summary) in self._summaries.items():
            if thread_id == self._known.open_thread:
                self._applied.carried[thread_id] = (place, summary)
                continue
            before = self._thread(place)
            after = summary.told_to(before)
            if after.get("readUpTo") != before.get("readUpTo"):
                self._recount.add(place.thread_id)
            self._working.put(thread_path(place.thread_id), after)

    async def _show_last(self, transaction: Transaction) -> None:
        """Find the last message anew where times changed that matter for it."""
        for thread_id, touched in self._recognised.touched.items():
            path = thread_path(thread_id)
            thread = self._working.get(path)
            if thread is None or (last_at := thread.get("lastMessageAt")) is None:
                continue
            docs = [self._working.get(message_path(thread_id, own)) for own in touched]
            if any(doc and doc["tsClient"] >= last_at for doc in docs) or (
                thread.get("lastMessageId") in touched
            ):
                latest = await read_latest(transaction, self._working, thread_id)
                self._working.put(path, threads.with_last(thread, latest))

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
        recognised = (place.thread_id, fact.message_id)
        is_first = before is None or recognised in self._recognised.new
        if before is not None and is_first:
            message = adopted(before, messages.told(fact, self._account_id))
            self._recognised.new.discard(recognised)
        else:
            message = messages.seen(
                before, fact, account_id=self._account_id, client_jid=thread["clientJid"]
            )
        was_live = bool(before and before.get("isLive"))
        if not fact.is_history and not fact.from_me and fact.type not in _NEVER_UNREAD:
            message["isLive"] = True
        if message.get("media") and seq and "journalSeq" not in message:
            message["journalSeq"] = seq
        self._working.put(path, message)
        self._tell_outbox(fact.message_id, message)
        early = self._early(place.thread_id, fact.message_id) if is_first else []
        if fact.is_history and not early:
            self._summary(place).add(message)
        else:
            thread = threads.with_message(thread, message, was_live=was_live)
            if fact.from_me:
                thread = threads.read_up_to(thread, fact.ts_client)
                self._recount.add(place.thread_id)
            self._working.put(thread_path(place.thread_id), thread)
        if is_first:
            self._applied.new_messages += 1
            self._applied.created.append((place.thread_id, fact.message_id))
            for one in early:
                self._change_message(place.thread_id, path, one)

    def _tell_outbox(self, wa_id: str, message: Doc) -> None:
        """Have the outbox item of a console's message follow what the phone tells of it."""
        sent, status = self._ids.get(wa_id), message.get("status")
        if sent is None or status is None:
            return
        path = outbox_path(sent.request_id)
        item = self._working.get(path)
        if item is None or item["status"] == "cancelled":
            return
        if moves_forward(item["status"], status):
            self._working.put(path, {**item, "status": status, "error": None})

    def _see_run(self, run: Run, seq: int, known: Set[str]) -> None:
        """See the messages of a run: all at once when every one is new, else one by one."""
        place = self._places[run.chat.jid]
        if self._is_known(run, known) or not self._are_new(run, place):
            for fact in run.facts():
                self._see(fact, seq)
            return
        thread = self._working.get(thread_path(place.thread_id))
        client_jid = str(place.client) if thread is None else thread["clientJid"]
        fields = Packed.of({"clientJid": client_jid})
        self._created.append(run.creates(messages_path(place.thread_id), fields))
        for fact in run.telling:
            self._summary(place).add(messages.told(fact, self._account_id))
        self._applied.new_messages += len(run)

    def _are_new(self, run: Run, place: Place) -> bool:
        thread = thread_path(place.thread_id)
        if self._working.is_new(thread) and not self._known.are_repeated:
            return True
        return all(self._working.is_new(f"{thread}/messages/{one}") for one in run.ids)

    def _early(self, thread_id: str, wa_id: str) -> list[Change]:
        """Return what came before a message: kept from earlier, or told in this batch."""
        found = [early.fact for early in self._notes.early(thread_id, wa_id)]
        waiting = self._applied.early
        found += [one[2] for one in waiting if one[:2] == (thread_id, wa_id)]
        self._applied.early = [one for one in waiting if one[:2] != (thread_id, wa_id)]
        return found

    async def _change(self, transaction: Transaction, fact: Change, received_at: datetime) -> None:
        place = self._places[fact.chat.jid]
        for wa_id in ids_in(fact):
            path = self._message_path(fact.chat, wa_id)
            if self._working.get(path) is None:
                self._applied.early.append((place.thread_id, wa_id, fact, received_at))
                continue
            sent = self._ids.get(wa_id)
            self._change_message(sent.thread_id if sent else place.thread_id, path, fact)
            if sent is not None and isinstance(fact, ReceiptSeen):
                await self._change_outbox(transaction, sent, fact)

    def _change_message(self, thread_id: str, path: str, fact: Change) -> None:
        """Change a message that is there, and what its thread says about it."""
        before = self._working.get(path)
        assert before is not None
        reactor = self._address_of(fact.reactor_jid) if isinstance(fact, ReactionSet) else ""
        message = messages.changed(before, fact, reactor=reactor)
        self._working.put(path, message)
        is_read = isinstance(fact, ReceiptSeen) and fact.kind == "read_on_phone"
        if thread_id in self._summaries:  # The thread is told at the end, and only once.
            summary = self._summaries[thread_id][1]
            summary.add(message)
            if is_read:
                summary.read(message["tsClient"])
            return
        thread = self._working.get(thread_path(thread_id))
        if thread is None:
            return
        thread = threads.with_message(thread, message, was_live=True)
        if is_read:
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


def _repeated(batch: Sequence[Told]) -> set[str]:
    """Return the ids of messages that a batch is about more than once."""
    ids = [one.fact.ids if isinstance(one.fact, Run) else ids_in(one.fact) for one in batch]
    if len(set().union(*ids)) == sum(map(len, ids)):
        return set()
    return {one for one, count in Counter(chain.from_iterable(ids)).items() if count > 1}
