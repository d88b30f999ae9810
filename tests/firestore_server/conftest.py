"""A server on a fresh store, and Google's own clients of it: hardly typed, so Any here."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from google.cloud.firestore import AsyncClient, Client

from core.store.indexes import IndexSet
from tests.support.firestore_server import FirestoreServer

INDEXES = IndexSet.from_file(Path(__file__).parents[1] / "contract" / "indexes.json")


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[FirestoreServer]:
    async with FirestoreServer(tmp_path / "store.db", indexes=INDEXES) as server:
        yield server


@pytest.fixture
def emulator(server: FirestoreServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Google's clients find the server as they find an emulator."""
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", server.address)


@pytest.fixture
async def client(emulator: None) -> AsyncIterator[Any]:
    client: Any = AsyncClient(project="demo-capcoada")
    yield client
    await client._firestore_api.transport.close()


@pytest.fixture
def blocking(emulator: None) -> Iterator[Any]:
    """The client of threads: every call of it belongs into one, not onto the loop."""
    client: Any = Client(project="demo-capcoada")
    yield client
    client.close()


@pytest.fixture
def loop_is_free() -> None:
    """Give threads room: the default executor of two cores would have six."""
    from concurrent.futures import ThreadPoolExecutor

    asyncio.get_event_loop().set_default_executor(ThreadPoolExecutor(32))
