"""What holds for every test: none of them talks to a service outside this machine."""

import pytest


@pytest.fixture(autouse=True)
def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the developer's own key, and any proxy, from the code under test."""
    monkeypatch.delenv("GROQ_API_KEY", raising=False)
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
