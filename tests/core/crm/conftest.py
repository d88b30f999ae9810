"""Fixtures of the CRM's tests."""

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.store.embedded import EmbeddedStore
from core.store.port import Store


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    """An empty store with this version's indexes."""
    with tempfile.TemporaryDirectory() as folder:
        async with EmbeddedStore.open(Path(folder) / "store.db") as handle:
            yield handle
