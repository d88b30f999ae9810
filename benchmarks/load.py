"""The load beside a busy console: customers' messages at a steady rate, or a history import.

`python -m benchmarks.load events|import FOLDER SECONDS`: ends by itself after SECONDS.
"""

import asyncio
import random
import sys
import time
from datetime import timedelta
from pathlib import Path

from benchmarks.data import NEWEST, message_data, thread_data, thread_id_of
from core.model.ids import message_path, thread_path
from core.paths import DataFolder
from core.store.open import open_store
from core.store.port import Set, Store, Write

EVENTS_A_SECOND = 100
IMPORT_BATCH = 500
IMPORT_PAUSE_SECONDS = 0.005
_THREADS = 10_000
_IMPORTED = 50_000
"""Threads that the import fills have numbers from here on."""


async def customers_write(store: Store, seconds: float) -> None:
    """Commit message and thread of a random customer, 100 times a second."""
    chooser = random.Random(7)
    began = time.perf_counter()
    for count in range(int(seconds * EVENTS_A_SECOND)):
        number = chooser.randrange(1, _THREADS)
        moment = NEWEST + timedelta(hours=1, milliseconds=10 * count)
        message = message_data(number, 100_000 + count, 1)
        await store.commit(
            [
                Set(
                    message_path(thread_id_of(number), f"L{count}"),
                    message | {"tsClient": moment, "messageId": f"L{count}"},
                ),
                Set(thread_path(thread_id_of(number)), thread_data(number, at=moment)),
            ]
        )
        await asyncio.sleep(max(0.0, began + count / EVENTS_A_SECOND - time.perf_counter()))


async def history_import(store: Store, seconds: float) -> None:
    """Commit batches of 500 old messages, with the pause that the ingest makes between them."""
    ends = time.perf_counter() + seconds
    number = _IMPORTED
    while time.perf_counter() < ends:
        thread = thread_id_of(number)
        batch: list[Write] = [
            Set(message_path(thread, f"H{index}"), message_data(number, index, IMPORT_BATCH))
            for index in range(IMPORT_BATCH - 1)
        ]
        batch.append(Set(thread_path(thread), thread_data(number)))
        await store.commit(batch)
        await asyncio.sleep(IMPORT_PAUSE_SECONDS)
        number += 1


async def main(kind: str, folder: Path, seconds: float) -> None:
    """Run one load for so many seconds."""
    async with open_store(DataFolder(folder)) as store:
        await (customers_write if kind == "events" else history_import)(store, seconds)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])))
