"""Signing in against a server of the real REST shape: the fake, or the Auth emulator itself."""

from collections.abc import AsyncIterator

import pytest

from core.identity.errors import IdentityError, OperatorDisabled, SignInRequired, WrongCredentials
from core.identity.firebase import FirebaseSession
from core.identity.rest import FirebaseAuth
from core.identity.secret import Secret
from core.paths import DataFolder
from tests.core.identity.conftest import session_at
from tests.support.auth_server import PASSWORD, AuthServer
from tests.support.clocks import HeldClock
from tests.support.fake_firebase_auth import claims_of

RIGHT = Secret(PASSWORD)


@pytest.fixture
async def session(
    server: AuthServer, folder: DataFolder, clock: HeldClock
) -> AsyncIterator[FirebaseSession]:
    session = session_at(server.host, folder, clock)
    yield session
    await session.close()


async def test_signing_in_tells_who_it_is(server: AuthServer, session: FirebaseSession) -> None:
    uid, email = await server.add("Ana")
    assert session.uid == ""
    await session.sign_in(email, RIGHT)
    assert (session.uid, session.email, session.name) == (uid, email, "Ana")
    claims = claims_of(await session.token())
    assert (claims["sub"], claims["aud"]) == (uid, "demo-capcoada")


async def test_a_token_is_renewed_before_its_end(
    server: AuthServer, session: FirebaseSession, clock: HeldClock
) -> None:
    _uid, email = await server.add()
    await session.sign_in(email, RIGHT)
    first = claims_of(await session.token())
    clock.advance(minutes=59, seconds=55)
    second = claims_of(await session.token())
    assert second["sub"] == session.uid
    assert second["exp"] >= first["exp"]


@pytest.mark.parametrize("wrong", ["password", "address"])
async def test_what_was_wrong_is_not_told(
    server: AuthServer, session: FirebaseSession, wrong: str
) -> None:
    _uid, email = await server.add()
    given = (email, Secret("altceva")) if wrong == "password" else ("nimeni@example.com", RIGHT)
    with pytest.raises(WrongCredentials) as caught:
        await session.sign_in(*given)
    assert str(caught.value) == str(WrongCredentials())
    assert session.uid == ""


async def test_a_disabled_user_does_not_get_in(
    server: AuthServer, session: FirebaseSession
) -> None:
    uid, email = await server.add()
    await server.disable(uid)
    with pytest.raises(OperatorDisabled):
        await session.sign_in(email, RIGHT)


async def test_a_user_who_is_disabled_meanwhile_gets_no_further_token(
    server: AuthServer, session: FirebaseSession, folder: DataFolder, clock: HeldClock
) -> None:
    uid, email = await server.add()
    await session.sign_in(email, RIGHT)
    await server.disable(uid)
    clock.advance(hours=1)
    with pytest.raises(OperatorDisabled):
        await session.token()
    assert not folder.sign_in_file.exists()
    assert isinstance(await session.until_over(), OperatorDisabled)


async def test_a_user_who_is_removed_meanwhile_has_to_sign_in(
    server: AuthServer, session: FirebaseSession, clock: HeldClock
) -> None:
    uid, email = await server.add()
    await session.sign_in(email, RIGHT)
    await server.delete(uid)
    clock.advance(hours=1)
    with pytest.raises(SignInRequired):
        await session.token()


async def test_a_refresh_token_that_never_was_is_refused(server: AuthServer) -> None:
    service = FirebaseAuth("key", emulator=server.host)
    with pytest.raises(SignInRequired):
        await service.renew(Secret("nonsense"))
    await service.close()


async def test_a_token_that_is_none_looks_nobody_up(server: AuthServer) -> None:
    service = FirebaseAuth("key", emulator=server.host)
    with pytest.raises(IdentityError):
        await service.look_up("nonsense")
    await service.close()


async def test_the_next_start_finds_who_was_signed_in(
    server: AuthServer, session: FirebaseSession, folder: DataFolder, clock: HeldClock
) -> None:
    uid, email = await server.add("Dan")
    await session.sign_in(email, RIGHT)
    again = session_at(server.host, folder, clock)
    assert (again.uid, again.email, again.name) == (uid, email, "Dan")
    assert claims_of(await again.token())["sub"] == uid
    await again.sign_out()
    assert again.uid == ""
    await again.close()
    assert session_at(server.host, folder, clock).uid == ""


async def test_the_server_finds_people_by_their_address(server: AuthServer) -> None:
    uid, email = await server.add("Ana")
    auth = FirebaseAuth("", emulator=server.host)
    try:
        found = await auth.find("demo-capcoada", email, "owner")
        assert found is not None
        assert (found.uid, found.email, found.name) == (uid, email, "Ana")
        assert await auth.find("demo-capcoada", "nimeni@example.com", "owner") is None
    finally:
        await auth.close()
