"""Listen tells what changed, and only that, and goes on where a client left off."""

from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from google.cloud.firestore_v1.base_query import FieldFilter
from grpc import StatusCode

from tests.firestore_server.wire import Listening, told
from tests.support.firestore_server import Asked, FirestoreServer, Refusal


@pytest.fixture
async def channel(server: FirestoreServer) -> AsyncIterator[grpc.aio.Channel]:
    async with grpc.aio.insecure_channel(server.address) as channel:
        yield channel


async def _heard(stream: Listening) -> str:
    return told(await stream.hear())


@pytest.fixture
def items(client: Any) -> Any:
    return client.collection("runs/1/items")


async def fill(items: Any, **ranks: int) -> None:
    for name, rank in ranks.items():
        await items.document(name).set({"rank": rank})


async def test_a_query_is_told_whole_and_then_by_what_changes(
    channel: grpc.aio.Channel, items: Any
) -> None:
    await fill(items, a=1, b=2, low=0)
    query = items.where(filter=FieldFilter("rank", ">", 0)).order_by("rank")
    async with Listening(channel) as stream:
        await stream.add(7, query)
        assert await stream.until_still() == [
            "ADD 7", "change a +7", "change b +7", "CURRENT 7", "NO_CHANGE",
        ]  # fmt: skip
        await fill(items, c=3)
        assert await stream.until_still() == ["change c +7", "NO_CHANGE"]
        await items.document("a").update({"rank": 9})
        assert await stream.until_still() == ["change a +7", "NO_CHANGE"]
        await items.document("b").update({"rank": -1})
        assert await stream.until_still() == ["change b -7", "NO_CHANGE"]
        await fill(items, low=-5, b=-2)
        await items.document("c").delete()
        assert await stream.until_still() == ["delete c -7", "NO_CHANGE"]
        await items.document("low").delete()
        await items.document("d").set({"rank": 4})
        assert await stream.until_still() == ["change d +7", "NO_CHANGE"]


async def test_a_limit_fills_up_and_pushes_out(channel: grpc.aio.Channel, items: Any) -> None:
    await fill(items, a=1, b=2, c=3)
    async with Listening(channel) as stream:
        await stream.add(7, items.order_by("rank").limit(2))
        assert "change b +7" in await stream.until_still()
        await fill(items, top=0)
        assert await stream.until_still() == ["change top +7", "remove b -7", "NO_CHANGE"]
        await items.document("a").delete()
        assert await stream.until_still() == ["change b +7", "delete a -7", "NO_CHANGE"]
        await items.document("top").update({"rank": 8})
        assert sorted(await stream.until_still()) == ["NO_CHANGE", "change c +7", "change top -7"]


async def test_documents_are_told_by_name(channel: grpc.aio.Channel, items: Any) -> None:
    await fill(items, a=1)
    async with Listening(channel) as stream:
        await stream.add(1, ["runs/1/items/a", "runs/1/items/none"])
        assert await stream.until_still() == ["ADD 1", "change a +1", "CURRENT 1", "NO_CHANGE"]
        await fill(items, other=1, none=2)
        assert await stream.until_still() == ["change none +1", "NO_CHANGE"]
        await items.document("a").delete()
        assert await stream.until_still() == ["delete a -1", "NO_CHANGE"]


async def test_targets_share_a_stream(channel: grpc.aio.Channel, client: Any, items: Any) -> None:
    async with Listening(channel) as stream:
        await stream.add(1, items)
        await stream.until_still()
        await stream.add(2, client.collection_group("items"))
        assert await stream.until_still() == ["ADD 2", "CURRENT 2", "NO_CHANGE"]
        await stream.add(3, ["runs/1/items/a"])
        await stream.until_still()
        await fill(items, a=1)
        assert await stream.until_still() == ["change a +1 +2 +3", "NO_CHANGE"]
        await stream.remove(1)
        assert await _heard(stream) == "REMOVE 1"
        await fill(items, b=1)
        assert await stream.until_still() == ["change b +2", "NO_CHANGE"]
        await stream.add(4, items, once=True)
        assert await stream.until_still() == [
            "ADD 4", "change a +4", "change b +4", "CURRENT 4", "NO_CHANGE",
        ]  # fmt: skip
        assert await _heard(stream) == "REMOVE 4"
        await fill(items, c=1)
        assert await stream.until_still() == ["change c +2", "NO_CHANGE"]


async def test_a_client_goes_on_where_it_left_off(
    channel: grpc.aio.Channel, server: FirestoreServer, items: Any
) -> None:
    await fill(items, a=1, b=2, c=3, d=4)
    query = items.where(filter=FieldFilter("rank", ">", 0))
    async with Listening(channel) as stream:
        await stream.add(7, query)
        await stream.add(8, ["runs/1/items/a", "runs/1/items/b"])
        await stream.until_still()
        await stream.until_still()
        token = stream.token
    await fill(items, e=5, b=-1)
    await items.document("c").delete()
    await server.stop()
    await server.start()
    async with Listening(channel) as stream:
        await stream.add(7, query, resume=token)
        assert await stream.until_still() == [
            "ADD 7", "change e +7", "change b -7", "delete c -7", "filter 7 3", "CURRENT 7",
            "NO_CHANGE",
        ]  # fmt: skip
        await stream.add(8, ["runs/1/items/a", "runs/1/items/b"], resume=token)
        assert await stream.until_still() == [
            "ADD 8", "change b +8", "filter 8 2", "CURRENT 8", "NO_CHANGE",
        ]  # fmt: skip
        await stream.add(9, query.limit(1), resume=token)
        assert await stream.until_still() == [
            "ADD 9", "RESET 9", "change a +9", "filter 9 1", "CURRENT 9", "NO_CHANGE",
        ]  # fmt: skip
        token = stream.token
    async with Listening(channel) as stream:
        await stream.add(7, query, resume=token)
        assert await stream.until_still() == ["ADD 7", "filter 7 3", "CURRENT 7", "NO_CHANGE"]
    assert [one.is_resumed for one in server.listeners.added] == [False, False] + [True] * 4


