"""The console's measures: start, lists of every size, keys at rest and busy, commit to screen."""

import contextlib
import os
import random
import re
import shutil
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from benchmarks import floors
from benchmarks.data import (
    LAST_WORD,
    NEWEST,
    NEWEST_NAME,
    make_folder,
    restore,
    thread_data,
    thread_id_of,
)
from benchmarks.pty_clock import ROOT, ProgramSilentError, PtyProgram
from benchmarks.table import Figure, Table
from bridge.lock import holder
from core.model.ids import thread_path
from core.paths import DataFolder
from core.store.open import open_store
from core.store.port import Set, Store, Update, Write
from tui import last_frame

DOWN, UP, HOME = "\x1b[B", "\x1b[A", "\x1b[H"
_BAR = re.compile(rb"\x1b\[(\d+);1H(?:\x1b\[[0-9;]*m)*\xe2\x96\x8c")
"""The selection bar at the left edge, with its screen row."""
KEPT = "opening…"
"""The end of the mark on a frame that was kept."""
_BUSY_SECONDS = 25
_IN_VIEW = 15
"""Rows that the cursor goes down and up again without scrolling; a screen of 40 lines shows 18."""


UPDATED = 3
"""Number of the thread, in view, that gets another preview."""
MOVED = range(20, 50)
"""Numbers of the threads, out of view, that come to the top."""
CHANGED = (UPDATED, *MOVED)


