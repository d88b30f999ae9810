"""Google's own listener, which runs in threads, is served as in the cloud."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from google.cloud.firestore_v1.base_query import FieldFilter
from grpc import StatusCode

from tests.support.firestore_server import FirestoreServer

PATIENCE_SECONDS = 30


class Snapshots:
    """The callback of a listener, and what came to it."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[str] = asyncio.Queue()

    def __call__(self, documents: Any, changes: Any, _read_time: Any) -> None:
        ids = " ".join(sorted(document.id for document in documents))
        kinds = " ".join(sorted(f"{one.type.name} {one.document.id}" for one in changes))
        self._loop.call_soon_threadsafe(self._queue.put_nowait, f"{ids} | {kinds}")

    async def next(self) -> str:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self._queue.get()


async def started(watch: Callable[[Snapshots], Any]) -> tuple[Any, Snapshots]:
    """Start a listener in a thread of its own."""
    snapshots = Snapshots()
    return await asyncio.to_thread(watch, snapshots), snapshots


async def test_a_listener_is_told(blocking: Any, client: Any) -> None:
    items = client.collection("runs/1/items")
    await items.document("a").set({"rank": 1})
    query = blocking.collection("runs/1/items").where(filter=FieldFilter("rank", ">", 0))
    watch, snapshots = await started(query.on_snapshot)
    assert await snapshots.next() == "a | ADDED a"
    await items.document("b").set({"rank": 2})
    assert await snapshots.next() == "a b | ADDED b"
    await items.document("a").update({"rank": 3})
    assert await snapshots.next() == "a b | MODIFIED a"
    await items.document("a").update({"rank": 0})
    assert await snapshots.next() == "b | REMOVED a"
    await items.document("b").delete()
    assert await snapshots.next() == " | REMOVED b"
    await asyncio.to_thread(watch.unsubscribe)


async def test_a_document_that_is_not_there_is_told(blocking: Any, client: Any) -> None:
    watch, snapshots = await started(blocking.document("things/one").on_snapshot)
    assert await snapshots.next() == " | "
    await client.document("things/one").set({"n": 1})
    assert await snapshots.next() == "one | ADDED one"
    await client.document("things/one").delete()
    assert await snapshots.next() == " | REMOVED one"
    await asyncio.to_thread(watch.unsubscribe)


@pytest.mark.parametrize("interruption", ["status", "restart", "reset"])
async def test_a_listener_misses_nothing(
    blocking: Any, client: Any, server: FirestoreServer, interruption: str
) -> None:
    items = client.collection("runs/1/items")
    for name in "abc":
        await items.document(name).set({"rank": 1})
    watch, snapshots = await started(blocking.collection("runs/1/items").on_snapshot)
    assert await snapshots.next() == "a b c | ADDED a ADDED b ADDED c"
    if interruption == "status":
        server.listeners.kill(StatusCode.UNAVAILABLE)
    elif interruption == "restart":
        await server.stop()
        await server.start()
    else:
        server.listeners.reset_targets()
    batch = client.batch()
    batch.delete(items.document("a"))
    batch.update(items.document("b"), {"rank": 2})
    batch.set(items.document("d"), {"rank": 1})
    await batch.commit()
    assert await snapshots.next() == "b c d | ADDED d MODIFIED b REMOVED a"
    assert watch.is_active
    if interruption != "reset":
        assert server.listeners.added[-1].is_resumed
    await asyncio.to_thread(watch.unsubscribe)


async def test_many_listeners_and_writers_agree_in_the_end(
    blocking: Any, client: Any, loop_is_free: None
) -> None:
    items = client.collection("runs/1/items")
    listening = [await started(blocking.collection("runs/1/items").on_snapshot) for _ in range(5)]

    async def write(name: str) -> None:
        for number in range(10):
            await items.document(name).set({"n": number})
        await items.document(name).delete()

    await asyncio.gather(*(write(f"w{number}") for number in range(5)))
    await items.document("last").set({})
    for watch, snapshots in listening:
        while not (await snapshots.next()).startswith("last |"):
            pass
        await asyncio.to_thread(watch.unsubscribe)