@pytest.mark.parametrize("token", [b"nonsense", b"cpf1" + b"\xff" * 16])
async def test_a_bad_token_removes_the_target(
    channel: grpc.aio.Channel, items: Any, token: bytes
) -> None:
    async with Listening(channel) as stream:
        await stream.add(7, items, resume=token)
        assert [await _heard(stream), await _heard(stream)] == ["ADD 7", "REMOVE 7 3"]
        await stream.add(7, items)
        assert await stream.until_still() == ["ADD 7", "CURRENT 7", "NO_CHANGE"]


async def test_a_query_without_its_index_removes_the_target(
    channel: grpc.aio.Channel, items: Any
) -> None:
    async with Listening(channel) as stream:
        await stream.add(7, items.where(filter=FieldFilter("a", "==", 1)).order_by("b"))
        await stream.hear()
        change = (await stream.hear()).target_change
        assert change.cause.code == 9
        assert "create_composite=" in change.cause.message


async def test_the_judge_decides_what_is_told(
    channel: grpc.aio.Channel, server: FirestoreServer, items: Any
) -> None:
    async def judge(asked: Asked) -> None:
        if asked.token == "expired":
            raise Refusal(StatusCode.UNAUTHENTICATED, "expired")
        for one in asked.operations:
            if any(document.id == "secret" for document in one.found):
                raise Refusal(StatusCode.PERMISSION_DENIED, f"not for {asked.token}")

    server.calls.judge = judge
    async with Listening(channel, token="me") as stream:
        await stream.add(1, items)
        await stream.until_still()
        await fill(items, a=1)
        await stream.until_still()
        await fill(items, secret=1)
        assert await _heard(stream) == "REMOVE 1 7"
        await stream.add(1, items)
        assert [await _heard(stream), await _heard(stream)] == ["ADD 1", "REMOVE 1 7"]
    async with Listening(channel, token="expired") as stream:
        await stream.add(1, items)
        assert await stream.ended() is StatusCode.UNAUTHENTICATED
    tokens = [one.token for one in server.calls.seen if one.method == "Listen"]
    assert tokens == ["me", "expired"]


async def test_faults_of_streams(
    channel: grpc.aio.Channel, server: FirestoreServer, items: Any
) -> None:
    await fill(items, a=1, b=2)
    async with Listening(channel) as stream:
        await stream.add(7, items)
        await stream.until_still()
        server.listeners.beat()
        assert await stream.until_still() == ["NO_CHANGE"]
        server.listeners.repeat()
        assert await stream.until_still() == ["change a +7", "change b +7", "NO_CHANGE"]
        server.listeners.reset_targets()
        assert await stream.until_still() == [
            "RESET 7", "change a +7", "change b +7", "CURRENT 7", "NO_CHANGE",
        ]  # fmt: skip
        server.listeners.send_filters(too_many=1)
        assert await _heard(stream) == "filter 7 3"
        server.listeners.stall()
        await fill(items, c=3)
        server.listeners.beat()
        server.listeners.go_on()
        assert await stream.until_still() == ["change c +7", "NO_CHANGE"]
        assert await stream.until_still() == ["NO_CHANGE"]
        server.listeners.remove_targets(StatusCode.PERMISSION_DENIED)
        assert await _heard(stream) == "REMOVE 7 7"
        await stream.add(7, items)
        await stream.until_still()
        server.listeners.tear(StatusCode.UNAVAILABLE)
        await fill(items, d=4)
        assert await _heard(stream) == "change d +7"
        assert await stream.ended() is StatusCode.UNAVAILABLE
    server.listeners.wrong_filters = 1
    server.listeners.refused_tokens = 1
    async with Listening(channel) as resumed:
        await resumed.add(7, items, resume=stream.token)
        assert [await _heard(resumed), await _heard(resumed)] == ["ADD 7", "REMOVE 7 3"]
        await resumed.add(7, items, resume=stream.token)
        assert await resumed.until_still() == [
            "ADD 7", "change d +7", "filter 7 5", "CURRENT 7", "NO_CHANGE",
        ]  # fmt: skip
        server.listeners.kill(StatusCode.RESOURCE_EXHAUSTED)
        assert await resumed.ended() is StatusCode.RESOURCE_EXHAUSTED
    async with Listening(channel) as last:
        await last.add(7, items)
        await last.until_still()
        server.listeners.end()
        assert await last.ended() is StatusCode.OK
    server.faults.fail("Listen", StatusCode.UNAVAILABLE)
    async with Listening(channel) as refused:
        assert await refused.ended() is StatusCode.UNAVAILABLE


async def test_heartbeats_come_by_themselves(
    channel: grpc.aio.Channel, server: FirestoreServer, items: Any
) -> None:
    server.listeners.heartbeat_seconds = 0.01
    async with Listening(channel) as stream:
        await stream.add(7, items)
        await stream.until_still()
        assert await stream.until_still() == ["NO_CHANGE"]
        assert stream.token
