"""The real neonize worker on the stand-in library: `python -m ... CONTROL_FD WORKER_ARGUMENTS…`.

What the test wants to happen comes as pickles over a socket of its own. A clean stop waits for late
events no longer than QUIET_SECONDS in the environment say, or a moment.
"""

import os
import pickle
import socket
import sys
import threading
from typing import Any


def receive(connection: socket.socket) -> Any:
    """Return the next value that the other side sent, None at the end."""
    header = connection.recv(4, socket.MSG_WAITALL)
    if len(header) < 4:
        return None
    return pickle.loads(connection.recv(int.from_bytes(header, "big"), socket.MSG_WAITALL))


def send(connection: socket.socket, value: Any) -> None:
    """Send a value to the other side."""
    data = pickle.dumps(value)
    connection.sendall(len(data).to_bytes(4, "big") + data)


def serve(connection: socket.socket, fake: Any) -> None:
    """Do to the stand-in what the test asks: ("name", arguments…) is a call, or an attribute."""
    while (asked := receive(connection)) is not None:
        name, *arguments = asked
        if name not in ("answers", "calls", "delay_sends"):
            fake.running.wait(20)
        found = getattr(fake, name)
        if name == "answers":
            found.update(arguments[0])
            found = None
        elif name == "delay_sends":
            found = found.clear() if arguments[0] else found.set()
        elif callable(found):
            found = found(*arguments)
        send(connection, found)


def main() -> None:
    """Put the stand-in in place and run the worker."""
    os.environ["SPHINX"] = "1"  # neonize then imports without its Go library
    import neonize.client

    from tests.support.fake_go import FakeGo

    control = socket.socket(fileno=int(sys.argv[1]))
    fake = FakeGo()
    neonize.client.gocode = fake
    threading.Thread(target=serve, args=(control, fake), daemon=True).start()
    sys.argv[1:] = sys.argv[2:]
    from bridge.whatsapp import neonize_worker

    neonize_worker._QUIET_SECONDS = float(os.environ.get("QUIET_SECONDS", "0.1"))
    neonize_worker.run()


if __name__ == "__main__":
    main()
