"""What one account's ingest must remember beside the documents, in a small SQLite file.

- names of people who have no thread yet, and which hidden identity (LID) is which phone number;
- facts about messages that are not known (yet): a receipt may overtake the answer to its send.

Changes are durable once `save` returns, which is before the journal entry counts as done.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Self

import msgspec

from bridge.errors import BridgeError
from bridge.ingest.messages import Change
from bridge.whatsapp.facts import MessageEdited, MessageRevoked, ReactionSet, ReceiptSeen
from core.clock import from_microseconds, to_microseconds
from core.failpoints import reach
from core.i18n import _
from core.model.ids import Jid
from core.paths import make_private_file

_SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE IF NOT EXISTS names (
    jid TEXT PRIMARY KEY, name TEXT NOT NULL, source TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS links (lid TEXT PRIMARY KEY, phone TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS lids (phone TEXT PRIMARY KEY, lid TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS archived (jid TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS early (
    thread_id TEXT NOT NULL, message_id TEXT NOT NULL, kind TEXT NOT NULL, fact BLOB NOT NULL,
    received_at INTEGER NOT NULL, PRIMARY KEY (thread_id, message_id, kind, fact)
) WITHOUT ROWID;
"""
_KINDS: dict[str, type[Change]] = {
    kind.__name__: kind for kind in (MessageEdited, MessageRevoked, ReactionSet, ReceiptSeen)
}


class EarlyFact(msgspec.Struct, frozen=True):
    """A fact about a message that was not known when it came."""

    message_id: str
    """WhatsApp's id."""
    fact: Change
    received_at: datetime


