"""Collects figures and writes them as the table of benchmarks/RESULTS.md."""

import datetime
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

RESULTS = Path(__file__).with_name("RESULTS.md")


@dataclass(frozen=True, slots=True)
class Figure:
    """Repeated measurements of one thing, all in one unit."""

    name: str
    values: tuple[float, ...]
    unit: str = "ms"

    @property
    def median(self) -> float:
        """The middle value."""
        return statistics.median(self.values)

    def percentile(self, share: float) -> float:
        """The value below which `share` (0 to 1) of the measurements lie."""
        ordered = sorted(self.values)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    def __str__(self) -> str:
        low, high = min(self.values), max(self.values)
        return f"{low:.3g} / {self.median:.3g} / {high:.3g} {self.unit} (n={len(self.values)})"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: a ratio and the line it should stay within."""

    measure: str
    ratio: float
    limit: float
    floor: str
    figures: str
    at_least: bool = False

    @property
    def is_met(self) -> bool:
        """Whether the ratio is on the right side of its line."""
        return self.ratio >= self.limit if self.at_least else self.ratio <= self.limit


@dataclass(slots=True)
class Table:
    """All rows and floors of one run."""

    rows: list[Row] = field(default_factory=list)
    floors: list[Figure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(
        self,
        measure: str,
        ratio: float,
        limit: float,
        *,
        floor: str,
        figures: str,
        at_least: bool = False,
    ) -> None:
        """Add a row and show it at once."""
        row = Row(measure, ratio, limit, floor, figures, at_least)
        self.rows.append(row)
        print(
            f"{'ok  ' if row.is_met else 'MISS'} {measure}: {ratio:.2f} (line {limit})  {figures}"
        )

    def add_floor(self, figure: Figure) -> None:
        """Add a floor and show it at once."""
        self.floors.append(figure)
        print(f"     {figure.name}: {figure}")

    def write(self, path: Path = RESULTS) -> None:
        """Write the table as Markdown."""
        path.write_text("\n".join(self._lines()) + "\n", encoding="utf-8")

    def _lines(self) -> Sequence[str]:
        now = datetime.datetime.now(datetime.UTC)
        lines = [
            "# Measures",
            "",
            f"Written by `make bench` on {now:%Y-%m-%d}, {_machine()}.",
            "Each measure is a ratio to a floor of the same run; figures are min / median / max.",
            "",
            "| measure | ratio | line | met | floor | figures |",
            "|---|---|---|---|---|---|",
        ]
        for row in self.rows:
            sign = "≥" if row.at_least else "≤"
            met = "yes" if row.is_met else "**no**"
            lines.append(
                f"| {row.measure} | {row.ratio:.2f} | {sign} {row.limit:g} | {met} "
                f"| {row.floor} | {row.figures} |"
            )
        lines += ["", "| floor | min / median / max |", "|---|---|"]
        lines += [f"| {figure.name} | {figure} |" for figure in self.floors]
        if self.notes:
            lines += ["", *(f"- {note}" for note in self.notes)]
        return lines


def _machine() -> str:
    """Return what is worth knowing of the machine that measured."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}"
    )
