"""A whole product for each journey."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.journeys.stack import CUSTOMER, SHOP, Stack


@pytest.fixture
async def stack(tmp_path: Path) -> AsyncIterator[Stack]:
    """Simulator, bridge and console on an empty data folder, with one phone and one customer."""
    async with Stack(tmp_path) as whole:
        await whole.simulator.business_phone(SHOP)
        await whole.simulator.customer(CUSTOMER, name="Maria Ionescu")
        yield whole
