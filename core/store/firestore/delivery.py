"""What a watch has to tell: the newest result, told once, and that it is cut off."""

import asyncio

from core.store.port import Document, Snapshot
from core.store.snapshots import changes


class Delivery:
    """Takes results as they come and gives snapshots as they are asked for; between, they are one.

    So a consumer that takes its time is told every change against what it was told before, and
    nothing twice.
    """

    def __init__(self) -> None:
        self._now: dict[str, Document] = {}
        self._told: dict[str, Document] = {}
        self._reason = ""
        self._told_reason: str | None = None
        """None until the first snapshot was taken."""
        self._has_result = False
        self._failure: BaseException | None = None
        self.is_ended = False
        self._waker: asyncio.Future[None] | None = None

    def put(self, documents: dict[str, Document]) -> None:
        """Have a result told: documents by path, in order. What was cut off is live again."""
        self._now = documents
        self._has_result = True
        self._reason = ""
        self._wake()

    def interrupt(self, reason: str) -> None:
        """Have told that the last result is not live, and why."""
        self._reason = reason
        self._wake()

    def fail(self, error: BaseException) -> None:
        """End the watch with an error."""
        self._failure = error
        self._wake()

    def end(self) -> None:
        """End the watch."""
        self.is_ended = True
        self._now, self._told = {}, {}
        self._wake()

    async def take(self) -> Snapshot:
        """Wait for something to tell, and return it.

        Raises what `fail` was given, once, and StopAsyncIteration after the end.
        """
        while not self.is_ended:
            if self._failure is not None:
                failure, self._failure = self._failure, None
                self.end()
                raise failure
            snapshot = self._snapshot()
            if snapshot is not None:
                return snapshot
            self._waker = asyncio.get_running_loop().create_future()
            try:
                await self._waker
            finally:
                self._waker = None
        raise StopAsyncIteration

    def _snapshot(self) -> Snapshot | None:
        """Return what is to be told now, if anything is."""
        news = changes(self._told, self._now)
        if self._told_reason is None:
            if not self._has_result and not self._reason:
                return None
        elif not news and self._reason == self._told_reason:
            return None
        self._told, self._told_reason = self._now, self._reason
        documents = tuple(self._now.values())
        return Snapshot(documents, tuple(news), not self._reason, self._reason)

    def _wake(self) -> None:
        if self._waker is not None and not self._waker.done():
            self._waker.set_result(None)
