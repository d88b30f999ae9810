"""Queries whose `in` names more values than an engine takes, asked in parts and joined into one.

An operator may be allowed more accounts than one query can name. Whoever asks need not know: a
handle of this kind takes any number of values in one `in`, and gives what one query would.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from typing import Any, TypeVar

from msgspec.structs import replace

from core.store.closing import Closing
from core.store.limits import MOST_ALTERNATIVES
from core.store.port import (
    Aggregate,
    CommitResult,
    Document,
    Query,
    Store,
    Transaction,
    Watch,
    Write,
)

T = TypeVar("T")


class WideStore(Closing):
    """A store whose queries may name many values; see `core.store.port.Store`.

    Transactions are the engine's own: in them an `in` takes no more than it does there.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(self, path: str) -> Document | None:
        """Return a document, or None if there is none."""
        return await self._store.get(path)

    async def get_all(self, paths: Sequence[str]) -> list[Document | None]:
        """Return documents in the order of `paths`, all from one moment."""
        return await self._store.get_all(paths)

    async def query(self, query: Query) -> list[Document]:
        """Return what matches, in order; of many values not all of it from one moment."""
        parts = parts_of(query)
        if len(parts) == 1:
            return await self._store.query(query)
        from core.store.joined import join  # noqa: PLC0415 - most consoles never ask so

        return join(parts[0], await _together(self._store.query(part) for part in parts))

    async def aggregate(self, query: Query, *, sums: Sequence[str] = ()) -> Aggregate:
        """Count what matches, and add up fields; of many values, not with a limit."""
        parts = [query] if sums and query.limit_count else parts_of(query)
        if len(parts) == 1:
            return await self._store.aggregate(query, sums=sums)
        found = await _together(self._store.aggregate(part, sums=sums) for part in parts)
        totals = {field: sum(one.sums[field] for one in found) for field in sums}
        count = sum(one.count for one in found)
        return Aggregate(min(count, query.limit_count or count), totals)

    async def commit(self, writes: Sequence[Write]) -> CommitResult:
        """Do all writes, or none."""
        return await self._store.commit(writes)

    async def transact(
        self,
        body: Callable[[Transaction], Awaitable[T]],
        *,
        attempts: int = 10,
        durable: bool = True,
    ) -> T:
        """Run `body` until what it read was still true at its commit."""
        return await self._store.transact(body, attempts=attempts, durable=durable)

    def watch(self, target: Query | str) -> Watch:
        """Watch a query, or the document at a path."""
        if isinstance(target, str) or len(parts := parts_of(target)) == 1:
            return self._store.watch(target)
        from core.store.joined import JoinedWatch  # noqa: PLC0415 - most consoles never ask so

        return JoinedWatch(parts[0], [self._store.watch(part) for part in parts])

    async def close(self) -> None:
        """Close the store."""
        await self._store.close()


def parts_of(query: Query) -> list[Query]:
    """Return queries that together match what a query does, each document once.

    It is the only one unless it has an `in` of more values than an engine takes.
    """
    for place, one in enumerate(query.filters):
        if one.operator != "in" or len(one.value) <= MOST_ALTERNATIVES:
            continue
        values = list(dict.fromkeys(one.value))
        return [
            replace(
                query,
                filters=(
                    *query.filters[:place],
                    replace(one, value=values[start : start + MOST_ALTERNATIVES]),
                    *query.filters[place + 1 :],
                ),
            )
            for start in range(0, len(values), MOST_ALTERNATIVES)
        ]
    return [query]


async def _together(calls: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Wait for calls side by side; when one fails, none goes on."""
    tasks = [asyncio.create_task(call, name="part of a query") for call in calls]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
