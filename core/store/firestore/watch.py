"""A watch as its consumer sees it."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Self

from core.store.firestore.delivery import Delivery
from core.store.port import Query, Snapshot

Follow = Callable[[Query | str, Delivery], Coroutine[Any, Any, None]]
"""Keeps a watch supplied until cancelled. Raises StoreError when it has failed for good."""


class FirestoreWatch:
    """A watch of Cloud Firestore; see `core.store.port.Watch`."""

    def __init__(
        self, target: Query | str, follow: Follow, on_close: Callable[["FirestoreWatch"], None]
    ) -> None:
        self._target = target
        self._follow = follow
        self._on_close = on_close
        self._delivery = Delivery()
        self._task: asyncio.Task[None] | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Snapshot:
        if self._task is None and not self._delivery.is_ended:
            self._task = asyncio.create_task(
                self._follow(self._target, self._delivery), name="firestore-watch"
            )
            self._task.add_done_callback(self._stopped)
        return await self._delivery.take()

    def _stopped(self, task: asyncio.Task[None]) -> None:
        """Have whatever ended the task raised where the consumer sees it."""
        self._on_close(self)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._delivery.fail(error)

    async def close(self) -> None:
        """End the watch and its stream."""
        self._delivery.end()
        self._on_close(self)
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
