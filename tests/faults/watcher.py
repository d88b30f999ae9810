"""Watches the status of everything that a console sent, as an operator at the screen would."""

import asyncio
import contextlib

from core.model.ids import OUTBOX
from core.store.capabilities import ChangeFeed
from core.store.errors import StoreUnavailable
from core.store.port import Store
from tests.faults.evidence import StatusSeen

_LOOK_SECONDS = 0.03
_AT_ONCE = 200


class Watcher:
    """Notes each status that it sees, in order."""

    def __init__(self, store: Store) -> None:
        assert isinstance(store, ChangeFeed)
        self.seen: list[StatusSeen] = []
        self._feed: ChangeFeed = store
        self._reached = {OUTBOX: 0, "messages": 0}
        self._last: dict[str, str] = {}

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            with contextlib.suppress(StoreUnavailable):
                await self.look()
            await asyncio.sleep(_LOOK_SECONDS)

    async def look(self) -> None:
        """Note what changed since the last look. Raises StoreUnavailable."""
        for collection in self._reached:
            while changes := await self._feed.changes_since(
                collection,
                self._reached[collection],
                _AT_ONCE,
                all_descendants=collection == "messages",
            ):
                self._reached[collection] = changes[-1].seq
                for change in changes:
                    status = change.document and change.document.data.get("status")
                    if status and status != self._last.get(change.path):
                        self._last[change.path] = status
                        self.seen.append(StatusSeen(change.path, status))
