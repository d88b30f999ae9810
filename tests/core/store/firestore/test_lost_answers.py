"""What became of a write whose answer was lost: done once, or said that it cannot be told."""

import pytest
from grpc import StatusCode

from core.store.errors import (
    OutcomeUnknown,
)
from core.store.firestore import FirestoreStore
from core.store.port import Create, Delete, Increment, Set, Update, Write
from tests.core.store.firestore.calls import add
from tests.core.store.firestore.conftest import Connect
from tests.support.firestore_server import FirestoreServer


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
