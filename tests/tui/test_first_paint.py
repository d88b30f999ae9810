"""What the console loads before its first frame, in a process of its own, started as people do."""

import fcntl
import json
import os
import pty
import struct
import subprocess
import sys
import termios
import threading
from contextlib import suppress
from pathlib import Path

import pytest

PROBE = """
import sys
import tui.cli

found, module_name, app_name = sys.argv[1:4]
sys.argv = ["capcoada", *sys.argv[4:]]
written = open(found, "w")

class Finder:
    # Watches for the app's module, because importing it here would not be the real start.
    def find_spec(self, name, path, target=None):
        if name != module_name:
            return None
        sys.meta_path.remove(self)
        from importlib.machinery import PathFinder
        spec = PathFinder.find_spec(name, path)
        execute = spec.loader.exec_module
        def exec_module(module):
            execute(module)
            def on_ready(app):
                written.write(" ".join(sorted(sys.modules)))
                written.close()
                app.exit()
            getattr(module, app_name).on_ready = on_ready
        spec.loader.exec_module = exec_module
        return spec

sys.meta_path.insert(0, Finder())
sys.exit(tui.cli.main())
"""
HEAVY = {
    "google", "grpc", "neonize", "groq", "pydantic", "httpx", "aiohttp", "anyio", "qrcode", "lark",
    "keyring", "jwt", "cryptography",
}  # fmt: skip
NOT_YET = {"argparse", "gettext", "tomllib"}
"""Light, but not needed for a plain start either."""
LATER = {
    "core.store.embedded.still", "core.store.embedded.transaction", "core.store.embedded.writer",
    "textual.widgets._select", "textual.widgets._text_area", "textual.widgets._tree",
    "tui.choices", "tui.commands.every", "tui.widgets.editor",
}  # fmt: skip
"""Comes with the first thing that is written, that is done after the first frame, or never."""
MOST_MODULES = 114
"""Modules of our own that a start may load before its first frame: each costs some of it."""


def test_nothing_heavy_is_loaded_at_first_paint(tmp_path: Path) -> None:
    loaded = loaded_at_first_paint(tmp_path)
    assert "textual" in loaded
    assert "sqlite3" in loaded
    assert not loaded & HEAVY
    assert not loaded & NOT_YET
    again = loaded_at_first_paint(tmp_path)  # the first time somebody was made the admin
    assert not again & LATER
    assert sum(each.startswith(("core.", "tui.")) for each in again) <= MOST_MODULES


def test_nothing_heavy_is_loaded_before_somebody_is_asked_to_sign_in(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "settings.toml").write_text('[cloud]\nproject = "demo-capcoada"\n')
    loaded = loaded_at_first_paint(tmp_path, "tui.sign_in", "SignInApp")
    assert "textual" in loaded
    assert not loaded & HEAVY
    assert "sqlite3" not in loaded, "no store is opened for nobody"


def test_nothing_heavy_is_loaded_for_whoever_is_still_signed_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:9")
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", "127.0.0.1:9")
    data = tmp_path / "data"
    data.mkdir()
    (data / "settings.toml").write_text('[cloud]\nproject = "demo-capcoada"\n')
    kept = {"project": "demo-capcoada", "uid": "ana", "email": "a@b.ro", "refreshToken": "x"}
    (data / "sign-in.json").write_text(json.dumps(kept))
    (data / "sign-in.json").chmod(0o600)
    loaded = loaded_at_first_paint(tmp_path)
    assert "textual" in loaded
    assert not loaded & HEAVY


def loaded_at_first_paint(
    folder: Path, module: str = "tui.app", app: str = "CapcoadaApp"
) -> set[str]:
    """Start the console in a pseudo terminal and return the modules it had at its first frame."""
    found = folder / "loaded"
    ours, theirs = pty.openpty()
    try:
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        program = subprocess.Popen(
            [sys.executable, "-c", PROBE, str(found), module, app, "--data", str(folder / "data")],
            stdin=theirs, stdout=theirs, stderr=theirs, cwd=Path(__file__).parents[2],
            env=os.environ | {"PYTHONPATH": ".", "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"},
        )  # fmt: skip
        os.close(theirs)
        reader = threading.Thread(target=read_to_end, args=(ours,))
        reader.start()
        assert program.wait(timeout=60) == 0
        reader.join(timeout=60)
    finally:
        os.close(ours)
    return set(found.read_text().split())


def read_to_end(terminal: int) -> None:
    """Take what is painted, as a terminal does, until the program has ended."""
    with suppress(OSError):
        while os.read(terminal, 1 << 16):
            pass
