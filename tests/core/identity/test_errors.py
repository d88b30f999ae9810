"""What each failure of the sign-in service is called, and that none tells a secret."""

import asyncio
import logging
import traceback
from collections.abc import AsyncIterator

import pytest

from core.identity import rest
from core.identity.errors import (
    IdentityError,
    IdentityUnavailable,
    OperatorDisabled,
    SignInImpossible,
    SignInRequired,
    TooManyAttempts,
    WrongCredentials,
)
from core.identity.rest import FirebaseAuth
from core.identity.secret import Secret
from core.paths import DataFolder
from tests.core.identity.conftest import session_at
from tests.support.clocks import HeldClock
from tests.support.fake_firebase_auth import (
    FakeFirebaseAuth,
    Fault,
    drips,
    fails,
    hangs,
    hangs_up,
    says,
)

EMAIL, PASSWORD = "ana@example.com", "parola-secreta-7"
PORTAL = "<html><head><title>Hotel Wi-Fi</title></head><body>Welcome</body></html>"
BAD_KEY = {
    "status": "INVALID_ARGUMENT",
    "details": [{"reason": "API_KEY_INVALID", "domain": "googleapis.com"}],
}

FAILURES: list[tuple[str, Fault, type[IdentityError]]] = [
    ("password", fails(400, "INVALID_PASSWORD"), WrongCredentials),
    ("address", fails(400, "EMAIL_NOT_FOUND"), WrongCredentials),
    ("either", fails(400, "INVALID_LOGIN_CREDENTIALS"), WrongCredentials),
    ("malformed address", fails(400, "INVALID_EMAIL"), WrongCredentials),
    ("no password", fails(400, "MISSING_PASSWORD"), WrongCredentials),
    ("disabled", fails(400, "USER_DISABLED"), OperatorDisabled),
    ("expired", fails(400, "TOKEN_EXPIRED"), SignInRequired),
    ("refresh token", fails(400, "INVALID_REFRESH_TOKEN"), SignInRequired),
    ("attempts", fails(400, "TOO_MANY_ATTEMPTS_TRY_LATER : Access is off"), TooManyAttempts),
    ("quota", fails(429, "Quota exceeded."), TooManyAttempts),
    ("no passwords", fails(400, "OPERATION_NOT_ALLOWED"), SignInImpossible),
    ("not set up", fails(400, "CONFIGURATION_NOT_FOUND"), SignInImpossible),
    ("key", fails(400, "API key not valid. Please pass a valid API key.", **BAD_KEY),
     SignInImpossible),
    ("key of another", fails(403, "Requests from this client are blocked."), SignInImpossible),
    ("code of later", fails(400, "SOMETHING_NEW"), SignInImpossible),
    ("their fault", fails(500, "INTERNAL"), IdentityUnavailable),
    ("overloaded", fails(503, "UNAVAILABLE"), IdentityUnavailable),
    ("gateway", says("Bad gateway", 502), IdentityUnavailable),
    ("portal", says(PORTAL), IdentityUnavailable),
    ("portal, honest", says(PORTAL, 511), IdentityUnavailable),
    ("portal, JSON", says('{"login": "http://portal"}', 200), IdentityUnavailable),
    ("portal, refusing", says("{}", 403), SignInImpossible),
    ("not an object", says("[1]"), IdentityUnavailable),
    ("not UTF-8", says("\udcff".encode("utf-8", "surrogateescape").decode("latin-1")),
     IdentityUnavailable),
    ("half an answer", says('{"idToken": "a", "localId": "b"}'), IdentityUnavailable),
    ("no time", says('{"idToken": "a", "localId": "b", "refreshToken": "c", "expiresIn": "x"}'),
     IdentityUnavailable),
    ("no time left", says('{"idToken": "a", "localId": "b", "refreshToken": "c", '
                          '"expiresIn": "0"}'), IdentityUnavailable),
    ("second factor", says('{"mfaPendingCredential": "x", "localId": "b"}'), SignInImpossible),
    ("hang-up", hangs_up, IdentityUnavailable),
]  # fmt: skip


@pytest.fixture
async def service(fake: FakeFirebaseAuth) -> AsyncIterator[FirebaseAuth]:
    fake.add(EMAIL, PASSWORD)
    service = FirebaseAuth("key", emulator=fake.host)
    yield service
    await service.close()


