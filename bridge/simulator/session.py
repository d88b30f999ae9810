"""A simulated device's session on disk: `session.json` in the account's folder, mode 0600."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from bridge.errors import SimulatorError

_NAME = "session.json"


@dataclass(frozen=True, slots=True)
class Session:
    """What a linked device has to remember."""

    token: str
    jid: str


def has_session(folder: Path) -> bool:
    """Whether there is a session file, sound or not."""
    return (folder / _NAME).exists()


def load_session(folder: Path) -> Session | None:
    """Return the stored session, None when there is none. Raises SimulatorError when damaged."""
    try:
        stored = json.loads((folder / _NAME).read_text(encoding="utf-8"))
        return Session(token=str(stored["token"]), jid=str(stored["jid"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SimulatorError(f"The session file cannot be read: {error}") from error


def save_session(folder: Path, session: Session) -> None:
    """Store a session, whole or not at all."""
    new = folder / f"{_NAME}.new"
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(session), file)
        file.flush()
        os.fsync(file.fileno())
    new.replace(folder / _NAME)


def forget_session(folder: Path) -> None:
    """Delete the stored session."""
    (folder / _NAME).unlink(missing_ok=True)
