"""The account document: what the bridge wants it to say, written whenever that changes.

Writing never holds up the account: when the store is away, the newest wish is written later.
"""

import asyncio
import contextlib
import logging
from datetime import datetime, timedelta
from typing import Any

import msgspec

from bridge.account_state import AccountState
from core.clock import Clock
from core.model.documents import Lease, SyncState
from core.model.ids import account_path
from core.store.errors import StoreError, StoreUnavailable
from core.store.port import Data, Store, Update

_log = logging.getLogger(__name__)

LEASE_SECONDS = 900.0
"""How long the account stays ours after the last sign of life."""
_RENEW_SECONDS = 300.0
_RETRY_SECONDS = 2.0


class AccountDocument:
    """The writer of one `accounts/{id}` document."""

    def __init__(
        self, store: Store, account_id: str, written: Data, *, owner: str, clock: Clock
    ) -> None:
        self._store = store
        self._path = account_path(account_id)
        self._written: dict[str, Any] = dict(written)
        self._wanted: dict[str, Any] = {}
        self._owner = owner
        self._clock = clock
        self._changed = asyncio.Event()
        self._saved = asyncio.Event()
        self._saved.set()

    def show(self, state: AccountState) -> None:
        """Have the document say this state."""
        error = None if state.error is None else plain(state.error)
        self.put(
            status=state.status,
            jid=state.jid,
            lidJid=state.lid_jid,
            phoneE164=state.phone_e164,
            qrCode=state.qr_code,
            qrExpiresAt=state.qr_expires_at,
            pairingCode=state.pairing_code,
            lastConnectedAt=state.last_connected_at,
            lastError=error,
        )

    def show_sync(self, sync: SyncState, at: datetime) -> None:
        """Have the document say how far the history has come."""
        self.put(sync=plain(sync), lastHistorySyncAt=at)

    def put(self, **fields: Any) -> None:
        """Have the document say these fields, in camelCase."""
        self._wanted |= fields
        if self._difference():
            self._saved.clear()
            self._changed.set()

    async def run(self) -> None:
        """Write changes as they come and renew the lease, until cancelled."""
        while True:
            self._renew_lease()
            await self._save()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_RENEW_SECONDS):
                    await self._changed.wait()

    async def saved(self) -> None:
        """Wait until the document says what it should."""
        await self._saved.wait()

    async def release(self) -> None:
        """Write what is left and give up the lease, in one try."""
        self.put(lease=None)
        with contextlib.suppress(StoreUnavailable):
            await self._write(self._difference())

    def _renew_lease(self) -> None:
        expires = self._clock() + timedelta(seconds=LEASE_SECONDS)
        self.put(lease=plain(Lease(owner=self._owner, expires_at=expires)))

    async def _save(self) -> None:
        while True:
            self._changed.clear()
            if not (fields := self._difference()):
                break
            try:
                await self._write(fields)
            except StoreUnavailable:
                await asyncio.sleep(_RETRY_SECONDS)
            except StoreError as error:
                _log.error("The document %s cannot be written: %s", self._path, error)
                self._written |= fields
        self._saved.set()

    async def _write(self, fields: dict[str, Any]) -> None:
        if fields:
            await self._store.commit([Update(self._path, {**fields, "updatedAt": self._clock()})])
            self._written |= fields

    def _difference(self) -> dict[str, Any]:
        return {
            name: value
            for name, value in self._wanted.items()
            if name not in self._written or self._written[name] != value
        }


def plain(value: msgspec.Struct) -> dict[str, Any]:
    """Return a typed value as document data."""
    data: dict[str, Any] = msgspec.to_builtins(value, builtin_types=(datetime, bytes))
    return data
