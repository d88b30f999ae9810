"""The doctor about a team: its settings, its addresses, the leases, the place of the keys."""

import asyncio
import io
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from bridge.doctor import network
from bridge.doctor import store as the_store
from bridge.doctor.examine import examine
from bridge.doctor.finding import Finding
from bridge.leases import new_owner
from core.clock import system_clock
from core.paths import DataFolder
from core.settings import load_settings
from core.store.open import open_store
from core.store.port import Create
from tests.support.processes import start_bridge
from tests.support.simulated import free_port
from tests.support.waiting import until_found


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

        await until_found(runs, "the bridge answers")
        said = await asyncio.to_thread(reached, folder)
        assert f"ok The bridge answers on 127.0.0.1:{port}." in said
    finally:
        await asyncio.to_thread(process.end)


def make_a_store(folder: DataFolder, collection: str = "threads/t/messages") -> None:
    """Make documents enough that they fill many pages."""

    async def make() -> None:
        async with open_store(folder) as store:
            for number in range(120):
                body = f"needle {number} " + "x" * 900
                data = {"body": body, "lastMessageAt": system_clock()}
                await store.commit([Create(f"{collection}/m{number:03}", data)])

    asyncio.run(make())


def damage(folder: DataFolder, *, page: int) -> None:
    """Overwrite the head of a page, counted from 1, as a failing disk does."""
    with folder.store_file.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 64)


def page_of(folder: DataFolder, text: bytes) -> int:
    return folder.store_file.read_bytes().index(text) // 4096 + 1


def said_of_damage(folder: DataFolder, *, full: bool) -> list[str]:
    found = the_store.integrity(folder.store_file, full=full)
    return [f"{one.kind} {one.text}" for one in found]


@pytest.mark.parametrize("full", [False, True])
def test_a_small_store_is_always_looked_through(folder: DataFolder, *, full: bool) -> None:
    make_a_store(folder)
    assert said_of_damage(folder, full=full) == ["ok The store is sound."]
    damage(folder, page=page_of(folder, b"needle 60 "))
    (said,) = said_of_damage(folder, full=full)
    assert said.startswith("problem The store is damaged")


def test_a_large_store_is_looked_through_on_demand(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(the_store, "READ_WHOLE_BYTES", 0)
    make_a_store(folder)
    assert said_of_damage(folder, full=True) == ["ok The store is sound."]
    damage(folder, page=page_of(folder, b"needle 60 "))
    (short,) = said_of_damage(folder, full=False)
    assert short == "note The store has 0 MB; --full looks for damage in all of them."
    (long,) = said_of_damage(folder, full=True)
    assert long.startswith("problem The store is damaged")


class Watcher(io.StringIO):
    """A terminal, or a file that nobody looks at."""

    def __init__(self, *, is_terminal: bool) -> None:
        super().__init__()
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


@pytest.mark.parametrize("is_terminal", [True, False])
def test_a_terminal_is_told_how_far_it_has_come(folder: DataFolder, *, is_terminal: bool) -> None:
    make_a_store(folder)
    watcher = Watcher(is_terminal=is_terminal)
    list(the_store.integrity(folder.store_file, full=True, watcher=watcher))
    shown = watcher.getvalue()
    if is_terminal:
        assert "MB that were read" in shown
        assert shown.endswith("\r\x1b[K")
    else:
        assert shown == ""


def test_a_look_at_a_large_store_ends_at_once_when_it_is_interrupted(folder: DataFolder) -> None:
    make_a_store(folder)

    def interrupt() -> int:
        os.kill(os.getpid(), signal.SIGINT)
        return 1

    without_end = "WITH RECURSIVE n(x) AS (SELECT interrupt() UNION ALL SELECT x + 1 FROM n)"
    with closing(the_store._connect(folder.store_file)) as connection:
        connection.create_function("interrupt", 0, interrupt)
        with pytest.raises(KeyboardInterrupt):
            the_store.ask(connection, f"{without_end} SELECT count(*) FROM n")
        assert the_store.ask(connection, "PRAGMA quick_check(1)") == "ok"


def test_threads_are_counted_without_a_look_at_their_pages(folder: DataFolder) -> None:
    make_a_store(folder, "threads")
    damage(folder, page=page_of(folder, b"needle 60 "))
    found = the_store.look(folder, load_settings(folder), full=False)
    assert next(found) == Finding("ok", "The store opens: 120 threads.")


def test_a_store_that_was_moved_away_is_not_called_a_new_one(folder: DataFolder) -> None:
    log = folder.store_file.with_name("store.db-wal")
    log.write_bytes(b"what was committed last")
    log.chmod(0o600)
    told = findings(folder)
    assert any(line.startswith("PROBLEM") and "its log is there" in line for line in told)
    assert not any("no store yet" in line for line in told)
    assert log.read_bytes() == b"what was committed last"
