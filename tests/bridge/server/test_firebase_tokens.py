"""Each thing that makes a token a proof, shown by a token that lacks just that."""

import base64
import hmac
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bridge.daemon import verifier_for
from bridge.server.firebase_tokens import EmulatorVerifier, FirebaseVerifier
from bridge.server.google_keys import GoogleKeys
from bridge.server.verifiers import LocalVerifier
from core.identity.rest import EMULATOR_VARIABLE
from core.service.errors import CallRefused
from core.settings import Cloud, Settings
from tests.support.fake_firebase_auth import PROJECT, User, claims_for, unsigned
from tests.support.key_server import KeyServer, key_server, new_key

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
ANA = User("ana", "ana@example.com", "")
KEY, OTHER_KEY = new_key(), new_key()


def clock() -> datetime:
    return NOW


def claims(**changes: Any) -> dict[str, Any]:
    """Return good claims; a change to None takes one away."""
    all_of_them = claims_for(ANA, NOW, 3600) | changes
    return {name: value for name, value in all_of_them.items() if value is not None}


def signed(
    said: dict[str, Any] | None = None,
    *,
    key: rsa.RSAPrivateKey = KEY,
    kid: str = "one",
    algorithm: str = "RS256",
) -> str:
    return jwt.encode(said or claims(), key, algorithm, headers={"kid": kid})


@pytest.fixture
async def google() -> AsyncIterator[KeyServer]:
    async with key_server({"one": KEY}) as server:
        yield server


@pytest.fixture
def verifier(google: KeyServer) -> FirebaseVerifier:
    return FirebaseVerifier(PROJECT, GoogleKeys(clock, url=google.url), clock)


def at(seconds: float) -> int:
    """Return a moment so many seconds from now, as tokens tell it."""
    return int(NOW.timestamp() + seconds)


GOOD: list[tuple[str, dict[str, Any]]] = [
    ("as Google makes it", {}),
    ("just run out by our clock", {"exp": at(-29)}),
    ("just made by a faster clock", {"iat": at(29), "auth_time": at(29)}),
    ("signed in long ago", {"auth_time": at(-86_400 * 90)}),
]
BAD: list[tuple[str, dict[str, Any]]] = [
    ("for another project", {"aud": "another"}),
    ("for several projects", {"aud": [PROJECT]}),
    ("for nobody", {"aud": None}),
    ("of another issuer", {"iss": f"https://accounts.google.com/{PROJECT}"}),
    ("of another project's issuer", {"iss": "https://securetoken.google.com/another"}),
    ("of no issuer", {"iss": None}),
    ("run out", {"exp": at(-31)}),
    ("without an end", {"exp": None}),
    ("with an end in words", {"exp": "9999999999"}),
    ("made at a time that is true", {"iat": True}),
    ("made in the future", {"iat": at(31)}),
    ("made at no time", {"iat": None}),
    ("signed in in the future", {"auth_time": at(31)}),
    ("signed in at no time", {"auth_time": None}),
    ("about nobody", {"sub": ""}),
    ("about nobody at all", {"sub": None}),
    ("about a number", {"sub": 5}),
    ("about somebody too long", {"sub": "x" * 129}),
    ("about a path", {"sub": "ana/private"}),
]


@pytest.mark.parametrize("changes", [row[1] for row in GOOD], ids=[row[0] for row in GOOD])
async def test_a_good_token_tells_who_calls(
    verifier: FirebaseVerifier, changes: dict[str, Any]
) -> None:
    assert (await verifier.verify(signed(claims(**changes)))).uid == "ana"


@pytest.mark.parametrize("changes", [row[1] for row in BAD], ids=[row[0] for row in BAD])
async def test_a_bad_token_is_refused(verifier: FirebaseVerifier, changes: dict[str, Any]) -> None:
    await refuses(verifier, signed(claims(**changes)))


@pytest.mark.parametrize("changes", [row[1] for row in BAD], ids=[row[0] for row in BAD])
async def test_the_emulator_may_not_say_more(changes: dict[str, Any]) -> None:
    await refuses(EmulatorVerifier(PROJECT, clock), unsigned(claims(**changes)))


def _with_another_payload(token: str) -> str:
    head, _payload, signature = token.split(".")
    return f"{head}.{_part(claims(sub='dan'))}.{signature}"


def _part(fields: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(fields).encode()).rstrip(b"=").decode()


