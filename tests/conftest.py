"""What holds for every test: none talks to the outside, and a slow machine is not a wrong one."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

explore = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.register_profile("explore", explore)
settings.register_profile("capcoada", explore, derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "capcoada"))
"""The same examples on every machine and in every run; `explore` looks for others."""

MEMORY = Path("/dev/shm")
ROOM = 2 * 1024**3
"""Bytes: many times what the tests of all workers keep at a moment."""


def pytest_configure() -> None:
    """Make the tests quick wherever they run; workers and processes inherit what is chosen here."""
    # Hundreds of processes start: none shall compile anew what the one before it compiled.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    keep_temporary_folders_in_memory()


def keep_temporary_folders_in_memory() -> None:
    """Do so where there is room, unless TMPDIR says where they lie.

    Tests kill processes, never the machine: what is proven is the same, and nobody waits for a
    disk that others keep busy.
    """
    if "TMPDIR" in os.environ or not MEMORY.is_dir() or not os.access(MEMORY, os.W_OK):
        return
    if shutil.disk_usage(MEMORY).free >= ROOM:
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the journeys: they take longest, and none is left for a lone worker at the end."""
    items.sort(key=lambda item: item.get_closest_marker("journey") is None)


@pytest.fixture(scope="session", autouse=True)
def sockets_in_one_place() -> Iterator[None]:
    """Keep the sockets of folders with long paths together, and remove what is left of them."""
    with (
        tempfile.TemporaryDirectory(prefix="capcoada-") as folder,
        pytest.MonkeyPatch.context() as m,
    ):
        m.setenv("XDG_RUNTIME_DIR", folder)
        yield


@pytest.fixture(autouse=True)
def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the developer's own key, and any proxy, from the code under test."""
    monkeypatch.delenv("GROQ_API_KEY", raising=False)
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
