"""The simulator as a process: its HTTP manners, its durability, its end."""

import argparse
import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TypeVar

import aiohttp
import pytest

from bridge.errors import SimulatorError
from bridge.simulator import line
from bridge.simulator.cli import register_arguments
from bridge.simulator.client import SimulatorClient
from bridge.simulator.server import run_simulator
from bridge.simulator.simulator import Simulator
from bridge.whatsapp.facts import MessageSeen
from bridge.whatsapp.protocol import Connect, Connection, JournalAdvanced, QrCode
from bridge.worker_process import WorkerProcess
from core.clock import system_clock
from tests.support.simulated import (
    IOANA,
    SHOP,
    free_port,
    journalled_facts,
    running_simulator,
    running_worker,
)
from tests.support.waiting import PATIENCE_SECONDS, until_found

ROOT = Path(__file__).parents[3]


@contextlib.asynccontextmanager
async def process(
    state: Path, *options: str
) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """Run the simulator as a process; yields it and its URL."""
    simulator = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bridge.simulator", "--state", str(state), *options,
        stdout=asyncio.subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    try:
        assert simulator.stdout is not None
        async with asyncio.timeout(60):
            line = await simulator.stdout.readline()
        yield simulator, json.loads(line)["url"]
    finally:
        if simulator.returncode is None:
            simulator.send_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await simulator.wait()
        simulator._transport.close()  # type: ignore[attr-defined]


Kind = TypeVar("Kind")


async def next_report(worker: WorkerProcess, kind: type[Kind]) -> Kind:
    async with asyncio.timeout(60):
        while True:
            report = await worker.report()
            assert report is not None
            if isinstance(report, kind):
                return report


async def test_it_ends_cleanly_on_sigterm(tmp_path: Path) -> None:
    async with process(tmp_path) as (simulator, url):
        async with SimulatorClient(url) as client:
            assert (await client.request("GET", "/health"))["ok"]
        simulator.send_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE_SECONDS):
            assert await simulator.wait() == 0
    assert (tmp_path / "simulator.db").stat().st_mode & 0o777 == 0o600


async def test_what_was_answered_survives_kill_9_with_a_real_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    options = (tmp_path / "state", "--port", str(free_port()))
    folder = tmp_path / "WA-01"
    arguments = ("-m", "bridge.simulator.worker", "--account", "WA-01", "--folder", str(folder))
    worker: WorkerProcess | None = None
    try:
        async with process(*options) as (simulator, url), SimulatorClient(url) as client:
            await client.business_phone(SHOP)
            await client.set(reconnect_seconds=0.05)
            worker = await WorkerProcess.start("WA-01", (*arguments, "--simulator", url), folder)
            await worker.tell(Connect())
            await client.scans_qr(SHOP, (await next_report(worker, QrCode)).payload)
            await next_report(worker, JournalAdvanced)
            message_id = await client.customer_writes(IOANA, "Salut", to="WA-01")
            os.kill(simulator.pid, signal.SIGKILL)
            await simulator.wait()
        assert (await next_report(worker, Connection)).kind == "disconnected"
        async with process(*options) as (_simulator, url), SimulatorClient(url) as client:
            assert [one["id"] for one in await client.messages_of(SHOP)] == [message_id]
            assert (await next_report(worker, Connection)).kind == "connected"

            async def is_journalled() -> bool:
                return message_id in [
                    fact.message_id
                    for fact in journalled_facts(folder)
                    if isinstance(fact, MessageSeen)
                ]

            await until_found(is_journalled, "is journalled")
    finally:
        if worker is not None:
            await worker.end(grace_seconds=10)


