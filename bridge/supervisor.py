"""All accounts of a bridge: those whose lease is free are taken up, and each runs by itself.

One loop looks at the accounts of the store whenever one changes or a lease of another bridge may
have ended. What starts and ends an account goes through one lock, so none is ever taken up twice.
"""

import asyncio
import contextlib
import logging
from datetime import timedelta

import msgspec

from bridge.account import RunningAccount, Surroundings
from bridge.inbound import BROUGHT_IN, Leftovers
from bridge.journal import JOURNAL_NAME
from bridge.leases import Held, Leases
from bridge.metrics import label
from bridge.tasks import cancel_all, start_task
from bridge.thread_pace import ThreadPace
from core.errors import CapcoadaError
from core.i18n import _
from core.model.documents import Account, from_document
from core.model.ids import ACCOUNTS, account_path
from core.service.errors import CallRefused
from core.store.errors import AlreadyExists, StoreUnavailable
from core.store.port import SERVER_TIMESTAMP, Create, Document, Query, Update

_log = logging.getLogger(__name__)

_RETRY_SECONDS = 2.0
_BROKEN_SECONDS = 60.0
"""How long an account that could not even be opened is left alone."""
_LEASE_MARGIN_SECONDS = 0.05
_HAND_OVER_SECONDS = 12.0
"""How long a caller waits for another bridge to let go of an account."""
_KEPT_FREE_SECONDS = 20.0
"""How long an account that was let go is left to the bridge that asked for it."""
_LONGEST_NUMBER = 1000


