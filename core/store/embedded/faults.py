"""SQLite's errors as the store's own, each with a sentence that says what to do."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.i18n import _
from core.store.errors import StoreError, StoreUnavailable, StoreUnusable


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into StoreUnavailable and StoreUnusable."""
    try:
        yield
    except sqlite3.Error as error:
        raise store_error(error, path) from error


def store_error(error: sqlite3.Error, path: Path) -> StoreError:
    """Return the store's error for one of SQLite's."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreUnavailable(
            _("The store {path} is held by another program.").format(path=path),
            hint=_("It is tried again; if this stays, look for a program that has it open."),
        )
    if code == sqlite3.SQLITE_FULL:
        return StoreUnavailable(
            _("There is no room left for the store {path}.").format(path=path),
            hint=_("Free some space on this disk."),
        )
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return StoreUnavailable(
            _("The store {path} cannot be opened or written.").format(path=path),
            hint=_("Check that the folder exists and that you may write to it."),
        )
    if code == sqlite3.SQLITE_NOTADB:
        return StoreUnusable(
            _("{path} is not a store.").format(path=path),
            hint=_("Move it away, or choose another data folder."),
        )
    if code == sqlite3.SQLITE_CORRUPT:
        return StoreUnusable(
            _("The store {path} is damaged.").format(path=path),
            hint=_("Stop every program that uses it and bring back a backup."),
        )
    return StoreUnavailable(
        _("The store {path} does not answer: {reason}.").format(path=path, reason=error),
        hint=_("Check the disk."),
    )


def closed(path: Path) -> StoreUnavailable:
    """Return the error for calls on a closed store."""
    return StoreUnavailable(_("The store {path} is closed.").format(path=path))