async def test_only_loopback_names_are_served(url: str) -> None:
    async with aiohttp.ClientSession() as http:
        for headers in ({"Host": "evil.example"}, {"Origin": "https://evil.example"}):
            async with http.get(f"{url}/health", headers=headers) as response:
                assert response.status == 403
        async with http.get(f"{url}/health", headers={"Host": "localhost:1"}) as response:
            assert response.status == 200


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/customers/+40700010001/write", b"{", 400),
        ("/customers/+40700010001/write", b"[]", 400),
        ("/customers/+40700010001/write", b'{"text": 7}', 400),
        ("/customers/+40700010001/write", b'{"text": "\\ud800"}', 400),
        ("/customers/abc/write", b'{"text": "Salut"}', 400),
        ("/customers/+40700010001/write", b'{"text": "Salut", "to": "WA-77"}', 404),
        ("/customers/+40700010001/write", b'{"content": {"kind": "hologram"}}', 400),
        ("/customers/+40700010001/edit", b'{"id": "3A00", "text": "x"}', 404),
        ("/phones/+40700099001/scan", b'{"payload": "2@x"}', 400),
        ("/phones/+40700099001", b'{"colour": "red"}', 400),
        ("/phones/+40700099001", b'{"history": {"conversations": "many"}}', 400),
        ("/phones/+40700099001", b'{"name": null}', 400),
        ("/phones/+40700099001", b'{"name": 5}', 400),
        ("/customers/+40700010001", b'{"delivers": "no"}', 400),
        ("/customers/+4070001000\xc2\xb2", b"{}", 400),
        ("/phones/+40700099001/past", b'{"messages": [7]}', 400),
        ("/phones/+40700099001/past",
         b'{"messages": [{"chat": "+40700010001", "text": "x", "seconds": 1e300}]}', 400),
        ("/phones/+40700099001/past",
         b'{"messages": [{"chat": "+40700010001", "text": "x", "seconds": 1, "id": "A"},'
         b' {"chat": "+40700010001", "text": "y", "seconds": 2, "id": "A"}]}', 400),
        ("/settings", b'{"speed": -1}', 400),
        ("/nowhere", b"{}", 404),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_said(
    client: SimulatorClient, url: str, path: str, body: bytes, status: int
) -> None:
    async with aiohttp.ClientSession() as http, http.post(url + path, data=body) as response:
        assert response.status == status
        if path != "/nowhere":
            assert (await response.json())["error"]


async def test_what_is_acknowledged_at_the_end_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "_ACK_FLUSH_SECONDS", 3600)
    folder = tmp_path / "simulator"
    serving = contextlib.AsyncExitStack()
    url = await serving.enter_async_context(running_simulator(folder))
    async with running_worker(url, tmp_path / "WA-01") as desk:
        async with SimulatorClient(url) as client:
            await client.business_phone(SHOP)
            await desk.pair(client)
            await client.customer_writes(IOANA, "Salut", to="WA-01")
            await desk.has_entries(2)
        await serving.aclose()
        state = Simulator.open(folder, clock=system_clock, personas={}).state
        (device,) = state.devices.all()
        assert state.devices.backlog(device.token) == 0
        state.close()


def test_a_port_in_use_is_said(tmp_path: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(SimulatorError, match="cannot listen"),
    ):
        run_simulator(tmp_path, port=taken.getsockname()[1])


async def test_a_state_serves_one_simulator(tmp_path: Path) -> None:
    async with process(tmp_path):
        with pytest.raises(SimulatorError, match="locked"):
            Simulator.open(tmp_path, clock=system_clock, personas={})


@pytest.mark.parametrize("option", ["--port=70000", "--port=x", "--speed=-1", "--speed=nan"])
def test_wrong_options_are_refused(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    register_arguments(parser)
    with pytest.raises(SystemExit) as ended:
        parser.parse_args(["--state", "somewhere", option])
    assert ended.value.code == 2
    assert option.partition("=")[0] in capsys.readouterr().err


def test_a_damaged_state_is_said(tmp_path: Path) -> None:
    (tmp_path / "simulator.db").write_text("not a database, but long enough to be looked at" * 30)
    with pytest.raises(SimulatorError, match="cannot be used"):
        run_simulator(tmp_path)
