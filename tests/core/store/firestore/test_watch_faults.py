"""Whatever happens to its stream, a watch says so, goes on, and loses or repeats nothing."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from grpc import StatusCode

from core.identity.errors import SignInRequired
from core.store.errors import (
    IndexMissing,
    InvalidRequest,
    PermissionDenied,
    StoreError,
    StoreUnusable,
)
from core.store.firestore import FirestoreStore
from core.store.firestore.target import Target
from core.store.port import Delete, Query, Set
from tests.core.store.firestore.conftest import Connect
from tests.core.store.firestore.consumer import Consumer, ids, kinds
from tests.core.store.firestore.test_calls import Tokens, called
from tests.support.firestore_server import FirestoreServer
from tests.support.tcp_proxy import TcpProxy

ITEMS = Query("runs/1/items").order_by("rank", "desc")
LOST = [
    StatusCode.UNAVAILABLE, StatusCode.INTERNAL, StatusCode.CANCELLED, StatusCode.UNKNOWN,
    StatusCode.DEADLINE_EXCEEDED, StatusCode.ABORTED, StatusCode.RESOURCE_EXHAUSTED,
    StatusCode.UNAUTHENTICATED,
]  # fmt: skip
FINAL = [
    (StatusCode.PERMISSION_DENIED, PermissionDenied),
    (StatusCode.NOT_FOUND, StoreError),
    (StatusCode.UNIMPLEMENTED, StoreUnusable),
]


def item(name: str, rank: int = 0) -> Set:
    return Set(f"runs/1/items/{name}", {"rank": rank})


@pytest.fixture
async def writer(connect: Connect) -> FirestoreStore:
    """A handle of its own, so that the watched one may suffer."""
    handle = connect()
    await handle.commit([item("a", 9), item("b", 8)])
    return handle


@pytest.fixture
async def follow(connect: Connect, writer: FirestoreStore) -> AsyncIterator[Consumer]:
    """A consumer of a live watch that has seen `a b`."""
    consumer = Consumer(connect().watch(ITEMS))
    await consumer.until_ids("a b")
    yield consumer
    await consumer.watch.close()


async def check_goes_on(consumer: Consumer, writer: FirestoreStore) -> None:
    """What is written now is told, once, and nothing else."""
    before = len(consumer.snapshots)
    await writer.commit([item("a", 7), Delete("runs/1/items/b"), item("c", 10)])
    await consumer.until_ids("c a")
    changed = [one for each in consumer.snapshots[before:] for one in kinds(each)]
    assert sorted(changed) == [("added", "c"), ("modified", "a"), ("removed", "b")]


# -- streams that end --


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


# -- streams that say something odd --


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


# -- streams that say nothing --


async def test_a_silent_stream_is_replaced(
    connect: Connect, writer: FirestoreStore, server: FirestoreServer
) -> None:
    consumer = Consumer(connect(idle=0.1).watch(ITEMS))
    await consumer.until_ids("a b")
    server.listeners.stall()
    assert "silent" in (await consumer.until_cut()).error
    server.listeners.go_on()
    await check_goes_on(consumer, writer)


async def test_heartbeats_keep_a_stream(
    connect: Connect, writer: FirestoreStore, server: FirestoreServer
) -> None:
    server.listeners.heartbeat_seconds = 0.05
    consumer = Consumer(connect(idle=3.0).watch(ITEMS))
    await consumer.until_ids("a b")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(3.3):
            await anext(consumer.watch)
    assert len(server.listeners.added) == 1


async def test_a_server_that_never_answers_is_told_before_the_first_result(
    connect: Connect, server: FirestoreServer
) -> None:
    server.listeners.stall()
    consumer = Consumer(connect(first_snapshot=0.05).watch(ITEMS))
    first = await consumer.take()
    assert (first.documents, first.is_live) == ((), False)
    assert first.error
    server.listeners.go_on()
    await consumer.until_ids("")


# -- telling of it --


@pytest.mark.parametrize("code", LOST)
async def test_while_there_is_no_stream_the_last_documents_are_told_as_not_live(
    follow: Consumer, writer: FirestoreStore, server: FirestoreServer, code: StatusCode
) -> None:
    server.faults.fail("Listen", code, times=None)
    server.listeners.kill(code)
    cut = await follow.until_cut()
    assert (ids(cut), cut.changes) == ("a b", ())
    assert "Firestore" in cut.error
    server.faults.clear()
    await check_goes_on(follow, writer)


async def test_a_short_cut_is_not_worth_telling(
    connect: Connect, writer: FirestoreStore, server: FirestoreServer
) -> None:
    consumer = Consumer(connect(grace=10.0).watch(ITEMS))
    await consumer.until_ids("a b")
    server.listeners.kill(StatusCode.UNAVAILABLE)
    await check_goes_on(consumer, writer)
    assert all(one.is_live for one in consumer.snapshots)


@pytest.mark.parametrize(
    "code",
    [StatusCode.UNAVAILABLE, StatusCode.UNAUTHENTICATED, StatusCode.RESOURCE_EXHAUSTED],
)
async def test_failing_for_ever_is_no_storm(
    connect: Connect, server: FirestoreServer, code: StatusCode
) -> None:
    server.faults.fail("Listen", code, times=None)
    consumer = Consumer(connect(longest_watch_pause=0.2, first_pause=0.05).watch(ITEMS))
    await consumer.until_cut()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1.5):
            await consumer.until(lambda found: found.is_live)
    assert server.calls.count("Listen") <= 25
    await called(server, "Listen", times=3)
    await consumer.watch.close()


async def test_dying_at_once_over_and_over_is_no_storm(
    connect: Connect, server: FirestoreServer
) -> None:
    async def kill() -> None:
        while True:
            server.listeners.kill(StatusCode.UNAVAILABLE)
            await asyncio.sleep(0.005)

    killer = asyncio.create_task(kill())
    consumer = Consumer(connect(longest_watch_pause=0.2, first_pause=0.05).watch(ITEMS))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1.5):
            await consumer.until(lambda _found: False)
    assert server.calls.count("Listen") <= 25
    await called(server, "Listen", times=3)
    killer.cancel()
    await consumer.watch.close()


# -- who asks --


async def test_a_token_that_ran_out_is_renewed(connect: Connect, server: FirestoreServer) -> None:
    tokens = Tokens("old", "new")
    consumer = Consumer(connect(tokens).watch(ITEMS))
    await consumer.until_ids("")
    server.listeners.kill(StatusCode.UNAUTHENTICATED)
    await connect().commit([item("a")])
    await consumer.until_ids("a")
    assert [one.token for one in server.calls.seen if one.method == "Listen"] == ["old", "new"]
    assert tokens.refused == ["", "old"]


async def test_without_a_token_it_is_told_why_and_asked_for_without_a_storm(
    connect: Connect, server: FirestoreServer
) -> None:
    tokens = Tokens(SignInRequired())
    consumer = Consumer(connect(tokens, first_pause=0.05).watch(ITEMS))
    assert (await consumer.until_cut()).error == SignInRequired().message
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1.5):
            await consumer.take()
    assert len(tokens.refused) <= 25
    assert not server.calls.seen
    tokens.tokens = ["new"]
    await consumer.until_ids("")
    await consumer.watch.close()


# -- the way there --


@pytest.fixture
async def proxy(server: FirestoreServer) -> AsyncIterator[TcpProxy]:
    async with TcpProxy(server.address) as proxy:
        yield proxy


CUTS: dict[str, Callable[[TcpProxy], None]] = {
    "cut": TcpProxy.cut,
    "reset": TcpProxy.reset_streams,
    "go away": TcpProxy.go_away,
}


@pytest.mark.parametrize("how", CUTS)
async def test_a_connection_that_is_cut_is_made_anew(
    connect: Connect, writer: FirestoreStore, proxy: TcpProxy, how: str
) -> None:
    consumer = Consumer(connect(host=proxy.address).watch(ITEMS))
    await consumer.until_ids("a b")
    for turn in range(3):
        CUTS[how](proxy)
        await writer.commit([item("c", turn), item("a", 20 + turn)])
        await consumer.until(
            lambda found: found.documents[0].data["rank"] == 20 + turn  # noqa: B023 - used at once
        )
    CUTS[how](proxy)
    await writer.commit([Delete("runs/1/items/c")])
    await consumer.until_ids("a b")


async def test_no_way_there_is_told_and_found_again_without_a_storm(
    connect: Connect, writer: FirestoreStore, proxy: TcpProxy
) -> None:
    consumer = Consumer(connect(host=proxy.address, connect=0.3).watch(ITEMS))
    await consumer.until_ids("a b")
    proxy.refuse()
    await consumer.until(lambda found: "cannot be reached" in found.error)
    await proxy.accept()
    await check_goes_on(consumer, writer)
    assert proxy.accepted <= 5


async def test_a_connection_without_a_word_is_noticed_by_the_silence(
    connect: Connect, writer: FirestoreStore, proxy: TcpProxy
) -> None:
    consumer = Consumer(connect(host=proxy.address, idle=0.2, answer=0.2).watch(ITEMS))
    await consumer.until_ids("a b")
    proxy.stall()
    await consumer.until_cut()
    proxy.go_on()
    await check_goes_on(consumer, writer)


async def test_the_server_is_restarted(
    follow: Consumer, writer: FirestoreStore, server: FirestoreServer
) -> None:
    await server.stop()
    await follow.until_cut()
    await server.start()
    await follow.until_ids("a b")
    await check_goes_on(follow, writer)
