"""The process that reads large journal entries for one account: `python -m` this, with a socket.

It knows neither store nor files, ends when the other end of the socket closes, and may be killed
at any time.
"""

import argparse
import contextlib
import gc
import os
import signal
import socket
from collections.abc import Sequence
from io import BufferedIOBase

from bridge.ingest.reading import LENGTH_BYTES, Errand, decode_errand, encode_part, parts_of
from core.i18n import use_language

_NICENESS = 10
"""A history can wait; whoever writes to a customer meanwhile cannot."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Read entry after entry until there are no more."""
    parser = argparse.ArgumentParser(prog="bridge.ingest.reader_process", description=__doc__)
    parser.add_argument("--fd", required=True, type=int, help="the inherited socket")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    use_language("auto")
    os.nice(_NICENESS)
    gc.disable()  # What is made here has no cycles, and looking for them takes a tenth of the time.
    with (
        contextlib.suppress(ConnectionError),
        socket.socket(fileno=options.fd) as end,
        end.makefile("rwb") as stream,
    ):
        while (errand := _next(stream)) is not None:
            for part in parts_of(errand):
                stream.write(encode_part(part))
                stream.flush()
    return 0


def _next(stream: BufferedIOBase) -> Errand | None:
    head = _frame(stream)
    payload = _frame(stream)
    return None if head is None or payload is None else decode_errand(head, payload)


def _frame(stream: BufferedIOBase) -> bytes | None:
    length = stream.read(LENGTH_BYTES)
    return stream.read(int.from_bytes(length)) if len(length) == LENGTH_BYTES else None


if __name__ == "__main__":
    raise SystemExit(main())
