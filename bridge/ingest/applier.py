"""Applies a batch of facts to the documents, in one transaction that may be done again."""

from collections.abc import Sequence
from dataclasses import replace

from bridge.ingest.batch import Batch, TooManyWrites
from bridge.ingest.notes import Notes
from bridge.ingest.places import Place, Places
from bridge.ingest.runs import Run
from bridge.ingest.sent_ids import SentIds, SentMessage
from bridge.ingest.told import CHANGES, Applied, Carried, Known, Told, ids_in
from bridge.thread_pace import ThreadPace
from bridge.whatsapp.facts import (
    Chat,
    ConversationNoted,
    HistoryProgress,
    LidLinked,
    MessageSeen,
    NameLearned,
)
from core.model.ids import Jid, alias_path, message_path
from core.store.errors import AlreadyExists
from core.store.port import Store

_LOOKED_AT = 90
"""Messages that something came early about: what somebody else makes known is among the last."""


class Applier:
    """Turns the facts of one account into documents."""

    def __init__(
        self,
        store: Store,
        account_id: str,
        notes: Notes,
        places: Places,
        sent: SentIds,
        *,
        pace: ThreadPace | None = None,
    ) -> None:
        self._store = store
        self._account_id = account_id
        self._notes = notes
        self._places = places
        self._sent = sent
        self._pace = pace or ThreadPace()
        self._carried: Carried = {}
        self._links: set[tuple[Jid, Jid]] = set()
        self._named: set[Jid] = set()
        self._crowded: set[Jid] = set()
        """Conversations whose history takes more writes than messages."""

    def begin(self) -> None:
        """Note that what is applied from now on may be about newer messages than before."""
        self._sent.look_anew()

    async def apply(
        self, batch: Sequence[Told], *, durable: bool = True, goes_on: Chat | None = None
    ) -> Applied:
        """Apply facts in order; raises StoreError, after which the batch is to be done again.

        The notes are to be saved before the facts count as done; and `make_durable` is due, if
        this was not to wait for the disk. `goes_on` is the conversation whose history the next
        batch goes on with: its thread is written then, or by `finish`.
        """
        runs = {told.fact.chat.jid for told in batch if isinstance(told.fact, Run)}
        if self._crowded.isdisjoint(runs):
            try:
                applied = await self._apply(batch, self._carried, durable=durable, goes_on=goes_on)
            except TooManyWrites:
                # Messages that were imported before take two: the other says which one it is.
                self._crowded |= runs
            else:
                self._carried = applied.carried
                await self._replay_known(applied)
                return applied
        first, second = _halves(batch)
        applied = await self.apply(first, durable=durable, goes_on=goes_on)
        return applied.then(await self.apply(second, durable=durable, goes_on=goes_on))

    async def finish(self, *, durable: bool = True) -> None:
        """Tell the thread whose history went on what it was not told. Raises StoreError."""
        self._crowded.clear()
        if self._carried:
            await self._pace.turn(*self._carried)
            await self._attempt([], Known({}, {}, self._carried), durable=durable)
            self._carried = {}

    async def _apply(
        self, batch: Sequence[Told], carried: Carried, *, durable: bool, goes_on: Chat | None
    ) -> Applied:
        places = await self._find_places(batch, goes_on)
        known = Known(
            places,
            await self._document_ids(batch, places),
            carried,
            open_thread=places[goes_on.jid].thread_id if goes_on and goes_on.jid in places else "",
        )
        written = {place.thread_id for place in places.values()} | carried.keys()
        await self._pace.turn(*sorted(written - {known.open_thread}))
        try:
            applied = await self._attempt(batch, known, durable=durable)
        except AlreadyExists:  # A crash left messages of a thread behind that was not written yet.
            known = replace(known, are_repeated=True)
            applied = await self._attempt(batch, known, durable=durable)
        for thread_id, wa_id in applied.created:
            self._notes.forget_early(thread_id, wa_id)
        for thread_id, wa_id, fact, received_at in applied.early:
            self._notes.put_early(thread_id, wa_id, fact, received_at)
        self._links.clear()
        self._named.clear()
        return applied

    async def _attempt(self, batch: Sequence[Told], known: Known, *, durable: bool) -> Applied:
        return await self._store.transact(
            lambda transaction: Batch(self._account_id, self._notes, known).run(transaction, batch),
            durable=durable,
        )

    async def make_durable(self) -> None:
        """Have everything that was applied survive a failure of the machine."""
        await self._store.commit([])

    async def replay_early(self, thread_id: str, wa_id: str) -> None:
        """Apply what came about a message before it was known."""
        early = self._notes.early(thread_id, wa_id)
        if early:
            self.begin()
            told = [Told(one.fact, one.received_at) for one in early]
            # Beside a history that goes on: what that carries is not this one's to tell.
            again = await self._apply(told, {}, durable=True, goes_on=None)
            await self._replay_known(again)
            self._notes.forget_early(thread_id, wa_id)
            self._notes.save()

    async def replay_made_known(self) -> None:
        """Apply what came early about messages that somebody else has made known since.

        That is another bridge, or a run that was cut short. Raises StoreError.
        """
        early = self._notes.latest_early(_LOOKED_AT)
        paths = [at(*one) for one in early for at in (message_path, alias_path)]
        found = await self._store.get_all(paths) if paths else []
        is_there = [any(found[2 * number : 2 * number + 2]) for number in range(len(early))]
        sent = await self._sent.find(
            wa_id for (_thread_id, wa_id), there in zip(early, is_there, strict=True) if not there
        )
        for (thread_id, wa_id), there in zip(early, is_there, strict=True):
            if there or wa_id in sent:
                await self.replay_early(thread_id, wa_id)

    async def _replay_known(self, applied: Applied) -> None:
        """Apply early facts at once whose message was sent while the batch was at work."""
        ids = {wa_id: thread_id for thread_id, wa_id, _fact, _at in applied.early}
        for wa_id in await self._sent.find(ids):
            await self.replay_early(ids[wa_id], wa_id)

    async def _find_places(self, batch: Sequence[Told], goes_on: Chat | None) -> dict[Jid, Place]:
        """Return the place of every conversation that the batch is about, by the JID it names.

        A name alone is left to the next batch if that `goes_on` with the conversation.
        """
        chats: dict[Jid, Chat] = {}
        for told in batch:
            match told.fact:
                case LidLinked(lid=lid, phone=phone):
                    if self._notes.link(lid, phone):
                        self._links.add((lid, phone))
                        await self._settle_carried({lid, phone})
                case NameLearned(jid=jid, name=name, source=source):
                    if self._notes.learn_name(jid, name, source):
                        self._named.add(jid)
                        self._places.forget(jid)
                case ConversationNoted(chat=chat, is_archived=is_archived):
                    if is_archived:
                        self._notes.note_archived(chat.jid)
                case HistoryProgress():
                    pass
                case fact:
                    chats[fact.chat.jid] = fact.chat
        for chat in await self._places.with_thread(self._links):
            chats.setdefault(chat.jid, chat)
        named = self._named - chats.keys() - ({goes_on.jid} if goes_on else set())
        for jid in await self._places.existing(named) if named else ():
            chats[jid] = Chat(jid=jid)
        return await self._places.find_all(chats.values())

    async def _settle_carried(self, addresses: set[Jid]) -> None:
        """Have a thread that was not written yet be found under another address of its customer."""
        for place, _summary in self._carried.values():
            if not addresses.isdisjoint({place.client, place.lid, place.phone}):
                await self.finish()
                return

    async def _document_ids(
        self, batch: Sequence[Told], places: dict[Jid, Place]
    ) -> dict[str, SentMessage]:
        """Return which of the WhatsApp ids in the batch belong to console messages."""
        spoken_of: list[tuple[Jid, Sequence[str]]] = []
        for told in batch:
            fact = told.fact
            if isinstance(fact, CHANGES) or (isinstance(fact, MessageSeen) and fact.from_me):
                spoken_of.append((fact.chat.jid, ids_in(fact)))
            elif isinstance(fact, Run) and any(fact.from_me):
                spoken_of.append((fact.chat.jid, fact.own_ids()))
        if not spoken_of or await self._sent.is_empty():
            return {}
        asked = {
            message_path(places[jid].thread_id, wa_id): wa_id
            for jid, ids in spoken_of
            for wa_id in ids
        }
        found = await self._store.get_all(list(asked))
        missing = [wa_id for wa_id, doc in zip(asked.values(), found, strict=True) if doc is None]
        return await self._sent.find(missing)


def _halves(batch: Sequence[Told]) -> tuple[list[Told], list[Told]]:
    """Return a batch in two parts, its runs taken apart."""
    facts = [
        replace(told, fact=fact)
        for told in batch
        for fact in (told.fact.facts() if isinstance(told.fact, Run) else (told.fact,))
    ]
    middle = len(facts) // 2
    return facts[:middle], facts[middle:]
