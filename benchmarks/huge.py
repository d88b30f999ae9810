"""Five million messages in a hundred thousand conversations, against fifty thousand in a thousand.

Not part of a common run: the store takes half an hour and four GB to make. What is not drawn is
measured in processor time: pages of a file of this size are at hand or not as the machine likes.
"""

import asyncio
import random
import shutil
import statistics
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import search
from benchmarks.console import CHANGED, Measures, end_bridge
from benchmarks.data import NEWEST, index_words, jid_of, restore
from benchmarks.history import ACCOUNT, Pipeline, chunk
from benchmarks.million import percentile
from benchmarks.table import Figure, Table
from bridge.lock import holder
from bridge.simulator.events import Envelope, Source, message_event
from bridge.whatsapp.proto import EventCode
from core.paths import DataFolder
from core.store.embedded import EmbeddedStore
from core.store.open import open_store
from core.store.port import Store

SMALL, LARGE = 1_000, 100_000
"""Conversations of fifty messages each."""
_WHAT = "5,000,000 messages against 50,000"
_CHUNKS, _CONVERSATIONS = 2, 50
_LIVE = 400
"""Messages that come one by one."""
_END_SECONDS = 30.0
_STRANGERS = 1_000_000
"""The numbers of people who are in no store yet begin here, and are at most twice this."""


async def run(scratch: Path, table: Table, rounds: int) -> None:
    """Measure start, inbox, chat, search and ingest."""
    folders = {
        threads: (await search.make(scratch / f"huge-{threads}", threads))[0]
        for threads in (SMALL, LARGE)
    }
    for folder in folders.values():
        await restore(folder.root, CHANGED)
    small, large = (folder.root for folder in folders.values())
    console = Measures(scratch, table, rounds)
    try:
        await console.compare_inboxes(_WHAT, small, large)
        console.compare_chats("… chat opened at its end", small, large)
    finally:
        for folder in folders.values():
            await _end_bridge(folder)
    await _search(folders, table, rounds)
    await _queries(folders, table, rounds)
    await _ingest(folders, table, rounds)


async def _end_bridge(folder: DataFolder) -> None:
    """End the bridge that the consoles started, which would share the work of what comes."""
    end_bridge(folder.root)
    async with asyncio.timeout(_END_SECONDS):
        while holder(folder.lock_file):  # noqa: ASYNC110 - another process's
            await asyncio.sleep(0.05)


async def _search(folders: dict[int, DataFolder], table: Table, rounds: int) -> None:
    few, many = [
        await search.keystrokes(folder, rounds * 6, time.process_time)
        for folder in folders.values()
    ]
    table.add(
        "… search, a key to the first results, p95 in ms of the processor",
        many.percentile(0.95),
        30,
        floor=f"none: milliseconds; of 50,000 {few.percentile(0.95):.3g} ms",
        figures=str(many),
    )


async def _queries(folders: dict[int, DataFolder], table: Table, rounds: int) -> None:
    runs: dict[int, list[float]] = {threads: [] for threads in folders}
    for _ in range(max(3, rounds // 3)):
        for threads, folder in folders.items():
            runs[threads].append(await percentile(folder, threads))
    few, many = (Figure("p99", tuple(values)) for values in runs.values())
    table.add("… queries, p99", many.median / few.median, 1.5, floor=str(few), figures=str(many))


# -- ingest ---------------------------------------------------------------------------------------


async def _ingest(folders: dict[int, DataFolder], table: Table, rounds: int) -> None:
    """What comes in: history of strangers, live messages of anybody, and their words."""
    taken: dict[str, dict[int, list[float]]] = {
        kind: {threads: [] for threads in folders} for kind in _RATES
    }
    for _ in range(max(3, rounds // 3)):
        for threads, folder in folders.items():
            for kind, rate in zip(_RATES, await _rates(folder, threads), strict=True):
                taken[kind][threads].append(rate)
    for kind, limit in _RATES.items():
        few, many = (Figure(kind, tuple(each), "messages/s") for each in taken[kind].values())
        ratio = statistics.median(a / b for a, b in zip(many.values, few.values, strict=True))
        table.add(
            f"… {kind} a second of the processor",
            ratio,
            limit,
            floor=str(few),
            figures=str(many),
            at_least=True,
        )


_RATES = {"history taken in": 0.67, "live messages taken in": 0.5, "words taken in": 0.5}
"""What is taken in, and which share of the small store's rate is asked for.

What anybody writes just now touches pages anywhere in a large file; a history's lie together.
"""


async def _rates(folder: DataFolder, threads: int) -> tuple[float, float, float]:
    """Return messages a processor's second: of a history, live, into the index of words."""
    async with open_store(folder) as store:
        assert isinstance(store, EmbeddedStore)
        serial = await store.last_seq()
    shutil.rmtree(folder.account(ACCOUNT), ignore_errors=True)
    pipeline = Pipeline(folder.root)
    working = asyncio.create_task(pipeline.ingest.run(), name="ingest")
    first = (_STRANGERS + serial % _STRANGERS) // _CONVERSATIONS
    chunks = [(int(EventCode.HISTORY_SYNC), chunk(number + first)) for number in range(_CHUNKS)]
    history = await _taken_in(pipeline, chunks, _CHUNKS * _CONVERSATIONS * search.MESSAGES)
    chosen = random.Random(serial).sample(range(max(CHANGED) + 1, threads), _LIVE)
    live = await _taken_in(pipeline, _messages(chosen, serial), _LIVE)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    words = await _index(pipeline.store, folder)
    await pipeline.close()
    await restore(folder.root, chosen)
    return history, live, words


async def _taken_in(pipeline: Pipeline, events: list[tuple[int, bytes]], messages: int) -> float:
    began = time.process_time()
    for code, payload in events:
        pipeline.journal.append(code, payload, datetime.now(UTC))
    await pipeline.ingest.drained()
    return messages / (time.process_time() - began)


def _messages(numbers: list[int], serial: int) -> list[tuple[int, bytes]]:
    """Return a message of each of these customers, older than what is on the screen."""
    seconds = int(NEWEST.timestamp()) - 10_000_000
    words = search.Language(serial)
    return [
        message_event(
            Envelope(
                source=Source(chat=str(jid_of(number)), sender=str(jid_of(number))),
                message_id=f"L{serial}-{number}",
                seconds=seconds + place,
                push_name="",
            ),
            {"kind": "text", "text": " ".join(words.draw(12))},
        )
        for place, number in enumerate(numbers)
    ]


async def _index(store: Store, folder: DataFolder) -> float:
    began = time.process_time()
    seen = await index_words(store, folder)
    return seen / (time.process_time() - began)
