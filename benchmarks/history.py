"""History: from raw chunks in the journal to indexed, watched documents, against bare SQL."""

import asyncio
import json
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks.pty_clock import ROOT
from benchmarks.table import Figure, Table
from benchmarks.worker import LENGTH_BYTES
from bridge.garbage import look_seldom
from bridge.ingest.applier import Applier
from bridge.ingest.ingest import Ingest
from bridge.ingest.notes import Notes
from bridge.ingest.places import Places
from bridge.ingest.sent_ids import SentIds
from bridge.journal import Journal
from bridge.outbox.settle import Settler
from bridge.whatsapp.addresses import OwnJids
from bridge.whatsapp.proto import HistorySyncEvent
from core.clock import system_clock
from core.model.documents import SyncState
from core.model.ids import Jid
from core.paths import DataFolder
from core.store.open import open_store
from core.store.port import Query

ACCOUNT = "WA-01"
CHUNKS, CONVERSATIONS, MESSAGES = 40, 50, 50
"""100,000 messages in all."""
_BATCH = 500
_WORDS = ("bună", "petrecere", "sâmbătă", "ora", "preț", "lei", "mulțumesc", "Elsa", "🎉", "parc")
_PAIRING_SECONDS = 2.0


def chunk(
    number: int,
    chunks: int = CHUNKS,
    conversations: int = CONVERSATIONS,
    messages: int = MESSAGES,
) -> bytes:
    """Return one serialized history chunk of several."""
    chooser = random.Random(number)
    event = HistorySyncEvent()
    event.Data.syncType = 2
    event.Data.chunkOrder = number
    event.Data.progress = 100 * (number + 1) // chunks
    for index in range(conversations):
        customer = number * conversations + index
        conversation = event.Data.conversations.add()
        conversation.ID = f"4070{customer:07d}@s.whatsapp.net"
        conversation.name = f"Customer {customer}"
        newest = 1_767_000_000 - customer * 600
        for message in range(messages):
            entry = conversation.messages.add()
            entry.msgOrderID = messages - message
            info = entry.message
            info.key.remoteJID = conversation.ID
            info.key.fromMe = bool(message % 2)
            info.key.ID = f"H{customer}-{message}"
            info.messageTimestamp = newest - 60 * message
            info.message.conversation = " ".join(chooser.choices(_WORDS, k=12))
    return bytes(event.SerializeToString())


class Pipeline:
    """Journal, ingest and store of one account, as the bridge has them, without a worker."""

    def __init__(self, root: Path) -> None:
        self.folder = DataFolder(root)
        self.folder.prepare()
        place = self.folder.account(ACCOUNT)
        self._journal_file = place / "journal.db"
        place.mkdir(parents=True, mode=0o700)
        self.store = open_store(self.folder)
        self.journal = Journal.open(self._journal_file)
        self.notes = Notes.open(place / "notes.db")
        sent = SentIds(self.store, ACCOUNT)
        places = Places(self.store, ACCOUNT, self.notes)
        applier = Applier(self.store, ACCOUNT, self.notes, places, sent)
        settler = Settler(
            self.store, ACCOUNT, notes=self.notes, places=places, sent=sent, applier=applier
        )
        own = OwnJids(phone=Jid("40700000000", "s.whatsapp.net"))
        self.ingest = Ingest(
            ACCOUNT,
            journal=self.journal,
            notes=self.notes,
            applier=applier,
            settler=settler,
            own=lambda: own,
            sync=SyncState(),
            synced=lambda _: None,
            clock=system_clock,
        )

    async def run(self, chunks: list[bytes]) -> tuple[float, list[float]]:
        """Return messages a second, and milliseconds of each operator's write meanwhile."""
        watch = self.store.watch(Query("threads").order_by("lastMessageAt", "desc").limit(100))
        watching = asyncio.create_task(_follow(watch), name="watch")
        self.ingest.begin_sync()  # As pairing does, some seconds before the first chunk comes.
        working = asyncio.create_task(self.ingest.run(), name="ingest")
        await asyncio.sleep(_PAIRING_SECONDS)
        look_seldom()  # As the bridge does when it has started.
        operator = _operator(self.folder)
        worker = await _worker(self._journal_file, chunks)
        assert worker.stdin is not None
        assert worker.stdout is not None
        began = time.perf_counter()
        worker.stdin.write(b"begin\n")
        async for _ in worker.stdout:
            self.ingest.wake()
        await self.ingest.drained()
        took = time.perf_counter() - began
        if await worker.wait():
            raise RuntimeError("the journal's writer failed: not all chunks came")
        written = await asyncio.to_thread(operator.communicate, b"enough")
        for task in (working, watching):
            task.cancel()
        ended = await asyncio.gather(working, watching, return_exceptions=True)
        for error in ended:
            if not isinstance(error, asyncio.CancelledError):
                raise RuntimeError("ingest or watch failed") from error
        await watch.close()
        messages = len(chunks) * CONVERSATIONS * MESSAGES
        found = (await self.store.aggregate(Query("messages", all_descendants=True))).count
        if found != messages:
            raise RuntimeError(f"{found} messages of {messages} are in the store")
        writes = json.loads(written[0])  # Those before the first chunk met no import.
        return messages / took, [ms for start, ms in writes if began <= start <= began + took]

    async def close(self) -> None:
        """Release everything."""
        self.journal.close()
        self.notes.close()
        await self.store.close()