class Notes:
    """The notes of one account; used from the event loop's thread alone."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._names: dict[str, tuple[str, str]] = {
            jid: (name, source)
            for jid, name, source in connection.execute("SELECT jid, name, source FROM names")
        }
        links = connection.execute("SELECT lid, phone FROM links").fetchall()
        self._phones: dict[str, str] = dict(links)
        # Of several that had a number, the last; an older version did not write down which.
        last = connection.execute("SELECT phone, lid FROM lids").fetchall()
        lids = {phone: lid for lid, phone in links} | dict(last)
        self._lids: dict[str, str] = {phone: lid for phone, lid in lids.items() if lid}
        self._archived = {jid for (jid,) in connection.execute("SELECT jid FROM archived")}
        self._early = self._count_early()

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open or make the notes at `path`. Raises BridgeError when the file cannot be used."""
        try:
            path.parent.mkdir(mode=0o700, exist_ok=True)
            make_private_file(path)
            connection = sqlite3.connect(path, timeout=10.0)
            try:
                connection.executescript(_SCHEMA)
                return cls(connection)
            except BaseException:
                connection.close()
                raise
        except (OSError, sqlite3.Error) as error:
            raise BridgeError(
                _("The notes {path} cannot be used: {reason}.").format(path=path, reason=error),
                hint=_("Stop the bridge, move the file away and start again."),
            ) from error

    def save(self) -> None:
        """Make every change durable."""
        if self._db.in_transaction:
            reach("notes.save")
            self._db.commit()

    def close(self) -> None:
        """Close the file; what was not saved belongs to work that will be done again."""
        self._db.close()

    # -- names and addresses ------------------------------------------------------------------

    def name_of(self, jid: Jid | None) -> tuple[str, str] | None:
        """Return the best known name of a person or group and its source."""
        return None if jid is None else self._names.get(str(jid))

    def learn_name(self, jid: Jid, name: str, source: str) -> bool:
        """Remember a name; a push name never replaces a better one. Tells whether it is news."""
        known = self._names.get(str(jid))
        if not name or known == (name, source) or (known and source == "push" != known[1]):
            return False
        self._names[str(jid)] = (name, source)
        self._db.execute("INSERT OR REPLACE INTO names VALUES (?, ?, ?)", (str(jid), name, source))
        return True

    def phone_of(self, lid: Jid) -> Jid | None:
        """Return the phone address behind a hidden identity, when it is known."""
        phone = self._phones.get(str(lid))
        return Jid.parse(phone) if phone else None

    def lid_of(self, phone: Jid) -> Jid | None:
        """Return the hidden identity of a phone address, when it is known."""
        lid = self._lids.get(str(phone))
        return Jid.parse(lid) if lid else None

    def link(self, lid: Jid, phone: Jid) -> bool:
        """Remember that two addresses are one person. Tells whether it is news."""
        known = self._phones.get(str(lid))
        if known == str(phone):
            return False
        if known is not None and self._lids.get(known) == str(lid):
            del self._lids[known]  # a number that was given up: somebody else may have it
            self._db.execute("INSERT OR REPLACE INTO lids VALUES (?, NULL)", (known,))
        self._phones[str(lid)] = str(phone)
        self._lids[str(phone)] = str(lid)
        self._db.execute("INSERT OR REPLACE INTO links VALUES (?, ?)", (str(lid), str(phone)))
        self._db.execute("INSERT OR REPLACE INTO lids VALUES (?, ?)", (str(phone), str(lid)))
        return True

    def note_archived(self, jid: Jid) -> None:
        """Remember that the phone keeps this chat in its archive."""
        if str(jid) not in self._archived:
            self._archived.add(str(jid))
            self._db.execute("INSERT OR IGNORE INTO archived VALUES (?)", (str(jid),))

    def is_archived(self, jid: Jid) -> bool:
        """Whether the phone kept this chat in its archive when its history came."""
        return str(jid) in self._archived

    # -- early facts --------------------------------------------------------------------------

    def put_early(self, thread_id: str, message_id: str, fact: Change, at: datetime) -> None:
        """Keep a fact until its message is known."""
        if isinstance(fact, ReceiptSeen):
            fact = ReceiptSeen(
                chat=fact.chat, message_ids=(message_id,), kind=fact.kind, at=fact.at
            )
        cursor = self._db.execute(
            "INSERT OR IGNORE INTO early VALUES (?, ?, ?, ?, ?)",
            (
                thread_id,
                message_id,
                type(fact).__name__,
                msgspec.msgpack.encode(fact),
                to_microseconds(at),
            ),
        )
        self._early[message_id] += cursor.rowcount

    def _count_early(self) -> defaultdict[str, int]:
        """Return how many early facts there are about each message."""
        counts = self._db.execute("SELECT message_id, count(*) FROM early GROUP BY message_id")
        return defaultdict(int, dict(counts.fetchall()))

    def is_any_early(self, message_ids: Iterable[str]) -> bool:
        """Whether anything came early about messages with these ids, in whatever thread."""
        return not self._early.keys().isdisjoint(message_ids)

    def early(self, thread_id: str, message_id: str) -> list[EarlyFact]:
        """Return what came early about a message, in the order of arrival."""
        if not self._early.get(message_id):
            return []
        return [early for early in self.early_in(thread_id) if early.message_id == message_id]

    def early_in(self, thread_id: str) -> list[EarlyFact]:
        """Return what came early in a thread, in the order of arrival."""
        rows = self._db.execute(
            "SELECT message_id, kind, fact, received_at FROM early WHERE thread_id = ?"
            " ORDER BY received_at",
            (thread_id,),
        )
        return [
            EarlyFact(
                message_id,
                msgspec.msgpack.decode(fact, type=_KINDS[kind]),
                from_microseconds(received_at),
            )
            for message_id, kind, fact, received_at in rows
        ]

    def latest_early(self, limit: int) -> list[tuple[str, str]]:
        """Return thread and id of the messages that something came early about, the newest first.

        At most `limit` of them.
        """
        return self._db.execute(
            "SELECT thread_id, message_id FROM early GROUP BY thread_id, message_id"
            " ORDER BY max(received_at) DESC LIMIT ?",
            (limit,),
        ).fetchall()

    def forget_early(self, thread_id: str, message_id: str) -> None:
        """Drop what came early about a message: its document says it now."""
        if not self._early.get(message_id):
            return
        gone = self._db.execute(
            "DELETE FROM early WHERE thread_id = ? AND message_id = ?", (thread_id, message_id)
        ).rowcount
        self._early[message_id] -= gone  # Messages of other threads may have the same id.
        if not self._early[message_id]:
            del self._early[message_id]

    def move_early(self, thread_id: str, into: str) -> None:
        """Let what came early in a thread count for the thread it was merged into."""
        self._db.execute(
            "UPDATE OR IGNORE early SET thread_id = ? WHERE thread_id = ?", (into, thread_id)
        )

    def forget_older(self, than: datetime) -> None:
        """Drop early facts whose message never came."""
        self._db.execute("DELETE FROM early WHERE received_at < ?", (to_microseconds(than),))
        self._early = self._count_early()
