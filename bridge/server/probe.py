"""Asks whether a bridge lives: `python -m bridge.server.probe [FOLDER]`, for a container.

Exit codes: 0 it answers, 1 it does not. It loads nothing heavy, as it runs every half minute.
"""

import http.client
import socket
import sys
from pathlib import Path

from core.paths import DataFolder, default_data_folder

_PATIENCE_SECONDS = 5.0


class _UnixConnection(http.client.HTTPConnection):
    """An HTTP connection over a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("bridge", timeout=_PATIENCE_SECONDS)
        self._path = path

    def connect(self) -> None:
        """Open the socket."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(_PATIENCE_SECONDS)
        self.sock.connect(str(self._path))


def answers(folder: DataFolder) -> bool:
    """Whether the bridge of a data folder answers on its socket."""
    connection = _UnixConnection(folder.bridge_socket)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def main() -> int:
    """Ask the bridge of the folder on the command line, or of the default one."""
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else default_data_folder()
    return 0 if answers(DataFolder(root.absolute())) else 1


if __name__ == "__main__":
    raise SystemExit(main())
