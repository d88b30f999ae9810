"""The one place that picks the store's engine."""

from pathlib import Path

from core.clock import Clock, system_clock
from core.paths import DataFolder
from core.settings import Settings, placed
from core.store.port import Store


def open_store(
    folder: DataFolder, settings: Settings | None = None, *, clock: Clock = system_clock
) -> Store:
    """Open the store of a data folder that was prepared; the default settings' when none are given.

    Raises StoreUnavailable, StoreUnusable.
    """
    from core.store.embedded import EmbeddedStore  # noqa: PLC0415 - only the engine in use

    file = embedded_file(folder, settings or Settings())
    # Data folders that share a file have no doorbells in common: their watches look often instead.
    doorbells = folder.doorbells if file == folder.store_file else None
    return EmbeddedStore.open(file, doorbells=doorbells, clock=clock)


def embedded_file(folder: DataFolder, settings: Settings) -> Path:
    """Return where the embedded store of a data folder lies."""
    named = placed(settings, folder).store.file
    return Path(named) if named else folder.store_file


def is_shared(folder: DataFolder, settings: Settings) -> bool:
    """Whether bridges of other data folders may work on the same store."""
    return bool(settings.cloud.project) or embedded_file(folder, settings) != folder.store_file
