"""Leases on documents: which bridge may work on something, and how long it can be sure of that.

A lease is a field of the document, `{owner, expiresAt, tenure}`, changed only by transactions and
preconditions. `expiresAt` is a moment of the store's own time, which is learned from the commits
and documents that pass by: no machine's clock takes part, so clocks may be set wrong. Who holds a
lease counts by a clock that nobody sets, from before its last renewal was sent, and ends its work a
quarter of the lease early; who waits for one goes by the least that the store's time can be. Both
err on the safe side.
"""

import asyncio
import contextlib
import secrets
import socket
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from bridge.errors import LeaseLost
from core.clock import EPOCH, Ticks, boot_seconds
from core.model.documents import Lease, to_data
from core.paths import DataFolder
from core.store.errors import NotFound, PreconditionFailed
from core.store.port import SERVER_TIMESTAMP, Document, Reader, Store, Transaction, Update

ALONE_SECONDS = 900.0
"""How long the leases of a bridge last that nobody can compete with; they only tell who it is."""
_RENEWED_AFTER = 0.4
_SURE_FOR = 0.75
"""Shares of a lease: after the first it is renewed, after the second its holder stops."""
_GONE_AFTER = 0.92
"""After this share nothing of the holder's work may be left."""
_LONGEST_SLEEP = 1.0
"""Seconds: timers stand still while the machine sleeps, the lease does not."""


def _any(_document: Document) -> bool:
    return True


class StoreTime:
    """The least that the store's clock can show now, from moments that the store gave."""

    def __init__(self, ticks: Ticks) -> None:
        self._ticks = ticks
        self._moment = EPOCH
        self._seen_at = ticks()

    def saw(self, moment: datetime) -> None:
        """Take in the time of a commit or of a document's last change, which has passed."""
        if moment > self.at_least():
            self._moment, self._seen_at = moment, self._ticks()

    def at_least(self) -> datetime:
        """Return a moment that the store's clock has surely reached."""
        return self._moment + timedelta(seconds=self._ticks() - self._seen_at)


class Leases:
    """The leases of one bridge."""

    def __init__(
        self,
        store: Store,
        owner: str,
        *,
        seconds: float = ALONE_SECONDS,
        is_shared: bool = False,
        ticks: Ticks = boot_seconds,
    ) -> None:
        self.store = store
        self.owner = owner
        self.seconds = seconds
        """How long a lease lasts after its last renewal."""
        self.is_shared = is_shared
        """Whether other bridges may work on this store; a bridge alone can lose nothing."""
        self.ticks = ticks
        self.time = StoreTime(ticks)

    def seconds_until_free(self, document: Document) -> float:
        """Return for how long a document's lease keeps this bridge away; 0 when it may be taken."""
        self.time.saw(document.update_time)
        lease = lease_of(document)
        if lease is None or lease.owner == self.owner or not self.is_shared:
            return 0.0
        return max((lease.expires_at - self.time.at_least()).total_seconds(), 0.0)

    def fresh(self, tenure: str = "") -> Lease:
        """Return a lease of ours from now on, of a new tenure unless one is given."""
        return Lease(
            owner=self.owner,
            expires_at=self.time.at_least() + timedelta(seconds=self.seconds),
            tenure=tenure or secrets.token_hex(4),
        )

    async def claim(
        self, path: str, *, only: Callable[[Document], bool] = _any, **fields: Any
    ) -> "Held | None":
        """Take the lease of a document and set fields of it; None when it is not free.

        Only a document that is as `only` wants it at that moment is taken. Raises StoreError. A
        claim that failed halfway is ours to repeat.
        """
        started = self.ticks()

        async def body(transaction: Transaction) -> Lease | None:
            nonlocal started
            started = self.ticks()
            document = await transaction.get(path)
            if document is None or self.seconds_until_free(document) > 0 or not only(document):
                return None
            lease = self.fresh()
            stamp = {"lease": to_data(lease), "updatedAt": SERVER_TIMESTAMP}
            transaction.write(Update(path, {**fields, **stamp}))
            return lease

        lease = await self.store.transact(body)
        return None if lease is None else await self._hold(path, lease, started)

    async def _hold(self, path: str, lease: Lease, started: float) -> "Held | None":
        """Return the hold on a lease that was just written; None when it is lost already.

        `started` is what the ticks were before it was sent. Raises StoreError.
        """
        document = await self.store.get(path)
        if document is None or not _is_same(lease_of(document), lease):
            return None
        self.time.saw(document.update_time)
        held = Held(self, document, lease, started)
        if held.renew_in() <= 0:  # the store's time was not known yet when it was written
            try:
                await held.write({})
            except LeaseLost:
                return None
        return held


