"""The console after a busy hour: its memory, and whether that still grows.

The 36,000 events of an hour at ten a second are made twenty times as fast.
"""

import asyncio
import random
import shutil
import threading
import time
from datetime import timedelta
from pathlib import Path

from benchmarks import floors
from benchmarks.console import console, end_bridge
from benchmarks.data import NEWEST, make_folder, message_data, thread_data, thread_id_of
from benchmarks.pty_clock import PtyProgram
from benchmarks.table import Figure, Table
from core.model.ids import message_path, thread_path
from core.paths import DataFolder
from core.store.open import open_store
from core.store.port import Set, Store
from tests.faults.gauges import Slope

THREADS, OPEN_CHAT = 100_000, 50_000
EVENTS, A_SECOND = 36_000, 200
_LOOKS = 48
"""Looks at the memory; the last half of them tells whether it grows."""
_CHANCE = 2.07
"""Standard errors of a slope through 24 looks that chance exceeds once in twenty (Student's t)."""
_IN_OPEN_CHAT = 0.1
"""Share of the events that are in the chat on the screen."""


async def run(scratch: Path, table: Table, rounds: int) -> None:
    """Measure once: it takes three minutes."""
    root = scratch / "endurance"
    shutil.rmtree(root, ignore_errors=True)  # events that are there already change nothing
    await make_folder(root, THREADS, 1, OPEN_CHAT)
    _took, floor = floors.minimal_textual()
    with console(root) as program:
        program.write("\r")
        program.settle()
        async with open_store(DataFolder(root)) as store:
            looks = await _busy_hour(store, program)
    end_bridge(root)
    table.add(
        "console after an hour of 10 events a second, 100,000 threads, a chat of 50,000",
        looks[-1] / floor,
        2.0,
        floor=f"F_tx's {floor:.1f} MB",
        figures=str(Figure("memory", tuple(looks), "MB")),
    )
    slope = Slope.of(looks[_LOOKS // 2 :])
    rise, chance = slope.a_step * _LOOKS, _CHANCE * slope.error * _LOOKS
    table.notes.append(
        f"In the second half of that hour the console's memory grew by {rise:+.2f} MB an hour; "
        f"chance alone makes {chance:.2f} MB."
    )


async def _busy_hour(store: Store, program: PtyProgram) -> list[float]:
    """Write the events and return the console's memory now and then, in MB."""
    chooser = random.Random(8)
    is_over = threading.Event()
    drawing = asyncio.create_task(asyncio.to_thread(_read_all, program, is_over))
    looks: list[float] = []
    began = time.perf_counter()
    for count in range(EVENTS):
        number = 0 if chooser.random() < _IN_OPEN_CHAT else chooser.randrange(1, THREADS)
        moment = NEWEST + timedelta(hours=1, milliseconds=100 * count)
        thread = thread_id_of(number)
        data = message_data(number, OPEN_CHAT + count, 1) | {"tsClient": moment}
        await store.commit(
            [
                Set(message_path(thread, f"E{count}"), data | {"messageId": f"E{count}"}),
                Set(thread_path(thread), thread_data(number, at=moment)),
            ]
        )
        if (count + 1) % (EVENTS // _LOOKS) == 0:
            looks.append(program.memory_mb())
        await asyncio.sleep(max(0.0, began + count / A_SECOND - time.perf_counter()))
    is_over.set()
    await drawing
    return looks


def _read_all(program: PtyProgram, is_over: threading.Event) -> None:
    """Take what is drawn, as a terminal does."""
    while not is_over.is_set():
        program.read(0.2)
