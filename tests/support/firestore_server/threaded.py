"""The server in a thread with a loop of its own, for tests that have no loop, or several."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

from tests.support.firestore_server.server import FirestoreServer

T = TypeVar("T")
PATIENCE_SECONDS: Final = 30.0


class ThreadedServer:
    """A running server and the loop that it lives in."""

    def __init__(self, server: FirestoreServer, loop: asyncio.AbstractEventLoop) -> None:
        self.server = server
        self._loop = loop

    @property
    def address(self) -> str:
        """Host and port, as FIRESTORE_EMULATOR_HOST wants them."""
        return self.server.address

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the server's loop, a `server.stop()` for instance."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_SECONDS)

    def do(self, action: Callable[..., T], *arguments: Any, **options: Any) -> T:
        """Call something in the server's loop, a `server.listeners.kill` for instance."""

        async def work() -> T:
            return action(*arguments, **options)

        return self.run(work())


@contextmanager
def serving(path: Path, **options: Any) -> Iterator[ThreadedServer]:
    """Serve a store's file until the end of the block; options as of FirestoreServer."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="firestore-server", daemon=True)
    thread.start()
    served = ThreadedServer(FirestoreServer(path, **options), loop)
    try:
        served.run(served.server.start())
        try:
            yield served
        finally:
            served.run(served.server.stop())
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE_SECONDS)
        loop.close()
