"""What an account's own process does with a history: `python -m benchmarks.worker JOURNAL`.

It takes chunks from its input, each after its length in four bytes, and says `ready` after one of
no length. From the next line on it writes them to the journal as they would come, and tells the
number of each entry.
"""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from bridge.journal import Journal
from bridge.whatsapp.proto import EventCode

LENGTH_BYTES = 4


def main(place: Path) -> None:
    """Take chunks, wait for a line, and write them."""
    chunks = list(_chunks())
    journal = Journal.open(place)
    print("ready", flush=True)
    sys.stdin.buffer.readline()
    for payload in chunks:
        print(journal.append(EventCode.HISTORY_SYNC, payload, datetime.now(UTC)), flush=True)
    journal.close()


def _chunks() -> Iterator[bytes]:
    while length := int.from_bytes(sys.stdin.buffer.read(LENGTH_BYTES)):
        yield sys.stdin.buffer.read(length)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
