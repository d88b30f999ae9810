"""The simulator's settings: how patient everything is, so that tests and the demo can hurry."""

import msgspec

from bridge.errors import SimulatorError
from bridge.simulator.database import Database

_KEY = "manners"


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What can be set over HTTP; the defaults are WhatsApp's and whatsmeow's own numbers."""

    qr_first_seconds: float = 60.0
    qr_next_seconds: float = 20.0
    send_timeout_seconds: float = 75.0
    """How long a worker waits for the answer to a send."""
    reconnect_seconds: float = 2.0
    """A worker's pause before it dials again; grows with each failure."""
    scan_after_seconds: float = 1.5
    """How long a willing phone takes to scan a code."""
    speed: float = 1.0
    """How fast time passes for personas; 0 stops it, so that only `advance` moves it."""


def load_settings(db: Database) -> Settings:
    """Return the settings as last changed."""
    stored = db.meta(_KEY)
    return msgspec.json.decode(stored, type=Settings) if stored else Settings()


def change_settings(db: Database, changes: dict[str, object]) -> Settings:
    """Change some settings durably. Raises SimulatorError for unknown names and wrong values."""
    merged = msgspec.to_builtins(load_settings(db)) | changes
    try:
        settings = msgspec.convert(merged, Settings)
    except msgspec.ValidationError as error:
        raise SimulatorError(f"That cannot be set: {error}") from error
    if min(msgspec.to_builtins(settings).values()) < 0:
        raise SimulatorError("No setting can be negative.")
    with db.change():
        db.set_meta(_KEY, msgspec.json.encode(settings).decode())
    return settings
