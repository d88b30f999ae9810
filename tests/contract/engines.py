"""The engines that the contract suite faces; a further one is one more entry of ENGINES."""

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from core.store.indexes import IndexSet
from core.store.port import Store

INDEXES = IndexSet.from_file(Path(__file__).with_name("indexes.json"))
"""What every engine must have deployed before the suite."""


class Engine(Protocol):
    """One empty store, which may be opened several times at once."""

    def open(self) -> Store:
        """Return a further handle; called with the event loop running."""
        ...


@dataclass(frozen=True, slots=True)
class EmbeddedEngine:
    """The embedded engine on a fresh file."""

    folder: Path

    def open(self) -> Store:
        from core.store.embedded import EmbeddedStore

        return EmbeddedStore.open(
            self.folder / "store.db", indexes=INDEXES, doorbells=self.folder / "bell"
        )


@contextmanager
def embedded(folder: Path) -> Iterator[Engine]:
    """Set up the embedded engine in a folder."""
    yield EmbeddedEngine(folder)


@dataclass(frozen=True, slots=True)
class FirestoreEngine:
    """The cloud engine, acting as the server on an emulator."""

    host: str
    project: str

    def open(self) -> Store:
        from core.settings import Cloud
        from core.store.firestore import FirestoreStore
        from core.store.firestore.endpoint import EMULATOR_VARIABLE, Bounds, Endpoint

        endpoint = Endpoint.of_server(Cloud(project=self.project), {EMULATOR_VARIABLE: self.host})
        return FirestoreStore(endpoint, Bounds(total=5.0))


@contextmanager
def firestore(folder: Path) -> Iterator[Engine]:
    """Set up the cloud engine on a server of ours, or on the one that the environment names."""
    if EMULATOR:
        yield FirestoreEngine(EMULATOR, f"contract-{uuid.uuid4().hex[:12]}")
        return
    from tests.support.firestore_server import serving

    with serving(folder / "store.db", indexes=INDEXES) as server:
        yield FirestoreEngine(server.address, "contract")


EMULATOR = os.environ.get("FIRESTORE_EMULATOR_HOST", "")
"""Where another server is, to judge the cloud engine by; each test takes a project of its own."""

ENGINES: dict[str, Callable[[Path], AbstractContextManager[Engine]]] = {
    "embedded": embedded,
    "firestore": firestore,
}
