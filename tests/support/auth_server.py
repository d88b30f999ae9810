"""An Auth server for tests: the fake one, or the emulator that the environment names.

Users are made and changed over REST alone, so that the same tests meet both.
"""

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from core.identity.rest import EMULATOR_VARIABLE
from tests.support.fake_firebase_auth import IDENTITY, PROJECT, FakeFirebaseAuth, running

PASSWORD = "corect cal baterie"
_OWNER = {"Authorization": "Bearer owner"}


@dataclass
class AuthServer:
    """A server of Firebase Auth's REST API, to its administrator."""

    host: str
    http: httpx.AsyncClient
    fake: FakeFirebaseAuth | None
    """None when it is a real emulator."""

    async def add(self, name: str = "Ana") -> tuple[str, str]:
        """Make a user with `PASSWORD`; return uid and e-mail."""
        email = f"{name.lower()}-{secrets.token_hex(4)}@example.com"
        body = {"email": email, "password": PASSWORD, "returnSecureToken": True}
        answer = await self._post("accounts:signUp", body, params={"key": "any"})
        uid = str(answer["localId"])
        await self._change(uid, displayName=name)
        return uid, email

    async def disable(self, uid: str) -> None:
        """Close a user's way in."""
        await self._change(uid, disableUser=True)

    async def delete(self, uid: str) -> None:
        """Remove a user."""
        await self._post(f"projects/{PROJECT}/accounts:delete", {"localId": uid}, headers=_OWNER)

    async def _change(self, uid: str, **fields: object) -> None:
        body = {"localId": uid} | fields
        await self._post(f"projects/{PROJECT}/accounts:update", body, headers=_OWNER)

    async def _post(self, path: str, body: dict[str, object], **rest: Any) -> dict[str, Any]:
        answer = await self.http.post(f"http://{self.host}{IDENTITY}/{path}", json=body, **rest)
        answer.raise_for_status()
        fields: dict[str, Any] = answer.json()
        return fields


@asynccontextmanager
async def auth_server(**options: Any) -> AsyncIterator[AuthServer]:
    """Give the emulator that the environment names, else a fake; `options` are the fake's."""
    async with httpx.AsyncClient(trust_env=False, verify=False, timeout=60.0) as http:
        if named := os.environ.get(EMULATOR_VARIABLE):
            yield AuthServer(named, http, None)
            return
        async with running(**options) as fake:
            yield AuthServer(fake.host, http, fake)
