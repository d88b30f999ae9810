"""One chunk of a history on standard output, made where its making takes nobody's memory.

`python -m benchmarks.programs.history_chunk NUMBER CHUNKS CONVERSATIONS MESSAGES`.
"""

import sys

from benchmarks.history import chunk

if __name__ == "__main__":
    sys.stdout.buffer.write(chunk(*map(int, sys.argv[1:])))
