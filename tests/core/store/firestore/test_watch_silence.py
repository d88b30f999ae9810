"""A watch that hears nothing says so, finds its way again, and never storms the server."""

import asyncio
import time
from collections.abc import Iterable
from functools import partial
from itertools import count
from typing import Any

import pytest
from grpc import StatusCode

from core.identity.errors import SignInRequired
from core.store.firestore import FirestoreStore, engine
from core.store.firestore.endpoint import Bounds
from core.store.firestore.listener import Listener
from core.store.firestore.target import Target
from tests.core.store.firestore.calls import Tokens, called
from tests.core.store.firestore.conftest import Connect
from tests.core.store.firestore.consumer import ITEMS, LOST, Consumer, check_goes_on, ids, item
from tests.support.firestore_server import FirestoreServer
from tests.support.waiting import until

FIRST, LONGEST = 1.0, 30.0
"""Seconds between streams, where a test counts them."""
MANY = 9


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
    follow: Consumer,
    writer: FirestoreStore,
    server: FirestoreServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard, feed = 0, Target.feed

    def hear(target: Target, response: Any) -> bool:
        nonlocal heard
        heard += 1
        return feed(target, response)

    monkeypatch.setattr(Target, "feed", hear)
    loop, ahead = asyncio.get_running_loop(), 0.0  # The server's clock too, and the test's.
    monkeypatch.setattr(loop, "time", lambda: time.monotonic() + ahead)
    for _beat in range(5):
        ahead += Bounds().idle * 0.9
        before = heard
        server.listeners.beat()
        await until(lambda: heard > before, "a heartbeat comes")  # noqa: B023 - used at once
    await check_goes_on(follow, writer)
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


@pytest.fixture
def rests(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that were to pass between streams; none do."""
    seconds: list[float] = []

    async def rest(so_long: float) -> None:
        seconds.append(so_long)
        await asyncio.sleep(0)

    monkeypatch.setattr(engine, "Listener", partial(Listener, rest=rest))
    return seconds


def grow(rests: Iterable[float]) -> bool:
    """Whether pauses double from FIRST to LONGEST, each of them half to all of that."""
    longest = (min(FIRST * 2**turn, LONGEST) for turn in count())
    return all(most / 2 <= one <= most for one, most in zip(rests, longest, strict=False))


@pytest.mark.parametrize(
    "code",
    [StatusCode.UNAVAILABLE, StatusCode.UNAUTHENTICATED, StatusCode.RESOURCE_EXHAUSTED],
)
async def test_failing_for_ever_is_no_storm(
    connect: Connect, server: FirestoreServer, rests: list[float], code: StatusCode
) -> None:
    server.faults.fail("Listen", code, times=None)
    watch = connect(first_pause=FIRST, longest_watch_pause=LONGEST).watch(ITEMS)
    cut = await anext(watch)
    await called(server, "Listen", times=MANY)
    await watch.close()
    assert not cut.is_live
    assert len(rests) >= server.calls.count("Listen") - 1
    assert rests[0] <= FIRST
    if code is StatusCode.RESOURCE_EXHAUSTED:
        assert min(rests[1:]) >= LONGEST / 2
    else:
        assert grow(rests[1:])


async def test_dying_at_once_over_and_over_is_no_storm(
    connect: Connect, server: FirestoreServer, rests: list[float]
) -> None:
    def is_killed_often() -> bool:
        server.listeners.kill(StatusCode.UNAVAILABLE)
        return server.calls.count("Listen") >= MANY

    consumer = Consumer(connect(first_pause=FIRST, longest_watch_pause=LONGEST).watch(ITEMS))
    following = asyncio.create_task(consumer.until(lambda _found: False))
    await until(is_killed_often, "many streams are killed")
    following.cancel()
    await asyncio.wait([following])
    await consumer.watch.close()
    assert len(rests) >= server.calls.count("Listen") - 1
    assert rests[0] <= FIRST
    assert grow(rests[1:])


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
    connect: Connect, server: FirestoreServer, rests: list[float]
) -> None:
    tokens = Tokens(SignInRequired())
    handle = connect(tokens, first_pause=FIRST, longest_watch_pause=LONGEST)
    consumer = Consumer(handle.watch(ITEMS))
    assert (await consumer.until_cut()).error == SignInRequired().message
    await until(lambda: len(tokens.refused) >= MANY, "a token is asked for again and again")
    assert len(rests) >= len(tokens.refused) - 1
    assert grow(rests)
    assert not server.calls.seen
    tokens.tokens = ["new"]
    await consumer.until_ids("")
    await consumer.watch.close()
