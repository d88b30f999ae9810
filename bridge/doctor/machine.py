"""What the bridge needs of this machine: Python, the WhatsApp library, the data folder, room."""

import platform
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bridge.doctor.finding import Finding
from bridge.worker_process import worker_environment
from core.errors import CapcoadaError
from core.i18n import _
from core.paths import DataFolder

_LEAST_FREE = 500 * 1024 * 1024
"""Bytes; with less, journals and history soon find no room."""
_IMPORT_SECONDS = 60


def python() -> Finding:
    """Tell whether this Python is new enough."""
    is_fine = sys.version_info >= (3, 11)
    text = _("Python {version}").format(version=platform.python_version())
    return Finding("ok", text) if is_fine else Finding("problem", text + _("; 3.11 is needed."))


def library() -> Finding:
    """Import the WhatsApp library in a process of its own: it must not be loaded here."""
    code = "import pylibmagic, neonize.client"
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-c", code],
            env=worker_environment({"PATH": "/usr/bin:/bin"}),
            capture_output=True,
            timeout=_IMPORT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Finding("problem", _("neonize cannot be loaded: {why}").format(why=error))
    if done.returncode == 0:
        return Finding("ok", _("neonize and libmagic can be loaded."))
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["?"]
    return Finding("problem", _("neonize cannot be loaded: {why}").format(why=lines[-1]))


def data_folder(folder: DataFolder) -> Iterator[Finding]:
    """Tell where the data folder is, and what in it others can read."""
    try:
        folder.prepare()
    except CapcoadaError as error:
        yield Finding("problem", str(error))
        return
    yield Finding("ok", _("The data folder is {folder}.").format(folder=folder.root))
    for path in sorted(_open_to_others(folder.root)):
        text = _("Others can read {path}: run chmod go-rwx on it.").format(path=path)
        yield Finding("problem", text)


def _open_to_others(root: Path) -> Iterator[Path]:
    """Yield folders and files of the data folder that are not their owner's alone."""
    for path in (root, *root.rglob("*")):
        try:
            mode = path.lstat().st_mode
        except OSError:
            continue
        is_private = not stat.S_IMODE(mode) & (stat.S_IRWXG | stat.S_IRWXO)
        if not is_private and not stat.S_ISLNK(mode):
            yield path


def disk(folder: DataFolder) -> Finding:
    """Tell how much room there is."""
    free = shutil.disk_usage(folder.root).free
    text = _("{megabytes} MB are free on the disk.").format(megabytes=free // (1024 * 1024))
    return Finding("ok" if free >= _LEAST_FREE else "problem", text)
