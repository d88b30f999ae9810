"""The floor of an import's memory: one history chunk, parsed and held; prints MB that it took."""

import sys
from pathlib import Path

from bridge.whatsapp.proto import HistorySyncEvent


def memory_mb(field: str) -> float:
    """Return a figure of /proc/self/status (VmRSS, VmHWM) in MB."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(field):
            return int(line.split()[1]) / 1024
    raise LookupError(field)


def main() -> None:
    """Parse what standard input brings."""
    payload = sys.stdin.buffer.read()
    HistorySyncEvent().ParseFromString(b"")
    before = memory_mb("VmRSS")
    event = HistorySyncEvent()
    event.ParseFromString(payload)
    sys.stdout.write(f"{memory_mb('VmRSS') - before:.1f}\n")


if __name__ == "__main__":
    main()
