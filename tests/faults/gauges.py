"""What a bridge takes of the machine at one moment, and whether that grows."""

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from core.paths import DataFolder

MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Taken:
    """What a process takes."""

    pid: int
    memory: int
    """Bytes of its own in memory: what it maps of files is the machine's cache, not growth."""
    descriptors: tuple[str, ...]
    """What each open descriptor is, sorted; sockets and pipes without their numbers."""
    threads: int
    seconds: float
    """Of the processor, since its start."""

    @classmethod
    def by(cls, pid: int) -> "Taken":
        """Look at a process that runs. Raises OSError."""
        folder = Path(f"/proc/{pid}")
        lines = (folder / "status").read_text("ascii").splitlines()
        status = {name: value for name, _, value in (line.partition(":\t") for line in lines)}
        return cls(
            pid,
            1024 * int(status["RssAnon"].removesuffix("kB")),
            tuple(sorted(_name(one) for one in (folder / "fd").iterdir())),
            int(status["Threads"]),
            sum(map(int, (folder / "stat").read_text("ascii").rpartition(")")[2].split()[11:13]))
            / os.sysconf("SC_CLK_TCK"),
        )


def _name(descriptor: Path) -> str:
    try:
        return str(descriptor.readlink()).partition(":[")[0]
    except FileNotFoundError:  # closed since the folder was read
        return ""


@dataclass(frozen=True, slots=True)
class Reading:
    """A bridge at rest."""

    hour: int
    messages: int
    """In the store."""
    bridge: Taken
    worker: Taken
    files: dict[str, int]
    """Bytes by path in the data folder."""
    entries: int
    """In the account's journal."""

    def bytes_of(self, suffix: str) -> int:
        """Return what the files whose names end so take together."""
        return sum(size for name, size in self.files.items() if name.endswith(suffix))


def file_sizes(folder: DataFolder) -> dict[str, int]:
    """Return the bytes of every file in a data folder, by its path there."""
    return {
        str(file.relative_to(folder.root)): file.stat().st_size
        for file in folder.root.rglob("*")
        if file.is_file()
    }


def journal_entries(file: Path) -> int:
    """Return how many entries a journal holds, done ones included."""
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as journal:
        return int(journal.execute("SELECT count(*) FROM entries").fetchone()[0])


@dataclass(frozen=True, slots=True)
class Slope:
    """A straight line through readings, by least squares."""

    a_step: float
    """By how much a value rises from one reading to the next."""
    error: float
    """The standard error of that."""

    @classmethod
    def of(cls, values: Sequence[float]) -> "Slope":
        """Return the slope of values at even steps, three at least."""
        count = len(values)
        middle, mean = (count - 1) / 2, sum(values) / count
        spread = sum((step - middle) ** 2 for step in range(count))
        rise = sum((step - middle) * value for step, value in enumerate(values)) / spread
        rest = sum(
            (value - mean - rise * (step - middle)) ** 2 for step, value in enumerate(values)
        )
        return cls(rise, (rest / (count - 2) / spread) ** 0.5)

    @property
    def at_least(self) -> float:
        """What the slope is at least, but for one chance in forty."""
        return self.a_step - 2 * self.error
