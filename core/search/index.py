"""The index of words in a file of its own: `search.db` in the data folder, readable by its owner.

SQLite's FTS5 without the texts: it says which messages hold which words, newest first, and never
ranks. Entries are only added; what was edited or taken back since is sorted out by whoever looks
the messages up. The file can be deleted at any time: the bridge makes it again from the store.
"""

import os
import sqlite3
import threading
import zlib
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Final, Self

import msgspec

from core.clock import to_microseconds
from core.i18n import _
from core.paths import make_private_file
from core.search.errors import SearchUnusable
from core.search.words import Wanted, expression, words_of

_VERSION: Final = 2
_SLOTS: Final = 1 << 10
"""Messages of one millisecond that have numbers in it; more have those of the next ones."""
_DAMAGED: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_STEPS: Final = 2000
"""SQLite's steps between two looks at whether a search should go on."""
_SCHEMA: Final = """
CREATE TABLE progress (one INTEGER PRIMARY KEY CHECK (one = 1), store INTEGER NOT NULL,
    seq INTEGER NOT NULL, target INTEGER NOT NULL, place TEXT NOT NULL);
INSERT INTO progress VALUES (1, 0, 0, 0, '');
CREATE TABLE threads (no INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE);
CREATE TABLE messages (id INTEGER PRIMARY KEY, thread INTEGER NOT NULL, name TEXT NOT NULL,
    checksum INTEGER NOT NULL);
CREATE UNIQUE INDEX messages_by_name ON messages (thread, name, checksum);
CREATE VIRTUAL TABLE words USING fts5(body, content='', detail='none', prefix='2 3 4',
    tokenize='ascii');
"""
"""Words are told apart by `words_of` alone; `ascii` takes what it gives as it is."""


class Text(msgspec.Struct, frozen=True):
    """A message to be found."""

    thread_id: str
    message_id: str
    moment: datetime
    body: str


class Found(msgspec.Struct, frozen=True):
    """A message that held the words when it was last read."""

    place: int
    """Falls from newer to older ones; the place to go on from."""
    thread_id: str
    message_id: str


class Progress(msgspec.Struct, frozen=True):
    """How far the store has been read.

    That is every change up to `seq`, and of those up to `target` the ones in collections up to
    `place`.
    """

    store: int = 0
    """The identity of the store's file; another file is read from its beginning."""
    seq: int = 0
    target: int = 0
    place: str = ""


