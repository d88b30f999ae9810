"""The engines that the contract suite faces; a further one is one more entry of ENGINES."""

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


ENGINES: dict[str, Callable[[Path], AbstractContextManager[Engine]]] = {"embedded": embedded}
