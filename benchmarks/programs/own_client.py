"""The cloud engine at the work that node_peer.mjs does; prints its speed as JSON.

`python -m benchmarks.programs.own_client TURN COMMITS CHANGES COUNT…`, FIRESTORE_EMULATOR_HOST set.
"""

import asyncio
import json
import sys
import time
from collections.abc import Sequence

from core.settings import Cloud
from core.store.firestore import FirestoreStore
from core.store.firestore.endpoint import Endpoint
from core.store.port import Document, Increment, Query, Set, Update, Watch

_THREADS = Query("threads").order_by("lastMessageAt", "desc")


async def _write(
    store: FirestoreStore, documents: Sequence[Document], folder: str, commits: int
) -> float:
    """Copy the documents below a folder, commit after commit; return documents a second."""
    began = time.perf_counter()
    for number in range(commits):
        below = f"{folder}-{number}/threads"
        await store.commit([Set(f"runs/{below}/{one.id}", one.data) for one in documents])
    return commits * len(documents) / (time.perf_counter() - began)


async def _told(watch: Watch, path: str) -> float:
    """Return when a snapshot with a change of the document came."""
    while not any(one.document.path == path for one in (await anext(watch)).changes):
        pass
    return time.perf_counter()


async def _listen(
    store: FirestoreStore, documents: Sequence[Document], changes: int
) -> list[float]:
    """Change watched documents one after the other; return ms from each call to its snapshot."""
    watch = store.watch(_THREADS.where("lastMessageAt", ">=", documents[-1].data["lastMessageAt"]))
    while len((await anext(watch)).documents) < len(documents):
        pass
    took = []
    for number in range(changes):
        path = documents[number % len(documents)].path
        change = Update(path, {"unreadCount": Increment(1)})
        began = time.perf_counter()
        told, _result = await asyncio.gather(_told(watch, path), store.commit([change]))
        took.append((told - began) * 1000)
    await watch.close()
    return took


async def main(turn: int, commits: int, changes: int, counts: Sequence[int]) -> None:
    """Write, then listen to as many documents as each of `counts` says; all twice, to be warm."""
    async with FirestoreStore(Endpoint.of_server(Cloud(project="bench"))) as store:
        documents = await store.query(_THREADS)
        for heat in ("cold", "warm"):
            rate = await _write(store, documents, f"{turn}-{heat}", commits)
            latency = [await _listen(store, documents[:count], changes) for count in counts]
    sys.stdout.write(json.dumps({"rate": rate, "latency": latency}) + "\n")


if __name__ == "__main__":
    _turn, _commits, _changes, *_counts = map(int, sys.argv[1:])
    asyncio.run(main(_turn, _commits, _changes, _counts))
