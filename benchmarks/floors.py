"""The floors that everything else is measured against, in a pty of their own."""

import os
import sys

from benchmarks.pty_clock import PtyProgram
from benchmarks.table import Figure

MARKER = "MARKER-PAINTED"


def time_to_marker(argv: list[str], marker: str = MARKER) -> tuple[float, float]:
    """Return milliseconds from spawn to `marker` on the screen, and peak memory in MB."""
    with PtyProgram(argv, env=os.environ) as program:
        painted = program.wait_for(marker)
        return (painted - program.started) * 1000, program.peak_memory_mb()


def bare_python() -> float:
    """F_py: milliseconds until bare Python has printed."""
    return time_to_marker([sys.executable, "-m", "benchmarks.programs.bare_print"])[0]


def minimal_textual() -> tuple[float, float]:
    """F_tx: milliseconds to a minimal Textual app's first paint, and its peak memory in MB."""
    return time_to_marker([sys.executable, "-m", "benchmarks.programs.minimal_app"])


class Rows(PtyProgram):
    """F_key and F_full: key to first byte for a one-row repaint, and for a whole screen.

    It runs beside what it is the floor of, so that both are measured in turn.
    """

    def __init__(self) -> None:
        super().__init__([sys.executable, "-m", "benchmarks.programs.one_row"], env=os.environ)
        self._one: list[float] = []
        self._full: list[float] = []
        self.wait_for(MARKER)
        self.settle()

    def one_row(self) -> None:
        """Measure the repaint of one row once more."""
        self._measure("j", self._one)

    def whole_screen(self) -> None:
        """Measure the repaint of a whole screen once more."""
        self._measure("f", self._full)

    def _measure(self, key: str, taken: list[float]) -> None:
        self.settle()
        taken.append(self.time_key(key))
        self.settle()

    def figures(self) -> tuple[Figure, Figure]:
        """Return what was measured."""
        return Figure("F_key", tuple(self._one)), Figure("F_full", tuple(self._full))
