"""A store with triggers at work on it."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.bridge.crm.world import World


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose path is short enough for Unix sockets in it."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@pytest.fixture
async def world(folder: Path) -> AsyncIterator[World]:
    """A world at ten o'clock UTC on Monday 5 January 2026."""
    async with World(folder, datetime(2026, 1, 5, 10, 0, tzinfo=UTC)) as world:
        yield world
