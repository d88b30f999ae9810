"""Without an emulator everything goes over TLS, and to a server that proves who it is."""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.firestore_server import FirestoreServer
from tests.support.firestore_server.tls import make_certificate

PROGRAM = """
import asyncio, dataclasses, sys
from core.identity.session import LocalSession
from core.settings import Cloud
from core.store.errors import StoreUnavailable
from core.store.firestore import FirestoreStore
from core.store.firestore.endpoint import Bounds, Endpoint
from core.store.port import Set

async def main():
    google = Endpoint.of_operator(Cloud(project="demo"), LocalSession("u1"), {})
    endpoint = dataclasses.replace(google, host=sys.argv[1])
    async with FirestoreStore(endpoint, Bounds(connect=float(sys.argv[2]))) as store:
        try:
            await store.commit([Set("things/one", {"n": 1})])
        except StoreUnavailable:
            print("refused")
        else:
            print(len((await anext(store.watch("things/one"))).documents))

asyncio.run(main())
"""
"""A process of its own: gRPC reads the certificates that it trusts once."""


@pytest.fixture
async def server() -> AsyncIterator[FirestoreServer]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        async with FirestoreServer(path, certificate=make_certificate()) as server:
            yield server


@pytest.mark.parametrize(
    ("is_trusted", "said", "tokens"), [(True, b"1\n", {"local.u1"}), (False, b"refused\n", set())]
)
async def test_only_a_trusted_server_is_told_the_token(
    server: FirestoreServer, tmp_path: Path, is_trusted: bool, said: bytes, tokens: set[str]
) -> None:
    trusted = server.certificate if is_trusted else make_certificate()
    assert trusted is not None
    roots = tmp_path / "roots.pem"
    roots.write_bytes(trusted.certificate)
    patience = "30" if is_trusted else "0.5"
    client = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, server.address, patience, cwd=Path(__file__).parents[4],
        env=os.environ | {"GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": str(roots)},
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert (await asyncio.wait_for(client.communicate(), 60))[0] == said
    assert {one.token for one in server.calls.seen} == tokens
