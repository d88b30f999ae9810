"""`capcoada demo`: the console with a simulated WhatsApp and a bridge, in a folder of its own.

Simulator and bridge are started while the first frame is already painted, and stopped by their pid
when the console that started them is left. A second console on the same folder joins the first.
"""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.i18n import _
from core.paths import DATA_VARIABLE, DataFolder
from tui.errors import DemoError

if TYPE_CHECKING:
    from core.service.bridge import BridgeClient
    from core.service.callables import Health

_MARK = "demo.json"
"""Marks a folder as a demo's, and names its simulator: no other folder is ever cleared."""
_START_SECONDS = 20.0
_STOP_SECONDS = 8.0
_POLL_SECONDS = 0.05


def run_demo(data: Path | None, *, fresh: bool) -> int:
    """Run the console on the demo's folder until it is left; return its exit code.

    Raises DemoError, SettingsError, DataFolderError.
    """
    from core.clock import process_clock  # noqa: PLC0415 - help needs none of these
    from core.settings import load_settings  # noqa: PLC0415
    from tui.console import run_console  # noqa: PLC0415

    folder = claim_folder(data or default_demo_folder(), fresh=fresh)
    processes = DemoProcesses(folder)
    try:
        return run_console(folder, load_settings(folder), process_clock(), start=processes.start)
    finally:
        for number in (signal.SIGHUP, signal.SIGTERM):  # as when the window is closed meanwhile
            signal.signal(number, signal.SIG_IGN)
        processes.stop()


def default_demo_folder() -> Path:
    """Return where demos live: beside the operator's own data, never in it."""
    from platformdirs import user_data_path  # noqa: PLC0415 - not needed when a folder is named

    if named := os.environ.get(DATA_VARIABLE):
        own = Path(named).expanduser()
        return own.with_name(f"{own.name}-demo")
    return user_data_path("capcoada-demo", appauthor=False)


def claim_folder(root: Path, *, fresh: bool) -> DataFolder:
    """Return a folder as the demo's, prepared; with `fresh`, emptied of earlier demos.

    Raises DemoError when it holds anything that no demo made, or a demo that still runs.
    """
    mark = root / _MARK
    if root.is_dir() and any(root.iterdir()) and not mark.is_file():
        raise DemoError(
            _("The folder {folder} holds data that no demo made.").format(folder=root),
            hint=_("Give the demo a folder of its own with --data."),
        )
    folder = DataFolder(root)
    if fresh and mark.is_file():
        if folder.bridge_socket.exists() and _answers(folder.bridge_socket):
            raise DemoError(
                _("A demo is running in {folder}.").format(folder=root),
                hint=_("Leave it first, or give this one another folder with --data."),
            )
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(root)
    folder.prepare()
    if not mark.exists():
        mark.write_text("{}", encoding="utf-8")
    mark.chmod(0o600)
    return folder


