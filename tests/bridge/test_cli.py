"""The commands: help for each, a sentence for each mistake, and exit codes."""

import socket
import sqlite3
from pathlib import Path

import pytest

from bridge.cli import main
from bridge.doctor import network
from bridge.doctor.examine import examine
from bridge.lock import BridgeLock, holder
from core.paths import DataFolder
from core.settings import Cloud, Settings


@pytest.mark.parametrize(
    "command", [[], ["bridge"], ["doctor"], ["simulate"], ["import"], ["export"], ["migrate"]]
)
def test_every_command_has_help(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([*command, "--help"])
    assert caught.value.code == 0
    assert " ".join(["usage: capcoada", *command]) in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["fly"],
        ["bridge", "--speed", "9"],
        ["bridge", "--log-level", "loud"],
        ["bridge", "--simulator", "https://example.com"],
        ["bridge", "--data"],
    ],
)
def test_wrong_use_ends_with_two(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage: capcoada" in capsys.readouterr().err


def test_a_second_bridge_ends_with_three(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = DataFolder(tmp_path)
    folder.prepare()
    with BridgeLock.hold(folder.lock_file):
        assert main(["bridge", "--data", str(tmp_path)]) == 3
        said = capsys.readouterr().err
        assert str(holder(folder.lock_file)) in said
    assert holder(folder.lock_file) is None


def test_a_folder_that_cannot_be_used_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    assert main(["bridge", "--data", str(blocked / "data")]) == 1
    said = capsys.readouterr().err
    assert said.startswith("capcoada: The data folder")
    assert "Traceback" not in said


def test_a_store_of_a_newer_version_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = DataFolder(tmp_path)
    folder.prepare()
    connection = sqlite3.connect(folder.store_file)
    connection.execute("PRAGMA user_version = 999999")
    connection.close()
    assert main(["bridge", "--data", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert said.startswith("capcoada: ")
    assert "Traceback" not in said


def test_the_doctor_finds_nothing_on_a_fresh_machine(tmp_path: Path) -> None:
    lines: list[str] = []
    assert examine(DataFolder(tmp_path / "new"), lines.append) == 0
    assert any("neonize" in line for line in lines)


def test_the_doctor_finds_what_is_wrong(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    folder.prepare()
    folder.settings_file.write_text("[business]\ntime_zone = 'Mars/Olympus'\n")
    folder.settings_file.chmod(0o644)
    folder.store_file.write_bytes(b"this is no database" * 100)
    folder.store_file.chmod(0o600)
    lines: list[str] = []
    assert examine(folder, lines.append) == 1
    problems = [line for line in lines if line.startswith("PROBLEM")]
    assert len(problems) == 3


@pytest.mark.parametrize(
    ("cloud", "emulator", "kind", "said"),
    [
        (Cloud(project="petreceri"), "", "problem", "Nobody can sign in to petreceri"),
        (Cloud(project="petreceri", api_key="x"), "", "ok", "Operators sign in to petreceri."),
        (Cloud(project="petreceri"), "127.0.0.1:9099", "note", "Operators sign in at the Auth em"),
    ],
)
def test_the_doctor_says_where_a_team_signs_in(
    monkeypatch: pytest.MonkeyPatch, cloud: Cloud, emulator: str, kind: str, said: str
) -> None:
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", emulator)
    found = list(network.settings(Settings(cloud=cloud)))
    assert any(one.kind == kind and one.text.startswith(said) for one in found), found


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (("--port", "abc"), "a port is a number from 0 to 65535"),
        (("--port", "65536"), "a port is a number from 0 to 65535"),
        (("--port", "-1"), "a port is a number from 0 to 65535"),
        (("--speed", "fast"), "a speed is 0 or more"),
        (("--speed", "nan"), "a speed is 0 or more"),
    ],
)
def test_a_value_that_cannot_be_is_said_in_words(
    option: tuple[str, str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["simulate", "--state", str(tmp_path), *option])
    assert caught.value.code == 2
    assert said in capsys.readouterr().err


def test_a_port_in_use_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert main(["simulate", "--state", str(tmp_path / "state"), "--port", port]) == 1
    said = capsys.readouterr().err
    assert port in said
    assert "Choose another with --port" in said
