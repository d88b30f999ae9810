"""The `capcoada` command as a person meets it: help, wrong uses, exit codes, unfit terminals."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from core.i18n import use_language
from tui.cli import main, split_command

ROOT = Path(__file__).resolve().parents[2]


def environment(**changes: str | None) -> dict[str, str]:
    """Return a plain environment: an English UTF-8 terminal, changed as told (None removes)."""
    base = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "TERM": "xterm-256color"}
    wanted = {**base, "LANG": "C.UTF-8", "HOME": "/nonexistent", **changes}
    return {name: value for name, value in wanted.items() if value is not None}


def run(
    *words: str, folder: Path, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tui.cli", *words]
    return subprocess.run(
        command, env=env or environment(), cwd=folder, capture_output=True, text=True,
        stdin=subprocess.DEVNULL, timeout=60, check=False,
    )  # fmt: skip


def run_in_terminal(
    *words: str,
    folder: Path,
    columns: int = 80,
    rows: int = 24,
    changes: dict[str, str | None] | None = None,
) -> tuple[int, str]:
    """Run in a pseudo terminal; return the exit code and what was written to it."""
    ours, theirs = pty.openpty()
    try:
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        command = [sys.executable, "-m", "tui.cli", *words]
        done = subprocess.run(
            command, env=environment(**(changes or {})), cwd=folder, stdin=theirs, stdout=theirs,
            stderr=theirs, timeout=60, check=False,
        )  # fmt: skip
        written = os.read(ours, 65_536) if select.select([ours], [], [], 0)[0] else b""
    finally:
        os.close(ours)
        os.close(theirs)
    return done.returncode, written.decode().replace("\r\n", "\n")


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["demo", "--help"], ["--data", "x", "-h"]])
def test_help_is_there_for_every_command_of_the_console(words: list[str], tmp_path: Path) -> None:
    done = run(*words, folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "--data FOLDER" in done.stdout
    assert not list(tmp_path.iterdir())


def test_the_help_lists_every_command(tmp_path: Path) -> None:
    text = run("--help", folder=tmp_path).stdout
    for command in ("demo", "bridge", "doctor", "import", "simulate"):
        assert f"capcoada {command}" in text


def test_help_speaks_romanian_when_asked(tmp_path: Path) -> None:
    by_option = run("--language", "ro", "--help", folder=tmp_path)
    by_locale = run("--help", folder=tmp_path, env=environment(LANG="ro_RO.UTF-8"))
    assert "opțiuni" in by_option.stdout
    assert by_option.stdout == by_locale.stdout


def test_the_version_is_the_projects(tmp_path: Path) -> None:
    done = run("--version", folder=tmp_path)
    version = next(
        line for line in (ROOT / "pyproject.toml").read_text().splitlines() if "version = " in line
    )
    assert done.returncode == 0
    assert done.stdout.strip().removeprefix("capcoada ") in version


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["dance"], "there is no command 'dance'"),
        (["--frobnicate"], "unrecognized arguments: --frobnicate"),
        (["--data"], "expected one argument"),
        (["--language", "fr"], "invalid choice: 'fr'"),
        (["demo", "extra"], "unrecognized arguments: extra"),
        (["demo", "--fresh=yes"], "ignored explicit argument"),
        (["--fresh"], "unrecognized arguments: --fresh"),
    ],
)
def test_wrong_use_is_refused_with_code_2(words: list[str], said: str, tmp_path: Path) -> None:
    done = run(*words, folder=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert "--help" in done.stderr
    assert "Traceback" not in done.stderr
    assert not done.stdout


@pytest.mark.parametrize("words", [[], ["demo"]])
def test_without_a_terminal_it_says_so(words: list[str], tmp_path: Path) -> None:
    done = run(*words, "--data", str(tmp_path / "data"), folder=tmp_path)
    assert done.returncode == 1
    assert "needs a terminal" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"TERM": "dumb"}, "TERM is 'dumb'"),
        ({"TERM": None}, "TERM is ''"),
        ({"LANG": "C"}, "do not say UTF-8"),
        ({"LC_ALL": "POSIX"}, "do not say UTF-8"),
    ],
)
def test_an_unfit_terminal_is_named(
    changes: dict[str, str | None], said: str, tmp_path: Path
) -> None:
    code, written = run_in_terminal(folder=tmp_path, changes=changes)
    assert code == 1
    assert said in written
    assert len(written.strip().splitlines()) == 2


def test_too_small_a_window_is_told_how_large_it_must_be(tmp_path: Path) -> None:
    code, written = run_in_terminal(folder=tmp_path, columns=50, rows=10)
    assert code == 1
    assert "The window is 50 × 10; the console needs at least 60 × 18." in written


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, written = run_in_terminal("--data", str(tmp_path / "file" / "data"), folder=tmp_path)
    assert code == 1
    assert "cannot be used" in written
    assert "--data" in written


def test_wrong_settings_stop_the_console_but_not_its_help(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("[console]\nlanguage = 7\n")
    asked = run("--data", str(tmp_path), "--help", folder=tmp_path)
    assert asked.returncode == 0
    code, written = run_in_terminal("--data", str(tmp_path), folder=tmp_path)
    assert code == 1
    assert "settings.toml" in written
    assert "Traceback" not in written


def test_the_language_of_the_settings_is_spoken(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('[console]\nlanguage = "ro"\n')
    assert "opțiuni" in run("--data", str(tmp_path), "--help", folder=tmp_path).stdout
    chosen = run("--data", str(tmp_path), "--language", "en", "--help", folder=tmp_path)
    assert "opțiuni" not in chosen.stdout


def test_a_folder_of_someone_elses_is_no_demos(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("dear")
    code, written = run_in_terminal("demo", "--fresh", "--data", str(tmp_path), folder=tmp_path)
    assert code == 1
    assert "holds data that no demo made" in written
    assert (tmp_path / "letters.txt").read_text() == "dear"


def test_asking_for_help_loads_nothing_heavy(tmp_path: Path) -> None:
    probe = (
        "import sys, tui.cli\n"
        "try: tui.cli.main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'textual', 'rich', 'msgspec', 'httpx', 'asyncio', 'sqlite3'} & set(sys.modules)\n"
        "print('HEAVY', sorted(heavy))"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe], env=environment(), cwd=tmp_path, capture_output=True,
        text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "HEAVY []"


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        ([], ([], "", [])),
        (["--data", "demo", "--version"], (["--data", "demo", "--version"], "", [])),
        (["--data=x", "demo", "--fresh"], (["--data=x"], "demo", ["--fresh"])),
        (["import", "--data", "x", "chat.txt"], ([], "import", ["--data", "x", "chat.txt"])),
        (["--data"], (["--data"], "", [])),
    ],
)
def test_a_command_line_is_parted_at_its_command(
    words: list[str], parts: tuple[list[str], str, list[str]]
) -> None:
    assert split_command(words) == parts


def test_the_bridges_commands_get_all_their_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LANGUAGE", "CAPCOADA_DATA", "PYTHONPATH"):
        monkeypatch.setenv(name, "")
    monkeypatch.chdir(tmp_path)
    calls: list[list[str]] = []

    def become(_program: str, words: list[str]) -> None:
        calls.append(words)
        raise SystemExit(0)

    monkeypatch.setattr(os, "execv", become)
    try:
        with pytest.raises(SystemExit):
            main(["--data", "d", "--language", "ro", "import", "--as", "Ana", "a b.txt"])
    finally:
        use_language("en")
    assert calls == [[sys.executable, "-P", "-m", "bridge", "import", "--as", "Ana", "a b.txt"]]
    assert os.environ["CAPCOADA_DATA"] == str(tmp_path / "d")
    assert os.environ["LANGUAGE"] == "ro"
    assert os.environ["PYTHONPATH"] == str(ROOT)
