"""The journal of one account: every event of WhatsApp, durable before anything is done with it.

A SQLite file in WAL mode with `synchronous=FULL`: when `append` returns, the entry survives a crash
of the process and of the machine. One process appends (the account's worker, from any thread),
another reads and marks done (the bridge). The library acknowledges a message to WhatsApp on its own
account and deletes history from the server after the callback, so what is not in here is lost.
"""

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

from bridge.errors import JournalDamaged, JournalError
from core.clock import from_microseconds, system_clock, to_microseconds
from core.failpoints import reach
from core.i18n import _
from core.paths import is_parted_from_log, make_private_file

JOURNAL_NAME = "journal.db"
"""In the account's folder."""
SCHEMA_VERSION = 1
_PATIENCE_SECONDS = 30.0
"""How long one process waits while the other one writes."""
_WAL_BYTES = 8 * 1024 * 1024
"""To this size the write-ahead log shrinks again after a large entry."""
_VACUUM_PAGES = 500
_VACUUM_STEPS = 20
"""Freed pages are given back in short steps, so that an append never waits long, and not all in
one compaction."""
_SPARE_PAGES = 1000
"""Free pages that stay: the next entries take them."""
_DELETED_AT_ONCE = 200
_DELETED_BYTES = 16 * 1024 * 1024
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

_SCHEMA = """
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA journal_mode = WAL;
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS entries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    code INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    size INTEGER NOT NULL,
    set_aside TEXT,
    payload BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS set_aside_entries ON entries (seq) WHERE set_aside IS NOT NULL;
CREATE TABLE IF NOT EXISTS progress (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    done_seq INTEGER NOT NULL
);
INSERT OR IGNORE INTO progress VALUES (1, 0);
PRAGMA user_version = 1;
COMMIT;
"""


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One event as it came from the library."""

    seq: int
    """Rises by the order of arrival; never used twice."""
    code: int
    """neonize's event code, see `bridge.whatsapp.proto.EventCode`."""
    received_at: datetime
    payload: bytes
    """The serialized protobuf."""


class Journal:
    """The entries of one account; every method may be called from any thread."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._db = connection
        self._lock = threading.Lock()
        self._inode = path.stat().st_ino

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open or make the journal at `path`, readable by its owner alone.

        Raises JournalDamaged when the file is no sound journal (it is kept aside, and the next
        `open` begins a new one) and JournalError when it cannot be opened at all.
        """
        try:
            path.parent.mkdir(mode=0o700, exist_ok=True)
            if is_parted_from_log(path):
                raise _parted(path)
            make_private_file(path)
            return cls(path, _connect_patiently(path))
        except sqlite3.DatabaseError as error:
            if _code_of(error) in _DAMAGED:
                raise _kept_aside(path) from error
            raise _failure(path, error) from error
        except OSError as error:
            raise _failure(path, error) from error

    def append(self, code: int, payload: bytes, received_at: datetime) -> int:
        """Write an event and return its seq once it is durable. Raises JournalError."""
        with self._use() as db:
            reach("journal.append.begin")
            row = db.execute(
                "INSERT INTO entries (code, received_at, size, payload) VALUES (?, ?, ?, ?)",
                (code, to_microseconds(received_at), len(payload), payload),
            ).lastrowid
        reach("journal.append.end")
        assert row is not None
        return row

    def read(self, limit: int, *, most_bytes: int = 4 * 1024 * 1024) -> list[JournalEntry]:
        """Return the oldest entries that are not done, in order.

        At most `limit` of them and about `most_bytes` of payload, but one at least when there is
        one. Raises JournalError.
        """
        found: list[JournalEntry] = []
        with self._use() as db:
            rows = db.execute(
                "SELECT seq, code, received_at, payload FROM entries"
                " WHERE seq > (SELECT done_seq FROM progress) ORDER BY seq LIMIT ?",
                (limit,),
            )
            for row in rows:
                found.append(_entry(row))
                most_bytes -= len(found[-1].payload)
                if most_bytes <= 0:
                    break
            rows.close()
        return found

    def get(self, seq: int) -> JournalEntry | None:
        """Return one entry, done or not, or None when it is not kept any more."""
        with self._use() as db:
            row = db.execute(
                "SELECT seq, code, received_at, payload FROM entries WHERE seq = ?", (seq,)
            ).fetchone()
        return None if row is None else _entry(row)

    def mark_done(self, seq: int) -> None:
        """Note that every entry up to `seq` needs no more work; never goes back."""
        with self._use() as db:
            reach("journal.done")
            db.execute("UPDATE progress SET done_seq = ? WHERE done_seq < ?", (seq, seq))

    def set_aside(self, seq: int, reason: str) -> None:
        """Keep an entry that could not be understood: compaction leaves it, to be looked at."""
        with self._use() as db:
            db.execute("UPDATE entries SET set_aside = ? WHERE seq = ?", (reason, seq))

    def asides(self) -> int:
        """Return how many entries were set aside."""
        return self._number("SELECT count(*) FROM entries WHERE set_aside IS NOT NULL")

    def backlog(self) -> int:
        """Return how many entries are not done."""
        return self._number(
            "SELECT count(*) FROM entries WHERE seq > (SELECT done_seq FROM progress)"
        )

    def oldest(self) -> datetime | None:
        """Return when the oldest entry came that is not done; None when all are."""
        with self._use() as db:
            row = db.execute(
                "SELECT received_at FROM entries WHERE seq > (SELECT done_seq FROM progress)"
                " ORDER BY seq LIMIT 1"
            ).fetchone()
        return from_microseconds(row[0]) if row else None

    def last_seq(self) -> int:
        """Return the newest entry's seq, 0 when there never was one."""
        return self._number("SELECT coalesce(max(seq), 0) FROM sqlite_sequence")

    def done_seq(self) -> int:
        """Return up to which seq everything is done."""
        return self._number("SELECT done_seq FROM progress")

    def compact(self, keep: int, *, keep_bytes: int = 256 * 1024 * 1024) -> int:
        """Forget old entries that are done and return how many.

        The newest `keep` of them stay, as long as together they hold no more than `keep_bytes`:
        media is fetched with what they say. Works in small steps, so that appends go on.
        """
        doomed = self._doomed(keep, keep_bytes)
        for batch in _batches(doomed):
            reach("journal.compact")
            with self._use() as db:
                db.executemany("DELETE FROM entries WHERE seq = ?", batch)
        for _step in range(_VACUUM_STEPS):
            with self._use() as db:
                free = db.execute("PRAGMA freelist_count").fetchone()[0]
                if free <= _SPARE_PAGES:
                    break
                # By script: a single step of this statement would give back a single page.
                db.executescript(f"PRAGMA incremental_vacuum({_VACUUM_PAGES})")
        return len(doomed)

    def close(self) -> None:
        """Close the file; twice does no harm."""
        with self._lock:
            self._db.close()

    def _doomed(self, keep: int, keep_bytes: int) -> list[tuple[int, int]]:
        """Return seq and size of the entries that compaction may forget."""
        with self._use() as db:
            rows: list[tuple[int, int]] = db.execute(
                "SELECT seq, size FROM entries WHERE set_aside IS NULL"
                " AND seq <= (SELECT done_seq FROM progress) ORDER BY seq DESC"
            ).fetchall()
        for kept, (_seq, size) in enumerate(rows):
            keep_bytes -= size
            if kept >= keep or keep_bytes < 0:
                return rows[kept:]
        return []

    def _number(self, query: str) -> int:
        with self._use() as db:
            return int(db.execute(query).fetchone()[0])

    @contextmanager
    def _use(self) -> Iterator[sqlite3.Connection]:
        """Hold the connection for one statement or transaction, and name what goes wrong."""
        with self._lock:
            try:
                if os.stat(self._path).st_ino != self._inode:
                    raise JournalError(
                        _("The journal {path} was replaced.").format(path=self._path),
                        hint=_("Connect the account again."),
                    )
                with self._db:
                    yield self._db
            except (sqlite3.Error, OSError) as error:
                raise _failure(self._path, error) from error


