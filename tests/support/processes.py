"""Real bridge and simulator processes for tests: started, waited for, and ended by their pid."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from core.paths import DataFolder
from core.service.bridge import BridgeClient
from core.service.errors import BridgeUnreachable
from tests.support.waiting import PATIENCE_SECONDS, until_found

ROOT = Path(__file__).resolve().parents[2]


async def until_it_answers(client: BridgeClient) -> None:
    """Wait until a bridge answers its client; fails after a bounded time."""

    async def look() -> bool:
        try:
            return bool(await client.health())
        except BridgeUnreachable:
            return False

    await until_found(look, "the bridge answers")


class Process:
    """A Python process of the product."""

    def __init__(
        self, arguments: list[str], log: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self.log = log
        self._file: IO[bytes] = log.open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-P", *arguments],
            env=os.environ
            | {"PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}
            | dict(environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._file,
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def first_line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().decode()

    def wait(self) -> int:
        """Wait until the process ends by itself, and return its exit code."""
        self._process.wait(PATIENCE_SECONDS)
        return self.end()

    def end(self, number: int = signal.SIGTERM) -> int:
        """Signal the process, wait for it, and return its exit code."""
        if self._process.poll() is None:
            self._process.send_signal(number)
        code = self._process.wait(PATIENCE_SECONDS)
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._file.close()
        return code

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end(signal.SIGKILL if kind else signal.SIGTERM)


def start_simulator(folder: Path) -> tuple[Process, str]:
    """Start a simulator on a free port and return it with its URL."""
    folder.mkdir(parents=True, exist_ok=True)
    arguments = ["-m", "bridge", "simulate", "--state", str(folder / "state")]
    process = Process(arguments, folder / "simulator.log")
    line = process.first_line()
    if not line:
        raise AssertionError(process.log.read_text())
    return process, str(json.loads(line)["url"])


def start_firestore_server(
    store: Path, *options: str, port: int = 0
) -> tuple[Process, dict[str, str]]:
    """Start a Firestore server on a store's file; return it with what it says when it is ready.

    That is its `address` and, with the option `--tls`, its `certificate` (PEM).
    """
    arguments = ["-m", "tests.support.firestore_server", "--store", str(store)]
    process = Process([*arguments, "--port", str(port), *options], store.with_suffix(".server.log"))
    line = process.first_line()
    if not line:
        raise AssertionError(process.log.read_text())
    ready: dict[str, str] = json.loads(line)
    return process, ready


def start_bridge(
    folder: DataFolder, simulator: str, environment: Mapping[str, str] | None = None
) -> Process:
    """Start a bridge on a data folder, with more in its environment."""
    arguments = ["-m", "bridge", "bridge", "--data", str(folder.root), "--simulator", simulator]
    return Process(arguments, folder.root.parent / "bridge.err", environment)
