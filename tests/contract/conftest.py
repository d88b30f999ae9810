"""Fixtures of the contract suite: each test runs against every engine."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from core.store.port import Store
from tests.contract.engines import ENGINES, Engine


@pytest.fixture(params=sorted(ENGINES))
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An empty store of each engine."""
    with tempfile.TemporaryDirectory() as folder, ENGINES[request.param](Path(folder)) as engine:
        yield engine


@pytest.fixture
async def store(engine: Engine) -> AsyncIterator[Store]:
    """A handle on the store."""
    async with engine.open() as handle:
        yield handle


@pytest.fixture
async def other(engine: Engine) -> AsyncIterator[Store]:
    """A second handle on the same store."""
    async with engine.open() as handle:
        yield handle
