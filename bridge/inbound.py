"""The inbound side of one account in this data folder: journal, notes, and what works them off.

It needs no lease: documents are named by WhatsApp's ids and only move forward, so two bridges that
each bring in what their own journal holds do no harm.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from pathlib import Path

from bridge.errors import JournalDamaged
from bridge.ingest.applier import Applier
from bridge.ingest.ingest import Ingest
from bridge.ingest.notes import Notes
from bridge.ingest.places import Places
from bridge.ingest.sent_ids import SentIds
from bridge.journal import JOURNAL_NAME, Journal
from bridge.metrics import Metrics
from bridge.outbox.settle import Settler
from bridge.tasks import cancel_all, start_task
from bridge.thread_pace import ThreadPace
from bridge.whatsapp.addresses import OwnJids
from core.clock import Clock
from core.model.documents import Account, SyncState
from core.model.ids import Jid, account_path
from core.store.errors import StoreUnavailable
from core.store.port import SERVER_TIMESTAMP, Store, Update

_log = logging.getLogger(__name__)

BROUGHT_IN = "broughtInAt"
"""Field of an account: when a bridge last stored what waited in its folder from before."""
_RETRY_SECONDS = 1.0


class Inbound:
    """What one account received here, on its way into the documents."""

    def __init__(
        self,
        store: Store,
        account_id: str,
        folder: Path,
        *,
        own: Callable[[], OwnJids],
        sync: SyncState,
        synced: Callable[[SyncState], None],
        clock: Clock,
        threads: ThreadPace,
        metrics: Metrics | None = None,
    ) -> None:
        self._journal = _open_journal(folder / JOURNAL_NAME)
        self._notes = Notes.open(folder / "notes.db")
        sent = SentIds(store, account_id)
        places = Places(store, account_id, self._notes)
        applier = Applier(store, account_id, self._notes, places, sent, pace=threads)
        self.settler = Settler(
            store,
            account_id,
            notes=self._notes,
            places=places,
            sent=sent,
            applier=applier,
            pace=threads,
        )
        self.ingest = Ingest(
            account_id,
            journal=self._journal,
            notes=self._notes,
            applier=applier,
            settler=self.settler,
            own=own,
            sync=sync,
            synced=synced,
            clock=clock,
            metrics=metrics,
        )

    def close(self) -> None:
        """Close the files; whoever ran the ingest has ended it before."""
        self._notes.close()
        self._journal.close()


class Leftovers:
    """Works off what was received here of an account that another bridge runs by now."""

    def __init__(
        self, store: Store, account: Account, folder: Path, clock: Clock, threads: ThreadPace
    ) -> None:
        self._inbound = Inbound(
            store,
            account.account_id,
            folder,
            own=lambda: own_jids(account.jid, account.lid_jid),
            sync=SyncState(),
            synced=lambda _sync: None,
            clock=clock,
            threads=threads,
        )
        if backlog := self._inbound.ingest.backlog():
            _log.info("%s: %d events that came before come in", account.account_id, backlog)
        self._store = store
        self._path = account_path(account.account_id)
        self.ingest = self._inbound.ingest
        self._tasks = [
            start_task(f"{account.account_id}: leftovers", self.ingest.run),
            start_task(f"{account.account_id}: leftovers told", self._tell),
        ]

    async def _tell(self) -> None:
        """Work off what waits, and look again at what came early, here and at other bridges.

        Not before: what waits may tell whose an early receipt is.
        """
        await self.ingest.drained()
        self.ingest.look_at_early()
        told = Update(self._path, {BROUGHT_IN: SERVER_TIMESTAMP})
        while True:
            try:
                await self._store.commit([told])
                return
            except StoreUnavailable:
                await asyncio.sleep(_RETRY_SECONDS)

    async def close(self) -> None:
        """Stop where it is; the journal keeps the rest."""
        await cancel_all(self._tasks)
        self._inbound.close()


def own_jids(jid: str | None, lid_jid: str | None) -> OwnJids:
    """Return an account's own addresses as far as they are known."""
    return OwnJids(
        phone=Jid.parse(jid) if jid else None,
        lid=Jid.parse(lid_jid) if lid_jid else None,
    )


def _open_journal(path: Path) -> Journal:
    """Open a journal; a damaged one was kept aside, so that a new one can begin."""
    with contextlib.suppress(JournalDamaged):
        return Journal.open(path)
    _log.error("the journal %s is damaged and was kept aside", path)
    return Journal.open(path)
