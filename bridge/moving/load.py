"""Brings an export into a store: again and again, from wherever it stopped, without harm."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import BinaryIO, Literal

from bridge.moving.errors import StoresDiffer
from bridge.moving.put import Differing, Item, Putter, Tally, batches, patiently
from bridge.moving.read import Contents, items
from bridge.moving.walk import count
from core.i18n import _, ngettext
from core.model.collections import COLLECTIONS, collection_of
from core.store.port import Store

Policy = Literal["refuse", "overwrite", "skip"]
"""What becomes of documents that differ: nothing is imported at all, they are replaced, or stay."""


@dataclass(slots=True)
class Load:
    """One import of one file that was examined."""

    store: Store
    file: BinaryIO
    name: str
    contents: Contents
    policy: Policy
    looked_at: Callable[[int], None] = lambda _count: None
    """Hears of each batch that was compared, and of each that was written."""

    async def compare(self) -> Tally:
        """Return what an import would do. Raises StoreError."""
        return await self._run(Putter(self.store), is_dry=True)

    async def check(self) -> None:
        """Make sure that everything may be written. Raises StoresDiffer, StoreError."""
        if self.policy == "refuse" and (tally := await self.compare()).left:
            raise StoresDiffer(
                _differ(tally),
                hint=_("Say --skip to keep them, or --overwrite to take the file's."),
            )

    async def write(self) -> Tally:
        """Bring everything in, after `check`. Raises StoreError."""
        differing: Differing = "overwrite" if self.policy == "overwrite" else "leave"
        return await self._run(Putter(self.store, differing=differing), is_dry=False)

    async def _run(self, putter: Putter, *, is_dry: bool) -> Tally:
        empty = await self._empty()
        every = items(self.file, self.name)
        for collection, some in groupby(every, key=_collection):
            for batch in batches(some):
                if is_dry and collection in empty:
                    putter.tally.added += len(batch)
                elif is_dry:
                    await putter.compare(batch)
                else:
                    await putter.put(batch, are_new=collection in empty)
                self.looked_at(len(batch))
        return putter.tally

    async def _empty(self) -> set[str]:
        """Return the collections in which nothing needs to be looked up."""
        found: set[str] = set()
        for one in COLLECTIONS:
            if one.name in self.contents.by_collection and not await patiently(
                partial(count, self.store, one, one.query)
            ):
                found.add(one.name)
        return found


def _collection(item: Item) -> str:
    collection = collection_of(item.path)
    assert collection is not None
    return collection.name


def _differ(tally: Tally) -> str:
    return ngettext(
        "{n} document is there already and is not the same: {paths}.",
        "{n} documents are there already and are not the same: {paths}.",
        tally.left,
    ).format(n=tally.left, paths=", ".join(tally.differing))
