"""A whole history through the journal, as the bridge takes it in; prints its memory as JSON.

`python -m benchmarks.programs.import_history FOLDER CHUNKS CONVERSATIONS MESSAGES`.
"""

import asyncio
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.history import Pipeline
from benchmarks.programs.parsed_chunk import memory_mb
from bridge.whatsapp.proto import EventCode

_IDLE_SECONDS = 2.0


def children_peak_mb() -> float:
    """Return the most memory that the processes started here ever held, in MB.

    Raises RuntimeError when none runs: what reads the history would be left out.
    """
    task = Path("/proc/self/task")
    pids = " ".join((one / "children").read_text() for one in task.iterdir()).split()
    if not pids:
        raise RuntimeError("the process that reads histories ended")
    return sum(_peak_mb(pid) for pid in pids)


def _peak_mb(pid: str) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0


async def main(root: Path, chunks: int, conversations: int, messages: int) -> None:
    """Append chunk after chunk and work each off, as a phone sends them."""
    pipeline = Pipeline(root)
    pipeline.ingest.begin_sync()
    working = asyncio.create_task(pipeline.ingest.run(), name="ingest")
    await asyncio.sleep(_IDLE_SECONDS)
    idle = memory_mb("VmRSS") + children_peak_mb()
    peak = idle
    for number in range(chunks):
        sizes = map(str, (number, chunks, conversations, messages))
        made = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "benchmarks.programs.history_chunk", *sizes),
            stdout=asyncio.subprocess.PIPE,
        )
        payload, _nothing = await made.communicate()
        pipeline.journal.append(EventCode.HISTORY_SYNC, payload, datetime.now(UTC))
        del payload, made, _nothing
        await pipeline.ingest.drained()
        peak = max(peak, memory_mb("VmHWM") + children_peak_mb())
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    await pipeline.close()
    sys.stdout.write(json.dumps({"idle": idle, "peak": peak}) + "\n")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), *map(int, sys.argv[2:])))
