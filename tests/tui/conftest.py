"""What holds for every test of the console."""

import pytest

from tests.support.quick_keys import type_quickly


@pytest.fixture(autouse=True)
def quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Press keys as fast as the console takes them in."""
    type_quickly(monkeypatch)
