"""The simulator's durable state: one SQLite file, every change committed before it is answered."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bridge.errors import SimulatorError
from core.i18n import _
from core.paths import make_private_file

Row = sqlite3.Row

_VERSION = 1
_PATIENCE_SECONDS = 0.5
"""How long a simulator that is just ending may hold the state."""
_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE phone (
  number TEXT PRIMARY KEY,            -- international, digits only
  kind TEXT NOT NULL,                 -- business | customer
  name TEXT NOT NULL,                 -- push name
  lid TEXT NOT NULL UNIQUE,           -- user part of the hidden identity
  addressing TEXT NOT NULL,           -- phone | lid | lid_only: how its messages name it
  receipts_under TEXT NOT NULL,       -- phone | lid: how its receipts name it
  account TEXT NOT NULL,              -- business: the account that it lets link, '' for any
  willing INTEGER NOT NULL,           -- business: scans a shown QR by itself
  delivers INTEGER NOT NULL,          -- whether it is online: delivers by itself
  persona TEXT NOT NULL,              -- the script that answers for it, '' for none
  history TEXT NOT NULL               -- business: recipe of generated history, JSON
);
CREATE TABLE contact (
  owner TEXT NOT NULL, number TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (owner, number)
) WITHOUT ROWID;
CREATE TABLE party (                  -- a group
  jid TEXT PRIMARY KEY, subject TEXT NOT NULL, members TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE device (
  token TEXT PRIMARY KEY, account TEXT NOT NULL, phone TEXT NOT NULL, slot INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE queue (                  -- events that a device has not acknowledged
  seq INTEGER PRIMARY KEY AUTOINCREMENT, token TEXT NOT NULL, code INTEGER NOT NULL,
  payload BLOB, recipe TEXT           -- one of the two
);
CREATE INDEX queue_of_device ON queue (token, seq);
CREATE TABLE message (                -- one row for each business phone that has it
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, owner TEXT NOT NULL,
  chat TEXT NOT NULL,                 -- the customer's number, or a group's JID
  sender TEXT NOT NULL, from_me INTEGER NOT NULL, seconds INTEGER NOT NULL,
  content TEXT NOT NULL, status TEXT NOT NULL, via TEXT NOT NULL,
  is_read INTEGER NOT NULL DEFAULT 0, is_revoked INTEGER NOT NULL DEFAULT 0,
  reactions TEXT NOT NULL DEFAULT '{}',
  UNIQUE (owner, id)
);
CREATE INDEX message_of_chat ON message (owner, chat, seq);
CREATE INDEX message_by_id ON message (id);
CREATE TABLE received (               -- every arrival at a customer's phone, doubles included
  seq INTEGER PRIMARY KEY AUTOINCREMENT, phone TEXT NOT NULL, id TEXT NOT NULL,
  sender TEXT NOT NULL, chat TEXT NOT NULL, body TEXT NOT NULL, seconds INTEGER NOT NULL
);
CREATE INDEX received_by_phone ON received (phone, seq);
CREATE TABLE fault (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, kind TEXT NOT NULL,
  remaining INTEGER, seconds REAL NOT NULL
);
CREATE TABLE agenda (                 -- what personas will do, in their own time
  seq INTEGER PRIMARY KEY AUTOINCREMENT, due REAL NOT NULL, action TEXT NOT NULL,
  detail TEXT NOT NULL
);
CREATE INDEX agenda_by_due ON agenda (due, seq);
"""


class Database:
    """One connection, used from one thread; every `change` is one durable transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @classmethod
    def open(cls, folder: Path) -> "Database":
        """Open or make the state in `folder`. Raises SimulatorError when that cannot be done."""
        file = folder / "simulator.db"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            make_private_file(file)
            connection = sqlite3.connect(file, isolation_level=None, timeout=_PATIENCE_SECONDS)
        except (OSError, sqlite3.Error) as error:
            raise SimulatorError(
                _("The simulator cannot keep its state in {folder}: {reason}.").format(
                    folder=folder, reason=error
                ),
                hint=_("Choose another folder with --state."),
            ) from error
        connection.row_factory = sqlite3.Row
        try:
            cls._prepare(connection)
        except (sqlite3.Error, SimulatorError) as error:
            connection.close()
            raise SimulatorError(
                _("The simulator's state in {file} cannot be used: {reason}").format(
                    file=file, reason=error
                ),
                hint=_("End the simulator that uses it, or choose another folder with --state."),
            ) from error
        return cls(connection)

    @staticmethod
    def _prepare(connection: sqlite3.Connection) -> None:
        # One simulator to a state: the lock ends with the process, however that ends.
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("COMMIT")
        connection.execute("PRAGMA synchronous=FULL")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            connection.executescript(
                f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version={_VERSION}; COMMIT;"
            )
        elif version != _VERSION:
            raise SimulatorError(_("It was written by another version."))

    @contextmanager
    def change(self) -> Iterator[None]:
        """Run the block as one transaction, durable when it ends; nested blocks join the outer."""
        is_nested = self._connection.in_transaction
        if is_nested:
            yield
            return
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:  # some failures have ended it already
                self._connection.execute("ROLLBACK")
            raise

    def run(self, sql: str, *values: object) -> int:
        """Execute one statement; returns the row id of an insert."""
        return self._connection.execute(sql, values).lastrowid or 0

    def count(self, sql: str, *values: object) -> int:
        """Execute one statement; returns how many rows it changed."""
        return self._connection.execute(sql, values).rowcount

    def rows(self, sql: str, *values: object) -> list[Row]:
        """Return every row of a query."""
        return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, *values: object) -> Row | None:
        """Return the first row of a query, or None."""
        found: Row | None = self._connection.execute(sql, values).fetchone()
        return found

    def meta(self, key: str, default: str = "") -> str:
        """Return a remembered value."""
        row = self.row("SELECT value FROM meta WHERE key = ?", key)
        return default if row is None else str(row["value"])

    def set_meta(self, key: str, value: str) -> None:
        """Remember a value."""
        self.run("INSERT OR REPLACE INTO meta VALUES (?, ?)", key, value)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
