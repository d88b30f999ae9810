"""Works off the journal of one account: entries become facts, facts documents, then are done.

A crash anywhere repeats the rest, which is harmless. While the store is out of reach the entries
stay in the journal and are worked off in order later.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import zip_longest

import msgspec

from bridge.errors import JournalError
from bridge.ingest.applier import Applier
from bridge.ingest.notes import Notes
from bridge.ingest.reader import Reader
from bridge.ingest.reading import Errand
from bridge.ingest.runs import Run, Tellable
from bridge.ingest.told import Told
from bridge.journal import Journal, JournalEntry
from bridge.metrics import Metrics, label
from bridge.outbox.settle import Settler
from bridge.whatsapp.addresses import OwnJids
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
from core.clock import Clock
from core.failpoints import reach
from core.model.documents import SyncState
from core.store.errors import StoreError, StoreUnavailable

_log = logging.getLogger(__name__)

_ENTRIES_AT_ONCE = 64
_BATCH_WEIGHT = 410
"""Documents that a batch writes at most: a run and little more, as others write in between."""
_POLL_SECONDS = 20.0
"""Safety net: the journal is looked at this often without being told to."""
_FIRST_RETRY_SECONDS = 1.0
_LONGEST_RETRY_SECONDS = 30.0
_COMPACT_EVERY = 2000
_COMPACT_BYTES = 64 * 1024 * 1024
"""After so many entries, or so much in them, those that are long done are forgotten."""
_KEPT_ENTRIES = 5000
_EARLY_KEPT = timedelta(days=30)
_IDS_AT_ONCE = 30
_NOT_STORABLE = (StoreError, ValueError, KeyError, TypeError)
"""What a fact raises that the documents cannot take."""


class Ingest:
    """The inbound side of one account; `run` is its only task."""

    def __init__(
        self,
        account_id: str,
        *,
        journal: Journal,
        notes: Notes,
        applier: Applier,
        settler: Settler,
        own: Callable[[], OwnJids],
        sync: SyncState,
        synced: Callable[[SyncState], None],
        clock: Clock,
        metrics: Metrics | None = None,
    ) -> None:
        self.store_error = ""
        """Why nothing can be stored for now; empty while all is well."""
        self.journal_error = ""
        """Why what was received cannot be read for now; empty while it can."""
        self._last_backlog = 0
        self.sync = sync
        self._account_id = account_id
        self._journal = journal
        self._notes = notes
        self._applier = applier
        self._settler = settler
        self._own = own
        self._reader = Reader()
        self._is_history_due = False
        self._synced = synced
        self._clock = clock
        metrics, name = metrics or Metrics(), label(account_id)
        self._received = {kind: metrics.received.labels(name, kind) for kind in ("history", "live")}
        self._lag = metrics.ingest_lag.labels(name)
        self._is_early_due = False
        self._woken = asyncio.Event()
        self._drained = asyncio.Event()
        self._entries_to_compaction = 0
        """With the first entries of a start: a bridge that is often started compacts as well."""
        self._bytes_to_compaction = 0

    def wake(self) -> None:
        """Have the journal looked at now."""
        self._drained.clear()
        self._woken.set()

    def look_at_early(self) -> None:
        """Have another look at what came before its message: somebody may have made that known."""
        self._is_early_due = True
        self._woken.set()

    def begin_sync(self) -> None:
        """Start counting a history anew: the account was just paired."""
        self.sync = SyncState()
        self._is_history_due = True
        self._woken.set()

    async def drained(self) -> None:
        """Wait until everything that is in the journal now is in the documents."""
        self.wake()
        await self._drained.wait()

    def backlog(self) -> int:
        """Return how many journal entries are not done, or were when it could last be told."""
        with contextlib.suppress(JournalError):  # `run` tells of it
            self._last_backlog = self._journal.backlog()
        return self._last_backlog

    def oldest(self) -> datetime | None:
        """Return when the oldest entry came that is not done; None when all are, or untold."""
        with contextlib.suppress(JournalError):  # `run` tells of it
            return self._journal.oldest()
        return None

    async def run(self) -> None:
        """Work off entries as they come, until cancelled."""
        try:
            while True:
                self._woken.clear()
                if self._is_early_due:
                    self._is_early_due = False
                    await self._replay_early()
                if self._is_history_due:
                    self._is_history_due = False
                    await self._reader.prepare()
                if entries := await self._entries():
                    await self._work_off(entries)
                    continue
                self._drained.set()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_POLL_SECONDS):
                        await self._woken.wait()
                        continue
                await self._reader.close()  # No history is coming any more.
        finally:
            await self._reader.close()

    async def _entries(self) -> list[JournalEntry]:
        """Return the oldest entries that are not done. Raises JournalError."""
        try:
            entries = await asyncio.to_thread(self._journal.read, _ENTRIES_AT_ONCE)
        except JournalError as error:
            self.journal_error = str(error)
            raise
        self.journal_error = ""
        return entries

    async def _replay_early(self) -> None:
        """Look again at what came early; what cannot be applied does not keep the rest away."""
        try:
            await self._when_possible(self._settler.look_again)
        except _NOT_STORABLE as error:
            _log.error("%s: what came early stays aside: %s", self._account_id, error)

    # -- entries ------------------------------------------------------------------------------

    async def _work_off(self, entries: Sequence[JournalEntry]) -> None:
        """Bring entries into the documents and mark them done."""
        self._applier.begin()
        batch: list[Told] = []
        weight, is_large = 0, False
        for entry, following in zip_longest(entries, entries[1:]):
            async with contextlib.aclosing(self._facts(entry, following)) as facts:
                async for fact in facts:
                    more = _weight(fact)
                    if weight + more > _BATCH_WEIGHT:
                        # The journal still has it: nothing waits for the disk before the end.
                        await self._flush(batch, durable=False, goes_on=_conversation(fact))
                        batch, weight, is_large = [], 0, True
                        await asyncio.sleep(0)  # Others in this process get their turn.
                    batch.append(Told(fact, entry.received_at, entry.seq))
                    weight += more
        # Where more than one batch was written, all of them wait for the disk together.
        await self._flush(batch, durable=not is_large)
        await self._when_possible(lambda: self._applier.finish(durable=not is_large))
        if is_large:
            await self._when_possible(self._applier.make_durable)
        reach("ingest.commit")
        self._notes.save()
        reach("ingest.noted")
        await asyncio.to_thread(self._journal.mark_done, entries[-1].seq)
        await self._compact(entries)

    async def _facts(
        self, entry: JournalEntry, following: JournalEntry | None
    ) -> AsyncGenerator[Tellable, None]:
        """Yield what an entry says; one that cannot be understood is set aside, not lost."""
        errand = self._errand(entry)
        then = None if following is None else self._errand(following)
        async with contextlib.aclosing(self._reader.read(errand, then)) as parts:
            async for part in parts:
                for fact in part.facts:
                    for some in _split(fact):
                        yield some
                if part.error:
                    await self._set_aside(entry.seq, part.error)

    def _errand(self, entry: JournalEntry) -> Errand:
        return Errand(
            self._account_id,
            entry.code,
            entry.payload,
            self._own(),
            entry.received_at,
            entry.seq,
        )

    async def _set_aside(self, seq: int, reason: str) -> None:
        _log.error("%s: entry %d was set aside: %s", self._account_id, seq, reason)
        await asyncio.to_thread(self._journal.set_aside, seq, reason)

    async def _compact(self, done: Sequence[JournalEntry]) -> None:
        self._entries_to_compaction -= len(done)
        self._bytes_to_compaction -= sum(len(entry.payload) for entry in done)
        if self._entries_to_compaction <= 0 or self._bytes_to_compaction <= 0:
            self._entries_to_compaction = _COMPACT_EVERY
            self._bytes_to_compaction = _COMPACT_BYTES
            self._notes.forget_older(self._clock() - _EARLY_KEPT)
            self._notes.save()
            await asyncio.to_thread(self._journal.compact, _KEPT_ENTRIES)

    # -- batches ------------------------------------------------------------------------------

    async def _flush(
        self, batch: Sequence[Told], *, durable: bool = True, goes_on: Chat | None = None
    ) -> None:
        """Apply a batch, waiting for the store as long as it takes.

        When something in it cannot be stored, everything else in it still is.
        """
        if not batch:
            return
        try:
            await self._when_possible(lambda: self._apply(batch, durable=durable, goes_on=goes_on))
        except _NOT_STORABLE as error:
            if len(batch) == 1 and isinstance(batch[0].fact, Run):
                batch = [replace(batch[0], fact=fact) for fact in batch[0].fact.facts()]
            elif len(batch) == 1:
                _log.debug("what could not be stored", exc_info=error)
                await self._set_aside(batch[0].seq, type(error).__name__)
                return
            for told in batch:
                await self._flush([told], durable=durable)

    async def _when_possible(self, step: Callable[[], Awaitable[None]]) -> None:
        """Do a step, again and again while the store is away."""
        delay = _FIRST_RETRY_SECONDS
        while True:
            try:
                await step()
            except StoreUnavailable as error:
                if not self.store_error:
                    _log.warning("%s: the store is away: %s", self._account_id, error)
                self.store_error = str(error)
                await asyncio.sleep(delay)
                delay = min(delay * 2, _LONGEST_RETRY_SECONDS)
            else:
                self.store_error = ""
                return

    async def _apply(self, batch: Sequence[Told], *, durable: bool, goes_on: Chat | None) -> None:
        await self._settler.by_telling(batch)
        applied = await self._applier.apply(batch, durable=durable, goes_on=goes_on)
        is_history = any(getattr(told.fact, "is_history", False) for told in batch)
        self._count(batch, applied.new_messages, is_history=is_history)
        if is_history:
            self.sync = msgspec.structs.replace(
                self.sync,
                threads=self.sync.threads + applied.new_threads,
                messages=self.sync.messages + applied.new_messages,
            )
        self._note_progress(batch)
        for thread_id in dict.fromkeys(
            thread_id
            for thread_id, _wa_id, fact, _at in applied.early
            if isinstance(fact, ReceiptSeen)
        ):
            await self._settler.by_receipts(thread_id)

    def _count(self, batch: Sequence[Told], messages: int, *, is_history: bool) -> None:
        kind = "history" if is_history else "live"
        self._received[kind].inc(messages)
        lag = (self._clock() - min(told.received_at for told in batch)).total_seconds()
        self._lag.observe(max(lag, 0.0))

    def _note_progress(self, batch: Sequence[Told]) -> None:
        """Show how far the history has come; kinds of chunks that do not tell say 0."""
        percents = [one.fact.percent for one in batch if isinstance(one.fact, HistoryProgress)]
        if percents:
            progress = max(self.sync.progress, *percents)
            self.sync = msgspec.structs.replace(self.sync, progress=progress)
            self._synced(self.sync)


def _conversation(fact: Tellable) -> Chat | None:
    """Return the conversation whose history a fact belongs to."""
    if isinstance(fact, Run) or (isinstance(fact, MessageSeen) and fact.is_history):
        return fact.chat
    return None


def _weight(fact: Tellable) -> int:
    """Return about how many documents a fact writes."""
    match fact:
        case Run():
            return len(fact) + 1
        case ReceiptSeen(message_ids=ids):
            return 2 * len(ids) + 1
        case MessageSeen(is_history=False):
            return 2
        case MessageSeen():
            return 1
        case ConversationNoted() | MessageEdited() | MessageRevoked() | ReactionSet():
            return 2
        case NameLearned() | LidLinked() | HistoryProgress():
            return 1


def _split(fact: Tellable) -> Iterator[Tellable]:
    """Yield a fact in parts that each fit into a commit."""
    if not isinstance(fact, ReceiptSeen) or len(fact.message_ids) <= _IDS_AT_ONCE:
        yield fact
        return
    for start in range(0, len(fact.message_ids), _IDS_AT_ONCE):
        some = fact.message_ids[start : start + _IDS_AT_ONCE]
        yield msgspec.structs.replace(fact, message_ids=some)
