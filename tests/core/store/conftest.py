"""Fixtures of the engine's own tests."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose path is short enough for Unix sockets in it."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)
