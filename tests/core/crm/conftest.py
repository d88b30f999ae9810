"""Fixtures of the CRM's tests."""

import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from core.clock import system_clock
from core.model.documents import StaffProfile, to_data
from core.model.ids import staff_path
from core.store.embedded import EmbeddedStore
from core.store.port import Set, Store
from core.store.rules.guard import RulesGuard
from core.store.rules.ruleset import Auth, Ruleset

By = Callable[[str], Store]
"""Returns a handle that acts as a person, whom the rules judge."""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder for a store."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@pytest.fixture
async def store(folder: Path) -> AsyncIterator[Store]:
    """An empty store with this version's indexes."""
    async with EmbeddedStore.open(folder / "store.db") as handle:
        yield handle


@pytest.fixture
async def by(store: Store, folder: Path) -> AsyncIterator[By]:
    """The same store as operators see it: ana and dan are employees, anybody else is a stranger."""
    for uid in ("ana", "dan"):
        await store.commit([Set(staff_path(uid), to_data(StaffProfile(uid=uid)))])
    handles: dict[str, EmbeddedStore] = {}
    async with AsyncExitStack() as closing:

        def handle_of(uid: str) -> Store:
            if uid not in handles:
                guard = RulesGuard(Ruleset.packaged(), Auth(uid), system_clock)
                handles[uid] = EmbeddedStore.open(folder / "store.db", guard=guard)
                closing.push_async_callback(handles[uid].close)
            return handles[uid]

        yield handle_of
