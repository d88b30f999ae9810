"""The one place that picks the store's engine."""

from core.clock import Clock, system_clock
from core.identity.session import Session
from core.model.documents import StaffProfile, to_data
from core.model.ids import staff_path
from core.paths import DataFolder
from core.settings import Settings
from core.store.port import Create, Store


def open_store(folder: DataFolder, *, clock: Clock = system_clock) -> Store:
    """Open the store of a data folder that was prepared, as a server that no rules ask.

    Raises StoreUnavailable, StoreUnusable.
    """
    from core.store.embedded import EmbeddedStore  # noqa: PLC0415 - only the engine in use

    return EmbeddedStore.open(folder.store_file, doorbells=folder.doorbells, clock=clock)


def open_operator_store(
    folder: DataFolder, settings: Settings, session: Session, *, clock: Clock = system_clock
) -> Store:
    """Open the store of a data folder that was prepared, as an operator whom the rules judge.

    Whoever comes first, while there is no staff at all, becomes the administrator: it is his
    machine. Raises StoreUnavailable, StoreUnusable.
    """
    from core.store.embedded import EmbeddedStore  # noqa: PLC0415 - only the engine in use
    from core.store.rules.guard import RulesGuard  # noqa: PLC0415
    from core.store.rules.ruleset import Auth, Ruleset  # noqa: PLC0415

    auth = Auth(session.uid, {"email": session.email, "name": session.name})
    return EmbeddedStore.open(
        folder.store_file,
        doorbells=folder.doorbells,
        clock=clock,
        guard=RulesGuard(Ruleset.packaged(), auth, clock),
        founding=_first_admin(session),
    )


def _first_admin(session: Session) -> Create:
    name = session.name or session.uid
    profile = StaffProfile(uid=session.uid, email=session.email, display_name=name, role="admin")
    return Create(staff_path(session.uid), to_data(profile))
