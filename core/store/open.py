"""The one place that picks the store's engine."""

from core.clock import Clock, system_clock
from core.paths import DataFolder
from core.store.port import Store


def open_store(folder: DataFolder, *, clock: Clock = system_clock) -> Store:
    """Open the store of a data folder that was prepared.

    Raises StoreUnavailable, StoreUnusable.
    """
    from core.store.embedded import EmbeddedStore  # noqa: PLC0415 - only the engine in use

    return EmbeddedStore.open(folder.store_file, doorbells=folder.doorbells, clock=clock)
