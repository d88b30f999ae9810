"""Puts documents into a store: what is there already and the same is not written again."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Literal, TypeVar

from bridge.moving.lines import data_bytes
from core.store.errors import AlreadyExists, PreconditionFailed, StoreUnavailable
from core.store.port import Create, Document, Set, Store, Write

Differing = Literal["leave", "overwrite"]
"""What becomes of a document that is there already and not the same."""

MOST_WRITES: Final = 500
MOST_BYTES: Final = 4 * 1024 * 1024
"""Of a commit; Firestore takes 10 MiB, and a document may add one."""
_NAMED: Final = 10
"""Differing documents that are told by name."""
_PAUSES: Final = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Seconds between tries while the store is out of reach."""
_TRIES: Final = 5
"""Of one commit, while others write the same documents."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Item:
    """A document that is to be put."""

    path: str
    data: dict[str, Any]
    size: int
    """About how many bytes it takes."""


@dataclass(slots=True)
class Tally:
    """What became of documents."""

    added: int = 0
    same: int = 0
    overwritten: int = 0
    left: int = 0
    """Those that differ, and were left as they are."""
    differing: list[str] = field(default_factory=list)
    """The paths of the first ones that differ."""

    @property
    def total(self) -> int:
        """All that were looked at."""
        return self.added + self.same + self.overwritten + self.left


class Putter:
    """Puts documents into one store and keeps count."""

    def __init__(self, store: Store, *, differing: Differing = "leave") -> None:
        self._store = store
        self._differing = differing
        self.tally = Tally()

    async def put(self, items: Sequence[Item], *, are_new: bool = False) -> None:
        """Have the store hold the documents, which fit into one commit. Raises StoreError.

        `are_new` says that none of them is likely to be there: then nothing is read first.
        """
        for attempt in range(_TRIES):
            found = [] if are_new else await self._look(items)
            writes, tally = self._plan(items, found)
            try:
                if writes:
                    await patiently(partial(self._store.commit, writes))
            except (AlreadyExists, PreconditionFailed):
                if attempt == _TRIES - 1:
                    raise
                are_new = False  # Somebody was quicker, or an answer of ours was lost: look again.
            else:
                _add(self.tally, tally)
                return

    async def compare(self, items: Sequence[Item]) -> None:
        """Only count what `put` would do. Raises StoreError."""
        _add(self.tally, self._plan(items, await self._look(items))[1])

    async def _look(self, items: Sequence[Item]) -> list[Document | None]:
        return await patiently(lambda: self._store.get_all([one.path for one in items]))

    def _plan(
        self, items: Sequence[Item], found: Sequence[Document | None]
    ) -> tuple[list[Write], Tally]:
        writes: list[Write] = []
        tally = Tally()
        for item, there in zip(items, found or [None] * len(items), strict=True):
            if there is None:
                tally.added += 1
                writes.append(Create(item.path, item.data))
            elif data_bytes(there.data) == data_bytes(item.data):
                tally.same += 1
            else:
                tally.differing.append(item.path)
                if self._differing == "overwrite":
                    tally.overwritten += 1
                    writes.append(Set(item.path, item.data, update_time=there.update_time))
                else:
                    tally.left += 1
        return writes, tally


async def patiently(work: Callable[[], Awaitable[T]]) -> T:
    """Do something with a store, several times while it is out of reach. Raises StoreError."""
    for pause in _PAUSES:
        try:
            return await work()
        except StoreUnavailable:
            await asyncio.sleep(pause)
    return await work()


def batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Cut documents into what fits into one commit each."""
    batch: list[Item] = []
    size = 0
    for item in items:
        if batch and (len(batch) == MOST_WRITES or size + item.size > MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += item.size
    if batch:
        yield batch


def _add(total: Tally, part: Tally) -> None:
    total.added += part.added
    total.same += part.same
    total.overwritten += part.overwritten
    total.left += part.left
    total.differing += part.differing[: _NAMED - len(total.differing)]
