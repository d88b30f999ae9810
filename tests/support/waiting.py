"""Waiting for a condition: as long as any machine needs, and no longer."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

from core.store.port import Document, Query, Store

T = TypeVar("T")
PATIENCE_SECONDS = 60.0


async def until(holds: Callable[[], object], what: str = "it holds") -> None:
    """Look again and again until a condition of this process holds; fails after a bounded time."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not holds():  # noqa: ASYNC110 - what it looks at sends no event
                await asyncio.sleep(0.002)
    except TimeoutError:
        raise AssertionError(f"never happened: {what}") from None


async def until_found(look: Callable[[], Awaitable[T | None]], what: str) -> T:
    """Look elsewhere again and again until there is something; fails after a bounded time."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not (found := await look()):  # noqa: ASYNC110 - elsewhere sends no event
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"never happened: {what}") from None
    return found


async def document_where(
    store: Store, target: Query | str, holds: Callable[[Mapping[str, Any]], object]
) -> Document:
    """Watch a query, or the document at a path, until a document's data meets a condition."""
    met: list[Document] = []

    def look(documents: Sequence[Document]) -> bool:
        met[:] = [document for document in documents if holds(document.data)]
        return bool(met)

    await documents_where(store, target, look)
    return met[0]


async def documents_where(
    store: Store, target: Query | str, holds: Callable[[Sequence[Document]], object]
) -> Sequence[Document]:
    """Watch a query, or the document at a path, until all that it finds meets a condition."""
    seen: Sequence[Document] = ()
    watch = store.watch(target)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            async for snapshot in watch:
                seen = snapshot.documents
                if holds(seen):
                    return seen
    except TimeoutError:
        pass
    finally:
        await watch.close()
    last = [dict(document.data) for document in seen[:5]]
    raise AssertionError(f"{target} did not come to be as expected; last: {last}")