class SearchIndex:
    """An open index; every method may be called from any thread, and waits for its turn."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection
        self._file = os.stat(path)
        self._lock = threading.Lock()
        """Closing the connection under another thread's statement would end the process."""

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open the index for writing, made anew when it is damaged or of another version.

        Raises SearchUnusable.
        """
        try:
            return cls(path, _connect(path))
        except (sqlite3.OperationalError, OSError) as error:
            raise unusable(path, error) from error
        except sqlite3.DatabaseError:
            _delete(path)
        try:
            return cls(path, _connect(path))
        except (sqlite3.Error, OSError) as error:
            raise unusable(path, error) from error

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """Open the index for searching; None while there is none. Raises SearchUnusable."""
        try:
            uri = f"{path.absolute().as_uri()}?mode=ro"
            connection = sqlite3.connect(
                uri, uri=True, isolation_level=None, check_same_thread=False
            )
            connection.execute("PRAGMA busy_timeout=200")
            if connection.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
                connection.close()
                return None
            return cls(path, connection)
        except (sqlite3.OperationalError, FileNotFoundError):
            return None
        except sqlite3.Error as error:
            raise unusable(path, error) from error

    def is_in_place(self) -> bool:
        """Whether its file is still the one at its path, and was not made anew."""
        try:
            return os.path.samestat(os.stat(self._path), self._file)
        except OSError:
            return False

    def close(self) -> None:
        """Release the file, once nobody is at it."""
        with self._lock:
            self._connection.close()

    # -- writing --

    def progress(self) -> Progress:
        """Return how far the store has been read. Raises SearchUnusable."""
        with self._use():
            row = self._connection.execute("SELECT store, seq, target, place FROM progress")
            return Progress(*row.fetchone())

    def add(self, texts: Iterable[Text], progress: Progress) -> None:
        """Take messages in and note how far the store was read, in one transaction.

        A message that is there with this very text is passed over. Raises SearchUnusable; a file
        that shows to be damaged is deleted, so that the next `open` makes it anew.
        """
        # In rising order, because FTS5 writes out what it gathered whenever a number falls.
        ordered = sorted(texts, key=lambda text: text.moment)
        with self._use():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                for text in ordered:
                    self._add(text)
                self._connection.execute(
                    "UPDATE progress SET store = ?, seq = ?, target = ?, place = ?",
                    msgspec.structs.astuple(progress),
                )
                self._connection.execute("COMMIT")
            except BaseException as error:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                if getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED:
                    _delete(self._path)
                raise

    def _add(self, text: Text) -> None:
        execute = self._connection.execute
        execute("INSERT OR IGNORE INTO threads (id) VALUES (?)", (text.thread_id,))
        thread = execute("SELECT no FROM threads WHERE id = ?", (text.thread_id,)).fetchone()[0]
        checksum = zlib.crc32(text.body.encode(errors="replace"))
        entry = (thread, text.message_id, checksum)
        known = "SELECT 1 FROM messages WHERE thread = ? AND name = ? AND checksum = ?"
        if execute(known, entry).fetchone() is not None:
            return
        number = self._free_number(to_microseconds(text.moment) // 1000 * _SLOTS)
        execute("INSERT INTO messages VALUES (?, ?, ?, ?)", (number, *entry))
        words = " ".join(words_of(text.body))
        execute("INSERT INTO words (rowid, body) VALUES (?, ?)", (number, words))

    def _free_number(self, first: int) -> int:
        """Return a number for a message of the millisecond that begins at `first`, or soon after.

        A chat may be imported in which thousands of messages are of one moment.
        """
        taken = "SELECT max(id) FROM messages WHERE id BETWEEN ? AND ?"
        while True:
            last = self._connection.execute(taken, (first, first + _SLOTS - 1)).fetchone()[0]
            if last is None:
                return first
            if last < first + _SLOTS - 1:
                return int(last) + 1
            first += _SLOTS

    # -- searching --

    def search(
        self, words: list[Wanted], *, before: int | None = None, goes_on: Callable[[], bool]
    ) -> Generator[Found]:
        """Yield messages that hold all words, the newest first, as long as `goes_on` says so.

        `before` is the place of the last one that was had. Raises SearchUnusable.
        """
        if not words:
            return
        handler: Callable[[], int] = lambda: 0 if goes_on() else 1  # noqa: E731 - SQLite asks so
        limit = 2**63 - 1 if before is None else before
        with suppress(_Interrupted), self._use():
            self._connection.set_progress_handler(handler, _STEPS)
            try:
                # CROSS JOIN holds SQLite to this order, in which FTS5 gives the newest first.
                for row in self._connection.execute(
                    "SELECT w.rowid, t.id, m.name FROM words w"
                    " CROSS JOIN messages m ON m.id = w.rowid"
                    " CROSS JOIN threads t ON t.no = m.thread"
                    " WHERE words MATCH ? AND w.rowid < ? ORDER BY w.rowid DESC",
                    (expression(words), limit),
                ):
                    yield Found(*row)
            finally:
                self._connection.set_progress_handler(None, 0)

    def is_complete(self) -> bool:
        """Whether the store was read to its end once. Raises SearchUnusable."""
        return self.progress().seq > 0

    @contextmanager
    def _use(self) -> Iterator[None]:
        """Hold the index for a block. Raises SearchUnusable, also when it was closed."""
        try:
            with self._lock:
                yield
        except sqlite3.OperationalError as error:
            if "interrupted" in str(error):
                raise _Interrupted from error
            raise unusable(self._path, error) from error
        except sqlite3.Error as error:
            raise unusable(self._path, error) from error


class _Interrupted(Exception):
    """A search was told not to go on."""


def _delete(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).unlink()


def _connect(path: Path) -> sqlite3.Connection:
    make_private_file(path)  # SQLite takes the umask's mode
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA busy_timeout=5000")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")  # what a crash undoes is read again
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            connection.executescript(f"BEGIN;{_SCHEMA}PRAGMA user_version={_VERSION};COMMIT;")
        elif version != _VERSION:
            raise sqlite3.DatabaseError("another version")
        connection.execute("SELECT seq FROM progress").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def unusable(path: Path, reason: Exception) -> SearchUnusable:
    """Return an error that names the file."""
    return SearchUnusable(
        _("The index of words {path} cannot be used: {reason}.").format(path=path, reason=reason),
        hint=_("Delete it while nothing runs; it is made again."),
    )
