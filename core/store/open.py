"""The one place that picks the store's engine: Cloud Firestore where a project is set."""

from pathlib import Path

from core.clock import Clock, system_clock
from core.identity.session import Session
from core.paths import DataFolder
from core.settings import Settings, placed
from core.store.port import Store


def open_store(
    folder: DataFolder, settings: Settings | None = None, *, clock: Clock = system_clock
) -> Store:
    """Open the store of a data folder that was prepared, as the server: no rules judge it.

    Without settings it is the one on this machine. Raises StoreUnavailable, StoreUnusable.
    """
    settings = placed(settings or Settings(), folder)
    if settings.cloud.project:
        from core.store.firestore import FirestoreStore  # noqa: PLC0415 - only the engine in use
        from core.store.firestore.endpoint import Endpoint  # noqa: PLC0415

        return FirestoreStore(Endpoint.of_server(settings.cloud))
    from core.store.embedded import EmbeddedStore  # noqa: PLC0415

    file = embedded_file(folder, settings)
    # Data folders that share a file have no doorbells in common: their watches look often instead.
    doorbells = folder.doorbells if file == folder.store_file else None
    return EmbeddedStore.open(file, doorbells=doorbells, clock=clock)


def open_operator_store(
    folder: DataFolder, settings: Settings, session: Session, *, clock: Clock = system_clock
) -> Store:
    """Open the store of a data folder that was prepared, acting as a signed-in operator.

    Raises StoreUnavailable, StoreUnusable.
    """
    if settings.cloud.project:
        from core.store.firestore import FirestoreStore  # noqa: PLC0415 - only the engine in use
        from core.store.firestore.endpoint import Endpoint  # noqa: PLC0415

        return FirestoreStore(Endpoint.of_operator(settings.cloud, session))
    return open_store(folder, settings, clock=clock)


def embedded_file(folder: DataFolder, settings: Settings) -> Path:
    """Return where the embedded store of a data folder lies."""
    named = placed(settings, folder).store.file
    return Path(named) if named else folder.store_file


def is_shared(folder: DataFolder, settings: Settings) -> bool:
    """Whether bridges of other data folders may work on the same store."""
    return bool(settings.cloud.project) or embedded_file(folder, settings) != folder.store_file
