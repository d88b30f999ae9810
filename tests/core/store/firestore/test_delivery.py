"""Every change is told once, against what was told before; cuts are told while they last."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.store.errors import IndexMissing
from core.store.firestore.delivery import Delivery
from core.store.port import Document, Snapshot

START = datetime(2026, 1, 1, tzinfo=UTC)


def result(**versions: int) -> dict[str, Document]:
    return {
        f"a/{name}": Document(f"a/{name}", {"v": at}, START, START + timedelta(seconds=at))
        for name, at in versions.items()
    }


def told(snapshot: Snapshot) -> set[tuple[str, str]]:
    return {(change.kind, change.document.id) for change in snapshot.changes}


async def taken(delivery: Delivery) -> Snapshot | None:
    """Return what there is to take at once, None when there is nothing."""
    task = asyncio.ensure_future(delivery.take())
    await asyncio.sleep(0)
    if task.done():
        return task.result()
    task.cancel()
    return None


async def test_the_first_result_is_told_even_when_it_is_empty() -> None:
    delivery = Delivery()
    delivery.put({})
    assert await delivery.take() == Snapshot((), ())
    delivery.put({})
    assert await taken(delivery) is None


async def test_results_that_nobody_took_are_one() -> None:
    delivery = Delivery()
    delivery.put(result(x=1, y=1))
    await delivery.take()
    delivery.put(result(x=2, y=1, z=1))
    delivery.put(result(x=3, z=1))
    snapshot = await delivery.take()
    assert told(snapshot) == {("modified", "x"), ("removed", "y"), ("added", "z")}
    assert [document.data["v"] for document in snapshot.documents] == [3, 1]


async def test_a_cut_is_told_with_the_last_documents_and_ends_with_a_result() -> None:
    delivery = Delivery()
    delivery.put(result(x=1))
    await delivery.take()
    delivery.interrupt("gone")
    snapshot = await delivery.take()
    assert (snapshot.is_live, snapshot.error, snapshot.changes) == (False, "gone", ())
    assert len(snapshot.documents) == 1
    delivery.interrupt("gone")
    assert await taken(delivery) is None
    delivery.put(result(x=1))
    snapshot = await delivery.take()
    assert (snapshot.is_live, snapshot.error, snapshot.changes) == (True, "", ())


async def test_a_cut_that_nobody_saw_is_not_told() -> None:
    delivery = Delivery()
    delivery.put(result(x=1))
    await delivery.take()
    delivery.interrupt("gone")
    delivery.put(result(x=1))
    assert await taken(delivery) is None


async def test_a_cut_before_the_first_result_is_told() -> None:
    delivery = Delivery()
    delivery.interrupt("not there")
    assert await delivery.take() == Snapshot((), (), is_live=False, error="not there")


async def test_whoever_waits_is_woken() -> None:
    delivery = Delivery()
    waiting = asyncio.ensure_future(delivery.take())
    await asyncio.sleep(0)
    delivery.put(result(x=1))
    assert len((await waiting).documents) == 1
    waiting = asyncio.ensure_future(delivery.take())
    await asyncio.sleep(0)
    delivery.end()
    with pytest.raises(StopAsyncIteration):
        await waiting


async def test_a_failure_is_raised_once_and_ends_it() -> None:
    delivery = Delivery()
    delivery.fail(IndexMissing("none"))
    with pytest.raises(IndexMissing):
        await delivery.take()
    with pytest.raises(StopAsyncIteration):
        await delivery.take()


STEPS = st.lists(
    st.one_of(
        st.dictionaries(st.sampled_from("abc"), st.integers(1, 3)),
        st.sampled_from(["cut", "take"]),
    ),
    max_size=20,
)


@given(STEPS)
def test_changes_always_add_up_to_the_documents(steps: list[Any]) -> None:
    async def follow() -> None:
        delivery, state = Delivery(), dict[str, Document]()
        delivery.put({})
        for step in [*steps, "take"]:
            if step == "cut":
                delivery.interrupt("gone")
            elif step != "take":
                delivery.put(result(**step))
            elif (snapshot := await taken(delivery)) is not None:
                for change in snapshot.changes:
                    assert (change.document.path in state) == (change.kind != "added")
                    if change.kind == "removed":
                        del state[change.document.path]
                    else:
                        state[change.document.path] = change.document
                assert state == {one.path: one for one in snapshot.documents}

    asyncio.run(follow())
