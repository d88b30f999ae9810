"""One account with everything that works for it: runner, document, journal, ingest, outbox."""

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from bridge.account_document import AccountDocument
from bridge.account_runner import AccountRunner
from bridge.account_state import AccountState
from bridge.backoff import DEFAULT_POLICY, BackoffPolicy
from bridge.errors import JournalDamaged
from bridge.ingest.applier import Applier
from bridge.ingest.ingest import Ingest
from bridge.ingest.notes import Notes
from bridge.ingest.places import Places
from bridge.ingest.sent_ids import SentIds
from bridge.journal import Journal
from bridge.outbox.sender import Sender
from bridge.outbox.settle import Settler
from bridge.tasks import cancel_all, keep_running
from bridge.whatsapp.addresses import OwnJids
from bridge.worker_port import StartWorker
from core.clock import Clock
from core.model.documents import Account, SyncState
from core.model.ids import Jid
from core.paths import DataFolder
from core.service.callables import AccountHealth
from core.settings import Sending
from core.store.port import Data, Store

_log = logging.getLogger(__name__)

_FLUSH_SECONDS = 2.0
"""How long a stopping account may take to write its last state."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every account of a bridge is given."""

    store: Store
    folder: DataFolder
    start_worker: StartWorker
    owner: str
    """Who holds the leases: the same for every bridge of this data folder on this machine."""
    clock: Clock
    pace: Sending
    policy: BackoffPolicy = DEFAULT_POLICY
    chance: random.Random | None = None


class RunningAccount:
    """An account that the bridge takes care of."""

    def __init__(self, account: Account, data: Data, around: Surroundings) -> None:
        self.account_id = account.account_id
        folder = around.folder.account(account.account_id)
        self._journal = _open_journal(folder / "journal.db")
        self._notes = Notes.open(folder / "notes.db")
        self._clock = around.clock
        self.document = AccountDocument(
            around.store, account.account_id, data, owner=around.owner, clock=around.clock
        )
        sent = SentIds(around.store, account.account_id)
        self.places = Places(around.store, account.account_id, self._notes)
        applier = Applier(around.store, account.account_id, self._notes, self.places, sent)
        settler = Settler(
            around.store,
            account.account_id,
            notes=self._notes,
            places=self.places,
            sent=sent,
            applier=applier,
        )
        self.ingest = Ingest(
            account.account_id,
            journal=self._journal,
            notes=self._notes,
            applier=applier,
            settler=settler,
            own=self._own,
            sync=account.sync or SyncState(),
            synced=self._synced,
            clock=around.clock,
        )
        self.runner = AccountRunner(
            account.account_id,
            _state_of(account),
            start_worker=around.start_worker,
            show=self.document.show,
            journal_advanced=self.ingest.wake,
            paired=self.ingest.begin_sync,
            clock=around.clock,
            connects_file=folder / "connects.json",
            policy=around.policy,
            chance=around.chance,
        )
        self.sender = Sender(
            around.store,
            account.account_id,
            self.runner,
            settler,
            owner=around.owner,
            pace=around.pace,
            clock=around.clock,
        )
        self.runner.on_change.append(self.sender.wake)
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to work for the account."""
        name = self.account_id
        self._tasks = [
            _task(f"{name}: document", self.document.run),
            _task(f"{name}: ingest", self.ingest.run),
            _task(f"{name}: outbox", self.sender.run),
            _task(f"{name}: worker", self.runner.run),
        ]

    async def stop(self) -> None:
        """End everything in order: outbox, worker, ingest, document; nothing is half done."""
        document, ingest, outbox, runner = self._tasks
        await self.sender.stop()
        await cancel_all([outbox])
        await cancel_all([runner])
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_FLUSH_SECONDS):
                await self.ingest.drained()
        await cancel_all([ingest])
        try:
            async with asyncio.timeout(_FLUSH_SECONDS):
                await self.sender.recover()
        except Exception:
            _log.exception("%s: what was on its way is looked at again later", self.account_id)
        await cancel_all([document])
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_FLUSH_SECONDS):
                await self.document.release()
        self._notes.close()
        self._journal.close()

    def health(self) -> AccountHealth:
        """Return how the account fares right now."""
        return AccountHealth(
            account_id=self.account_id,
            status=self.runner.state.status,
            condition=self.runner.state.code,
            last_heard_at=self.runner.last_heard_at,
            journal_backlog=self.ingest.backlog(),
            next_attempt_at=self.runner.next_attempt_at,
        )

    def _own(self) -> OwnJids:
        state = self.runner.state
        return OwnJids(
            phone=Jid.parse(state.jid) if state.jid else None,
            lid=Jid.parse(state.lid_jid) if state.lid_jid else None,
        )

    def _synced(self, sync: SyncState) -> None:
        self.runner.sync_progressed()
        self.document.show_sync(sync, self._clock())


def _state_of(account: Account) -> AccountState:
    """Return the state to go on from; a pairing that was open is over."""
    return AccountState(
        status="connecting" if account.status == "qr_ready" else account.status,
        jid=account.jid,
        lid_jid=account.lid_jid,
        phone_e164=account.phone_e164,
        last_connected_at=account.last_connected_at,
        error=account.last_error,
    )


def _open_journal(path: Path) -> Journal:
    """Open a journal; a damaged one was kept aside, so that a new one can begin."""
    try:
        return Journal.open(path)
    except JournalDamaged as error:
        _log.error("%s", error)
        return Journal.open(path)


def _task(name: str, work: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
    return asyncio.create_task(keep_running(name, work), name=name)
