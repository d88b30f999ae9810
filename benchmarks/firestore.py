"""The cloud engine's client: what its own work costs, against a server in another process."""

import asyncio
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from google.cloud.firestore_v1 import _helpers, types

from benchmarks.data import thread_data, thread_id_of
from benchmarks.pty_clock import ROOT
from benchmarks.table import Figure, Table
from core.settings import Cloud
from core.store.firestore import FirestoreStore, messages
from core.store.firestore.endpoint import EMULATOR_VARIABLE, Endpoint
from core.store.firestore.names import Names
from core.store.firestore.values import document_of
from core.store.firestore.writes import put_writes
from core.store.port import Query, Set, Update, Write

_NAMES = Names("bench")
_DOCUMENTS = 400
_WATCHED = 100
_CHANGES = 400
_INBOX = Query("threads").order_by("lastMessageAt", "desc").limit(_WATCHED)


def threads(count: int) -> list[Write]:
    """Return writes of as many conversations, as the ingest makes them."""
    return [Set(f"threads/{thread_id_of(number)}", thread_data(number)) for number in range(count)]


# -- without a server --


def encode(writes: list[Write]) -> Any:
    """Return a commit's request and make its bytes, as a call does."""
    request = messages.CommitRequest(database=_NAMES.database)
    put_writes(_NAMES, writes, request.writes)
    request.SerializeToString()
    return request


def encode_as_google(writes: list[Write]) -> None:
    """Do the same with Google's own client."""
    made = [
        types.Write(update=types.Document(name=one.path, fields=_helpers.encode_dict(one.data)))
        for one in writes
        if isinstance(one, Set)
    ]
    types.CommitRequest.serialize(types.CommitRequest(writes=made))


def microseconds(work: Callable[[], object], documents: int) -> float:
    """Return microseconds of processor time a document that some work takes."""
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1e6 / documents


def _measure_codec(table: Table, rounds: int) -> None:
    writes = threads(_DOCUMENTS)
    blobs = [one.update.SerializeToString() for one in encode(writes).writes]

    def decode() -> None:
        for blob in blobs:
            document_of(_NAMES, messages.Document.FromString(blob))

    ours, google, decoding = [], [], []
    for _ in range(rounds):
        ours.append(microseconds(lambda: encode(writes), _DOCUMENTS))
        google.append(microseconds(lambda: encode_as_google(writes), _DOCUMENTS))
        decoding.append(microseconds(decode, _DOCUMENTS))
    encoded = Figure("encode", tuple(ours), "µs")
    table.add_floor(Figure("Google's own client: encode a document", tuple(google), "µs"))
    table.add_floor(Figure("Firestore: decode a document", tuple(decoding), "µs"))
    table.add(
        f"Firestore: encode a document of {sum(map(len, blobs)) // len(blobs)} bytes, in µs",
        encoded.median, 40, floor="none: microseconds", figures=str(encoded),
    )  # fmt: skip


# -- with one --


@contextmanager
def served(scratch: Path) -> Iterator[str]:
    """Run the tests' server in a process of its own and give its address."""
    root = scratch / "firestore"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.firestore_server", "--store", str(root / "store.db")],
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())["address"]
    finally:
        process.terminate()
        process.communicate()
        shutil.rmtree(root)


def opened(address: str) -> FirestoreStore:
    """Return a handle on a server."""
    return FirestoreStore(Endpoint.of_server(Cloud(project="bench"), {EMULATOR_VARIABLE: address}))


async def write_changes(address: str, count: int) -> None:
    """Change conversations of the inbox, one commit after the other."""
    async with opened(address) as store:
        for number in range(count):
            path = f"threads/{thread_id_of(number * 7 % _WATCHED)}"
            await store.commit([Update(path, {"unreadCount": number + 1})])


def _writer(address: str) -> "subprocess.Popen[bytes]":
    """Start the changes in a process of their own, so that only the watch is counted here."""
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.firestore", address, str(_CHANGES)], cwd=ROOT
    )


async def _follow_changes(store: FirestoreStore, address: str) -> float:
    """Return milliseconds of our processor time for each changed document of a watch."""
    watch = store.watch(_INBOX)
    while len((await anext(watch)).documents) < _WATCHED:
        pass
    writer = _writer(address)
    told, newest = 0, 0
    await anext(watch)
    began = time.process_time()
    while newest < _CHANGES:
        snapshot = await anext(watch)
        told += len(snapshot.changes)
        newest = max([newest, *(one.document.data["unreadCount"] for one in snapshot.changes)])
    took = time.process_time() - began
    await asyncio.to_thread(writer.wait)
    await watch.close()
    return took * 1000 / told


async def _time_watch(store: FirestoreStore) -> list[float]:
    """Return milliseconds from a commit's call to the snapshot that tells of it."""
    watch = store.watch(_INBOX)
    await anext(watch)
    took = []
    for number in range(_WATCHED):
        path = f"threads/{thread_id_of(number)}"
        began = time.perf_counter()
        await store.commit([Update(path, {"unreadCount": -number - 1})])
        while not any(one.document.path == path for one in (await anext(watch)).changes):
            pass
        took.append((time.perf_counter() - began) * 1000)
    await watch.close()
    return took


async def run(scratch: Path, table: Table, rounds: int) -> None:
    """Measure encoding, then watches and commits on a server of the tests."""
    _measure_codec(table, rounds)
    processor, latency, rate = [], [], []
    for _ in range(max(3, rounds // 3)):
        with served(scratch) as address:
            async with opened(address) as store:
                await store.commit(threads(_DOCUMENTS))
                began = time.perf_counter()
                for batch in range(5):
                    await store.commit(
                        [Set(f"runs/{batch}/{one.path}", one.data) for one in threads(_DOCUMENTS)
                         if isinstance(one, Set)]
                    )  # fmt: skip
                rate.append(5 * _DOCUMENTS / (time.perf_counter() - began))
                processor.append(await _follow_changes(store, address))
                latency += await _time_watch(store)
    spent = Figure("processor time", tuple(processor))
    table.add_floor(Figure("Firestore: commits of 400, tests' server", tuple(rate), "documents/s"))
    table.add_floor(Figure("Firestore: commit to snapshot, tests' server", tuple(latency)))
    table.add(
        f"Firestore: processor time for a changed document, watch of {_WATCHED}, in ms",
        spent.median, 1, floor="none: milliseconds", figures=str(spent),
    )  # fmt: skip


if __name__ == "__main__":
    asyncio.run(write_changes(sys.argv[1], int(sys.argv[2])))
