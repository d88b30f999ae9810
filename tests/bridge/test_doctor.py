"""The doctor about a team: its settings, its addresses, the leases, the place of the keys."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from bridge.doctor import network
from bridge.doctor.examine import examine
from bridge.leases import new_owner
from core.clock import system_clock
from core.paths import DataFolder
from core.settings import load_settings
from core.store.open import open_store
from core.store.port import Create
from tests.support.processes import start_bridge, until
from tests.support.simulated import free_port


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    folder = DataFolder(tmp_path / "data")
    folder.prepare()
    folder.root.chmod(0o700)
    return folder


def write_settings(folder: DataFolder, text: str) -> None:
    folder.settings_file.write_text(text)
    folder.settings_file.chmod(0o600)


def findings(folder: DataFolder) -> list[str]:
    lines: list[str] = []
    examine(folder, lines.append)
    return [" ".join(line.split()) for line in lines]


def settled(folder: DataFolder) -> list[str]:
    """What is said of the settings alone, without opening a store."""
    return [f"{one.kind} {one.text}" for one in network.settings(load_settings(folder))]


def reached(folder: DataFolder) -> list[str]:
    """What is said of the bridge and its addresses alone."""
    return [f"{one.kind} {one.text}" for one in network.bridge(folder, load_settings(folder))]


@contextmanager
def nobody_listening() -> Iterator[int]:
    """A port that is taken, and answers nothing."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield int(taken.getsockname()[1])


def test_an_account_is_not_called_connected_without_its_bridge(folder: DataFolder) -> None:
    async def build() -> None:
        async with open_store(folder, load_settings(folder)) as store:
            for account_id, status in (("WA-01", "connected"), ("WA-02", "logged_out")):
                data = {"accountId": account_id, "name": "x", "status": status}
                await store.commit([Create(f"accounts/{account_id}", data)])

    asyncio.run(build())
    said = findings(folder)
    assert "note No bridge runs; the console starts one." in said
    assert "note WA-01 (x): connected until its bridge ended." in said
    assert "ok WA-02 (x): logged_out" in said


def test_who_runs_which_account(folder: DataFolder) -> None:
    write_settings(folder, '[store]\nfile = "shared.db"\n')
    now = system_clock()
    mine = new_owner(folder)
    leases = {
        "WA-01": {"owner": mine, "expiresAt": now + timedelta(minutes=1), "tenure": "a"},
        "WA-02": {"owner": "vm2:x", "expiresAt": now + timedelta(minutes=1), "tenure": "b"},
        "WA-03": {"owner": "vm2:x", "expiresAt": now - timedelta(minutes=9), "tenure": "c"},
        "WA-04": None,
    }

    async def make() -> None:
        async with open_store(folder, load_settings(folder)) as store:
            for account_id, lease in leases.items():
                data = {"accountId": account_id, "name": "x", "status": "connected"}
                await store.commit([Create(f"accounts/{account_id}", data | {"lease": lease})])

    asyncio.run(make())
    said = findings(folder)
    assert any(line.startswith("ok WA-01: this folder's bridge runs it") for line in said)
    assert any(line.startswith("ok WA-02: the bridge vm2:x runs it") for line in said)
    assert any(line.startswith("PROBLEM WA-03: its bridge vm2:x gave no sign") for line in said)
    assert "note WA-04: no bridge runs it." in said


def test_the_bridge_of_one_machine_is_not_asked_for_leases(folder: DataFolder) -> None:
    async def make() -> None:
        async with open_store(folder) as store:
            data = {"accountId": "WA-01", "name": "x", "status": "connected", "lease": None}
            await store.commit([Create("accounts/WA-01", data)])

    asyncio.run(make())
    assert not any("runs it" in line for line in findings(folder))


def test_where_the_keys_lie(folder: DataFolder, tmp_path: Path) -> None:
    write_settings(folder, f'[bridge]\nsessions = "{tmp_path / "shared"}"\n')
    assert f"ok The accounts' keys are in {tmp_path / 'shared'}." in settled(folder)
    with nobody_listening() as port:
        write_settings(folder, f'[bridge]\nsessions = "postgres://u:secret@127.0.0.1:{port}/db"\n')
        said = settled(folder)
        assert f"ok The database of the accounts' keys at 127.0.0.1:{port} answers." in said
    said = settled(folder)
    assert any(line.startswith("problem The database") for line in said)
    assert not any("secret" in line for line in said)


def test_the_service_accounts_key(folder: DataFolder, tmp_path: Path) -> None:
    key = tmp_path / "key.json"
    write_settings(folder, f'[cloud]\nproject = "p"\ncredentials_file = "{key}"\n')
    assert any("cannot be read" in line for line in settled(folder))
    key.write_text("{}")
    key.chmod(0o644)
    assert any(line.startswith(f"problem Others can read {key}") for line in settled(folder))
    key.chmod(0o600)
    assert f"ok The service account's key is {key}." in settled(folder)


def test_addresses_that_are_not_allowed(folder: DataFolder) -> None:
    write_settings(folder, '[bridge]\nlisten = "127.0.0.1:8787"\n')
    assert any("problem The bridge cannot listen" in line for line in reached(folder))
    write_settings(folder, '[bridge]\nmetrics = "127.0.0.1:9464"\n')
    assert "ok The bridge will listen on 127.0.0.1:9464." in reached(folder)


def test_a_teams_bridge_that_is_not_there(folder: DataFolder) -> None:
    write_settings(folder, '[cloud]\nbridge_url = "http://127.0.0.1:9"\n')
    assert any("problem The team's bridge at http://127.0.0.1:9" in one for one in reached(folder))
    write_settings(folder, '[cloud]\nbridge_url = "http://bridge.example"\n')
    assert any("problem The bridge cannot be called" in one for one in reached(folder))


async def test_a_running_bridge_is_called_where_it_listens(folder: DataFolder) -> None:
    port = free_port()
    write_settings(folder, f'[bridge]\nmetrics = "127.0.0.1:{port}"\n')
    process = start_bridge(folder, "http://127.0.0.1:9")
    try:

        async def runs() -> bool:
            said = await asyncio.to_thread(reached, folder)
            return any(line.startswith("ok The bridge runs as process") for line in said)

        await until(runs, "the bridge answers")
        said = await asyncio.to_thread(reached, folder)
        assert f"ok The bridge answers on 127.0.0.1:{port}." in said
    finally:
        await asyncio.to_thread(process.end)
