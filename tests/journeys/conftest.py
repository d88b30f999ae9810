"""A whole product for each journey."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from core.store.firestore.endpoint import EMULATOR_VARIABLE
from tests.journeys.engines import Engine, firestore
from tests.journeys.stack import CUSTOMER, SHOP, Stack
from tests.support.processes import start_firestore_server


@pytest.fixture(scope="session")
def firestore_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where Firestore is: at the emulator that the environment names, else a process of ours.

    All journeys share it, each in a project of its own.
    """
    if named := os.environ.get(EMULATOR_VARIABLE):
        yield named
        return
    process, ready = start_firestore_server(tmp_path_factory.mktemp("firestore"), "--rules")
    with process:
        yield ready["address"]


@pytest.fixture
async def engine(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Engine]:
    """The embedded engine, or the one that a test asks for; see `on_both_engines`."""
    if getattr(request, "param", "embedded") == "embedded":
        yield Engine()
        return
    async with firestore(request.getfixturevalue("firestore_address")) as engine:
        for name, value in engine.environment.items():
            monkeypatch.setenv(name, value)
        yield engine


@pytest.fixture
async def stack(tmp_path: Path, engine: Engine) -> AsyncIterator[Stack]:
    """Simulator, bridge and console on an empty data folder, with one phone and one customer."""
    async with Stack(tmp_path, engine) as whole:
        await whole.simulator.business_phone(SHOP)
        await whole.simulator.customer(CUSTOMER, name="Maria Ionescu")
        yield whole