@pytest.mark.parametrize(("fault", "kind"), [row[1:] for row in FAILURES],
                         ids=[row[0] for row in FAILURES])  # fmt: skip
async def test_every_failure_has_a_name_and_a_hint(
    fake: FakeFirebaseAuth, service: FirebaseAuth, fault: Fault, kind: type[IdentityError]
) -> None:
    fake.faults["signInWithPassword"] = fault
    with pytest.raises(IdentityError) as caught:
        await service.sign_in(EMAIL, Secret(PASSWORD))
    assert type(caught.value) is kind
    assert caught.value.message.endswith(".")
    assert caught.value.hint
    assert PASSWORD not in "".join(traceback.format_exception(caught.value))
    assert "Hotel" not in str(caught.value)


@pytest.mark.parametrize("status", [200, 511])
async def test_the_page_of_a_network_is_called_that(
    fake: FakeFirebaseAuth, service: FirebaseAuth, status: int
) -> None:
    fake.faults["signInWithPassword"] = says(PORTAL, status)
    with pytest.raises(IdentityUnavailable, match="this network's own page"):
        await service.sign_in(EMAIL, Secret(PASSWORD))


@pytest.mark.parametrize("message", ["API key expired. Please renew it.", "Bad."])
async def test_a_refused_key_is_called_that(
    fake: FakeFirebaseAuth, service: FirebaseAuth, message: str
) -> None:
    details = BAD_KEY if message == "Bad." else {}
    fake.faults["signInWithPassword"] = fails(400, message, **details)
    with pytest.raises(SignInImpossible, match="web API key is refused"):
        await service.sign_in(EMAIL, Secret(PASSWORD))


@pytest.mark.parametrize("fault", [hangs, drips])
async def test_a_service_that_says_nothing_is_waited_for_only_so_long(
    fake: FakeFirebaseAuth, service: FirebaseAuth, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    fake.faults["signInWithPassword"] = fault
    monkeypatch.setattr(rest, "TOTAL_SECONDS", 0.1)
    with pytest.raises(IdentityUnavailable, match="in time"):
        await service.sign_in(EMAIL, Secret(PASSWORD))


async def test_nobody_listens() -> None:
    service = FirebaseAuth("key", emulator="127.0.0.1:1")
    with pytest.raises(IdentityUnavailable):
        await service.sign_in(EMAIL, Secret(PASSWORD))
    await service.close()


async def test_a_host_that_is_none() -> None:
    service = FirebaseAuth("key", emulator="not a host:x")
    with pytest.raises(IdentityUnavailable):
        await service.sign_in(EMAIL, Secret(PASSWORD))
    await service.close()


async def test_a_proxy_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "gopher://127.0.0.1:1")
    service = FirebaseAuth("key")
    with pytest.raises(IdentityUnavailable, match="proxy"):
        await service.sign_in(EMAIL, Secret(PASSWORD))
    await service.close()


async def test_a_project_without_an_api_key() -> None:
    service = FirebaseAuth("")
    with pytest.raises(SignInImpossible, match="api_key"):
        await service.sign_in(EMAIL, Secret(PASSWORD))
    await service.close()


async def test_no_secret_is_ever_told(
    fake: FakeFirebaseAuth,
    folder: DataFolder,
    clock: HeldClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    fake.add(EMAIL, PASSWORD, uid="ana")
    session = session_at(fake.host, folder, clock)
    await session.sign_in(EMAIL, Secret(PASSWORD))
    tokens = [await session.token(), *fake.refresh_tokens]
    for code in ("INTERNAL", "INVALID_REFRESH_TOKEN"):
        fake.faults["token"] = fails(500 if code == "INTERNAL" else 400, code)
        clock.advance(hours=1)
        try:
            await session.token()
        except IdentityError as error:
            caplog.handler.stream.write("".join(traceback.format_exception(error)))
        session._failure = None
    told = caplog.text + repr(vars(session)["_refresh_token"]) + repr(Secret(PASSWORD))
    assert "not renewed" in told
    for secret in (PASSWORD, *tokens):
        assert secret not in told
    await session.close()


async def test_a_secret_shows_itself_to_nobody() -> None:
    secret = Secret(PASSWORD)
    assert PASSWORD not in f"{secret} {secret!r} {[secret]} {asyncio.Future}"
    assert secret.reveal() == PASSWORD
    assert secret == Secret(PASSWORD)
    assert not Secret("")
