"""A server of Firestore's calls in the test's own event loop, and handles that give up soon."""

import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.settings import Cloud
from core.store.firestore import FirestoreStore
from core.store.firestore.credentials import Credential, EmulatorOwner
from core.store.firestore.endpoint import EMULATOR_VARIABLE, Bounds, Endpoint
from tests.contract.engines import INDEXES
from tests.support.firestore_server import FirestoreServer

SOON = Bounds(
    connect=2.0, attempt=0.5, total=2.0, transaction=5.0, first_pause=0.01, longest_pause=0.05,
    answer=2.0, first_snapshot=2.0, grace=0.05, longest_watch_pause=0.2,
)  # fmt: skip
"""Short enough for tests, long enough for a slow machine."""


@pytest.fixture
async def server() -> AsyncIterator[FirestoreServer]:
    """A server with an empty store, and the indexes of the contract suite."""
    with tempfile.TemporaryDirectory() as folder:
        async with FirestoreServer(Path(folder) / "store.db", indexes=INDEXES) as server:
            yield server


Connect = Callable[..., FirestoreStore]


@pytest.fixture
async def connect(server: FirestoreServer) -> AsyncIterator[Connect]:
    """Open handles on the server, or on another host; they are closed at the end."""
    handles: list[FirestoreStore] = []

    def opened(
        credential: Credential | None = None, *, host: str = "", **bounds: float
    ) -> FirestoreStore:
        endpoint = Endpoint.of_operator(
            Cloud(project="demo"),
            credential or EmulatorOwner(),
            {EMULATOR_VARIABLE: host or server.address},
        )
        handles.append(FirestoreStore(endpoint, replace(SOON, **bounds)))
        return handles[-1]

    yield opened
    for handle in handles:
        await handle.close()


@pytest.fixture
def store(connect: Connect) -> FirestoreStore:
    """A handle on the server."""
    return connect()
