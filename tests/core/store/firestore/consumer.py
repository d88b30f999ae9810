"""A consumer of a watch that checks, at every snapshot, that nothing was lost or repeated."""

import asyncio
from collections.abc import Callable

from grpc import StatusCode

from core.store.firestore import FirestoreStore
from core.store.port import Delete, Document, Query, Set, Snapshot, Watch

_LONGEST_WAIT = 100.0


class Consumer:
    """Follows a watch; what it was told must always add up to what there is."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self.snapshots: list[Snapshot] = []
        self._state: dict[str, Document] = {}

    async def take(self) -> Snapshot:
        """Take the next snapshot."""
        async with asyncio.timeout(_LONGEST_WAIT):
            snapshot = await anext(self.watch)
        for change in snapshot.changes:
            path, old = change.document.path, self._state.get(change.document.path)
            assert (old is None) == (change.kind == "added"), change
            if change.kind == "removed":
                assert old == self._state.pop(path)
            else:
                assert old is None or old.update_time != change.document.update_time
                self._state[path] = change.document
        assert self._state == {one.path: one for one in snapshot.documents}
        self.snapshots.append(snapshot)
        return snapshot

    async def until(self, condition: Callable[[Snapshot], bool]) -> Snapshot:
        """Take snapshots until one meets the condition."""
        while not condition(await self.take()):
            pass
        return self.snapshots[-1]

    async def until_ids(self, wanted: str) -> Snapshot:
        """Take snapshots until one is live and has these ids."""
        return await self.until(lambda found: found.is_live and ids(found) == wanted)

    async def until_cut(self) -> Snapshot:
        """Take snapshots until one is not live."""
        return await self.until(lambda found: not found.is_live)


def ids(snapshot: Snapshot) -> str:
    """Return the ids of the documents, in order."""
    return " ".join(document.id for document in snapshot.documents)


def kinds(snapshot: Snapshot) -> set[tuple[str, str]]:
    """Return what changed, as kind and id."""
    return {(change.kind, change.document.id) for change in snapshot.changes}


ITEMS = Query("runs/1/items").order_by("rank", "desc")
LOST = [
    StatusCode.UNAVAILABLE, StatusCode.INTERNAL, StatusCode.CANCELLED, StatusCode.UNKNOWN,
    StatusCode.DEADLINE_EXCEEDED, StatusCode.ABORTED, StatusCode.RESOURCE_EXHAUSTED,
    StatusCode.UNAUTHENTICATED,
]  # fmt: skip
"""How a stream ends that another one mends."""


def item(name: str, rank: int = 0) -> Set:
    return Set(f"runs/1/items/{name}", {"rank": rank})


async def check_goes_on(consumer: Consumer, writer: FirestoreStore) -> None:
    """What is written now is told, once, and nothing else."""
    before = len(consumer.snapshots)
    await writer.commit([item("a", 7), Delete("runs/1/items/b"), item("c", 10)])
    await consumer.until_ids("c a")
    changed = [one for each in consumer.snapshots[before:] for one in kinds(each)]
    assert sorted(changed) == [("added", "c"), ("modified", "a"), ("removed", "b")]