def _connect_patiently(path: Path) -> sqlite3.Connection:
    """Open the file, waiting for the other process if it is making its tables just now."""
    give_up_at = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            return _connect(path)
        except sqlite3.OperationalError as error:
            # SQLite does not wait by itself for the change to WAL mode.
            if _code_of(error) != sqlite3.SQLITE_BUSY or time.monotonic() > give_up_at:
                raise
            time.sleep(0.02)


def _code_of(error: sqlite3.Error) -> int:
    """Return SQLite's primary result code."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF


def _connect(path: Path) -> sqlite3.Connection:
    """Open the file, check that it is sound, and make the tables that are not there."""
    connection = sqlite3.connect(path, timeout=_PATIENCE_SECONDS, check_same_thread=False)
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > SCHEMA_VERSION:
            raise JournalError(
                _("The journal {path} was made by a newer capcoada.").format(path=path),
                hint=_("Update capcoada."),
            )
        if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            error = sqlite3.DatabaseError("quick_check")
            error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
            raise error
        if version < SCHEMA_VERSION:
            connection.executescript(_SCHEMA)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA journal_size_limit = {_WAL_BYTES}").fetchall()
    except BaseException:
        connection.close()
        raise
    return connection


def _batches(rows: list[tuple[int, int]]) -> Iterator[list[tuple[int]]]:
    """Cut entries to be deleted into transactions that are over quickly."""
    batch: list[tuple[int]] = []
    size = 0
    for seq, row_size in rows:
        batch.append((seq,))
        size += row_size
        if len(batch) >= _DELETED_AT_ONCE or size >= _DELETED_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _entry(row: tuple[int, int, int, bytes]) -> JournalEntry:
    seq, code, received_at, payload = row
    return JournalEntry(seq, code, from_microseconds(received_at), payload)


def _kept_aside(path: Path) -> JournalDamaged:
    """Rename a damaged journal with its companions and return the error that says so."""
    kept = path.with_name(f"{path.name}.damaged-{system_clock():%Y%m%dT%H%M%S%fZ}")
    for suffix in ("-wal", "-shm", ""):
        companion = path.with_name(path.name + suffix)
        if companion.exists():
            companion.rename(kept.with_name(kept.name + suffix))
    return JournalDamaged(
        _("The journal {path} is damaged.").format(path=path),
        hint=_("It was kept as {name}; connecting again begins a new one.").format(name=kept.name),
    )


def _parted(path: Path) -> JournalError:
    return JournalError(
        _("The journal {path} is gone, but its log is there.").format(path=path),
        hint=_("Put it back; or, to begin a new journal, move {log} away as well.").format(
            log=f"{path.name}-wal"
        ),
    )


def _failure(path: Path, error: Exception) -> JournalError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return JournalError(
        _("The journal {path} cannot be used: {reason}.").format(path=path, reason=reason),
        hint=_("Check the disk: free space, and rights to the data folder."),
    )
