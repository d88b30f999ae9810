"""What is in the outbox and not settled: one watch tells counts, and wakes whoever sends.

So a message that another bridge took over from a console is sent at once, and asking how the bridge
is costs no read.
"""

from collections import Counter
from collections.abc import Callable, Mapping

from core.model.ids import OUTBOX
from core.store.port import Document, Query, Store

OPEN_STATUSES = ("queued", "sending", "uncertain")
"""What may still change without WhatsApp telling anything new."""


class OutboxBoard:
    """The open items of every account."""

    def __init__(self, store: Store, wake: Callable[[str], None]) -> None:
        self._store = store
        self._wake = wake
        self.counts: Mapping[str, int] = dict.fromkeys(OPEN_STATUSES, 0)
        """How many items there are in each open status."""
        self.error = ""
        """Why the counts are old; empty while they are not."""

    async def follow(self) -> None:
        """Keep the counts and wake senders until cancelled. Raises StoreError."""
        watch = self._store.watch(Query(OUTBOX).where("status", "in", list(OPEN_STATUSES)))
        try:
            async for snapshot in watch:
                self.error = snapshot.error
                if not snapshot.is_live:
                    continue
                found = Counter(one.data["status"] for one in snapshot.documents)
                self.counts = {status: found[status] for status in OPEN_STATUSES}
                for account_id in {_account_of(one.document) for one in snapshot.changes}:
                    self._wake(account_id)
        finally:
            await watch.close()


def _account_of(document: Document) -> str:
    account_id: str = document.data["accountId"]
    return account_id
