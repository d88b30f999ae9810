"""The one place that picks the store's engine: Cloud Firestore where a project is set."""

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
    if settings is not None and settings.cloud.project:
        from core.store.firestore import FirestoreStore  # noqa: PLC0415 - only the engine in use
        from core.store.firestore.endpoint import Endpoint  # noqa: PLC0415

        return FirestoreStore(Endpoint.of_server(placed(settings, folder).cloud))
    from core.store.embedded import EmbeddedStore  # noqa: PLC0415

    return EmbeddedStore.open(folder.store_file, doorbells=folder.doorbells, clock=clock)


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
