"""A server that is killed over and over, under load: what it said is saved is there, once."""

import asyncio
import json
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from core.store.errors import OutcomeUnknown, StoreUnavailable
from core.store.firestore import FirestoreStore
from core.store.port import Query, Set, Snapshot, Store, Transaction
from tests.core.store.firestore.conftest import Connect
from tests.core.store.firestore.consumer import Consumer

ROOT = Path(__file__).parents[4]
KILLS = 2
ENOUGH = 15
"""Commits of each writer between two kills."""


class ServerProcess:
    """The server in a process that can be killed, always on the same port."""

    def __init__(self, store: Path) -> None:
        self._store = store
        self._process: asyncio.subprocess.Process | None = None
        self.address = "127.0.0.1:0"

    async def start(self) -> None:
        port = self.address.rpartition(":")[2]
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.support.firestore_server", "--store", str(self._store),
            "--port", port, cwd=ROOT, stdout=asyncio.subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": "."},
        )  # fmt: skip
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), 60)
        self.address = json.loads(line)["address"]

    async def restart(self) -> None:
        """Kill it in the midst of its work, and start it again."""
        await self.kill()
        await self.start()

    async def kill(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            await self._process.communicate()
            self._process = None


@pytest.fixture
async def process() -> AsyncIterator[ServerProcess]:
    with tempfile.TemporaryDirectory() as folder:
        process = ServerProcess(Path(folder) / "store.db")
        await process.start()
        yield process
        await process.kill()


@dataclass
class Writer:
    """Writes numbered documents and counts, and notes what it was told."""

    store: Store
    name: str
    saved: list[str] = field(default_factory=list)
    unknown: int = 0

    async def write(self) -> None:
        path = f"runs/1/items/{self.name}{len(self.saved):04}"
        while True:
            try:
                await self.store.commit([Set(path, {"n": len(self.saved)})])
            except StoreUnavailable:
                continue  # A whole document may be written twice.
            self.saved.append(path)
            await self._count()
            return

    async def _count(self) -> None:
        async def body(transaction: Transaction) -> None:
            found = await transaction.get(f"counters/{self.name}")
            count = found.data["n"] if found else 0
            transaction.write(Set(f"counters/{self.name}", {"n": count + 1}))

        while True:
            try:
                await self.store.transact(body)
            except OutcomeUnknown:
                self.unknown += 1
            except StoreUnavailable:
                continue
            return


async def test_what_was_saved_is_there_and_was_told(
    connect: Connect, process: ServerProcess
) -> None:
    writers = [Writer(connect(host=process.address), name) for name in "xy"]
    watched = connect(host=process.address)
    consumers = [Consumer(watched.watch(Query("runs/1/items"))) for _ in range(2)]
    following = [
        asyncio.create_task(one.until(lambda found: _is_done(found, writers))) for one in consumers
    ]
    for turn in range(KILLS + 1):
        if turn:
            await asyncio.gather(process.restart(), *(one.write() for one in writers))
        for _ in range(ENOUGH):
            await asyncio.gather(*(one.write() for one in writers))
    await _check(watched, writers)
    async with asyncio.timeout(60):
        await asyncio.gather(*following)


def _is_done(snapshot: Snapshot, writers: list[Writer]) -> bool:
    total = (KILLS + 1) * ENOUGH + KILLS
    return len(snapshot.documents) == total * len(writers)


async def _check(store: FirestoreStore, writers: list[Writer]) -> None:
    found = [one.path for one in await store.query(Query("runs/1/items"))]
    assert found == sorted(path for one in writers for path in one.saved)
    for one in writers:
        counter = await store.get(f"counters/{one.name}")
        assert counter is not None
        assert len(one.saved) - one.unknown <= counter.data["n"] <= len(one.saved)