def _signed_by_the_public_key(_token: str) -> str:
    """Sign with what everybody knows, as if it were a shared secret (CVE-2016-10555)."""
    known = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    said = f"{_part({'alg': 'HS256', 'kid': 'one'})}.{_part(claims())}"
    signature = hmac.digest(known, said.encode(), "sha256")
    return f"{said}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


FORGED: dict[str, Callable[[str], str]] = {
    "another's signature": lambda _token: signed(key=OTHER_KEY),
    "another payload": _with_another_payload,
    "no signature": lambda token: token.rpartition(".")[0] + ".",
    "unsigned": lambda _token: unsigned(claims()),
    "unsigned, named": lambda _token: unsigned(claims(), {"alg": "none", "kid": "one"}),
    "unsigned, in capitals": lambda _token: unsigned(claims(), {"alg": "None", "kid": "one"}),
    "unsigned, said signed": lambda _token: unsigned(claims(), {"alg": "RS256", "kid": "one"}),
    "the public key as a secret": _signed_by_the_public_key,
    "a weaker scheme": lambda _token: signed(algorithm="RS512"),
    "an unknown key": lambda _token: signed(kid="two"),
    "no key": lambda _token: jwt.encode(claims(), KEY, "RS256"),
    "a key that is a number": lambda token: (
        f"{_part({'alg': 'RS256', 'kid': 1})}." + token.partition(".")[2]
    ),
    "not an object": lambda _token: jwt.PyJWS().encode(b"[]", KEY, "RS256", headers={"kid": "one"}),
    "not JSON": lambda _token: jwt.PyJWS().encode(b"\xff", KEY, "RS256", headers={"kid": "one"}),
    "two parts": lambda token: token.rpartition(".")[0],
    "four parts": lambda token: token + ".x",
    "a local operator": lambda _token: "local.ana",
    "nothing": lambda _token: "",
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED.keys())
async def test_a_forged_token_is_refused(
    verifier: FirebaseVerifier, forge: Callable[[str], str]
) -> None:
    await refuses(verifier, forge(signed()))
    assert (await verifier.verify(signed())).uid == "ana"


async def refuses(verifier: FirebaseVerifier | EmulatorVerifier, token: str) -> None:
    with pytest.raises(CallRefused) as caught:
        await verifier.verify(token)
    assert caught.value.status == "UNAUTHENTICATED"
    assert caught.value.message == "The call does not say who calls."


async def test_a_google_that_is_away_is_no_fault_of_the_caller(google: KeyServer) -> None:
    google.status = 500
    with pytest.raises(CallRefused) as caught:
        await FirebaseVerifier(PROJECT, GoogleKeys(clock, url=google.url), clock).verify(signed())
    assert caught.value.status == "UNAVAILABLE"
    assert caught.value.hint


# -- the emulator ---------------------------------------------------------------------------------


async def test_the_emulator_says_who_calls() -> None:
    verifier = EmulatorVerifier(PROJECT, clock)
    assert (await verifier.verify(unsigned(claims()))).uid == "ana"


@pytest.mark.parametrize(
    "token",
    [signed(), unsigned(claims(), {"alg": "RS256"}), unsigned(claims()) + "c2lnbmVk", "x.y.", ""],
)
async def test_only_unsigned_tokens_are_the_emulators(token: str) -> None:
    await refuses(EmulatorVerifier(PROJECT, clock), token)


@pytest.mark.parametrize(
    ("project", "emulator", "kind"),
    [
        ("", "", LocalVerifier),
        ("", "127.0.0.1:9099", LocalVerifier),
        (PROJECT, "", FirebaseVerifier),
        (PROJECT, " ", FirebaseVerifier),
        (PROJECT, "127.0.0.1:9099", EmulatorVerifier),
    ],
)
def test_the_bridges_own_environment_decides(
    monkeypatch: pytest.MonkeyPatch, project: str, emulator: str, kind: type
) -> None:
    monkeypatch.setenv(EMULATOR_VARIABLE, emulator)
    assert type(verifier_for(Settings(cloud=Cloud(project=project)), clock)) is kind


async def test_no_token_is_logged(
    verifier: FirebaseVerifier, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    token = signed(claims(aud="another"))
    await refuses(verifier, token)
    await refuses(verifier, token + "x.y")
    assert "for another project" in caplog.text
    assert token not in caplog.text
    assert token.split(".")[1] not in caplog.text
