"""Fixtures of the contract suite: each test runs against every engine."""

import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from core.store.port import Store
from tests.contract.engines import EMULATOR, ENGINES, Engine
from tests.contract.shortcomings import NAME_VARIABLE, shortcoming


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what another server, where one is named, cannot do."""
    if not EMULATOR:
        return
    server = os.environ.get(NAME_VARIABLE, "official")
    for item in items:
        if isinstance(item, pytest.Function) and "firestore" in item.name:
            reason = shortcoming(server, item.originalname)
            if reason:
                item.add_marker(pytest.mark.xfail(reason=reason, run=False))


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
