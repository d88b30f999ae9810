"""The parts of one query joined: their documents in its order, their watches in one stream."""

import asyncio
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Self

from core.store.port import Document, Query, Snapshot, Watch
from core.store.shape import Shape
from core.store.snapshots import changes, differ


def join(query: Query, parts: Iterable[Sequence[Document]]) -> list[Document]:
    """Return what the parts of a query found, as the query orders and limits it.

    `query` is one of the parts; they differ in nothing that an order depends on.
    """
    shape = Shape(query)
    found = sorted(chain.from_iterable(parts), key=lambda one: shape.place(one) or b"")
    return found[: query.limit_count]


class JoinedWatch:
    """Watches of a query's parts as one; see `core.store.port.Watch`.

    The first snapshot comes when every part has told something. It is live while all of them are.
    """

    def __init__(self, query: Query, watches: Sequence[Watch]) -> None:
        """Join watches of the parts of a query; `query` is one of the parts."""
        self._query = query
        self._watches = watches
        self._heard: dict[int, Snapshot] = {}
        """The newest snapshot of each part."""
        self._told: dict[str, Document] = {}
        self._told_state: tuple[bool, str] | None = None
        """Whether it was live, and why not; None before the first snapshot."""

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Snapshot:
        while True:
            try:
                await self._hear()
            except Exception:
                await self.close()
                raise
            if len(self._heard) == len(self._watches) and (news := self._news()) is not None:
                return news

    async def _hear(self) -> None:
        """Wait until a part has something to tell, and take all that is told by then.

        Nobody listens in between, so that what is not taken is collapsed where it comes from.
        """
        tasks = [
            asyncio.create_task(_next(watch), name="part of a watch") for watch in self._watches
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for number, task in enumerate(tasks):
                if not task.cancelled() and task.exception() is None:
                    self._heard[number] = task.result()
        for task in tasks:
            if not task.cancelled():
                task.result()

    def _news(self) -> Snapshot | None:
        """Return what is to be told now, if anything is."""
        parts = [self._heard[number] for number in sorted(self._heard)]
        documents = join(self._query, (part.documents for part in parts))
        now = {document.path: document for document in documents}
        cut_off = next((part for part in parts if not part.is_live), None)
        state = (cut_off is None, cut_off.error if cut_off else "")
        if state == self._told_state and not differ(self._told, now):
            return None
        news = tuple(changes(self._told, now))
        self._told, self._told_state = now, state
        return Snapshot(tuple(documents), news, *state)

    async def close(self) -> None:
        """End the watches of all parts."""
        for watch in self._watches:
            await watch.close()


async def _next(watch: Watch) -> Snapshot:
    return await anext(watch)
