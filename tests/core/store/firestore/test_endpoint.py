"""Whom a handle acts as, and which service it asks."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from core.identity.session import LocalSession
from core.settings import Cloud
from core.store.errors import Unauthenticated
from core.store.firestore.credentials import ServiceAccount
from core.store.firestore.endpoint import EMULATOR_VARIABLE, Endpoint

CLOUD = Cloud(project="demo", database="team")
NOTHING: Mapping[str, str] = {}
EMULATED = {EMULATOR_VARIABLE: "127.0.0.1:9"}


async def test_google_is_asked_over_tls() -> None:
    endpoint = Endpoint.of_operator(CLOUD, LocalSession("u1"), NOTHING)
    assert (endpoint.host, endpoint.is_secure) == ("firestore.googleapis.com:443", True)
    assert endpoint.names.root == "projects/demo/databases/team/documents"
    assert await endpoint.credential.token() == "local.u1"
    assert isinstance(Endpoint.of_server(CLOUD, NOTHING).credential, ServiceAccount)


async def test_an_emulator_is_asked_as_its_owner_or_as_the_operator() -> None:
    server = Endpoint.of_server(CLOUD, EMULATED)
    operator = Endpoint.of_operator(CLOUD, LocalSession("u1"), EMULATED)
    assert (server.host, server.is_secure) == ("127.0.0.1:9", False)
    assert await server.credential.token() == "owner"
    assert (operator.host, await operator.credential.token()) == ("127.0.0.1:9", "local.u1")


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture
def key_file(key: rsa.RSAPrivateKey, tmp_path: Path) -> Path:
    file = tmp_path / "service-account.json"
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_text(
        json.dumps(
            {"type": "service_account", "client_email": "bridge@demo", "private_key_id": "k1",
             "private_key": pem.decode(), "token_uri": "http://127.0.0.1:9/none"}
        )
    )  # fmt: skip
    return file


async def test_a_key_file_signs_its_tokens_itself(key: rsa.RSAPrivateKey, key_file: Path) -> None:
    account = ServiceAccount(key_file)
    first, second = await asyncio.gather(account.token(), account.token())
    assert first == second
    claims: dict[str, Any] = jwt.decode(first, key.public_key(), algorithms=["RS256"])
    assert claims["iss"] == claims["sub"] == "bridge@demo"
    assert claims["scope"] == "https://www.googleapis.com/auth/datastore"


async def test_a_refused_token_is_renewed(key_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    account = ServiceAccount(key_file)
    first = await account.token()
    credentials = account._credentials
    renewed: list[object] = []
    monkeypatch.setattr(credentials, "refresh", renewed.append)
    await account.token(refused="another one")
    assert not renewed
    await account.token(refused=first)
    assert len(renewed) == 1


@pytest.mark.parametrize("content", [None, "", "{}", '{"type": "service_account"}'])
async def test_a_key_file_that_cannot_be_used_is_said(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "key.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(Unauthenticated, match=r"cloud\.credentials_file"):
        await ServiceAccount(file).token()


async def test_a_machine_without_credentials_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    with pytest.raises(Unauthenticated, match=r"cloud\.credentials_file"):
        await ServiceAccount().token()