class DemoProcesses:
    """The simulator and the bridge of one demo, as far as this console started them."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder
        self._mark = folder.root / _MARK
        self._simulator: subprocess.Popen[bytes] | None = None
        self._bridge_pid: int | None = None

    async def start(self, bridge: "BridgeClient") -> "Health":
        """See that a simulator and a bridge run and that the company's accounts are there.

        Raises DemoError, BridgeUnreachable, CallRefused, StoreError.
        """
        from core.service.errors import BridgeUnreachable  # noqa: PLC0415 - the frame is painted

        try:
            running = await bridge.health()
        except BridgeUnreachable:
            running = None
        url = self._noted_url()
        has_simulator = await self._company(url) is not None
        if running is not None:
            if has_simulator:
                return running
            await asyncio.to_thread(_end, running.pid)  # its simulator is gone
        if url is None or not has_simulator:
            await asyncio.to_thread(self._stop_simulator)
            url = await self._start_simulator()
        health = await bridge.ensure_running(simulator=url)
        self._bridge_pid = health.pid
        await self._add_accounts(bridge, url)
        await self._add_bookings()
        return health

    def stop(self) -> None:
        """Stop what was started here and wait for it."""
        if self._bridge_pid is not None:
            _end(self._bridge_pid)
            self._bridge_pid = None
        self._stop_simulator()

    def _stop_simulator(self) -> None:
        if self._simulator is not None:
            self._simulator.terminate()
            try:
                self._simulator.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._simulator.kill()
                self._simulator.wait()
            if self._simulator.stdout is not None:
                self._simulator.stdout.close()
            self._simulator = None

    async def _start_simulator(self) -> str:
        """Start the simulator and return its URL, which it says in its first line."""
        log = self._folder.logs / "simulator.log"
        self._simulator = await asyncio.to_thread(self._spawn_simulator, log)
        assert self._simulator.stdout is not None
        try:
            async with asyncio.timeout(_START_SECONDS):
                line = await asyncio.to_thread(self._simulator.stdout.readline)
            url = str(json.loads(line)["url"])
        except (TimeoutError, ValueError, KeyError) as error:
            said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            raise DemoError(
                _("The simulator did not start: {reason}").format(
                    reason=said[-1] if said else _("it said nothing.")
                ),
                hint=_("Look into {path}.").format(path=log),
            ) from error
        self._mark.write_text(
            json.dumps({"simulator": url, "pid": self._simulator.pid}), encoding="utf-8"
        )
        return url

    def _spawn_simulator(self, log: Path) -> "subprocess.Popen[bytes]":
        sources = str(Path(__file__).resolve().parents[1])
        before = os.environ.get("PYTHONPATH")
        state = str(self._folder.root.absolute() / "simulator")
        command = [sys.executable, "-P", "-m", "bridge", "simulate", "--demo", "--state", state]
        with open(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as errors:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, (sources, before)))},
                start_new_session=True,
            )

    async def _add_accounts(self, bridge: "BridgeClient", url: str) -> None:
        """Pair every phone of the company that the bridge does not know yet."""
        from core.service.callables import AddAccountRequest  # noqa: PLC0415
        from core.service.errors import CallRefused  # noqa: PLC0415

        known = {account.account_id for account in (await bridge.health()).accounts}
        for phone in await self._company(url) or []:
            if (account_id := phone.get("account")) and account_id not in known:
                try:
                    await bridge.call(AddAccountRequest(name=phone["name"], account_id=account_id))
                except CallRefused as error:
                    if error.status != "ALREADY_EXISTS":  # a bridge that starts knows it only later
                        raise

    async def _add_bookings(self) -> None:
        """Have the company be one that has been at work for a while."""
        from core.clock import process_clock  # noqa: PLC0415 - the frame is painted
        from core.settings import load_settings  # noqa: PLC0415
        from tui.demo_bookings import add_bookings  # noqa: PLC0415

        await add_bookings(self._folder, load_settings(self._folder), process_clock())

    async def _company(self, url: str | None) -> list[dict[str, Any]] | None:
        """Return the simulator's business phones; None when it does not answer."""
        if url is None:
            return None
        import httpx  # noqa: PLC0415 - the frame is painted

        try:
            async with httpx.AsyncClient(trust_env=False, timeout=5.0) as client:
                answer = (await client.get(f"{url}/phones")).json()
        except (httpx.HTTPError, ValueError):
            return None
        phones: list[dict[str, Any]] = answer
        return phones

    def _noted_url(self) -> str | None:
        try:
            url = json.loads(self._mark.read_text(encoding="utf-8")).get("simulator")
        except (OSError, ValueError):
            return None
        return str(url) if url else None


def _answers(path: Path) -> bool:
    """Return whether a process listens on a Unix socket."""
    import socket  # noqa: PLC0415

    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True


def _end(pid: int) -> None:
    """Ask a process to end, and wait until it has."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    end = time.monotonic() + _STOP_SECONDS
    while time.monotonic() < end and _is_alive(pid):
        time.sleep(_POLL_SECONDS)


def _is_alive(pid: int) -> bool:
    """Return whether a process runs; a child that has ended is taken off the list."""
    with contextlib.suppress(ChildProcessError):
        return os.waitpid(pid, os.WNOHANG)[0] == 0
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
