"""Judges a day's readings: what grew that should not, and how much room the rest took."""

import os
from collections.abc import Callable, Iterator, Sequence

from tests.faults.gauges import MB, Reading, Slope

_LOG_BYTES = 5.5 * 1024 * 1024
"""A log is put aside at five megabytes, at the next line or look."""
_WAL_BYTES = {"store.db-wal": 34 * MB, "journal.db-wal": 10 * MB, "search.db-wal": 16 * MB}
_JOURNAL_ENTRIES = 5000 + 2000 + 300
"""Entries that are kept, those until the next compaction, and those of one batch."""
_STEADY_AFTER = 1 / 3
"""Share of the day after which memory should be what it stays."""
_MEMORY_A_DAY = 0.05
"""By which share memory may grow in a day."""
_FEWEST = 9
"""Readings of one worker that tell growth from chance."""
_THREADS = min(32, (os.cpu_count() or 1) + 4) + 4
"""Asyncio's pool, which grows to this when work comes together, and those that have a name."""
_SLOWER = 1.3
"""By which factor the same hour may take more of the processor late in the day."""

_FASTER = {"store.db": 1.3, "search.db": 2.0}
"""By which factor files may take more for each message; an index of words grows by steps."""


def judge(readings: Sequence[Reading]) -> list[str]:
    """Return what is wrong."""
    found = [*_handles(readings), *_files(readings)]
    if len(_steady(readings)) >= _FEWEST:
        found += [*_memory(readings), *_processor(readings), *_proportions(readings)]
    return found


def _steady(readings: Sequence[Reading]) -> Sequence[Reading]:
    """Return the later readings, as far as one worker lived through them."""
    later = readings[int(len(readings) * _STEADY_AFTER) :]
    return [one for one in later if one.worker.pid == later[-1].worker.pid]


def _memory(readings: Sequence[Reading]) -> Iterator[str]:
    steady = _steady(readings)
    for name, slope in slopes(readings).items():
        most = _MEMORY_A_DAY * _PROCESSES[name](steady[-1]) / len(readings)
        if slope.at_least > most:
            yield f"the {name}'s memory grows by {slope.a_step / MB:.2f} MB an hour"


_PROCESSES: dict[str, Callable[[Reading], int]] = {
    "bridge": lambda one: one.bridge.memory,
    "worker": lambda one: one.worker.memory,
}


def slopes(readings: Sequence[Reading]) -> dict[str, Slope]:
    """Return how the memory of each process goes, in bytes an hour; none of too short a day."""
    steady = _steady(readings)
    if len(steady) < _FEWEST:
        return {}
    return {name: Slope.of([of(one) for one in steady]) for name, of in _PROCESSES.items()}


def _handles(readings: Sequence[Reading]) -> Iterator[str]:
    first, last = readings[0], readings[-1]
    for name, before, after in (
        ("bridge", first.bridge, last.bridge),
        ("worker", first.worker, last.worker),
    ):
        if len(after.descriptors) > len(before.descriptors):
            more = list(after.descriptors)
            for one in before.descriptors:
                if one in more:
                    more.remove(one)
            yield f"the {name} holds {len(more)} descriptors more: {', '.join(more)}"
        if after.threads > max(before.threads, _THREADS):
            yield f"the {name} has {after.threads} threads, had {before.threads}"


def _files(readings: Sequence[Reading]) -> Iterator[str]:
    for one in readings:
        for suffix, most in _WAL_BYTES.items():
            if (size := one.bytes_of(suffix)) > most:
                yield f"hour {one.hour}: {suffix} takes {size / MB:.0f} MB"
        for name, size in one.files.items():
            if ".log" in name and size > _LOG_BYTES:
                yield f"hour {one.hour}: {name} takes {size / MB:.1f} MB"
        if one.entries > _JOURNAL_ENTRIES:
            yield f"hour {one.hour}: the journal holds {one.entries} entries"


def _processor(readings: Sequence[Reading]) -> Iterator[str]:
    """The same traffic takes the same time however much there is already."""
    sooner, later = (
        (last.bridge.seconds - first.bridge.seconds) / (last.hour - first.hour)
        for first, last in _thirds(readings)
    )
    if later > _SLOWER * sooner:
        yield f"an hour takes {later:.2f} s of the bridge's processor, took {sooner:.2f}"


def _proportions(readings: Sequence[Reading]) -> Iterator[str]:
    """A file that grows with what it holds grows no faster later than sooner."""
    for name, factor in _FASTER.items():
        sooner, later = (
            (last.files[name] - first.files[name]) / max(1, last.messages - first.messages)
            for first, last in _thirds(readings)
        )
        if later > factor * sooner:
            yield f"{name} takes {later:.0f} bytes a message, took {sooner:.0f}"


def _thirds(readings: Sequence[Reading]) -> tuple[tuple[Reading, Reading], ...]:
    """Return the first and the last reading of the middle and of the last third."""
    third = len(readings) // 3
    return (readings[third], readings[2 * third]), (readings[2 * third], readings[-1])


def table(readings: Sequence[Reading]) -> str:
    """Return the readings for a person."""
    lines = [
        f"{'hour':>4} {'messages':>8} | {'bridge MB':>9} {'fds':>3} {'thr':>3}"
        f" {'CPU s':>6} |"
        f" {'worker MB':>9} {'fds':>3} {'thr':>3} | {'entries':>7} {'journal':>7} {'+wal':>5} |"
        f" {'store':>6} {'+wal':>5} {'search':>6} {'+wal':>5} | {'logs':>5} MB"
    ]
    for one in readings:
        sizes = [
            one.bytes_of(f"{name}.db{wal}") / MB
            for name in ("journal", "store", "search")
            for wal in ("", "-wal")
        ]
        logs = sum(size for name, size in one.files.items() if ".log" in name) / MB
        lines.append(
            f"{one.hour:>4} {one.messages:>8} | {one.bridge.memory / MB:>9.1f}"
            f" {len(one.bridge.descriptors):>3} {one.bridge.threads:>3}"
            f" {one.bridge.seconds:>6.1f} |"
            f" {one.worker.memory / MB:>9.1f} {len(one.worker.descriptors):>3}"
            f" {one.worker.threads:>3} | {one.entries:>7} {sizes[0]:>7.1f} {sizes[1]:>5.1f} |"
            f" {sizes[2]:>6.1f} {sizes[3]:>5.1f} {sizes[4]:>6.1f} {sizes[5]:>5.1f} | {logs:>5.2f}"
        )
    for name, slope in slopes(readings).items():
        rise, error = slope.a_step / MB, 2 * slope.error / MB
        lines.append(f"memory of the {name}: {rise:+.3f} ± {error:.3f} MB an hour")
    return "\n".join(lines)
