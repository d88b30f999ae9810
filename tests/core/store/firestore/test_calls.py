"""A call is repeated where that is safe, by whoever asks with a token that is taken."""

import asyncio

import pytest
from grpc import StatusCode

from core.errors import CapcoadaError
from core.identity.errors import IdentityUnavailable, SignInRequired
from core.store.errors import (
    InvalidRequest,
    PermissionDenied,
    StoreError,
    StoreUnavailable,
    Unauthenticated,
)
from core.store.firestore import FirestoreStore
from core.store.port import Set
from tests.core.store.firestore.calls import CALLS, METHODS, Tokens
from tests.core.store.firestore.conftest import Connect
from tests.support.firestore_server import FirestoreServer


@pytest.mark.parametrize(
    "code",
    [StatusCode.UNAVAILABLE, StatusCode.INTERNAL, StatusCode.RESOURCE_EXHAUSTED, StatusCode.ABORTED,
     StatusCode.DEADLINE_EXCEEDED, StatusCode.UNKNOWN],
)  # fmt: skip
@pytest.mark.parametrize("call", METHODS)
async def test_a_read_is_tried_again(
    store: FirestoreStore, server: FirestoreServer, call: str, code: StatusCode
) -> None:
    await store.commit([Set("things/one", {"n": 1})])
    server.faults.fail(METHODS[call], code, times=2)
    assert await CALLS[call](store)
    assert server.calls.count(METHODS[call]) == 3


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (StatusCode.PERMISSION_DENIED, PermissionDenied),
        (StatusCode.INVALID_ARGUMENT, InvalidRequest),
        (StatusCode.UNIMPLEMENTED, StoreError),
    ],
)
async def test_what_would_fail_again_is_asked_once(
    store: FirestoreStore, server: FirestoreServer, code: StatusCode, kind: type[StoreError]
) -> None:
    server.faults.fail("*", code, times=None)
    for call, method in (("get", "BatchGetDocuments"), ("query", "RunQuery"), ("commit", "Commit")):
        with pytest.raises(kind):
            await CALLS[call](store)
        assert server.calls.count(method) == 1


async def test_failing_for_ever_is_no_storm(connect: Connect, server: FirestoreServer) -> None:
    store = connect(total=0.5, first_pause=0.05, longest_pause=0.1)
    server.faults.fail("*", StatusCode.UNAVAILABLE, times=None)
    with pytest.raises(StoreUnavailable, match="as asked"):
        await store.get("things/one")
    assert 1 <= server.calls.count("BatchGetDocuments") <= 15


async def test_a_server_that_comes_back_is_found(connect: Connect, server: FirestoreServer) -> None:
    await connect().commit([Set("things/one", {"n": 1})])
    store = connect(connect=0.3, total=0.5)
    await server.stop()
    with pytest.raises(StoreUnavailable):
        await store.get("things/one")
    await server.start()
    async with asyncio.timeout(60):
        while True:
            try:
                assert await store.get("things/one")
                return
            except StoreUnavailable:
                continue


async def test_calls_carry_the_token_and_the_database(
    connect: Connect, server: FirestoreServer
) -> None:
    await connect(Tokens("mine")).get("things/one")
    await connect().get("things/one")
    first, second = server.calls.seen
    assert (first.token, second.token) == ("mine", "owner")
    assert first.metadata["google-cloud-resource-prefix"] == "projects/demo/databases/(default)"
    assert first.metadata["x-goog-request-params"] == "project_id=demo&database_id=%28default%29"


@pytest.mark.parametrize("call", ["get", "commit"])
async def test_a_token_that_is_not_taken_is_renewed_once(
    connect: Connect, server: FirestoreServer, call: str
) -> None:
    tokens = Tokens("old", "new")
    server.faults.fail("*", StatusCode.UNAUTHENTICATED)
    await CALLS[call](connect(tokens))
    assert [one.token for one in server.calls.seen] == ["old", "new"]
    assert tokens.refused == ["", "old"]


async def test_a_second_refusal_is_final(connect: Connect, server: FirestoreServer) -> None:
    server.faults.fail("*", StatusCode.UNAUTHENTICATED, times=None)
    with pytest.raises(Unauthenticated):
        await connect(Tokens("old", "new")).get("things/one")
    assert len(server.calls.seen) == 2


@pytest.mark.parametrize(
    ("error", "kind"),
    [(SignInRequired(), Unauthenticated), (IdentityUnavailable("down"), StoreUnavailable)],
)
async def test_without_a_token_nothing_is_asked(
    connect: Connect, server: FirestoreServer, error: CapcoadaError, kind: type[StoreError]
) -> None:
    with pytest.raises(kind) as caught:
        await connect(Tokens(error)).commit([Set("things/one", {})])
    assert (type(caught.value), caught.value.message) == (kind, error.message)
    assert not server.calls.seen
