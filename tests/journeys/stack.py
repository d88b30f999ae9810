"""The whole product on a table: simulator, bridge and console as processes, one data folder."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import zxingcpp
from PIL import Image

from bridge.simulator.client import SimulatorClient
from core.paths import DataFolder
from core.settings import Operator, Settings
from core.settings_file import save_settings
from core.store.open import open_store
from core.store.port import Document, Query, Store
from tests.journeys.engines import Engine
from tests.support.staff import admin
from tests.support.terminal import Terminal
from tests.support.waiting import PATIENCE_SECONDS, document_where, until

ROOT = Path(__file__).resolve().parents[2]
"""How long a condition is waited for; a machine with two busy cores needs some."""
SHOP = "+40700000001"
"""The first business phone."""
CUSTOMER = "+40700000101"


class Stack:
    """Everything a journey needs; use as an async context manager."""

    def __init__(self, root: Path, engine: Engine, *, columns: int = 120, rows: int = 40) -> None:
        self.engine = engine
        self.folder = DataFolder(root / "data")
        self._state = root / "simulator"
        self._size = (columns, rows)
        self.store: Store
        self.simulator: SimulatorClient
        self.terminal: Terminal
        self._url = ""
        self._processes = contextlib.ExitStack()
        self._closing = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        self.folder.prepare()
        self._url = self._start_simulator()
        self.simulator = await self._closing.enter_async_context(SimulatorClient(self._url))
        self.store = await self._closing.enter_async_context(
            open_store(self.folder, self.engine.settings)
        )
        if self.engine.is_team:
            save_settings(self.folder, self.engine.settings)
            await self.store.commit([admin(self.engine.uid)])
        self.open_console()
        if self.engine.is_team:
            await self.sees("Show password")
            self.terminal.type(self.engine.sign_in)
            await self.sees("no account yet")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.terminal.close()
        await self._closing.aclose()
        for pid in processes_on(self.folder):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        await self.until(lambda: not processes_on(self.folder), "the bridge and workers to end")
        self._processes.close()

    # -- processes --------------------------------------------------------------------------------

    @property
    def environment(self) -> Mapping[str, str]:
        """What the processes are started with: this checkout, this data folder, the simulator."""
        return os.environ | {
            "PYTHONPATH": str(ROOT),
            "CAPCOADA_DATA": str(self.folder.root),
            "CAPCOADA_SIMULATOR": self._url,
            "LC_ALL": "C.UTF-8",
            "LANGUAGE": "",
        }

    def open_console(self) -> None:
        """Start the console in a terminal of its own."""
        self.terminal = self._open_terminal()

    @contextlib.contextmanager
    def colleague(self, uid: str) -> Iterator[Terminal]:
        """Start the console of another operator beside it, on the same bridge."""
        settings = Settings(operator=Operator(uid=uid))
        save_settings(self.folder, settings)
        with self._open_terminal() as terminal:
            yield terminal

    def _open_terminal(self) -> Terminal:
        columns, rows = self._size
        return Terminal(
            [sys.executable, "-m", "tui.cli", "--language", "en"],
            env=self.environment,
            cwd=ROOT,
            columns=columns,
            rows=rows,
        )

    @property
    def bridge_pid(self) -> int:
        """The running bridge's pid, from its lock file."""
        return int(self.folder.lock_file.read_text(encoding="ascii").split()[0])

    async def stop_bridge(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Stop the bridge and wait until it is gone."""
        pid = self.bridge_pid
        os.kill(pid, how)
        await self.until(lambda: not is_alive(pid), "the bridge to end")

    def start_bridge(self) -> None:
        """Start a bridge by hand; it ends with the stack at the latest."""
        with (self.folder.logs / "by-hand.log").open("ab") as log:
            process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "bridge", "bridge", "--simulator", self._url),
                    *("--data", str(self.folder.root)),
                ],
                env=self.environment,
                cwd=ROOT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._processes.callback(_end, process)

    def _start_simulator(self) -> str:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "bridge",
                "simulate",
                "--port",
                "0",
                "--state",
                str(self._state),
            ],
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            cwd=ROOT,
            stdout=subprocess.PIPE,
        )
        self._processes.callback(_end, process)
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        return f"http://127.0.0.1:{ready['port']}"

    # -- the operator -----------------------------------------------------------------------------

    async def sees(self, *texts: str) -> str:
        """Wait until the console shows all of these texts, and return its screen."""
        return await asyncio.to_thread(self.terminal.wait_for, *texts, timeout=PATIENCE_SECONDS)

    async def sees_that(self, condition: Callable[[str], object], what: str) -> str:
        """Wait until a condition of the console's screen is true, and return the screen."""
        return await asyncio.to_thread(
            self.terminal.wait_until, condition, timeout=PATIENCE_SECONDS, what=what
        )

    def presses(self, *keys: str) -> None:
        """Press keys in the console."""
        self.terminal.press(*keys)

    async def clicks_away(self, notice: str) -> None:
        """Click on a notice as soon as it is there, so that it no longer covers what is below."""
        await self.sees(notice)
        self.terminal.click(notice)
        await self.sees_that(lambda screen: notice not in screen, f"{notice} to go")

    def scan_screen(self) -> str:
        """Return what a QR decoder reads from the console's screen; empty when there is none."""
        rows = self.terminal.bitmap()
        scale = 4
        image = Image.new("L", (len(rows[0]) * scale, len(rows) * scale), 255)
        for y, row in enumerate(rows):
            for x, dark in enumerate(row):
                if dark:
                    box = (x * scale, y * scale, (x + 1) * scale, (y + 1) * scale)
                    image.paste(0, box)
        codes = zxingcpp.read_barcodes(image)
        return codes[0].text if codes else ""

    async def pairs(self, name: str, phone: str) -> str:
        """Add an account by keys, scan its QR from the screen, and return the account's id."""
        self.presses("f2")
        await self.sees("Accounts")
        self.presses("a")
        await self.sees("Add a WhatsApp account")
        self.terminal.type(name)
        self.presses("enter")
        account = await self.one("accounts", lambda data: data["name"] == name and data["qrCode"])
        payload = account.data["qrCode"]
        await self.sees_that(lambda _: self.scan_screen() == payload, "the QR on the screen")
        await self.simulator.scans_qr(phone, self.scan_screen())
        await self.document(account.path, lambda data: data["status"] == "connected")
        return account.id

    # -- the documents ----------------------------------------------------------------------------

    async def document(self, path: str, condition: Callable[[Any], object]) -> Document:
        """Wait until the document at `path` meets a condition of its data, and return it."""
        return await self._watched(path, condition)

    async def one(self, collection: str, condition: Callable[[Any], object]) -> Document:
        """Wait until a document of a collection meets a condition of its data, and return it."""
        return await self._watched(Query(collection), condition)

    async def all(self, collection: str) -> list[Document]:
        """Return every document of a collection."""
        return await self.store.query(Query(collection))

    async def until(self, condition: Callable[[], object], what: str) -> None:
        """Wait until something outside the store is true."""
        await until(condition, what)

    async def _watched(self, target: Query | str, condition: Callable[[Any], object]) -> Document:
        try:
            return await document_where(self.store, target, condition)
        except AssertionError as error:
            error.add_note(f"screen:\n{self.terminal.text}")
            raise


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A child of this very process stays as a zombie until it is waited for.
    with contextlib.suppress(FileNotFoundError, IndexError):
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").split(") ")[1][0] != "Z"
    return True


def processes_on(folder: DataFolder) -> list[int]:
    """Return the pids of bridges and workers whose command line names the data folder."""
    named = os.fsencode(folder.root)
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and named in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
    return found


def _end(process: subprocess.Popen[bytes]) -> None:
    """Stop a process of ours by its pid, and close its pipes."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()