class Held:
    """A lease that is ours, with the document that it is on."""

    def __init__(self, leases: Leases, document: Document, lease: Lease, started: float) -> None:
        self.lease = lease
        self.document = document
        """As it was when the lease was taken."""
        self.path = document.path
        self._leases = leases
        self._update_time = document.update_time
        self._until = 0.0
        self._lost = asyncio.Event()
        self._extend(document.update_time, lease, started)

    # -- how long it is ours ------------------------------------------------------------------

    @property
    def is_sure(self) -> bool:
        """Whether nobody else can hold it now, nor soon."""
        return not self._lost.is_set() and self._leases.ticks() < self.stop_at

    @property
    def can_end(self) -> bool:
        """Whether it ends when it is not renewed."""
        return self._leases.is_shared

    @property
    def stop_at(self) -> float:
        """The tick at which work must end, unless the lease is renewed before."""
        return self._passed(_SURE_FOR) if self.can_end else float("inf")

    @property
    def gone_at(self) -> float:
        """The tick at which nothing of the work may be left."""
        return self._passed(_GONE_AFTER) if self.can_end else float("inf")

    def grace_seconds(self) -> float:
        """Return how long work may still take to end."""
        return max(self.gone_at - self._leases.ticks(), 0.0)

    def renew_in(self) -> float:
        """Return in how many seconds the lease is to be renewed."""
        return self._passed(_RENEWED_AFTER) - self._leases.ticks()

    async def unsure(self, at_most: float | None = None) -> bool:
        """Wait until it is not sure any more, or for some seconds; tells whether it is unsure."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(at_most):
                while self.is_sure:
                    left = self.stop_at - self._leases.ticks()
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(min(max(left, 0), _LONGEST_SLEEP)):
                            await self._lost.wait()
        return not self.is_sure

    def lose(self) -> None:
        """Note that another bridge has it."""
        self._lost.set()

    def note(self, document: Document) -> None:
        """Look at a newer state of the document, which may name another holder."""
        if document.update_time > self._update_time and not _is_same(
            lease_of(document), self.lease
        ):
            self.lose()

    # -- writing while it is ours -------------------------------------------------------------

    async def write(self, fields: Mapping[str, Any]) -> None:
        """Write fields of the document and renew the lease with them, if it is still ours.

        Raises LeaseLost, and StoreError.
        """
        while True:
            started = self._leases.ticks()
            lease = self._leases.fresh(self.lease.tenure)
            stamp = {"lease": to_data(lease), "updatedAt": SERVER_TIMESTAMP}
            committed = await self._commit({**fields, **stamp})
            if committed is not None:
                self._extend(committed, lease, started)
                return

    async def release(self, fields: Mapping[str, Any]) -> None:
        """Write what is left to write and give up the lease. Raises LeaseLost, StoreError."""
        last = {**fields, "lease": None, "updatedAt": SERVER_TIMESTAMP}
        while await self._commit(last) is None:
            pass
        self._lost.set()

    async def guard(self, transaction: Reader) -> None:
        """Have a transaction fail unless the lease is ours when it commits. Raises LeaseLost."""
        if not self.can_end:
            return
        document = await transaction.get(self.path)
        if document is None or not _is_same(lease_of(document), self.lease):
            self.lose()
            raise LeaseLost(self.path)

    async def _commit(self, fields: Mapping[str, Any]) -> datetime | None:
        """Write if nobody else did; None when somebody did who left the lease alone."""
        update = Update(self.path, fields, update_time=self._update_time)
        try:
            committed = await self._leases.store.commit([update])
        except (PreconditionFailed, NotFound) as error:
            document = await self._leases.store.get(self.path)
            if document is None or not _is_same(lease_of(document), self.lease):
                self.lose()
                raise LeaseLost(self.path) from error
            self._update_time = document.update_time
            return None
        self._update_time = committed.commit_time
        return committed.commit_time

    def _extend(self, committed: datetime, lease: Lease, started: float) -> None:
        """Count the lease from before it was sent: until then the store's time had not come."""
        self._leases.time.saw(committed)
        self._until = started + (lease.expires_at - committed).total_seconds()
        self.lease = lease

    def _passed(self, share: float) -> float:
        """Return the tick at which a share of the lease has passed."""
        return self._until - self._leases.seconds * (1 - share)


def owner_of(folder: DataFolder) -> str:
    """Return who a data folder's bridge is: one name on this machine, across restarts.

    A folder that is copied to another machine is somebody else there. Empty before its first start.
    """
    try:
        name = folder.bridge_id_file.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return ""
    return f"{socket.gethostname()}:{name}" if name else ""


def new_owner(folder: DataFolder) -> str:
    """Return who a data folder's bridge is, after naming it when it has no name yet."""
    if not owner_of(folder):
        folder.bridge_id_file.write_text(secrets.token_hex(8), encoding="ascii")
    return owner_of(folder)


def lease_of(document: Document) -> Lease | None:
    """Return the lease in a document; one that cannot be read counts as none."""
    try:
        return msgspec.convert(document.data.get("lease"), Lease | None)
    except msgspec.ValidationError:
        return None


def _is_same(one: Lease | None, other: Lease) -> bool:
    return one is not None and (one.owner, one.tenure) == (other.owner, other.tenure)


__all__ = ["ALONE_SECONDS", "Held", "Leases", "StoreTime", "lease_of", "new_owner", "owner_of"]
