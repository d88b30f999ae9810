"""`python -m benchmarks`: runs the measures and writes benchmarks/RESULTS.md."""

import argparse
import asyncio
import compileall
from pathlib import Path

from benchmarks import (
    console,
    endurance,
    firestore,
    history,
    huge,
    million,
    peer,
    rules,
    search,
    sending,
)
from benchmarks.pty_clock import ROOT
from benchmarks.table import Table

PARTS = {
    "console": console.run,
    "history": history.run,
    "search": search.run,
    "rules": rules.run,
    "sending": sending.run,
    "million": million.run,
    "endurance": endurance.run,
    "firestore": firestore.run,
    "peer": peer.run,
}
ONLY_WHEN_ASKED = {"huge": huge.run, "long": endurance.run_long}
"""Parts that take too much time or room for a common run."""


async def main() -> None:
    """Read the options, run the parts, write the table."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="repetitions of each measurement")
    parts = PARTS | ONLY_WHEN_ASKED
    parser.add_argument("--only", choices=sorted(parts), help="one part; writes no table")
    parser.add_argument("--scratch", type=Path, default=ROOT / "build" / "bench")
    options = parser.parse_args()
    for package in ("core", "tui", "bridge", "benchmarks"):
        compileall.compile_dir(ROOT / package, quiet=1)
    table = Table()
    for name in PARTS if options.only is None else [options.only]:
        await parts[name](options.scratch, table, options.rounds)
    if options.only is None:
        table.write()


if __name__ == "__main__":
    asyncio.run(main())
