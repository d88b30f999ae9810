"""A server of Firestore's calls in the test's own event loop, and handles that do not pause."""

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
from tests.core.store.firestore.consumer import ITEMS, Consumer, item
from tests.support.firestore_server import FirestoreServer

PATIENT = Bounds(
    connect=30.0, attempt=30.0, total=60.0, transaction=60.0, first_pause=0.01, longest_pause=0.05,
    answer=30.0, first_snapshot=30.0, grace=0.05, longest_watch_pause=0.2,
)  # fmt: skip
"""No slow machine runs into these; a test of a bound sets a short one itself."""


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
        handles.append(FirestoreStore(endpoint, replace(PATIENT, **bounds)))
        return handles[-1]

    yield opened
    for handle in handles:
        await handle.close()


@pytest.fixture
def store(connect: Connect) -> FirestoreStore:
    """A handle on the server."""
    return connect()


@pytest.fixture
async def writer(connect: Connect) -> FirestoreStore:
    """A handle of its own, so that the watched one may suffer."""
    handle = connect()
    await handle.commit([item("a", 9), item("b", 8)])
    return handle


@pytest.fixture
async def follow(connect: Connect, writer: FirestoreStore) -> AsyncIterator[Consumer]:
    """A consumer of a live watch that has seen `a b`."""
    consumer = Consumer(connect().watch(ITEMS))
    await consumer.until_ids("a b")
    yield consumer
    await consumer.watch.close()
