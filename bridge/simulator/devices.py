"""Linked devices and the queue of events that each has not acknowledged."""

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bridge.simulator.database import Database, Row
from bridge.simulator.events import Event


@dataclass(frozen=True, slots=True)
class Device:
    """One linked device of a business phone."""

    token: str
    """Its session's secret."""
    account: str
    phone: str
    slot: int


def _device(row: Row) -> Device:
    return Device(row["token"], row["account"], row["phone"], row["slot"])


class Devices:
    """The linked devices, as kept in the database; `on_queued(token)` wakes their deliverers."""

    def __init__(self, db: Database, on_queued: Callable[[str], None]) -> None:
        self._db = db
        self._on_queued = on_queued

    def link(self, account: str, phone: str) -> Device:
        """Link a new device to a phone."""
        token = secrets.token_urlsafe(24)
        with self._db.change():
            row = self._db.row("SELECT max(slot) AS top FROM device WHERE phone = ?", phone)
            slot = int(row["top"] or 0) + 1 if row else 1
            self._db.run(
                "INSERT INTO device (token, account, phone, slot) VALUES (?,?,?,?)",
                token, account, phone, slot,
            )  # fmt: skip
        return Device(token, account, phone, slot)

    def by_token(self, token: str) -> Device | None:
        """Return the device of a session, or None when it is linked no more."""
        row = self._db.row("SELECT * FROM device WHERE token = ?", token)
        return None if row is None else _device(row)

    def of_phone(self, phone: str) -> list[Device]:
        """Return a phone's linked devices."""
        rows = self._db.rows("SELECT * FROM device WHERE phone = ? ORDER BY slot", phone)
        return [_device(row) for row in rows]

    def of_account(self, account: str) -> list[Device]:
        """Return the devices that an account linked."""
        rows = self._db.rows("SELECT * FROM device WHERE account = ? ORDER BY slot", account)
        return [_device(row) for row in rows]

    def all(self) -> list[Device]:
        """Return every linked device."""
        rows = self._db.rows("SELECT * FROM device ORDER BY phone, slot")
        return [_device(row) for row in rows]

    def unlink(self, token: str) -> None:
        """Forget a device and what waits for it."""
        with self._db.change():
            self._db.run("DELETE FROM device WHERE token = ?", token)
            self._db.run("DELETE FROM queue WHERE token = ?", token)

    def queue(self, phone: str, event: Event, *, but: str = "") -> None:
        """Queue an event for every device of a phone but one."""
        for device in self.of_phone(phone):
            if device.token != but:
                self.queue_for(device.token, event)

    def queue_for(self, token: str, event: Event) -> None:
        """Queue an event for one device."""
        code, payload = event
        with self._db.change():
            self._db.run(
                "INSERT INTO queue (token, code, payload) VALUES (?,?,?)", token, code, payload
            )
        self._on_queued(token)

    def queue_recipe(self, token: str, code: int, recipe: Mapping[str, Any]) -> None:
        """Queue an event that is made when it is delivered, the same each time."""
        with self._db.change():
            self._db.run(
                "INSERT INTO queue (token, code, recipe) VALUES (?,?,?)",
                token, code, json.dumps(recipe),
            )  # fmt: skip
        self._on_queued(token)

    def waiting(self, token: str, after: int, limit: int) -> list[Row]:
        """Return queued events (seq, code, payload, recipe) behind `after`, oldest first."""
        return self._db.rows(
            "SELECT seq, code, payload, recipe FROM queue WHERE token = ? AND seq > ?"
            " ORDER BY seq LIMIT ?",
            token, after, limit,
        )  # fmt: skip

    def backlog(self, token: str) -> int:
        """Return how many events wait for an acknowledgement."""
        row = self._db.row("SELECT count(*) AS n FROM queue WHERE token = ?", token)
        return int(row["n"]) if row else 0

    def acknowledge(self, token: str, seq: int) -> None:
        """Drop one event that the device has made durable."""
        with self._db.change():
            self._db.run("DELETE FROM queue WHERE token = ? AND seq = ?", token, seq)


def public_id(token: str) -> str:
    """Return a short name of a session that gives nothing away."""
    return hashlib.sha256(token.encode()).hexdigest()[:10]