class Measures:
    """Runs the console against stores of several sizes, kept in one folder of scratch space."""

    def __init__(self, scratch: Path, table: Table, rounds: int) -> None:
        self._scratch = scratch
        self._table = table
        self._rounds = rounds

    async def folder(
        self, name: str, threads: int, messages: int, first_messages: int | None = None
    ) -> Path:
        """Return a data folder with so many threads and messages, made when not there yet."""
        root = self._scratch / name
        await make_folder(root, threads, messages, first_messages)
        await restore(root, CHANGED)
        return root

    def end_bridges(self) -> None:
        """End the bridges that the consoles started: they would outlive them."""
        for root in self._scratch.iterdir():
            end_bridge(root)

    # -- start ------------------------------------------------------------------------------------

    async def start(self) -> None:
        """A live inbox and an open chat, against bare Python and a minimal Textual app."""
        main = await self.folder("main", 10_000, 50)
        bare, minimal, minimal_memory, console, console_memory = [], [], [], [], []
        kept = []
        leave(main)
        for _ in range(self._rounds):
            bare.append(floors.bare_python())
            kept.append(kept_frame(main))
        for _ in range(self._rounds):
            took, peak = floors.minimal_textual()
            minimal.append(took)
            minimal_memory.append(peak)
            took, peak = first_paint(main)
            console.append(took)
            console_memory.append(peak)
        f_tx, shown = Figure("F_tx", tuple(minimal)), Figure("console", tuple(console))
        self._table.add_floor(Figure("F_py", tuple(bare)))
        self._table.add(
            "the frame as it was left, marked as such, before the console is loaded",
            statistics.median(a / b for a, b in zip(kept, bare, strict=True)),
            3.0,
            floor="F_py",
            figures=str(Figure("kept", tuple(kept))),
        )
        self._table.add_floor(f_tx)
        self._table.add(
            "live inbox and open chat, 10,000 threads, 500,000 messages",
            statistics.median(a / b for a, b in zip(console, minimal, strict=True)),
            1.25,
            floor="F_tx",
            figures=str(shown),
        )
        memory = Figure("memory", tuple(console_memory), "MB")
        self._table.add(
            "peak memory at first paint",
            memory.median / statistics.median(minimal_memory),
            1.4,
            floor="F_tx's",
            figures=str(memory),
        )

    # -- lists of any size ------------------------------------------------------------------------

    async def inbox_sizes(self) -> None:
        """An inbox of 100,000 threads against one of 100."""
        small = await self.folder("inbox-100", 100, 1)
        large = await self.folder("inbox-100k", 100_000, 1)
        await self.compare_inboxes("inbox of 100,000 against 100", small, large)

    async def compare_inboxes(self, what: str, small: Path, large: Path) -> None:
        """The inbox of one folder against another's: first paint, a key, an update, a move."""
        paints: dict[Path, list[float]] = {small: [], large: []}
        for _ in range(self._rounds):
            for root in (small, large):
                paints[root].append(first_paint(root)[0])
        self._compare(f"{what}: first paint", paints, 1.5)
        keys: dict[Path, list[float]] = {small: [], large: []}
        updates: dict[Path, list[float]] = {small: [], large: []}
        moves: dict[Path, list[float]] = {small: [], large: []}
        with console(small) as one, console(large) as other:
            both = {small: one, large: other}
            for index in range(self._rounds * 2):  # in turn, as the machine is never twice the same
                for root, program in both.items():
                    keys[root].append(_settled_key(program, (DOWN, UP)[index // _IN_VIEW % 2]))
            async with open_store(DataFolder(small)) as few, open_store(DataFolder(large)) as many:
                stores = {small: few, large: many}
                for change, taken in ((_update_row, updates), (_move_to_top, moves)):
                    for index in range(self._rounds * 2):
                        for root, program in both.items():
                            taken[root].append(await _commit(program, stores[root], change(index)))
        for root in (small, large):
            await restore(root, CHANGED)
        self._compare("… cursor key", keys, 1.3)
        self._compare("… one-row update", updates, 1.3)
        self._compare("… move to top", moves, 1.3)

    async def chat_sizes(self) -> None:
        """A chat of 200,000 messages opened at its end, against one of 50."""
        small = await self.folder("chat-50", 10, 50)
        large = await self.folder("chat-200k", 10, 50, 200_000)
        what = "chat of 200,000 messages opened at its end, against 50"
        self.compare_chats(what, small, large)

    def compare_chats(self, what: str, small: Path, large: Path) -> None:
        """The chat on top of one folder's inbox, opened at its end, against another's."""
        opened: dict[Path, list[float]] = {small: [], large: []}
        for _ in range(self._rounds):
            for root in (small, large):
                with console(root) as program:
                    _settled_key(program, DOWN)
                    _wait_quiet(program, 0.5)
                    began = time.perf_counter()
                    program.write(UP + "\r")
                    opened[root].append((program.wait_for(LAST_WORD) - began) * 1000)
        self._compare(what, opened, 2.0)

    def _compare(self, measure: str, figures: dict[Path, list[float]], limit: float) -> None:
        small, large = (Figure(measure, tuple(values)) for values in figures.values())
        self._table.add(
            measure, large.median / small.median, limit, floor=str(small), figures=str(large)
        )

    # -- keys and commits -------------------------------------------------------------------------

    async def keys(self) -> None:
        """A cursor key at rest, and under load, against a one-row repaint."""
        main = await self.folder("main", 10_000, 50)
        with floors.Rows() as rows, console(main) as program:
            taken = []
            for index in range(60):
                rows.one_row()
                taken.append(_settled_key(program, (DOWN, UP)[index // _IN_VIEW % 2]))
            idle = Figure("idle", tuple(taken))
            program.write(DOWN * 2 * _IN_VIEW)
            scrolling = Figure("", tuple(_settled_key(program, DOWN) for _ in range(20)))
            self._table.notes.append(
                "A cursor key that scrolls the list repaints all its rows; that has no line of "
                f"its own: {scrolling}."
            )
            written = await self._commits(program, main, rows)
        f_key, f_full = rows.figures()
        self._table.add_floor(f_key)
        self._table.add_floor(f_full)
        self._shares("cursor key to repaint, idle", idle, f_key, {0.5: 1.5, 0.95: 3.0})
        commits = Figure("commit", tuple(written))
        what = "commit in another process to bytes on the terminal"
        self._shares(what, commits, f_full, {0.5: 1.5, 0.99: 6.0})
        busy = Figure("busy", tuple(self._busy_keys(main)))
        what = "the same with 100 events a second and an import running"
        self._shares(what, busy, f_key, {0.5: 3.0, 0.95: 10.0})

    def _shares(
        self, measure: str, taken: Figure, floor: Figure, limits: Mapping[float, float]
    ) -> None:
        """Add a line for each share of what was taken, against a floor's median."""
        for share, limit in limits.items():
            self._table.add(
                f"{measure}, p{share * 100:.0f}",
                taken.percentile(share) / floor.median,
                limit,
                floor=floor.name,
                figures=f"{taken.percentile(share):.2f} ms (n={len(taken.values)})",
            )

    def _busy_keys(self, main: Path) -> Iterator[float]:
        """Yield milliseconds from a cursor key to the selection bar's new place, under load."""
        scratch = self._scratch / "busy"
        shutil.rmtree(scratch, ignore_errors=True)
        shutil.copytree(main, scratch, ignore=shutil.ignore_patterns("run", "logs", "*.sock"))
        chooser = random.Random(11)
        with console(scratch) as program:
            _settled_key(program, DOWN)
            loads = [
                subprocess.Popen(
                    [sys.executable, "-m", "benchmarks.load", kind, scratch, str(_BUSY_SECONDS)],
                    cwd=ROOT,
                    env=environment(),
                )
                for kind in ("events", "import")
            ]
            place = _read_for(program, 2.0)
            for index in range(80):
                place = _read_for(program, 0.1 + chooser.random() * 0.05) or place
                began = time.perf_counter()
                program.write((UP, DOWN)[index % 2])
                place = _wait_bar(program, place)
                yield (time.perf_counter() - began) * 1000
            if any(load.poll() is not None for load in loads):
                raise ProgramSilentError("a load ended before the keys did")
            for load in loads:
                load.terminate()
                load.wait()
        end_bridge(scratch)
        shutil.rmtree(scratch, ignore_errors=True)

    async def _commits(self, program: PtyProgram, root: Path, rows: floors.Rows) -> list[float]:
        """Return milliseconds from another process's call to commit to the first byte drawn.

        Their floor is measured in turn with them.
        """
        program.write(HOME)
        took = []
        async with open_store(DataFolder(root)) as store:
            for index in range(self._rounds * 14):
                rows.whole_screen()
                took.append(await _commit(program, store, _update_row(index)))
        await restore(root, CHANGED)
        return took


async def _commit(program: PtyProgram, store: Store, write: Write) -> float:
    """Return milliseconds from a call to commit to the first byte that the console draws."""
    _wait_quiet(program, 0.12)
    began = time.perf_counter()
    await store.commit([write])
    if not program.read(5):
        raise ProgramSilentError("a commit was not drawn")
    took = (time.perf_counter() - began) * 1000
    program.settle()
    return took


def _update_row(index: int) -> Update:
    """A visible row gets another preview."""
    return Update(thread_path(thread_id_of(UPDATED)), {"lastMessageText": f"changed {index}"})


def _move_to_top(index: int) -> Set:
    """A thread from below the window gets a message."""
    number = MOVED[index % len(MOVED)]
    return Set(
        thread_path(thread_id_of(number)),
        thread_data(number, at=NEWEST + timedelta(minutes=index + 1), text=f"moved {index}"),
    )


def end_bridge(root: Path) -> None:
    """End the bridge of a data folder, if one runs."""
    pid = holder(DataFolder(root).lock_file)
    if pid:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)


def open_command(root: Path) -> list[str]:
    """Return what opens the console on a data folder."""
    return [sys.executable, "-m", "tui.cli", "--data", str(root), "--language", "en"]


def environment() -> dict[str, str]:
    """Return the environment of measured programs: bytecode as an installation has it."""
    kept = {name: value for name, value in os.environ.items() if "PYTHONDONTWRITE" not in name}
    return kept | {"PYTHONPATH": str(ROOT), "CAPCOADA_SIMULATOR": "http://127.0.0.1:9"}


@contextmanager
def console(root: Path) -> Iterator[PtyProgram]:
    """Run the console on a data folder, painted and at rest."""
    with PtyProgram(open_command(root), env=environment()) as program:
        program.wait_for(NEWEST_NAME)
        _wait_quiet(program, 1.0)
        yield program


def first_paint(root: Path) -> tuple[float, float]:
    """Return milliseconds until the console shows inbox and chat, and its peak memory in MB."""
    last_frame.forget(str(root))  # it would be taken for a live one
    with PtyProgram(open_command(root), env=environment()) as program:
        painted = program.wait_for(LAST_WORD)
        return (painted - program.started) * 1000, program.peak_memory_mb()


def leave(root: Path) -> None:
    """Open the console on a data folder and leave it, so that its last frame is kept."""
    with console(root) as program:
        program.write("\x11")
        with contextlib.suppress(ProgramSilentError):
            while program.read(5):
                pass


def kept_frame(root: Path) -> float:
    """Return milliseconds until the console shows the frame that it kept."""
    with PtyProgram(open_command(root), env=environment()) as program:
        return (program.wait_for(KEPT) - program.started) * 1000


def _settled_key(program: PtyProgram, key: str) -> float:
    """Time one key, after the screen came to rest."""
    _wait_quiet(program, 0.2)
    return program.time_key(key)


def _wait_quiet(program: PtyProgram, seconds: float) -> None:
    """Read until nothing was drawn for so long (a clock on the screen ticks once a second)."""
    for _ in range(50):
        if not program.read(seconds):
            return


def _read_for(program: PtyProgram, seconds: float) -> int:
    """Read for so long; return a screen row of the selection bar, 0 when it was not drawn."""
    out = b""
    ends = time.perf_counter() + seconds
    while (left := ends - time.perf_counter()) > 0:
        out += program.read(left)
    return int((_BAR.findall(out) or [0])[-1])


def _wait_bar(program: PtyProgram, before: int, timeout: float = 5.0) -> int:
    """Wait until the selection bar is drawn elsewhere, and return a screen row of it.

    It is two rows high, and either may be the one known: a neighbour is no other place.
    """
    out = b""
    ends = time.perf_counter() + timeout
    while (left := ends - time.perf_counter()) > 0:
        out += program.read(left)
        for place in map(int, _BAR.findall(out)):
            if abs(place - before) > 1:
                return place
    raise ProgramSilentError("a key did not move the selection bar")


async def run(scratch: Path, table: Table, rounds: int) -> None:
    """Run all measures of the console."""
    measures = Measures(scratch, table, rounds)
    try:
        await measures.start()
        await measures.keys()
        await measures.inbox_sizes()
        await measures.chat_sizes()
    finally:
        measures.end_bridges()
