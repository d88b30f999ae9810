"""A simulator with one business phone, and a worker beside it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridge.simulator.client import SimulatorClient
from tests.support.simulated import SHOP, Desk, running_simulator, running_worker


@pytest.fixture
async def url(tmp_path: Path) -> AsyncIterator[str]:
    async with running_simulator(tmp_path / "simulator") as url:
        yield url


@pytest.fixture
async def client(url: str) -> AsyncIterator[SimulatorClient]:
    async with SimulatorClient(url) as client:
        await client.business_phone(SHOP, name="Petreceri")
        await client.set(reconnect_seconds=0.01)
        yield client


@pytest.fixture
async def desk(url: str, client: SimulatorClient, tmp_path: Path) -> AsyncIterator[Desk]:
    async with running_worker(url, tmp_path / "WA-01") as desk:
        yield desk
