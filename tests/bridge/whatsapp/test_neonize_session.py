"""Where the neonize worker finds its account's keys, and what it does when they are damaged."""

import sqlite3
from pathlib import Path

import pytest

from bridge.journal import JOURNAL_NAME
from bridge.session_place import SessionPlace
from bridge.whatsapp.neonize_setup import SESSION_NAME
from bridge.whatsapp.protocol import Connect, Connection, Ready, Report, Stop
from tests.support.worker_under_test import worker

OWN_DEVICE = "40711111111:12@s.whatsapp.net"
URL = "postgres://bridge:secret@db.example/whatsapp"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "accounts" / "shop"


def store_device(file: Path) -> None:
    """Have a session's file hold a device, as after a pairing."""
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE whatsmeow_device (jid TEXT)")
    connection.execute("INSERT INTO whatsmeow_device VALUES ('x')")
    connection.commit()
    connection.close()


def test_a_damaged_session_is_kept_aside_and_told(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / SESSION_NAME).write_bytes(b"rubbish" * 1000)
    with worker(folder) as it:
        said: list[Report] = it.rest()
        assert isinstance(said[0], Connection)
        assert said[0].kind == "logged_out"
        assert "damaged" in said[0].detail
        assert it.exit_code() == 3
    assert len(list(folder.glob("session.db.damaged-*"))) == 1


def test_a_stored_session_is_noticed(folder: Path) -> None:
    folder.mkdir(parents=True)
    store_device(folder / SESSION_NAME)
    with worker(folder) as it:
        assert it.expect(Ready).has_session


@pytest.mark.parametrize("device", ["", OWN_DEVICE])
def test_in_a_database_the_device_finds_its_session(folder: Path, device: str) -> None:
    """Of many sessions there, neonize would take the first, unless told which or that it is new."""
    folder.parent.mkdir()
    place = SessionPlace(folder, database=URL, device=device)
    with worker(folder, environment=place.environment()) as it:
        assert it.expect(Ready).has_session == bool(device)
        it.give(Connect())
        name, asked, is_new = it.library("session")
        assert name == URL.encode()
        assert (asked, is_new) == (device, not device)
        it.give(Stop())
        it.rest()
        assert it.exit_code() == 0
    assert "secret" not in (folder.parent / "output").read_text()


def test_in_a_shared_folder_the_session_is_all_that_lies_there(
    folder: Path, tmp_path: Path
) -> None:
    folder.parent.mkdir()
    place = SessionPlace.of(str(tmp_path / "shared"), folder, "")
    with worker(folder, environment=place.environment()) as it:
        assert not it.expect(Ready).has_session
        it.give(Connect())
        assert it.library("session") == (SESSION_NAME.encode(), "", False)
        it.give(Stop())
        it.rest()
    assert (folder / JOURNAL_NAME).exists()
    store_device(tmp_path / "shared" / "shop" / SESSION_NAME)
    with worker(folder, environment=place.environment()) as it:
        assert it.expect(Ready).has_session
