"""The server in a thread of its own, for tests that have no event loop, or several."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.store.indexes import IndexSet
from tests.support.firestore_server.server import FirestoreServer

_LONGEST_START = 30.0


@contextmanager
def in_background(path: Path, indexes: IndexSet) -> Iterator[FirestoreServer]:
    """Run a server in front of a store file; its `address` alone may be used from outside."""
    begun = threading.Event()
    server: FirestoreServer | None = None
    stop: asyncio.Event | None = None
    loop: asyncio.AbstractEventLoop | None = None

    async def serve() -> None:
        nonlocal server, stop, loop
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        async with FirestoreServer(path, indexes=indexes) as server:
            begun.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="firestore-server")
    thread.start()
    try:
        assert begun.wait(_LONGEST_START)
        assert server is not None
        yield server
    finally:
        if loop is not None and stop is not None:
            loop.call_soon_threadsafe(stop.set)
        thread.join()
