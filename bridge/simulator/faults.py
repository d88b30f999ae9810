"""Faults on request: kept durably, used up one by one, or there until they are cleared."""

from dataclasses import dataclass
from typing import Any

from bridge.errors import SimulatorError
from bridge.simulator.database import Database

AT_ONCE = frozenset(
    {"disconnect", "logout", "stream_replaced", "temporary_ban", "client_outdated"}
    | {"keepalive_timeout"}
)
"""Done to a live connection at once; without one, to the next."""

ON_CONNECT = ("connect_failure", "throttled")
KINDS = AT_ONCE | {
    "refuse_connections",
    *ON_CONNECT,
    "qr_timeout",
    "qr_never_scanned",
    "passkey",
    "slow",
    "error_before_send",
    "error_463",
    "lost_answer",
    "error_after_delivery",
    "duplicate",
    "reorder",
    "ack_lost",
    "undecryptable",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault that waits for its moment."""

    kind: str
    account: str
    """Empty: every account."""
    remaining: int | None
    """None: until cleared."""
    seconds: float
    """How slow, or how long a ban or throttle lasts."""


class Faults:
    """The faults that were asked for, as kept in the database."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, kind: str, account: str, count: int | None, seconds: float) -> None:
        """Ask for a fault. Raises SimulatorError for an unknown kind or count."""
        if kind not in KINDS:
            raise SimulatorError(f"No such fault: {kind!r}.", hint=", ".join(sorted(KINDS)))
        if count is not None and count < 1:
            raise SimulatorError("A fault happens at least once.")
        with self._db.change():
            self._db.run(
                "INSERT INTO fault (account, kind, remaining, seconds) VALUES (?,?,?,?)",
                account, kind, count, seconds,
            )  # fmt: skip

    def present(self, account: str, *kinds: str) -> Fault | None:
        """Return the oldest waiting fault of these kinds without using it up."""
        marks = ",".join("?" * len(kinds))
        row = self._db.row(
            f"SELECT * FROM fault WHERE account IN ('', ?) AND kind IN ({marks})"  # noqa: S608
            " ORDER BY seq LIMIT 1",
            account, *kinds,
        )  # fmt: skip
        if row is None:
            return None
        return Fault(row["kind"], row["account"], row["remaining"], row["seconds"])

    def take(self, account: str, *kinds: str) -> Fault | None:
        """Return the oldest waiting fault of these kinds, used up by one; durable at once."""
        fault = self.present(account, *kinds)
        if fault is None or fault.remaining is None:
            return fault
        with self._db.change():
            row = self._db.row(
                "SELECT seq FROM fault WHERE account = ? AND kind = ? ORDER BY seq LIMIT 1",
                fault.account, fault.kind,
            )  # fmt: skip
            assert row is not None
            self._db.run("UPDATE fault SET remaining = remaining - 1 WHERE seq = ?", row["seq"])
            self._db.run("DELETE FROM fault WHERE remaining <= 0")
        return fault

    def clear(self, account: str | None, kind: str | None) -> int:
        """Forget waiting faults of an account, of a kind, or all; returns how many."""
        with self._db.change():
            return self._db.count(
                "DELETE FROM fault WHERE (?1 IS NULL OR account = ?1)"
                " AND (?2 IS NULL OR kind = ?2)",
                account, kind,
            )  # fmt: skip

    def waiting(self) -> list[dict[str, Any]]:
        """Return what the HTTP interface tells about the waiting faults."""
        return [
            {"kind": r["kind"], "account": r["account"], "count": r["remaining"],
             "seconds": r["seconds"]}
            for r in self._db.rows("SELECT * FROM fault ORDER BY seq")
        ]  # fmt: skip
