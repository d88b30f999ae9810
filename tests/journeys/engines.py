"""Where a journey's documents live: in the data folder, or in a Google project with a sign-in."""

import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from core.identity.rest import EMULATOR_VARIABLE as AUTH_VARIABLE
from core.settings import Cloud, Settings
from core.store.firestore.endpoint import EMULATOR_VARIABLE
from tests.support.fake_firebase_auth import running, unsigned

on_both_engines = pytest.mark.parametrize("engine", ["embedded", "firestore"], indirect=True)
"""Marks a journey that is also made on Cloud Firestore; the others are made on one machine."""

ANA, PASSWORD = "ana@example.com", "corect cal"


@dataclass(frozen=True)
class Engine:
    """What a console and its bridge need to work on an engine."""

    uid: str = "local"
    """Who sits at the console."""
    sign_in: str = ""
    """What they type first; empty where nobody signs in."""
    settings: Settings = field(default_factory=Settings)
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables that lead every process to the engine."""

    @property
    def is_team(self) -> bool:
        """Whether people sign in to work on it."""
        return bool(self.sign_in)


@asynccontextmanager
async def firestore(address: str) -> AsyncIterator[Engine]:
    """Make a project of its own at a Firestore server, where Ana can sign in."""
    project = f"demo-{uuid.uuid4().hex[:12]}"
    own = {"aud": project, "iss": f"https://securetoken.google.com/{project}"}
    async with running(sign=lambda claims: unsigned(claims | own)) as auth:
        auth.add(ANA, PASSWORD, name="Ana", uid="ana")
        yield Engine(
            uid="ana",
            sign_in=f"{ANA}\t{PASSWORD}\r",
            settings=Settings(cloud=Cloud(project=project)),
            environment={
                EMULATOR_VARIABLE: address,
                AUTH_VARIABLE: auth.host,
                "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            },
        )
