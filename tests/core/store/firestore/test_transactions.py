"""A transaction that loses is run again, for a while; one that is over is let go of."""

import asyncio

import pytest
from grpc import StatusCode

from core.store.errors import (
    Contention,
)
from core.store.firestore import FirestoreStore
from core.store.port import Set, Transaction
from tests.core.store.firestore.calls import add, called
from tests.support.firestore_server import FirestoreServer


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
