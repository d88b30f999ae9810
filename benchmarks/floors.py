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


def key_and_full_repaint(rounds: int = 30) -> tuple[Figure, Figure]:
    """F_key and F_full: key to first byte for a one-row repaint, and for a whole screen."""
    with PtyProgram([sys.executable, "-m", "benchmarks.programs.one_row"], env=os.environ) as rows:
        rows.wait_for(MARKER)
        rows.settle()
        one, full = [], []
        for _ in range(rounds):
            one.append(rows.time_key("j"))
            rows.settle()
            full.append(rows.time_key("f"))
            rows.settle()
    return Figure("F_key", tuple(one)), Figure("F_full", tuple(full))
