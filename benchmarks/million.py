"""A million messages: what their import takes in memory, and what a query on them takes."""

import json
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from benchmarks import search
from benchmarks.data import NEWEST, thread_id_of
from benchmarks.history import chunk
from benchmarks.pty_clock import ROOT
from benchmarks.table import Figure, Table
from core.model.ids import THREADS, messages_path
from core.paths import DataFolder
from core.store.open import open_store
from core.store.port import Query

CHUNKS, CONVERSATIONS, MESSAGES = 40, 500, 50
"""A million messages, 25,000 in each chunk."""
_QUERIES = 1500
_PAGE = 60


async def run(scratch: Path, table: Table, rounds: int) -> None:
    """Measure import and queries."""
    _memory(scratch / "million", table)
    await _queries(scratch, table, rounds)


def _memory(root: Path, table: Table) -> None:
    shutil.rmtree(root, ignore_errors=True)
    payload = chunk(0, CHUNKS, CONVERSATIONS, MESSAGES)
    parsed = float(_output(["benchmarks.programs.parsed_chunk"], payload))
    sizes = [str(number) for number in (CHUNKS, CONVERSATIONS, MESSAGES)]
    took = json.loads(_output(["benchmarks.programs.import_history", str(root), *sizes]))
    shutil.rmtree(root)
    table.add_floor(Figure("one parsed chunk", (parsed,), "MB"))
    table.add(
        "1,000,000 messages of history: memory above rest, both processes",
        (took["peak"] - took["idle"]) / parsed,
        2.0,
        floor="one parsed chunk",
        figures=f"{took['idle']:.0f} MB at rest, {took['peak']:.0f} MB at the most",
    )


def _output(module: list[str], given: bytes = b"") -> bytes:
    done = subprocess.run(
        [sys.executable, "-m", *module], cwd=ROOT, input=given, stdout=subprocess.PIPE, check=True
    )
    return done.stdout


async def _queries(scratch: Path, table: Table, rounds: int) -> None:
    large, _rate = await search.make(scratch / "search")
    small, _rate = await search.make(scratch / "search-100k", search.THREADS // 10)
    runs: tuple[list[float], list[float]] = ([], [])
    for _ in range(max(3, rounds // 3)):
        runs[0].append(await percentile(small, search.THREADS // 10))
        runs[1].append(await percentile(large, search.THREADS))
    before, after = (Figure("p99", tuple(each)) for each in runs)
    table.add(
        "queries of 1,000,000 messages against 100,000, p99",
        after.median / before.median,
        1.5,
        floor=str(before),
        figures=str(after),
    )


async def percentile(folder: DataFolder, threads: int) -> float:
    """Return the p99 of the console's queries at random places, in milliseconds."""
    chooser = random.Random(6)
    took = []
    async with open_store(folder) as store:
        for _ in range(_QUERIES):
            query = chooser.choice(_SHAPES)(chooser.randrange(threads))
            began = time.perf_counter()
            await store.query(query)
            took.append((time.perf_counter() - began) * 1000)
    return Figure("", tuple(took)).percentile(0.99)


def _inbox(_number: int) -> Query:
    return Query(THREADS).order_by("lastMessageAt", "desc").limit(_PAGE)


def _further_page(number: int) -> Query:
    return _inbox(number).start_after(NEWEST - timedelta(minutes=number))


def _chat(number: int) -> Query:
    messages = Query(messages_path(thread_id_of(number)))
    return messages.order_by("tsClient", "desc").limit(_PAGE)


def _newer_messages(number: int) -> Query:
    middle = NEWEST - timedelta(minutes=number + 3 * search.MESSAGES // 2)
    messages = Query(messages_path(thread_id_of(number)))
    return messages.order_by("tsClient", "asc").start_after(middle).limit(_PAGE)


_SHAPES: tuple[Callable[[int], Query], ...] = (_inbox, _further_page, _chat, _newer_messages)
"""Inbox, a page of it anywhere, a chat at its end, the newer half of one."""
