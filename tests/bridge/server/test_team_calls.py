"""An operator who signed in calls a bridge that asks Google's keys who that is."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest

from bridge.server.firebase_tokens import FirebaseVerifier
from bridge.server.google_keys import GoogleKeys
from core.identity.errors import SignInRequired
from core.identity.firebase import FirebaseSession
from core.identity.rest import FirebaseAuth
from core.identity.safe import Safe
from core.identity.secret import Secret
from core.identity.session import LocalSession
from core.paths import DataFolder
from core.service.bridge import BridgeClient
from core.service.callables import AddAccountRequest
from core.service.errors import CallRefused
from tests.support.fake_firebase_auth import PROJECT, FakeFirebaseAuth, running
from tests.support.key_server import KeyServer, key_server, new_key
from tests.support.office import Office, an_office

KEY = new_key()
ADD = AddAccountRequest(name="Principal")


class Clocks:
    """The clock of Google and the bridge, and the console's, which may go wrong."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
        self.console_is_behind = timedelta(0)

    def google(self) -> datetime:
        return self.now

    def console(self) -> datetime:
        return self.now - self.console_is_behind


@dataclass
class Team:
    """A bridge of a project, and Ana, who signed in."""

    office: Office
    google: KeyServer
    auth: FakeFirebaseAuth
    session: FirebaseSession
    client: BridgeClient
    clocks: Clocks


def signed(claims: dict[str, Any]) -> str:
    return jwt.encode(claims, KEY, "RS256", headers={"kid": "one"})


@pytest.fixture
async def team(tmp_path: Path) -> AsyncIterator[Team]:
    clocks = Clocks()
    async with (
        key_server({"one": KEY}) as google,
        running(clock=clocks.google, sign=signed) as auth,
    ):
        keys = GoogleKeys(clocks.google, url=google.url)
        verifier = FirebaseVerifier(PROJECT, keys, clocks.google)
        async with an_office(tmp_path, verifier) as office:
            auth.add("ana@example.com", "parola", uid="ana")
            safe = Safe(DataFolder(tmp_path), PROJECT, lambda: None)
            service = FirebaseAuth("key", emulator=auth.host)
            session = FirebaseSession(service, safe, clocks.console)
            await session.sign_in("ana@example.com", Secret("parola"))
            client = BridgeClient(office.folder, session)
            yield Team(office, google, auth, session, client, clocks)
            await client.close()
            await session.close()


async def test_who_signed_in_may_call(team: Team) -> None:
    assert (await team.client.call(ADD)).account_id == "WA-01"
    assert team.google.fetches == 1


async def test_a_token_that_ran_out_by_the_bridges_clock_is_renewed(team: Team) -> None:
    team.clocks.console_is_behind = timedelta(minutes=30)
    await team.session.sign_in("ana@example.com", Secret("parola"))
    team.clocks.now += timedelta(minutes=62)
    team.clocks.console_is_behind += timedelta(minutes=20)
    assert (await team.client.call(ADD)).account_id == "WA-01"
    assert team.auth.calls["token"] == 1


async def test_a_sign_in_that_is_over_is_told_as_that(team: Team) -> None:
    team.auth.revoke("ana")
    team.clocks.now += timedelta(hours=1)
    for _ in range(3):
        with pytest.raises(SignInRequired):
            await team.client.call(ADD)
    assert team.auth.calls["token"] == 1


async def test_a_bridge_of_a_team_believes_no_local_operator(team: Team) -> None:
    client = BridgeClient(team.office.folder, LocalSession("ana"))
    with pytest.raises(CallRefused) as caught:
        await client.call(ADD)
    assert caught.value.status == "UNAUTHENTICATED"
    await client.close()
