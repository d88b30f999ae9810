"""No call waits for ever: not for a server, a token or a close."""

import asyncio
import socket

import pytest

from core.store.errors import (
    StoreUnavailable,
)
from core.store.firestore import FirestoreStore
from tests.core.store.firestore.calls import CALLS, Tokens, called
from tests.core.store.firestore.conftest import Connect
from tests.support.firestore_server import FirestoreServer


@pytest.fixture
def nobody() -> str:
    """An address on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{taken.getsockname()[1]}"


@pytest.mark.parametrize("call", CALLS)
async def test_without_a_server_a_call_fails_soon_and_nothing_was_sent(
    connect: Connect, nobody: str, call: str
) -> None:
    store = connect(host=nobody, connect=0.2)
    async with asyncio.timeout(60):
        with pytest.raises(StoreUnavailable) as caught:
            await CALLS[call](store)
    assert type(caught.value) is StoreUnavailable
    assert "nothing was changed" in caught.value.hint


@pytest.mark.parametrize("call", CALLS)
async def test_a_server_that_hangs_holds_nobody(
    connect: Connect, server: FirestoreServer, call: str
) -> None:
    store = connect(attempt=0.1, total=0.3, transaction=0.3)
    server.faults.hang("*")
    async with asyncio.timeout(60):
        with pytest.raises(StoreUnavailable):
            await CALLS[call](store)
    server.faults.clear()


async def test_a_token_that_does_not_come_holds_nobody(connect: Connect) -> None:
    class Never(Tokens):
        async def token(self, *, refused: str = "") -> str:
            await asyncio.get_running_loop().create_future()
            return ""

    store = connect(Never(), total=0.2)
    async with asyncio.timeout(60):
        with pytest.raises(StoreUnavailable):
            await store.get("things/one")


async def test_closing_ends_what_is_under_way(
    store: FirestoreStore, server: FirestoreServer
) -> None:
    server.faults.hang("BatchGetDocuments")
    waiting = asyncio.ensure_future(store.get("things/one"))
    await called(server, "BatchGetDocuments")
    await store.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        await waiting
    server.faults.clear()


@pytest.mark.parametrize("call", CALLS)
async def test_closing_ends_what_waits_for_a_connection(
    connect: Connect, nobody: str, call: str
) -> None:
    store = connect(host=nobody, connect=60.0)
    waiting = asyncio.ensure_future(CALLS[call](store))
    done, _waiting = await asyncio.wait({waiting}, timeout=0.3)
    assert not done
    await store.close()
    async with asyncio.timeout(60):
        with pytest.raises(StoreUnavailable, match="closed"):
            await waiting


async def test_closing_while_a_token_is_fetched(connect: Connect, server: FirestoreServer) -> None:
    asked, may_answer = asyncio.Event(), asyncio.Event()

    class Slow(Tokens):
        async def token(self, *, refused: str = "") -> str:
            asked.set()
            await may_answer.wait()
            return "late"

    store = connect(Slow())
    waiting = asyncio.ensure_future(store.get("things/one"))
    await asked.wait()
    await store.close()
    may_answer.set()
    with pytest.raises(StoreUnavailable, match="closed"):
        await waiting
    assert not server.calls.seen