async def _follow(watch: Any) -> None:
    async for _ in watch:
        pass


def _operator(folder: DataFolder) -> "subprocess.Popen[bytes]":
    """Start an operator beside the import: in a process of its own, as a console is."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.operator", str(folder.root)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.readline()  # it says that it is ready
    return process


async def _worker(journal_file: Path, chunks: list[bytes]) -> asyncio.subprocess.Process:
    """Start what writes chunks to the journal, in a process of its own: as a bridge has it."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.worker", str(journal_file)),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    for payload in (*chunks, b""):
        process.stdin.write(len(payload).to_bytes(LENGTH_BYTES) + payload)
        await process.stdin.drain()
    await process.stdout.readline()  # it says that it is ready
    return process


def bare_sql(source: Path, target: Path) -> float:
    """F_sql: documents a second when the very rows of a store are inserted with executemany."""
    with closing(sqlite3.connect(source)) as finished, closing(sqlite3.connect(target)) as fresh:
        fresh.isolation_level = None
        fresh.execute("PRAGMA journal_mode=WAL")
        fresh.execute("PRAGMA synchronous=FULL")
        for (statement,) in finished.execute(
            "SELECT sql FROM sqlite_master WHERE sql NOT NULL AND name NOT LIKE 'sqlite_%'"
        ):
            fresh.execute(statement)
        batches = list(_batches(finished))
        documents = sum(len(rows["documents"]) for rows in batches)
        began = time.perf_counter()
        for rows in batches:
            fresh.execute("BEGIN IMMEDIATE")
            for table, values in rows.items():
                marks = ",".join("?" * len(values[0]))
                fresh.executemany(f"INSERT INTO {table} VALUES ({marks})", values)
            fresh.execute("COMMIT")
        return documents / (time.perf_counter() - began)


def _batches(store: sqlite3.Connection) -> Iterator[dict[str, list[Any]]]:
    """Yield the rows of documents and their index entries, 500 documents at a time."""
    indexes = [name for (name,) in store.execute(
        "SELECT name FROM sqlite_master WHERE type='table' AND name LIKE 'index\\_%' ESCAPE '\\'"
    )]  # fmt: skip
    entries: dict[int, list[tuple[str, Any]]] = defaultdict(list)
    for table in indexes:
        for row in store.execute(f"SELECT scope, key, doc FROM {table}"):
            entries[row[2]].append((table, row))
    documents = store.execute("SELECT * FROM documents ORDER BY seq").fetchall()
    for start in range(0, len(documents), _BATCH):
        rows: dict[str, list[Any]] = {"documents": documents[start : start + _BATCH]}
        for document in rows["documents"]:
            for table, entry in entries[document[0]]:
                rows.setdefault(table, []).append(entry)
        yield rows


async def run(scratch: Path, table: Table, rounds: int) -> None:
    """Measure the pipeline and its floor in turn."""
    chunks = [chunk(number) for number in range(CHUNKS)]
    rates, floor, operator, ratios = [], [], [], []
    for _ in range(max(3, rounds * 2 // 3)):
        root = scratch / "history"
        shutil.rmtree(root, ignore_errors=True)
        pipeline = Pipeline(root)
        rate, writes = await pipeline.run(chunks)
        await pipeline.close()
        bare = bare_sql(pipeline.folder.store_file, root / "bare.db")
        rates.append(rate)
        operator += writes
        floor.append(bare)
        ratios.append(rate / bare)
        shutil.rmtree(root)
    table.add_floor(Figure("F_sql", tuple(floor), "documents/s"))
    table.add(
        "history chunks to indexed, watched documents through the journal",
        Figure("ratio", tuple(ratios)).median,
        0.5,
        floor="F_sql",
        figures=str(Figure("rate", tuple(rates), "messages/s")),
        at_least=True,
    )
    table.add(
        "… an operator's write meanwhile, p95 in ms",
        Figure("write", tuple(operator)).percentile(0.95),
        10,
        floor="none: milliseconds",
        figures=str(Figure("write", tuple(operator))),
    )
