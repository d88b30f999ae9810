"""Calls are bounded, repeated where that is safe, and say the truth about what they did."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from grpc import StatusCode

from core.errors import CapcoadaError
from core.identity.errors import IdentityUnavailable, SignInRequired
from core.store.errors import (
    Contention,
    InvalidRequest,
    OutcomeUnknown,
    PermissionDenied,
    StoreError,
    StoreUnavailable,
    Unauthenticated,
)
from core.store.firestore import FirestoreStore
from core.store.port import Create, Delete, Increment, Query, Set, Store, Transaction, Update, Write
from tests.core.store.firestore.conftest import Connect
from tests.support.firestore_server import FirestoreServer
from tests.support.waiting import until

Do = Callable[[Store], Awaitable[Any]]


async def add(store: Store) -> int:
    """Read, add one, write."""

    async def body(transaction: Transaction) -> int:
        found = await transaction.get("counters/one")
        value: int = 1 + (found.data["n"] if found else 0)
        transaction.write(Set("counters/one", {"n": value}))
        return value

    return await store.transact(body)


async def called(server: FirestoreServer, method: str, times: int = 1) -> None:
    """Wait until the server has been asked so often."""
    await until(lambda: server.calls.count(method) >= times, f"{method} is called")


CALLS: dict[str, Do] = {
    "get": lambda store: store.get("things/one"),
    "get_all": lambda store: store.get_all(["things/one", "things/two"]),
    "query": lambda store: store.query(Query("things")),
    "aggregate": lambda store: store.aggregate(Query("things"), sums=["n"]),
    "commit": lambda store: store.commit([Set("things/one", {})]),
    "transact": add,
}
METHODS = {"get": "BatchGetDocuments", "get_all": "BatchGetDocuments", "query": "RunQuery"}


class Tokens:
    """A credential under the test's control."""

    def __init__(self, *tokens: str | CapcoadaError) -> None:
        self.tokens = list(tokens)
        self.refused: list[str] = []

    async def token(self, *, refused: str = "") -> str:
        self.refused.append(refused)
        token = self.tokens.pop(0) if len(self.tokens) > 1 else self.tokens[0]
        if isinstance(token, CapcoadaError):
            raise token
        return token


@pytest.fixture
def nobody() -> str:
    """An address on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{taken.getsockname()[1]}"


# -- bounds --


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


# -- repetition --


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


# -- who asks --


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


# -- lost answers --


async def test_a_set_whose_answer_was_lost_is_sent_again(
    store: FirestoreStore, server: FirestoreServer
) -> None:
    server.faults.lose_answer("Commit", times=2)
    await store.commit([Set("things/one", {"n": 1}), Update("things/one", {"n": 2})])
    assert server.calls.count("Commit") == 3
    found = await store.get("things/one")
    assert found is not None
    assert found.data == {"n": 2}


@pytest.mark.parametrize(
    ("writes", "times"),
    [
        ([Create("things/one", {})], 2),
        ([Create("things/one", {}), Update("counters/one", {"n": Increment(1)})], 2),
        ([Update("counters/one", {"n": Increment(1)})], 1),
        ([Delete("things/there", must_exist=True)], 2),
    ],
)
@pytest.mark.parametrize("code", [StatusCode.UNAVAILABLE, StatusCode.INTERNAL])
async def test_what_cannot_be_told_is_said_and_never_done_twice(
    store: FirestoreStore,
    server: FirestoreServer,
    writes: list[Write],
    times: int,
    code: StatusCode,
) -> None:
    await store.commit([Set("counters/one", {"n": 0}), Set("things/there", {})])
    server.faults.lose_answer("Commit", code)
    with pytest.raises(OutcomeUnknown):
        await store.commit(writes)
    assert server.calls.count("Commit") == 1 + times
    counter = await store.get("counters/one")
    assert counter is not None
    assert counter.data["n"] == sum(isinstance(one, Update) for one in writes)


async def test_a_create_that_never_arrived_is_made_by_the_second_attempt(
    store: FirestoreStore, server: FirestoreServer
) -> None:
    server.faults.fail("Commit", StatusCode.UNAVAILABLE)
    await store.commit([Create("things/one", {})])
    assert await store.get("things/one")


async def test_a_lost_answer_stays_unknown_when_the_server_is_gone(
    connect: Connect, server: FirestoreServer
) -> None:
    store = connect(total=0.3)
    server.faults.lose_answer("Commit", times=None)
    with pytest.raises(OutcomeUnknown):
        await store.commit([Set("things/one", {})])


async def test_a_transaction_whose_answer_was_lost_counts_once(
    store: FirestoreStore, server: FirestoreServer
) -> None:
    server.faults.lose_answer("Commit")
    with pytest.raises(OutcomeUnknown):
        await add(store)
    assert await add(store) == 2


# -- transactions --


async def test_losing_waits_longer_each_time(
    store: FirestoreStore, server: FirestoreServer
) -> None:
    server.faults.fail("Commit", StatusCode.ABORTED, times=4)
    loop = asyncio.get_running_loop()
    begun = loop.time()
    assert await add(store) == 1
    assert server.calls.count("Commit") == 5
    assert loop.time() - begun >= (0.02 + 0.04 + 0.05 + 0.05) / 2


async def test_losing_too_often_is_contention(
    store: FirestoreStore, server: FirestoreServer
) -> None:
    server.faults.fail("Commit", StatusCode.ABORTED, times=None)
    with pytest.raises(Contention):
        await add(store)
    assert server.calls.count("Commit") == 10


async def test_losing_at_a_read_runs_the_body_again(
    store: FirestoreStore, server: FirestoreServer
) -> None:
    server.faults.fail("BatchGetDocuments", StatusCode.ABORTED, times=2)
    assert await add(store) == 1
    assert server.calls.count("BatchGetDocuments") == 3


async def test_a_transaction_that_the_server_has_forgotten_is_run_again(
    store: FirestoreStore, server: FirestoreServer
) -> None:
    runs = 0

    async def body(transaction: Transaction) -> None:
        nonlocal runs
        runs += 1
        await transaction.get("counters/one")
        if runs == 1:
            await server.stop()
            await server.start()
        transaction.write(Set("counters/one", {"n": runs}))

    await store.transact(body)
    found = await store.get("counters/one")
    assert found is not None
    assert found.data["n"] == runs == 2


async def test_a_failing_body_lets_go_of_its_transaction(
    store: FirestoreStore, server: FirestoreServer
) -> None:
    async def body(transaction: Transaction) -> None:
        await transaction.get("counters/one")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await store.transact(body)
    await called(server, "Rollback")


async def test_reads_at_the_same_time_share_their_transaction(
    store: FirestoreStore, server: FirestoreServer
) -> None:
    async def body(transaction: Transaction) -> None:
        await asyncio.gather(*(transaction.get(f"things/{number}") for number in range(5)))
        transaction.write(Set("things/0", {}))

    await store.transact(body)
    assert server.calls.count("BatchGetDocuments") == 5
    assert server.calls.count("BeginTransaction") == 0
    assert server.calls.count("Commit") == 1
