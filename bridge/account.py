"""One account with everything that works for it: runner, document, journal, ingest, outbox.

All of it works under the account's lease, and ends before another bridge can hold that.
"""

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from bridge.account_document import AccountDocument
from bridge.account_runner import AccountRunner
from bridge.account_state import AccountState
from bridge.backoff import DEFAULT_POLICY, BackoffPolicy
from bridge.inbound import BROUGHT_IN, Inbound, own_jids
from bridge.leases import Held, Leases
from bridge.metrics import Metrics
from bridge.outbox.sender import Sender
from bridge.outbox.thread_shower import ThreadShower
from bridge.tasks import cancel_all, start_task
from bridge.thread_pace import ThreadPace
from bridge.whatsapp.addresses import OwnJids
from bridge.worker_port import StartWorker
from core.clock import Clock
from core.model.documents import Account, SyncState
from core.paths import DataFolder
from core.service.callables import AccountHealth
from core.settings import Sending
from core.store.errors import StoreUnavailable
from core.store.port import Store

_log = logging.getLogger(__name__)

_FLUSH_SECONDS = 2.0
"""How long a stopping account may take to write its last state."""
_LEASE_LOOK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every account of a bridge is given."""

    store: Store
    folder: DataFolder
    start_worker: StartWorker
    leases: Leases
    clock: Clock
    pace: Sending
    threads: ThreadPace = field(default_factory=ThreadPace)
    policy: BackoffPolicy = DEFAULT_POLICY
    chance: random.Random | None = None
    metrics: Metrics = field(default_factory=Metrics)


class RunningAccount:
    """An account that the bridge takes care of, as long as it holds its lease."""

    def __init__(
        self,
        account: Account,
        held: Held,
        around: Surroundings,
        on_lost: Callable[["RunningAccount"], None],
    ) -> None:
        self.account_id = account.account_id
        self.held = held
        self._clock = around.clock
        self._on_lost = on_lost
        folder = around.folder.account(account.account_id)
        self.document = AccountDocument(held)
        self._inbound = Inbound(
            around.store,
            account.account_id,
            folder,
            own=self._own,
            sync=account.sync or SyncState(),
            synced=self._synced,
            clock=around.clock,
            threads=around.threads,
            metrics=around.metrics,
        )
        self.ingest = self._inbound.ingest
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
            held=held,
            metrics=around.metrics,
        )
        self._shower = ThreadShower(around.store, account.account_id, around.threads)
        self.sender = Sender(
            around.store,
            account.account_id,
            self.runner,
            self._inbound.settler,
            held=held,
            pace=around.pace,
            clock=around.clock,
            shower=self._shower if around.threads.is_kept else None,
            metrics=around.metrics,
        )
        self.runner.on_change.append(self.sender.wake)
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def start(self) -> None:
        """Begin to work for the account."""
        work = {
            "document": self.document.run,
            "ingest": self.ingest.run,
            "outbox": self.sender.run,
            "worker": self.runner.run,
        }
        if self.held.can_end:
            work |= {"lease": self._watch_lease, "told": self._tell}
        self._tasks = {
            name: start_task(f"{self.account_id}: {name}", run) for name, run in work.items()
        }

    async def stop(self) -> None:
        """End everything in order: outbox, worker, ingest, document; nothing is half done."""
        await self._cancel("lease", "told")
        await self.sender.stop()
        await self._cancel("outbox")
        await self._cancel("worker")
        await self._end_ingest()
        try:
            async with asyncio.timeout(_FLUSH_SECONDS):
                await self.sender.recover()
        except (TimeoutError, StoreUnavailable):
            _log.warning("%s: the store is away; the next start looks again", self.account_id)
        except Exception:
            _log.exception("%s: what was on its way is looked at again later", self.account_id)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_FLUSH_SECONDS):
                await self._shower.finish()
        await self._shower.close()
        await self._cancel("document")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_FLUSH_SECONDS):
                await self.document.release()
        self._inbound.close()

    async def leave(self) -> None:
        """End everything before the lease does, or because it is lost; write nothing about it.

        What was on its way is left for whoever takes over to call uncertain.
        """
        self.runner.grace_seconds = self.held.grace_seconds()
        await self._cancel("lease", "told", "document", "outbox", "worker")
        await self.sender.forget_late()
        await self._shower.close()
        await self._end_ingest()
        self._inbound.close()

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

    async def _tell(self) -> None:
        """Have other bridges look at what came early to them: more is known of the messages now.

        What waited here is stored, and what was on its way when the account was taken over is
        called uncertain.
        """
        await self.ingest.drained()
        await self.sender.has_recovered.wait()
        self.document.put(**{BROUGHT_IN: self._clock()})

    async def _watch_lease(self) -> None:
        """Tell the worker of every renewal; report when there is none in time."""
        told = 0.0
        while not await self.held.unsure(_LEASE_LOOK_SECONDS):
            if told != self.held.stop_at:
                told = self.held.stop_at
                await self.runner.tell_lease()
        self._on_lost(self)

    async def _end_ingest(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_FLUSH_SECONDS):
                await self.ingest.drained()
        await self._cancel("ingest")

    async def _cancel(self, *names: str) -> None:
        await cancel_all([self._tasks[name] for name in names if name in self._tasks])

    def _own(self) -> OwnJids:
        return own_jids(self.runner.state.jid, self.runner.state.lid_jid)

    def _synced(self, sync: SyncState) -> None:
        self.runner.sync_progressed()
        self.document.show_sync(sync, self._clock())


def _state_of(account: Account) -> AccountState:
    """Return the state to go on from; a pairing that was open is over."""
    return AccountState(
        status="connecting" if account.status == "qr_ready" else account.status,
        jid=account.jid,
        lid_jid=account.lid_jid,
        device_jid=account.device_jid,
        phone_e164=account.phone_e164,
        last_connected_at=account.last_connected_at,
        error=account.last_error,
    )
