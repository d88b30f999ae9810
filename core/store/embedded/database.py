"""The store's file: made, checked and opened.

Schema: `documents` holds every document, a deleted one as a row without data, so that
`documents_by_seq` is the feed of changes of a collection; `collections.last_seq` says without a
search whether a collection changed; `index_<no>` are the entries of one index each.
"""

import errno
import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from core.i18n import _
from core.paths import is_parted_from_log, make_private_file
from core.store.embedded.faults import translated
from core.store.errors import StoreUnavailable, StoreUnusable

SCHEMA_VERSION: Final = 1
LOCK_SECONDS: Final = 5.0
"""How long to wait for other processes' commits."""
LOCK_STEP: Final = 0.0005
_APPLICATION_ID: Final = 0x63617063
"""`capc`: tells our files from other SQLite databases."""

_SCHEMA: Final = """
CREATE TABLE state (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    seq INTEGER NOT NULL,
    commit_time INTEGER NOT NULL,
    indexes_version INTEGER NOT NULL
);
INSERT INTO state VALUES (1, 0, 0, 0);
CREATE TABLE collections (
    no INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,
    grp TEXT NOT NULL,
    last_seq INTEGER NOT NULL
);
CREATE INDEX collections_by_group ON collections (grp, last_seq);
CREATE TABLE documents (
    no INTEGER PRIMARY KEY,
    col INTEGER NOT NULL,
    id TEXT NOT NULL,
    create_time INTEGER NOT NULL,
    update_time INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    data BLOB
);
CREATE UNIQUE INDEX documents_by_id ON documents (col, id);
CREATE UNIQUE INDEX documents_by_seq ON documents (col, seq);
CREATE TABLE indexes (
    no INTEGER PRIMARY KEY AUTOINCREMENT,
    definition TEXT NOT NULL UNIQUE
);
"""


class Database:
    """Where a store is, and whether it is still there."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._identity: tuple[int, int] | None = None

    def prepare(self) -> sqlite3.Connection:
        """Make the file if there is none, check it, and return a connection.

        Raises StoreUnavailable, StoreUnusable.
        """
        try:
            self._check_not_parted()
            make_private_file(self.path)
            if not os.access(self.path, os.R_OK | os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            found = self.path.stat()
        except OSError as error:
            raise StoreUnavailable(
                _("The store {path} cannot be opened: {reason}.").format(
                    path=self.path, reason=error.strerror
                ),
                hint=_("Check that the folder exists and that you may write to it."),
            ) from error
        self._identity = (found.st_dev, found.st_ino)
        connection = self.connect(lock_seconds=LOCK_SECONDS)
        try:
            with translated(self.path):
                # SQLite does not wait by itself when several open a new file at once.
                patiently(lambda: self._check(connection), seconds=LOCK_SECONDS)
        except BaseException:
            connection.close()
            raise
        return connection

    def connect(self, *, lock_seconds: float) -> sqlite3.Connection:
        """Return a new connection to the file. Raises StoreUnavailable, StoreUnusable."""
        with translated(self.path):
            # Never made here: an empty file in the place of one that was just moved away would have
            # SQLite delete the log of that one.
            connection = sqlite3.connect(
                f"{self.path.absolute().as_uri()}?mode=rw",
                uri=True,
                timeout=lock_seconds,
                isolation_level=None,
                check_same_thread=False,
                cached_statements=256,
            )
            try:
                # FULL: a commit that was reported has reached the disk, even if power fails.
                connection.execute("PRAGMA synchronous=FULL")
                connection.execute("PRAGMA cache_size=-4096")
                # Pages; copying the log back more rarely writes what changed again but once.
                connection.execute("PRAGMA wal_autocheckpoint=4000")
                connection.execute("PRAGMA journal_size_limit=33554432")
            except BaseException:
                connection.close()
                raise
            return connection

    def check_presence(self) -> None:
        """Raise StoreUnavailable when the file was moved away, removed or replaced.

        SQLite would go on with the file that it holds open, and what is written there is lost.
        """
        try:
            found = os.stat(self.path)
        except OSError as error:
            raise StoreUnavailable(
                _("The store {path} is gone: {reason}.").format(
                    path=self.path, reason=error.strerror
                ),
                hint=_("Put it back, or start the program anew."),
            ) from error
        if (found.st_dev, found.st_ino) != self._identity:
            raise StoreUnavailable(
                _("The store {path} was replaced by another file.").format(path=self.path),
                hint=_("Start the program anew."),
            )

    def _check_not_parted(self) -> None:
        if is_parted_from_log(self.path):
            raise StoreUnavailable(
                _("The store {path} is gone, but its log is there.").format(path=self.path),
                hint=_("Put it back; or, to begin a new store, move {log} away as well.").format(
                    log=f"{self.path.name}-wal"
                ),
            )

    def _check(self, connection: sqlite3.Connection) -> None:
        """Check whose file this is, and make the schema in a new one."""
        application, version, is_empty = _identify(connection)
        if is_empty:
            connection.execute("PRAGMA journal_mode=WAL")
            self._create(connection)
            application, version, _is_empty = _identify(connection)
        if application != _APPLICATION_ID:
            raise StoreUnusable(
                _("{path} is not a store.").format(path=self.path),
                hint=_("Move it away, or choose another data folder."),
            )
        if version > SCHEMA_VERSION:
            raise StoreUnusable(
                _("The store {path} was written by a newer version of this program.").format(
                    path=self.path
                ),
                hint=_("Update the program."),
            )
        if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            connection.execute("PRAGMA journal_mode=WAL")

    def _create(self, connection: sqlite3.Connection) -> None:
        """Make the schema, unless another process was quicker."""
        connection.execute("BEGIN IMMEDIATE")
        try:
            if _count_tables(connection) == 0:
                for statement in _SCHEMA.split(";"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id={_APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
            connection.execute("COMMIT")
        except BaseException:
            rollback(connection)
            raise


def _identify(connection: sqlite3.Connection) -> tuple[int, int, bool]:
    """Return application id, schema version and whether nothing is in the file, at one moment."""
    connection.execute("BEGIN")
    try:
        tables = _count_tables(connection)
        application: int = connection.execute("PRAGMA application_id").fetchone()[0]
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    finally:
        connection.execute("ROLLBACK")
    return application, version, tables == 0 and application == 0 and version == 0


def _count_tables(connection: sqlite3.Connection) -> int:
    count: int = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    return count


def patiently(step: Callable[[], object], *, seconds: float) -> None:
    """Try a step at short intervals while the file is locked; raises sqlite3.Error.

    SQLite's own waiting grows to 100 ms a step and loses against a busy writer.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            step()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(LOCK_STEP)
        else:
            return


def rollback(connection: sqlite3.Connection) -> None:
    """Roll back unless SQLite already did."""
    if connection.in_transaction:
        connection.execute("ROLLBACK")
