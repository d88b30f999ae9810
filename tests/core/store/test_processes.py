"""Several processes share one store."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import pytest

from core.store.embedded import EmbeddedStore, watch
from core.store.port import Query, Set

ROOT = Path(__file__).parents[3]

COUNT = """
async def add(transaction):
    document = await transaction.get("counters/one")
    count = document.data["n"] if document else 0
    transaction.write(Set("counters/one", {"n": count + 1}))

for _ in range(25):
    await store.transact(add, attempts=200)
"""
ANSWER = """
watch = store.watch(Query("questions"))
await anext(watch)
print("ready", flush=True)
document = (await anext(watch)).documents[0]
await store.commit([Set("answers/" + document.id, {"n": document.data["n"] + 1})])
"""
PROGRAM = """
import asyncio, sys
from pathlib import Path
from core.store.embedded import EmbeddedStore
from core.store.port import *

async def main():
    folder = Path(sys.argv[1])
    async with EmbeddedStore.open(folder / "store.db", doorbells=folder / "bell") as store:
{body}

asyncio.run(main())
"""


async def start(folder: Path, body: str) -> Process:
    lines = "\n".join(" " * 8 + line for line in body.strip().splitlines())
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM.format(body=lines), str(folder), stdout=PIPE, cwd=ROOT
    )


async def test_processes_count_together(folder: Path) -> None:
    processes = await asyncio.gather(*(start(folder, COUNT) for _ in range(3)))
    assert await asyncio.gather(*(process.wait() for process in processes)) == [0, 0, 0]
    async with EmbeddedStore.open(folder / "store.db") as store:
        document = await store.get("counters/one")
        assert document is not None
        assert document.data == {"n": 75}


@pytest.mark.parametrize("way", ["doorbell", "poll"])
async def test_a_commit_wakes_a_watch_in_another_process(
    folder: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    process = await start(folder, ANSWER)
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    if way == "doorbell":
        monkeypatch.setattr(watch, "_POLL_SECONDS", 3600)
    bells = folder / "bell" if way == "doorbell" else None
    async with EmbeddedStore.open(folder / "store.db", doorbells=bells) as store:
        answers = store.watch(Query("answers"))
        await anext(answers)
        await store.commit([Set("questions/one", {"n": 1})])
        snapshot = await anext(answers)
        assert [one.data for one in snapshot.documents] == [{"n": 2}]
    assert await process.wait() == 0


async def test_two_handles_of_one_process_keep_the_log_from_others(folder: Path) -> None:
    """Whoever closes the file last removes SQLite's log, and must know that it is the last."""
    file = folder / "store.db"
    async with EmbeddedStore.open(file) as first, EmbeddedStore.open(file) as second:
        await first.commit([Set("things/1", {"n": 1})])
        log = (folder / "store.db-wal").stat().st_ino
        other = await start(folder, 'await store.commit([Set("things/2", {"n": 2})])')
        assert await other.wait() == 0
        assert (folder / "store.db-wal").stat().st_ino == log
        await second.commit([Set("things/3", {"n": 3})])
    async with EmbeddedStore.open(file) as store:
        assert [one.id for one in await store.query(Query("things"))] == ["1", "2", "3"]


async def test_a_killed_process_leaves_a_store_that_works(folder: Path) -> None:
    endless = """
number = 0
while True:
    number += 1
    await store.commit([Set(f"things/{number}-{at}", {"n": number}) for at in range(50)])
    print(number, flush=True)
"""
    process = await start(folder, endless)
    assert process.stdout is not None
    for _ in range(3):
        last = int(await process.stdout.readline())
    process.kill()
    last = max([last, *map(int, (await process.stdout.read()).split())])
    await process.wait()
    async with EmbeddedStore.open(folder / "store.db") as store:
        count = (await store.aggregate(Query("things"))).count
        assert count % 50 == 0
        assert count >= last * 50
