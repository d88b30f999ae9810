"""Google's own client runs transactions that contend, lose and end as they do in the cloud."""

import asyncio
from typing import Any

import pytest
from google.api_core.exceptions import (
    Aborted,
    InvalidArgument,
)
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter

from tests.firestore_server.test_documents import data_of


async def test_threads_that_contend_count_right(blocking: Any, loop_is_free: None) -> None:
    counter = blocking.document("counters/one")

    def add(transaction: Any) -> None:
        number = counter.get(transaction=transaction).get("n")
        transaction.update(counter, {"n": number + 1})

    def count() -> None:
        transactional = firestore.transactional(add)  # It has a state: one for each thread.
        for _number in range(20):
            transactional(blocking.transaction(max_attempts=1000))

    await asyncio.to_thread(counter.set, {"n": 0})
    await asyncio.gather(*(asyncio.to_thread(count) for _thread in range(8)))
    assert (await asyncio.to_thread(counter.get)).to_dict() == {"n": 160}


async def test_increments_that_contend_count_right(client: Any) -> None:
    counter = client.document("counters/one")
    await asyncio.gather(
        *(counter.set({"n": firestore.Increment(1)}, merge=True) for _number in range(100))
    )
    assert await data_of(client, "counters/one") == {"n": 100}


async def test_queue_items_are_claimed_once(blocking: Any, loop_is_free: None) -> None:
    items = blocking.collection("runs/1/items")
    query = items.where(filter=FieldFilter("free", "==", True)).limit(1)
    claimed: list[str] = []

    def claim(transaction: Any) -> str | None:
        for found in query.stream(transaction=transaction):
            transaction.update(found.reference, {"free": False})
            return str(found.id)
        return None

    def work() -> None:
        transactional = firestore.transactional(claim)
        while (name := transactional(blocking.transaction(max_attempts=1000))) is not None:
            claimed.append(name)

    def fill() -> None:
        for number in range(16):
            items.document(f"{number:02}").set({"free": True})

    await asyncio.to_thread(fill)
    await asyncio.gather(*(asyncio.to_thread(work) for _thread in range(4)))
    assert sorted(claimed) == [f"{number:02}" for number in range(16)]


@pytest.mark.parametrize("kind", ["document", "query", "count"])
async def test_a_transaction_loses_when_what_it_read_has_changed(client: Any, kind: str) -> None:
    await client.document("things/one").set({"n": 1})
    transaction = client.transaction()
    await transaction._begin()
    if kind == "document":
        await client.document("things/one").get(transaction=transaction)
    elif kind == "query":
        assert [one async for one in client.collection("things").stream(transaction=transaction)]
    else:
        await client.collection("things").count().get(transaction=transaction)
    await client.document("things/two").set({"n": 1})
    await client.document("things/one").set({"n": 2})
    found = await client.document("things/one").get(transaction=transaction)
    assert found.to_dict() == {"n": 1}, "a transaction sees one moment"
    transaction.create(client.document("things/two"), {})
    with pytest.raises(Aborted):
        await transaction._commit()
    with pytest.raises(Aborted):
        await transaction._commit()
    await transaction._rollback()


async def test_a_transaction_ends_by_a_rollback(client: Any) -> None:
    transaction = client.transaction()
    await transaction._begin()
    transaction_id = transaction._id
    await transaction._rollback()
    transaction._id = transaction_id
    with pytest.raises(InvalidArgument):
        await client.document("things/one").get(transaction=transaction)


async def test_a_read_only_transaction_sees_one_moment(client: Any) -> None:
    await client.document("things/one").set({"n": 1})

    @firestore.async_transactional
    async def read(transaction: Any) -> list[Any]:
        one = await client.document("things/one").get(transaction=transaction)
        await client.document("things/one").set({"n": 2})
        two = await client.document("things/one").get(transaction=transaction)
        return [one.to_dict(), two.to_dict()]

    assert await read(client.transaction(read_only=True)) == [{"n": 1}, {"n": 1}]
