"""However a stream ends or whatever odd it says, its watch goes on and loses or repeats nothing."""

import pytest
from grpc import StatusCode

from core.store.errors import (
    IndexMissing,
    InvalidRequest,
    PermissionDenied,
    StoreError,
    StoreUnusable,
)
from core.store.firestore import FirestoreStore
from core.store.firestore.target import Target
from core.store.port import Query
from tests.core.store.firestore.conftest import Connect
from tests.core.store.firestore.consumer import ITEMS, LOST, Consumer, check_goes_on, ids, item
from tests.support.firestore_server import FirestoreServer

FINAL = [
    (StatusCode.PERMISSION_DENIED, PermissionDenied),
    (StatusCode.NOT_FOUND, StoreError),
    (StatusCode.UNIMPLEMENTED, StoreUnusable),
]


@pytest.mark.parametrize("code", LOST)
@pytest.mark.parametrize("how", ["stream", "target"])
async def test_an_end_is_followed_by_another_stream(
    follow: Consumer, writer: FirestoreStore, server: FirestoreServer, code: StatusCode, how: str
) -> None:
    if how == "stream":
        server.listeners.kill(code)
    else:
        server.listeners.remove_targets(code)
    await check_goes_on(follow, writer)
    assert server.listeners.added[-1].is_resumed
    assert all(one.is_live == (not one.error) for one in follow.snapshots)


async def test_a_clean_end_is_followed_by_another_stream(
    follow: Consumer, writer: FirestoreStore, server: FirestoreServer
) -> None:
    server.listeners.end()
    await check_goes_on(follow, writer)
    assert server.listeners.added[-1].is_resumed


@pytest.mark.parametrize(("code", "kind"), FINAL)
@pytest.mark.parametrize("how", ["stream", "target", "opening"])
async def test_what_cannot_be_mended_is_raised(
    connect: Connect,
    server: FirestoreServer,
    code: StatusCode,
    kind: type[StoreError],
    how: str,
) -> None:
    consumer = Consumer(connect().watch(ITEMS))
    if how == "opening":
        server.faults.fail("Listen", code)
    else:
        await consumer.until_ids("")
        end = server.listeners.kill if how == "stream" else server.listeners.remove_targets
        end(code)
    with pytest.raises(kind):
        await consumer.until(lambda _snapshot: False)
    with pytest.raises(StopAsyncIteration):
        await anext(consumer.watch)


async def test_an_index_that_is_missing_is_raised_with_what_to_add(
    store: FirestoreStore,
) -> None:
    watch = store.watch(Query("runs/1/items").where("a", "==", 1).order_by("b"))
    with pytest.raises(IndexMissing) as caught:
        await anext(watch)
    assert '{"fieldPath": "b", "order": "ASCENDING"}' in caught.value.hint


async def test_a_request_that_is_not_taken_is_raised(
    connect: Connect, server: FirestoreServer
) -> None:
    server.faults.fail("Listen", StatusCode.INVALID_ARGUMENT)
    with pytest.raises(InvalidRequest):
        await anext(connect().watch(ITEMS))


async def test_what_breaks_in_here_is_raised_too(
    follow: Consumer, writer: FirestoreStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Target, "feed", lambda *_arguments: 1 / 0)
    await writer.commit([item("c")])
    with pytest.raises(ZeroDivisionError):
        await follow.take()
    with pytest.raises(StopAsyncIteration):
        await anext(follow.watch)


async def test_a_place_to_go_on_from_that_is_not_taken_is_forgotten(
    follow: Consumer, writer: FirestoreStore, server: FirestoreServer
) -> None:
    server.listeners.refused_tokens = 1
    server.listeners.kill(StatusCode.UNAVAILABLE)
    await check_goes_on(follow, writer)
    assert not server.listeners.added[-1].is_resumed


async def test_another_count_of_documents_has_all_told_anew(
    follow: Consumer, writer: FirestoreStore, server: FirestoreServer
) -> None:
    server.listeners.send_filters(too_many=1)
    await check_goes_on(follow, writer)
    assert not server.listeners.added[-1].is_resumed


async def test_a_wrong_count_after_going_on_has_all_told_anew(
    follow: Consumer, writer: FirestoreStore, server: FirestoreServer
) -> None:
    server.listeners.wrong_filters = 1
    server.listeners.kill(StatusCode.UNAVAILABLE)
    await check_goes_on(follow, writer)
    assert [one.is_resumed for one in server.listeners.added][-2:] == [True, False]


async def test_the_right_count_changes_nothing(
    follow: Consumer, writer: FirestoreStore, server: FirestoreServer
) -> None:
    server.listeners.send_filters()
    await check_goes_on(follow, writer)
    assert len(server.listeners.added) == 1


async def test_a_reset_repeats_nothing(
    follow: Consumer, writer: FirestoreStore, server: FirestoreServer
) -> None:
    server.listeners.reset_targets()
    await check_goes_on(follow, writer)
    assert len(server.listeners.added) == 1


async def test_documents_told_twice_are_told_on_once(
    follow: Consumer, writer: FirestoreStore, server: FirestoreServer
) -> None:
    server.listeners.repeat()
    server.listeners.beat()
    await check_goes_on(follow, writer)


async def test_half_a_moment_is_not_told(
    follow: Consumer, writer: FirestoreStore, server: FirestoreServer
) -> None:
    server.listeners.tear(StatusCode.UNAVAILABLE)
    await check_goes_on(follow, writer)
    assert len(server.listeners.added) == 2
    whole = {"a b", "c a"}
    assert {ids(one) for one in follow.snapshots} <= whole
