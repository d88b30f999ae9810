"""A watch outlives its connection, however that is cut."""

from collections.abc import AsyncIterator, Callable

import pytest

from core.store.firestore import FirestoreStore
from core.store.port import Delete
from tests.core.store.firestore.conftest import Connect
from tests.core.store.firestore.consumer import ITEMS, Consumer, check_goes_on, item
from tests.support.firestore_server import FirestoreServer
from tests.support.tcp_proxy import TcpProxy


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
