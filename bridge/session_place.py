"""Where the keys of one account lie: a folder, or a database server that several bridges share.

The daemon tells the account's worker through its environment, which only their owner can read; a
command line is for everybody.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from core.settings import is_database_url

_PLACE = "CAPCOADA_WORKER_SESSION"
_DEVICE = "CAPCOADA_WORKER_DEVICE"


@dataclass(frozen=True, slots=True)
class SessionPlace:
    """The place of one account's session."""

    folder: Path
    """Of the session's file, when there is no database."""
    database: str = ""
    """The `postgres://` URL; it may hold a password."""
    device: str = ""
    """The address of the linked device, with its number; in a database it finds the session."""

    @classmethod
    def of(cls, sessions: str, account_folder: Path, device: str) -> Self:
        """Return the place that the setting `sessions` gives to an account."""
        if is_database_url(sessions):
            return cls(account_folder, sessions, device)
        if sessions:
            return cls(Path(sessions) / account_folder.name, device=device)
        return cls(account_folder, device=device)

    @classmethod
    def in_environment(cls, environment: Mapping[str, str], account_folder: Path) -> Self:
        """Return the place that the daemon named; the account's own folder when it named none."""
        place, device = environment.get(_PLACE, ""), environment.get(_DEVICE, "")
        if is_database_url(place):
            return cls(account_folder, place, device)
        return cls(Path(place) if place else account_folder, device=device)

    def environment(self) -> dict[str, str]:
        """Return what tells a worker of this place."""
        return {_PLACE: self.database or str(self.folder), _DEVICE: self.device}
