"""The account document: what the bridge wants it to say, written whenever that changes.

Every write renews the account's lease, and is done only while the lease is ours. Writing never
holds up the account: when the store is away, the newest wish is written later.
"""

import asyncio
import contextlib
import logging
from datetime import datetime
from typing import Any

import msgspec

from bridge.account_state import AccountState
from bridge.errors import LeaseLost
from bridge.leases import Held
from core.failpoints import reach
from core.model.documents import SyncState
from core.store.errors import StoreError, StoreUnavailable

_log = logging.getLogger(__name__)

_RETRY_SECONDS = 1.0
_REST_SECONDS = 0.3
_SHARED_REST_SECONDS = 1.0
"""Changes that follow each other faster than this are written as one; a document in the cloud bears
about a write a second."""


class AccountDocument:
    """The writer of one `accounts/{id}` document."""

    def __init__(self, held: Held) -> None:
        self._held = held
        self._written: dict[str, Any] = dict(held.document.data)
        self._wanted: dict[str, Any] = {}
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
            deviceJid=state.device_jid,
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
        """Write changes as they come and renew the lease, until cancelled or the lease is lost."""
        try:
            while True:
                await self._save()
                await asyncio.sleep(_SHARED_REST_SECONDS if self._held.can_end else _REST_SECONDS)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(max(self._held.renew_in(), 0)):
                        await self._changed.wait()
        except LeaseLost as error:
            _log.warning("%s", error)

    async def saved(self) -> None:
        """Wait until the document says what it should."""
        await self._saved.wait()

    async def release(self) -> None:
        """Write what is left and give up the lease, in one try."""
        with contextlib.suppress(StoreUnavailable, LeaseLost):
            await self._held.release(self._difference())

    async def _save(self) -> None:
        """Write what differs, and the lease when it is due; again and again while that fails."""
        while True:
            self._changed.clear()
            fields = self._difference()
            if not fields and self._held.renew_in() > 0:
                break
            try:
                reach("account.write")
                await self._held.write(fields)
            except StoreUnavailable:
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            except StoreError as error:
                _log.error("The document %s cannot be written: %s", self._held.path, error)
                await asyncio.sleep(_RETRY_SECONDS)
            self._written |= fields
        self._saved.set()

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
