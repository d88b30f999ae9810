"""A day of a busy firm in minutes, `python -m tests.faults.day`; exit code 1 when anything grows.

Bridge, worker and simulator are real processes that read one clock, and the clock goes as fast as
the traffic does. After each hour everything comes to rest and is read off.
"""

import argparse
import asyncio
import logging
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tests.faults.busy_firm import Traffic, a_firm
from tests.faults.gauges import Reading
from tests.faults.growth import judge, table

DAY = Traffic(24, 150, 8, 400, 40, histories=(2, 5), deaths=(4,))


def _silent(_line: str) -> None:
    """Say nothing."""


async def run(
    folder: Path, traffic: Traffic, seed: int, *, tell: Callable[[str], None] = _silent
) -> list[Reading]:
    """Live through the hours and return what was read off after each."""
    readings: list[Reading] = []
    async with a_firm(folder, traffic, seed) as firm:
        for hour in range(traffic.hours):
            began = time.monotonic()
            await firm.hour(hour)
            readings.append(await firm.rest(hour, as_at=readings[0] if readings else None))
            tell(f"hour {hour}: {time.monotonic() - began:.1f} s, {readings[-1].messages} messages")
    return readings


def main() -> int:
    """Run as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.day")
    parser.add_argument("--hours", type=int, default=DAY.hours)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="a new folder to keep everything in")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.ERROR)
    traffic = replace(DAY, hours=arguments.hours)
    with tempfile.TemporaryDirectory() as temporary:
        folder = (arguments.keep or Path(temporary)).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        readings = asyncio.run(run(folder, traffic, arguments.seed, tell=print))
    print(table(readings))
    findings = judge(readings)
    print("\n".join(f"FOUND {one}" for one in findings) or "nothing grew")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
