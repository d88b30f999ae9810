"""Where a handle finds its database, as whom it acts there, and how long it waits."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from core.settings import Cloud
from core.store.firestore.credentials import Credential, EmulatorOwner, ServiceAccount
from core.store.firestore.names import Names

EMULATOR_VARIABLE: Final = "FIRESTORE_EMULATOR_HOST"
"""Environment variable: `host:port` of an emulator to use instead of Google's service."""
_SERVICE: Final = "firestore.googleapis.com:443"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One database, and the identity that asks it."""

    names: Names
    credential: Credential
    host: str
    is_secure: bool

    @classmethod
    def of_server(cls, cloud: Cloud, environment: Mapping[str, str] = os.environ) -> Self:
        """Return the endpoint of the bridge and of commands: no rules judge it."""
        if environment.get(EMULATOR_VARIABLE):
            return cls.of_operator(cloud, EmulatorOwner(), environment)
        key_file = Path(cloud.credentials_file) if cloud.credentials_file else None
        return cls.of_operator(cloud, ServiceAccount(key_file), environment)

    @classmethod
    def of_operator(
        cls, cloud: Cloud, credential: Credential, environment: Mapping[str, str] = os.environ
    ) -> Self:
        """Return the endpoint of a signed-in operator, whom the deployed rules judge."""
        names = Names(cloud.project, cloud.database)
        emulator = environment.get(EMULATOR_VARIABLE, "")
        return cls(names, credential, emulator or _SERVICE, not emulator)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long things may take, and how long is waited before they are tried again; seconds."""

    connect: float = 5.0
    """Until there is a connection, or a call fails without having been sent."""
    attempt: float = 10.0
    """One attempt of a call."""
    total: float = 20.0
    """A call with all its attempts."""
    transaction: float = 60.0
    """A transaction with all its attempts."""
    first_pause: float = 0.1
    longest_pause: float = 2.0
    """Between the attempts of a call."""

    answer: float = 20.0
    """Silence on a new stream before its first result."""
    idle: float = 120.0
    """Silence on a stream that is current; the service says something every half minute or so."""
    first_snapshot: float = 5.0
    """Until a watch without a first result says so."""
    grace: float = 1.0
    """Until a watch that lost its stream says so, if the next one brings no result before."""
    healthy: float = 10.0
    """How long a stream must have lived for the next to be opened at once."""
    longest_watch_pause: float = 30.0