class Supervisor:
    """Starts, finds and stops accounts."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._documents: dict[str, Document] = {}
        self._running: dict[str, RunningAccount] = {}
        self._closing: dict[str, asyncio.Task[None]] = {}
        self._leftovers: dict[str, Leftovers] = {}
        self._broken_until: dict[str, float] = {}
        self._changing = asyncio.Lock()
        self._woken = asyncio.Event()
        self._started = asyncio.Event()
        self.store_error = ""
        """Why the accounts cannot be read; empty while they can."""

    @property
    def accounts(self) -> list[RunningAccount]:
        """The accounts that run here, by id."""
        return [self._running[account_id] for account_id in sorted(self._running)]

    @property
    def leases(self) -> Leases:
        """The leases of this bridge."""
        return self._around.leases

    @property
    def threads(self) -> ThreadPace:
        """The pace of whoever writes threads."""
        return self._around.threads

    def running(self, account_id: str) -> RunningAccount | None:
        """Return an account if it runs here."""
        return self._running.get(account_id)

    # -- the loop -----------------------------------------------------------------------------

    async def run(self) -> None:
        """Run the accounts that no other bridge runs, until cancelled."""
        watching = start_task("accounts: watch", self._watch)
        try:
            while True:
                self._woken.clear()
                seconds = await self._look()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(seconds):
                        await self._woken.wait()
        finally:
            await cancel_all([watching])

    async def stop(self) -> None:
        """Stop all accounts, side by side, and give up their leases."""
        async with self._changing:
            leftovers, self._leftovers = self._leftovers, {}
            for account_id in list(self._running):
                self._close(account_id, is_lost=False)
        await asyncio.gather(*self._closing.values(), return_exceptions=True)  # each is logged
        for one in leftovers.values():
            await one.close()

    async def _watch(self) -> None:
        """Keep the account documents at hand."""
        watch = self._around.store.watch(Query(ACCOUNTS))
        try:
            async for snapshot in watch:
                self.store_error = snapshot.error
                if snapshot.is_live:
                    for document in snapshot.documents:
                        self.leases.time.saw(document.update_time)
                        self._note_brought_in(document)
                    self._documents = {document.id: document for document in snapshot.documents}
                    self._woken.set()
        finally:
            await watch.close()

    async def _look(self) -> float | None:
        """Take up what is free and let go of what is not ours; return when to look again."""
        next_look: float | None = None
        for account_id, document in sorted(self._documents.items()):
            if (running := self._running.get(account_id)) is not None:
                running.held.note(document)
                is_newer = document.update_time > running.held.document.update_time
                if is_newer and (_is_archived(document) or self._is_wanted(document)):
                    self._close(account_id, is_lost=False)
                continue
            if _is_archived(document) or account_id in self._closing:
                continue
            seconds = self._seconds_until_due(document)
            if seconds <= 0 and await self._take_up(account_id):
                continue
            self._bring_in(document)
            seconds = max(seconds + _LEASE_MARGIN_SECONDS, _RETRY_SECONDS if seconds <= 0 else 0)
            next_look = seconds if next_look is None else min(next_look, seconds)
        return next_look

    def _is_wanted(self, document: Document) -> bool:
        """Whether another bridge asked for an account."""
        return document.data.get("leaseWantedBy") not in (None, self.leases.owner)

    def _seconds_until_due(self, document: Document) -> float:
        left = self._broken_until.get(document.id, 0.0) - self._now()
        if self._is_wanted(document):
            kept = document.update_time + timedelta(seconds=_KEPT_FREE_SECONDS)
            left = max(left, (kept - self.leases.time.at_least()).total_seconds())
        return max(self.leases.seconds_until_free(document), left)

    def _is_due(self, document: Document) -> bool:
        """Whether an account may be taken up; what a watch told of it may be old by then."""
        return not _is_archived(document) and self._seconds_until_due(document) <= 0

    async def _take_up(self, account_id: str) -> bool:
        """Start an account if its lease is free; whatever goes wrong, the others go on."""
        async with self._changing:
            if account_id in self._running or account_id in self._closing:
                return True
            try:
                held = await self.leases.claim(
                    account_path(account_id), only=self._is_due, leaseWantedBy=None
                )
                if held is None:
                    return False
                await self._start(held)
            except StoreUnavailable as error:
                _log.warning("%s cannot be taken up yet: %s", account_id, error)
                return False
            except CallRefused:  # logged
                return False
            return True

    # -- what the callables ask ---------------------------------------------------------------

    async def add(self, name: str, account_id: str | None) -> RunningAccount:
        """Make an account and start pairing it here. Raises CallRefused for an id in use."""
        async with self._changing:
            chosen = account_id or await self._free_id()
            try:
                await self._around.store.commit([_new_account(chosen, name, self.leases.owner)])
            except AlreadyExists as error:
                raise CallRefused(
                    "ALREADY_EXISTS",
                    _("There is an account {id} already.").format(id=chosen),
                    field="accountId",
                ) from error
            held = await self.leases.claim(account_path(chosen), leaseWantedBy=None)
            if held is None:
                raise _runs_elsewhere()
            return await self._start(held)

    async def find(self, account_id: str, *, asks: bool = True) -> RunningAccount:
        """Return an account that runs here; an archived one is taken up again.

        Of a bridge that runs it, it is asked for, unless `asks` is off. Raises CallRefused, also
        when it is not handed over.
        """
        if (closing := self._closing.get(account_id)) is not None:
            await asyncio.wait([closing])
        async with self._changing:
            if (running := self._running.get(account_id)) is not None:
                return running
            if await self._around.store.get(account_path(account_id)) is None:
                raise CallRefused("NOT_FOUND", _("There is no such account."), field="accountId")
            held = await self.leases.claim(
                account_path(account_id), isArchived=False, leaseWantedBy=None
            )
            if held is not None:
                return await self._start(held)
        if not asks:
            raise _runs_elsewhere()
        return await self._ask_for(account_id)

    async def _ask_for(self, account_id: str) -> RunningAccount:
        """Have the bridge that runs an account hand it over, and wait until it runs here."""
        path = account_path(account_id)
        asked = {"leaseWantedBy": self.leases.owner, "isArchived": False}
        await self._around.store.commit([Update(path, asked)])
        try:
            async with asyncio.timeout(_HAND_OVER_SECONDS):
                while (running := self._running.get(account_id)) is None:
                    await self._started.wait()
                return running
        except TimeoutError as error:
            await self._around.store.commit([Update(path, {"leaseWantedBy": None})])
            raise _runs_elsewhere() from error

    async def archive(self, account_id: str) -> None:
        """Stop an account for good; its conversations stay."""
        running = await self.find(account_id)
        running.document.put(isArchived=True)
        async with self._changing:
            closing = self._close(account_id, is_lost=False)
        if closing is not None:
            await asyncio.wait([closing])

    # -- beginnings and ends ------------------------------------------------------------------

    async def _start(self, held: Held) -> RunningAccount:
        """Start an account; one that cannot even be opened says so and is left alone a while."""
        account_id = held.document.id
        if (leftovers := self._leftovers.pop(account_id, None)) is not None:
            await leftovers.close()
        try:
            account = from_document(held.document, Account)
            running = RunningAccount(account, held, self._around, self._lost)
        except (CapcoadaError, msgspec.ValidationError, ValueError) as error:
            _log.error("%s cannot be started: %s", account_id, error)
            self._broken_until[account_id] = self._now() + _BROKEN_SECONDS
            with contextlib.suppress(CapcoadaError):
                await held.release({})
            raise CallRefused(
                "FAILED_PRECONDITION",
                _("The account {id} cannot be started: {reason}").format(
                    id=account_id, reason=error
                ),
            ) from error
        self._running[account_id] = running
        self._started.set()
        self._started = asyncio.Event()
        self._count(account_id, "taken")
        running.start()
        _log.info("%s is run by this bridge", account_id)
        return running

    def _lost(self, account: RunningAccount) -> None:
        _log.warning("%s: the lease is lost; the account stops here", account.account_id)
        if self._running.get(account.account_id) is account:
            self._close(account.account_id, is_lost=True)

    def _close(self, account_id: str, *, is_lost: bool) -> asyncio.Task[None] | None:
        """Begin to stop an account; until that is done it is not taken up again."""
        account = self._running.pop(account_id, None)
        if account is None:
            return self._closing.get(account_id)
        self._count(account_id, "lost" if is_lost else "released")
        end = account.leave() if is_lost else account.stop()

        def closed(task: asyncio.Task[None]) -> None:
            self._closing.pop(account_id, None)
            self._woken.set()
            if not task.cancelled() and (error := task.exception()) is not None:
                _log.error("%s did not stop cleanly", account_id, exc_info=error)

        task = asyncio.create_task(end, name=f"{account_id}: stop")
        self._closing[account_id] = task
        task.add_done_callback(closed)
        return task

    def _bring_in(self, document: Document) -> None:
        """Have what is still in this folder's journal of another bridge's account come in."""
        account_id = document.id
        if account_id in self._leftovers:
            return
        try:
            folder = self._around.folder.account(account_id)
            if (folder / JOURNAL_NAME).exists():
                account = from_document(document, Account)
                self._leftovers[account_id] = Leftovers(
                    self._around.store,
                    account,
                    folder,
                    self._around.clock,
                    self._around.threads,
                )
        except (CapcoadaError, msgspec.ValidationError) as error:
            _log.error("%s: what came before cannot come in: %s", account_id, error)

    def _note_brought_in(self, document: Document) -> None:
        """Have early facts looked at again when another bridge made messages known."""
        before = self._documents.get(document.id)
        if before is None or before.data.get(BROUGHT_IN) == document.data.get(BROUGHT_IN):
            return
        for here in (self._running.get(document.id), self._leftovers.get(document.id)):
            if here is not None:
                here.ingest.look_at_early()

    def wake(self, account_id: str) -> None:
        """Have an account's outbox looked at, if it runs here."""
        if (running := self._running.get(account_id)) is not None:
            running.sender.wake()

    def _count(self, account_id: str, change: str) -> None:
        self._around.metrics.lease_changes.labels(label(account_id), change).inc()

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()

    async def _free_id(self) -> str:
        taken = {document.id for document in await self._around.store.query(Query(ACCOUNTS))}
        return next(
            name
            for name in (f"WA-{number:02}" for number in range(1, _LONGEST_NUMBER))
            if name not in taken
        )


def _is_archived(document: Document) -> bool:
    return bool(document.data.get("isArchived"))


def _runs_elsewhere() -> CallRefused:
    return CallRefused(
        "UNAVAILABLE",
        _("Another bridge runs this account."),
        hint=_("Try again in a minute."),
        field="accountId",
    )


def _new_account(account_id: str, name: str, owner: str) -> Create:
    """Return a new account that other bridges leave to its maker.

    It has no lease yet: one could only count from the store's time, which its first commit tells.
    """
    return Create(
        account_path(account_id),
        {
            "accountId": account_id,
            "name": name,
            "status": "connecting",
            "phoneE164": None,
            "jid": None,
            "qrCode": None,
            "qrExpiresAt": None,
            "pairingCode": None,
            "lastConnectedAt": None,
            "lastHistorySyncAt": None,
            "sync": None,
            "lastError": None,
            "lease": None,
            "leaseWantedBy": owner,
            "isArchived": False,
            "createdAt": SERVER_TIMESTAMP,
            "updatedAt": SERVER_TIMESTAMP,
        },
    )
