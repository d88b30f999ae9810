"""The one place that picks the store's engine: Cloud Firestore where a project is set."""

from pathlib import Path

from core.clock import Clock, system_clock
from core.identity.session import Session
from core.model.documents import StaffProfile, to_data
from core.model.ids import staff_path
from core.paths import DataFolder
from core.settings import Settings, placed
from core.store.port import Create, Store
from core.store.wide import WideStore


def open_store(
    folder: DataFolder,
    settings: Settings | None = None,
    *,
    clock: Clock = system_clock,
    founder: StaffProfile | None = None,
) -> Store:
    """Open the store of a data folder that was prepared, as the server: no rules judge it.

    Without settings it is the one on this machine. There, `founder` becomes the first operator
    while there is no staff profile at all. Raises StoreUnavailable, StoreUnusable.
    """
    settings = placed(settings or Settings(), folder)
    if settings.cloud.project:
        from core.store.firestore import FirestoreStore  # noqa: PLC0415 - only the engine in use
        from core.store.firestore.endpoint import Endpoint  # noqa: PLC0415

        return FirestoreStore(Endpoint.of_server(settings.cloud))
    from core.store.embedded import EmbeddedStore  # noqa: PLC0415

    file, doorbells = _embedded_places(folder, settings)
    return EmbeddedStore.open(
        file, doorbells=doorbells, clock=clock, founding=_founding(founder) if founder else None
    )


def open_operator_store(
    folder: DataFolder, settings: Settings, session: Session, *, clock: Clock = system_clock
) -> Store:
    """Open the store of a data folder that was prepared, as an operator whom the rules judge.

    It takes queries about any number of accounts. The cloud judges by itself. On one machine,
    whoever comes while there is no staff profile at all becomes the admin: the data folder is
    theirs. Raises StoreUnavailable, StoreUnusable.
    """
    if settings.cloud.project:
        from core.store.firestore import FirestoreStore  # noqa: PLC0415 - only the engine in use
        from core.store.firestore.endpoint import Endpoint  # noqa: PLC0415

        return WideStore(FirestoreStore(Endpoint.of_operator(settings.cloud, session)))
    from core.store.embedded import EmbeddedStore  # noqa: PLC0415
    from core.store.rules.guard import RulesGuard  # noqa: PLC0415
    from core.store.rules.ruleset import Auth, Ruleset  # noqa: PLC0415

    file, doorbells = _embedded_places(folder, settings)
    auth = Auth(session.uid, {"email": session.email, "name": session.name})
    guard = RulesGuard(Ruleset.packaged(), auth, clock)
    founder = StaffProfile.of_founder(session.uid, name=session.name, email=session.email)
    store = EmbeddedStore.open(
        file, doorbells=doorbells, clock=clock, guard=guard, founding=_founding(founder)
    )
    return WideStore(store)


def _founding(founder: StaffProfile) -> Create:
    return Create(staff_path(founder.uid), to_data(founder))


def embedded_file(folder: DataFolder, settings: Settings) -> Path:
    """Return where the embedded store of a data folder lies."""
    named = placed(settings, folder).store.file
    return Path(named) if named else folder.store_file


def _embedded_places(folder: DataFolder, settings: Settings) -> tuple[Path, Path | None]:
    """Return the embedded store's file and its folder of doorbells.

    Data folders that share a file have no doorbells in common: their watches look often instead.
    """
    file = embedded_file(folder, settings)
    return file, folder.doorbells if file == folder.store_file else None


def is_shared(folder: DataFolder, settings: Settings) -> bool:
    """Whether bridges of other data folders may work on the same store."""
    return bool(settings.cloud.project) or embedded_file(folder, settings) != folder.store_file
