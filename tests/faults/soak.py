"""The long run, `python -m tests.faults.soak --kills 500`; exit code 1 when it found anything."""

import argparse
import asyncio
import logging
import random
import sys
import tempfile
from pathlib import Path

from tests.faults.audit import count
from tests.faults.plan import make_plan
from tests.faults.world import Result, a_world


async def run(folder: Path, seed: int, kills: int, *, verbose: bool = False) -> Result:
    """Play a plan in a folder and return what it came to."""
    plan = make_plan(seed, kills)
    tell = print if verbose else _silent
    async with a_world(folder) as world:
        await world.play(plan, tell=tell)
        return world.result


def _silent(_line: str) -> None:
    """Say nothing."""


def table(result: Result, seed: int) -> str:
    """Return what was done and what was found, for a person."""
    found = result.evidence
    rows = [
        ("seed", str(seed)),
        ("kills", str(result.killed)),
        *((f"  {kind}", str(n)) for kind, n in sorted(result.kills.items())),
        *((f"fault: {kind}", str(n)) for kind, n in sorted(result.faults.items())),
        *((f"deed: {kind}", str(n)) for kind, n in sorted(result.deeds.items())),
        ("messages on the phone", str(sum(map(len, found.phones.values())))),
        ("messages in the store", str(sum(map(len, found.messages.values())))),
        ("console messages", str(len(found.outbox))),
        *(
            (f"  {status}", str(sum(one["status"] == status for one in found.outbox.values())))
            for status in sorted({one["status"] for one in found.outbox.values()})
        ),
        ("events", str(len(found.events))),
        ("statuses seen", str(len(found.statuses))),
        ("seconds", f"{result.seconds:.0f}"),
        ("seconds to rest", f"{result.quiet_seconds:.1f}"),
        *((f"FOUND {kind}", str(number)) for kind, number in count(result.findings).items()),
    ]
    return "\n".join(f"{name:<40} {value:>10}" for name, value in rows)


def main() -> int:
    """Run as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soak")
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0, help="0 takes a new one")
    parser.add_argument("--keep", type=Path, help="a new folder to keep everything in")
    parser.add_argument("--verbose", action="store_true", help="print each round")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.ERROR)
    seed = arguments.seed or random.SystemRandom().randint(1, 1_000_000)
    print(f"seed {seed}: replay with SOAK_SEED={seed} SOAK_KILLS={arguments.kills}", flush=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        result = asyncio.run(run(folder, seed, arguments.kills, verbose=arguments.verbose))
    print(table(result, seed))
    for finding in result.findings:
        print(finding)
    return 1 if result.findings else 0


if __name__ == "__main__":
    sys.exit(main())
