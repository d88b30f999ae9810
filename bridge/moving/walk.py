"""Going through all documents of a store, page by page, in one fixed order."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext

from msgspec.structs import replace

from core.model.collections import COLLECTIONS, STAYING, Collection
from core.model.ids import THREADS, thread_path
from core.store.capabilities import StillReads
from core.store.port import DOCUMENT_ID, Document, Query, Reader, Store

PAGE = 500
"""Documents in memory at once, of one store."""


def still(store: Store) -> AbstractAsyncContextManager[Reader]:
    """Give a reader of one moment where the engine has one, else of whatever is there when read."""
    return store.stand_still() if isinstance(store, StillReads) else nullcontext(store)


async def pages(
    reader: Reader, query: Query, *, after: str = "", size: int = PAGE
) -> AsyncIterator[list[Document]]:
    """Yield the documents of a query that is ordered by document ids, from a place on.

    `after` is the path of the last document that is not wanted again. Raises StoreError.
    """
    while True:
        place = after if query.all_descendants else after.rpartition("/")[2]
        page = await reader.query((query.start_after(place) if place else query).limit(size))
        if page:
            after = page[-1].path
            if moving := [one for one in page if one.path not in STAYING]:
                yield moving
        if len(page) < size:
            return


async def count(reader: Reader, collection: Collection, query: Query) -> int:
    """Return how many documents `pages` would yield. Raises StoreError."""
    total = (await reader.aggregate(replace(query, orders=()))).count
    staying = [path for path in sorted(STAYING) if collection.holds(path)]
    there = await reader.get_all(staying) if staying else []
    return total - sum(one is not None for one in there)


def queries(
    collections: Sequence[Collection] = COLLECTIONS, threads: Iterable[str] = ()
) -> list[tuple[Collection, Query]]:
    """Return what to go through: whole collections, or only what belongs to some threads.

    A collection that holds nothing of these threads is left out.
    """
    chosen = sorted(set(threads))
    if not chosen:
        return [(one, one.query) for one in collections]
    found: list[tuple[Collection, Query]] = []
    for one in collections:
        if one.name == THREADS:
            some = [chosen[start : start + 30] for start in range(0, len(chosen), 30)]
            found += [(one, one.query.where(DOCUMENT_ID, "in", ids)) for ids in some]
        elif one.parent == THREADS:
            found += [(one, Query(one.path(name)).order_by(DOCUMENT_ID)) for name in chosen]
    return found


async def missing_threads(reader: Reader, threads: Iterable[str]) -> list[str]:
    """Return those of the ids that name no thread. Raises StoreError."""
    chosen = sorted(set(threads))
    found = await reader.get_all([thread_path(name) for name in chosen])
    return [name for name, one in zip(chosen, found, strict=True) if one is None]
