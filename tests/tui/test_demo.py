"""The demo takes only folders of its own, starts its processes, and takes them away again."""

import asyncio
import json
import os
import signal
import socket
import sys
from pathlib import Path

import pytest

from core.identity.session import LocalSession
from core.service.bridge import BridgeClient
from tests.support.terminal import Terminal
from tui.demo import DemoProcesses, claim_folder, default_demo_folder, run_demo
from tui.errors import DemoError

ROOT = Path(__file__).resolve().parents[2]


def test_an_empty_or_new_folder_becomes_a_demos(tmp_path: Path) -> None:
    for root in (tmp_path, tmp_path / "new" / "one"):
        claim_folder(root, fresh=False)
        assert (root / "demo.json").is_file()
        claim_folder(root, fresh=False)


def test_a_fresh_demo_forgets_the_earlier_one(tmp_path: Path) -> None:
    folder = claim_folder(tmp_path / "demo", fresh=False)
    folder.store_file.write_text("old")
    claim_folder(tmp_path / "demo", fresh=True)
    assert not folder.store_file.exists()
    assert (folder.root / "demo.json").is_file()


@pytest.mark.parametrize("fresh", [False, True])
def test_a_folder_with_other_data_is_refused_and_left_alone(tmp_path: Path, fresh: bool) -> None:
    (tmp_path / "store.db").write_text("mine")
    with pytest.raises(DemoError, match="no demo made"):
        claim_folder(tmp_path, fresh=fresh)
    assert [path.name for path in tmp_path.iterdir()] == ["store.db"]


def test_a_demo_that_runs_is_not_cleared(tmp_path: Path) -> None:
    folder = claim_folder(tmp_path / "demo", fresh=False)
    with socket.socket(socket.AF_UNIX) as bridge:
        bridge.bind(str(folder.bridge_socket))
        bridge.listen()
        with pytest.raises(DemoError, match="is running"):
            claim_folder(tmp_path / "demo", fresh=True)
    claim_folder(tmp_path / "demo", fresh=True)


def test_a_demo_never_lies_in_the_operators_own_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAPCOADA_DATA", "/srv/capcoada")
    assert default_demo_folder() == Path("/srv/capcoada-demo")
    monkeypatch.delenv("CAPCOADA_DATA")
    assert default_demo_folder().name == "capcoada-demo"


def test_a_window_that_is_closed_while_the_demo_ends_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGHUP, signal.SIGTERM)}
    stopped: list[bool] = []

    def stop(_processes: DemoProcesses) -> None:
        os.kill(os.getpid(), signal.SIGHUP)
        stopped.append(True)

    monkeypatch.setattr("tui.console.run_console", lambda *_args, **_options: 0)
    monkeypatch.setattr(DemoProcesses, "stop", stop)
    try:
        assert run_demo(tmp_path / "demo", fresh=False) == 0
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert stopped == [True]


@pytest.mark.journey
@pytest.mark.parametrize("how", [None, signal.SIGHUP])
def test_the_demo_comes_alive_and_leaves_nothing_running(
    tmp_path: Path, how: signal.Signals | None
) -> None:
    data = tmp_path / "demo"
    env = {**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", "LANGUAGE": "en"}
    argv = [sys.executable, "-m", "tui.cli", "demo", "--data", str(data)]
    with Terminal(argv, env=env, cwd=tmp_path, columns=120, rows=40) as terminal:
        terminal.wait_for("capcoada")
        terminal.wait_for("WA-01 ● connected", "WA-02 ● connected")
        pids = [int((data / "bridge.lock").read_text()), _simulator_pid(data)]
        if how is None:
            terminal.press("ctrl+q")
        else:
            terminal.process.send_signal(how)
        assert terminal.wait_end() == (0 if how is None else 128 + how)
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


@pytest.mark.journey
async def test_a_bridge_that_was_killed_comes_back_on_the_same_simulator(tmp_path: Path) -> None:
    folder = claim_folder(tmp_path / "demo", fresh=False)
    processes = DemoProcesses(folder)
    client = BridgeClient(folder, LocalSession("local"))
    try:
        first = await processes.start(client)
        simulator = _simulator_pid(folder.root)
        os.kill(first.pid, signal.SIGKILL)
        second = await processes.start(client)
        assert second.pid != first.pid
        assert _simulator_pid(folder.root) == simulator
        assert len((await client.health()).accounts) == 2
    finally:
        await client.close()
        await asyncio.to_thread(processes.stop)
    for pid in (second.pid, simulator):
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def _simulator_pid(data: Path) -> int:
    """Return the pid of the simulator that the demo's mark names."""
    return int(json.loads((data / "demo.json").read_text())["pid"])
