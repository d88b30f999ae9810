"""What must be right before neonize is started: environment, session file, logging, libmagic."""

import importlib
import logging
import os
import sqlite3
from datetime import datetime
from types import ModuleType
from typing import Any

from bridge.errors import SessionDamaged, SetupFailed
from bridge.logs import TextFormatter
from bridge.session_place import SessionPlace
from core.i18n import _

SESSION_NAME = "session.db"
"""The account's keys, in clear: readable by the owner alone, never copied anywhere."""

_BOT_TAG = "NEONIZE_BOT_TAG"
_FULL_SYNC_DAYS = 3650
_FULL_SYNC_MEGABYTES = 102_400
_QUOTA_MEGABYTES = 102_400


def check_environment() -> None:
    """Refuse to run when customers would see an AI badge.

    neonize's Go core reads the environment that the process was started with, so it is too late to
    change it here. Raises SetupFailed.
    """
    if os.environ.get(_BOT_TAG) != "off":
        raise SetupFailed(
            _("{variable}=off is not in the environment of the account worker.").format(
                variable=_BOT_TAG
            ),
            hint=_("Start the bridge with: capcoada bridge"),
        )


def has_session(place: SessionPlace, now: datetime) -> bool:
    """Whether the account has been paired: its session file holds a device, or one is known.

    Raises SessionDamaged, after keeping the file aside.
    """
    if place.database:
        return bool(place.device)
    path = place.folder / SESSION_NAME
    if not path.exists():
        return False
    path.chmod(0o600)
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=10)
        try:
            if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                raise sqlite3.DatabaseError("not sound")
            query = "SELECT count(*) FROM sqlite_master WHERE name = 'whatsmeow_device'"
            if not connection.execute(query).fetchone()[0]:
                return False
            devices = connection.execute("SELECT count(*) FROM whatsmeow_device").fetchone()[0]
            return bool(devices)
        finally:
            connection.close()
    except sqlite3.OperationalError as error:
        raise SetupFailed(
            _("The session file {path} cannot be opened: {reason}.").format(
                path=path, reason=error
            ),
            hint=_("Check the disk: free space, and rights to the data folder."),
        ) from error
    except sqlite3.DatabaseError as error:
        kept = path.with_name(f"{SESSION_NAME}.damaged-{now:%Y%m%dT%H%M%S%fZ}")
        path.rename(kept)
        raise SessionDamaged(
            _("The session file is damaged; it was kept as {name}.").format(name=kept.name),
            hint=_("Pair the account again."),
        ) from error


def forget_session(place: SessionPlace) -> None:
    """Delete the session's file after the phone let go of this device.

    In a database the library has done so itself.
    """
    if place.database:
        return
    for suffix in ("", "-journal", "-wal", "-shm"):
        (place.folder / (SESSION_NAME + suffix)).unlink(missing_ok=True)


def configure_logging() -> None:
    """Log to stderr, which is the account's log file, before neonize sets up its own."""
    handler = logging.StreamHandler()
    handler.setFormatter(TextFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)


def load_neonize() -> ModuleType:
    """Import neonize's client module with a libmagic beside it. Raises SetupFailed."""
    try:
        # In this order: the first puts the libmagic that it carries where the second looks for one.
        importlib.import_module("pylibmagic")
        client = importlib.import_module("neonize.client")
        library_log = importlib.import_module("neonize.utils.log")
    except ImportError as error:
        raise SetupFailed(
            _("neonize cannot be loaded: {reason}.").format(reason=error),
            hint=_("Set up the environment anew: it needs neonize and pylibmagic."),
        ) from error
    except (OSError, RuntimeError) as error:
        raise SetupFailed(
            _("neonize's library cannot be loaded: {reason}.").format(reason=error),
            hint=_("Set up the environment anew, on a system that neonize supports."),
        ) from error
    # This logger's own level is the one that the Go core is given; unset, it logs every message.
    library_log.log.setLevel(logging.WARNING)
    return client


def device_props() -> Any:
    """Return how this device introduces itself when it is paired, and that it wants all history."""
    # Found by this name once neonize's package put its folder into the search path.
    props: Any = importlib.import_module(
        "waCompanionReg.WAWebProtobufsCompanionReg_pb2"
    ).DeviceProps
    return props(
        os="capcoada",
        platformType=props.DESKTOP,
        requireFullSync=True,
        historySyncConfig=props.HistorySyncConfig(
            fullSyncDaysLimit=_FULL_SYNC_DAYS,
            fullSyncSizeMbLimit=_FULL_SYNC_MEGABYTES,
            storageQuotaMb=_QUOTA_MEGABYTES,
        ),
    )
