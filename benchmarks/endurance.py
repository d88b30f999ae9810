"""The console through busy hours: its memory after the first, and whether it grows after that.

The 36,000 events of an hour at ten a second are made thirty times as fast. Ten hours are not part
of a common run: what a process holds goes up and down in steps, the longest of them some hours
apart, and two or three hours may show one side of that only.
"""

import asyncio
import itertools
import random
import shutil
import statistics
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
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

THREADS, OPEN_CHAT = 100_000, 50_000
AN_HOUR, HOURS, A_SECOND = 36_000, 10, 300
"""Events of an hour, hours of a long run, and events a second as they are made."""
_LOOKS = 24
"""Looks at the memory in each hour."""
_CHANCE = 1.97
"""Standard errors that a mean of 216 steps is off by once in twenty by chance (Student's t)."""
_IN_OPEN_CHAT = 0.1
"""Share of the events that are in the chat on the screen."""
_LAST = "Endofhours"
"""The text of the last event, one word so that a marker finds it on a screen."""


async def run(scratch: Path, table: Table, rounds: int) -> None:
    """Measure one hour, once: it takes two minutes."""
    await _measure(scratch, table, 1)


async def run_long(scratch: Path, table: Table, rounds: int) -> None:
    """Measure ten hours, once: it takes twenty minutes."""
    looks = await _measure(scratch, table, HOURS)
    growth, chance = growth_an_hour(looks)
    table.add(
        f"… its growth in the {HOURS - 1} hours after that, beyond chance, in MB an hour",
        max(0.0, growth - chance),
        0.0,
        floor=f"none: {growth:+.2f} MB an hour, of which chance makes {chance:.2f}",
        figures=str(Figure("memory", tuple(looks), "MB")),
    )


async def _measure(scratch: Path, table: Table, hours: int) -> list[float]:
    """Add the row of the first hour, and return what was looked at from its end on."""
    root = scratch / "endurance"
    shutil.rmtree(root, ignore_errors=True)  # events that are there already change nothing
    await make_folder(root, THREADS, 1, OPEN_CHAT)
    _took, floor = floors.minimal_textual()
    try:
        with console(root) as program:
            program.write("\r")
            program.settle()
            async with open_store(DataFolder(root)) as store:
                looks = await _busy_hours(store, program, hours * AN_HOUR)
    finally:
        end_bridge(root)
    hour = looks[:_LOOKS]
    table.add(
        "console after an hour of 10 events a second, 100,000 threads, a chat of 50,000",
        hour[-1] / floor,
        2.0,
        floor=f"F_tx's {floor:.1f} MB",
        figures=str(Figure("memory", tuple(hour), "MB")),
    )
    return looks[_LOOKS - 1 :]


def growth_an_hour(looks: list[float]) -> tuple[float, float]:
    """Return by how much memory grew in an hour, and how much of that chance may make, in MB.

    What a process holds goes up and down in steps that do not know of each other, so the chance
    is that of their mean; around a straight line the looks would not be independent.
    """
    steps = [after - before for before, after in itertools.pairwise(looks)]
    error = statistics.stdev(steps) / len(steps) ** 0.5
    return statistics.mean(steps) * _LOOKS, _CHANCE * error * _LOOKS


async def _busy_hours(store: Store, program: PtyProgram, events: int) -> list[float]:
    """Write the events and return the console's memory now and then, in MB.

    Raises ProgramSilentError when the console did not draw the last event.
    """
    looks: list[float] = []
    chooser = random.Random(8)
    began = time.perf_counter()
    async with _terminal(program):
        for count in range(events):
            number = 0 if chooser.random() < _IN_OPEN_CHAT else chooser.randrange(1, THREADS)
            await _write(store, number, count)
            if (count + 1) % (AN_HOUR // _LOOKS) == 0:
                looks.append(program.memory_mb())
            await asyncio.sleep(max(0.0, began + count / A_SECOND - time.perf_counter()))
    await _write(store, 0, events, {"body": _LAST})
    await asyncio.to_thread(program.wait_for, _LAST)
    return looks


async def _write(
    store: Store, number: int, count: int, changed: dict[str, str] | None = None
) -> None:
    """A customer writes."""
    moment = NEWEST + timedelta(hours=1, milliseconds=100 * count)
    thread, message_id = thread_id_of(number), f"E{count}"
    message = message_data(number, OPEN_CHAT + count, 1) | {
        "messageId": message_id,
        "tsClient": moment,
    }
    await store.commit(
        [
            Set(message_path(thread, message_id), message | (changed or {})),
            Set(thread_path(thread), thread_data(number, at=moment)),
        ]
    )


@asynccontextmanager
async def _terminal(program: PtyProgram) -> AsyncIterator[None]:
    """Take what is drawn, as a terminal does."""
    is_over = threading.Event()
    drawing = asyncio.create_task(asyncio.to_thread(_read_all, program, is_over), name="terminal")
    try:
        yield
    finally:
        is_over.set()
        await drawing


def _read_all(program: PtyProgram, is_over: threading.Event) -> None:
    while not is_over.is_set():
        program.read(0.2)
