"""An operator who saves while others import: `python -m benchmarks.operator FOLDER`.

It writes a small document again and again until its input ends, and then tells of each write when
it began (perf_counter seconds) and the milliseconds that it took, as JSON.
"""

import asyncio
import json
import sys
import time
from pathlib import Path

from core.paths import DataFolder
from core.store.open import open_store
from core.store.port import Set

PAUSE_SECONDS = 0.05


async def main(folder: Path) -> None:
    """Write until standard input ends."""
    took: list[tuple[float, float]] = []
    async with open_store(DataFolder(folder)) as store:
        await store.commit([Set("evenimente/first", {"notes": "x"})])
        print("ready", flush=True)
        end = asyncio.create_task(asyncio.to_thread(sys.stdin.read), name="end of input")
        while not end.done():
            await asyncio.sleep(PAUSE_SECONDS)
            began = time.perf_counter()
            await store.commit([Set(f"evenimente/e{len(took)}", {"notes": "x"})])
            took.append((began, (time.perf_counter() - began) * 1000))
    print(json.dumps(took))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
