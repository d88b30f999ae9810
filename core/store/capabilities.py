"""What an engine may be able to do beyond the port; ask by `isinstance`."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol, runtime_checkable

import msgspec

from core.store.port import Document, Reader


class StoredChange(msgspec.Struct, frozen=True):
    """A document that changed; each is told once, as it is now, at the place of its last change."""

    seq: int
    """Grows with every change in the store; the place to go on from."""
    path: str
    document: Document | None
    """None when it was deleted."""


@runtime_checkable
class ChangeFeed(Protocol):
    """The changes after a known point, as the embedded engine tells them.

    The cloud has no such feed; there, changes are followed by watches.
    """

    async def changes_since(
        self, collection: str, seq: int, limit: int, *, all_descendants: bool = False
    ) -> list[StoredChange]:
        """Return up to `limit` changes of a collection after `seq`, the earliest first."""
        ...

    async def changed_collections(
        self, collection_id: str, seq: int, limit: int, *, after: str = ""
    ) -> list[str]:
        """Return the paths of collections with an id that changed after `seq`, in their order.

        `after` is the path of the last one that was had.
        """
        ...

    async def last_seq(self) -> int:
        """Return the sequence number of the latest change anywhere in the store."""
        ...


@runtime_checkable
class StillReads(Protocol):
    """Many reads of one and the same moment."""

    def stand_still(self) -> AbstractAsyncContextManager[Reader]:
        """Give a reader that sees the store as it is now, whatever is written meanwhile.

        Raises StoreUnavailable.
        """
        ...
