"""What holds for every test: none talks to the outside, and a slow machine is not a wrong one."""

import tempfile
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "capcoada", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("capcoada")


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
