"""A token as the Auth emulator makes it, or the fake in its place, at the bridge's door."""

from pathlib import Path

import pytest

from bridge.server.firebase_tokens import EmulatorVerifier, FirebaseVerifier
from bridge.server.google_keys import GoogleKeys
from core.clock import system_clock
from core.identity.firebase import FirebaseSession
from core.identity.rest import FirebaseAuth
from core.identity.safe import Safe
from core.identity.secret import Secret
from core.paths import DataFolder
from core.service.errors import CallRefused
from tests.support.auth_server import PASSWORD, auth_server
from tests.support.fake_firebase_auth import PROJECT


async def test_whoever_signed_in_is_known_to_the_bridge(tmp_path: Path) -> None:
    async with auth_server() as server:
        uid, email = await server.add()
        service = FirebaseAuth("key", emulator=server.host)
        safe = Safe(DataFolder(tmp_path), PROJECT, lambda: None)
        session = FirebaseSession(service, safe, system_clock)
        await session.sign_in(email, Secret(PASSWORD))
        for token in (await session.token(), await session.token(refused=await session.token())):
            assert (await EmulatorVerifier(PROJECT, system_clock).verify(token)).uid == uid
            with pytest.raises(CallRefused):
                await EmulatorVerifier("another", system_clock).verify(token)
            keys = GoogleKeys(system_clock, url="http://127.0.0.1:1/keys")
            with pytest.raises(CallRefused):
                await FirebaseVerifier(PROJECT, keys, system_clock).verify(token)
        await session.close()
