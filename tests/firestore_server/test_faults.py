"""Faults happen when they are asked for, and every call says who made it."""

import asyncio
import time
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.api_core.exceptions import (
    DeadlineExceeded,
    Forbidden,
    InternalServerError,
    ServiceUnavailable,
    Unauthenticated,
)
from google.cloud.firestore_v1.base_query import FieldFilter
from google.cloud.firestore_v1.services.firestore import FirestoreAsyncClient
from google.cloud.firestore_v1.services.firestore.transports import (
    FirestoreGrpcAsyncIOTransport,
)
from grpc import StatusCode

from core.clock import system_clock
from core.store.embedded import EmbeddedStore
from core.store.port import Query, Set
from tests.firestore_server.conftest import INDEXES
from tests.firestore_server.wire import DATABASE, ROOT, Listening, told
from tests.support.fake_firebase_auth import User, claims_for, unsigned
from tests.support.firestore_server import Asked, FirestoreServer, Refusal, serving
from tests.support.firestore_server.control import ask
from tests.support.firestore_server.rules import RulesJudge
from tests.support.firestore_server.tls import make_certificate
from tests.support.processes import start_firestore_server
from tests.support.tcp_proxy import TcpProxy
from tests.support.waiting import until, until_found


async def test_a_call_fails_as_often_as_asked(client: Any, server: FirestoreServer) -> None:
    one = client.document("things/one")
    server.faults.fail("Commit", StatusCode.INTERNAL, times=2)
    for _number in range(2):
        with pytest.raises(InternalServerError):
            await one.set({"n": 1}, retry=None)
    await one.set({"n": 2}, retry=None)
    server.faults.fail("*", StatusCode.UNAVAILABLE, times=None)
    for _number in range(3):
        with pytest.raises(ServiceUnavailable):
            await one.get(retry=None)
    server.faults.clear()
    assert (await one.get(retry=None)).to_dict() == {"n": 2}
    assert server.calls.count("Commit") == 3


async def test_an_answer_is_lost_after_the_commit(client: Any, server: FirestoreServer) -> None:
    one = client.document("things/one")
    server.faults.lose_answer("Commit")
    with pytest.raises(ServiceUnavailable):
        await one.create({"n": 1}, retry=None)
    assert (await one.get()).to_dict() == {"n": 1}


async def test_an_answer_breaks_off(client: Any, server: FirestoreServer) -> None:
    things = client.collection("things")
    for name in "abc":
        await things.document(name).set({})
    server.faults.break_off("RunQuery", 2)
    broken = things.stream(retry=None)
    assert [(await anext(broken)).id for _number in range(2)] == ["a", "b"]
    with pytest.raises(ServiceUnavailable):
        await anext(broken)
    assert [one.id async for one in things.stream()] == ["a", "b", "c"]


async def test_a_call_waits(client: Any, server: FirestoreServer) -> None:
    one = client.document("things/one")
    server.faults.delay("Commit", 0.05, times=1)
    start = time.monotonic()
    await one.set({"n": 1}, retry=None)
    assert time.monotonic() - start >= 0.05
    server.faults.hang("Commit")
    with pytest.raises(DeadlineExceeded):
        await one.set({"n": 2}, retry=None, timeout=0.1)
    hanging = asyncio.create_task(one.set({"n": 3}, retry=None))
    await until(lambda: server.calls.count("Commit") == 3, "the third commit")
    server.faults.clear()
    await hanging
    assert (await one.get()).to_dict() == {"n": 3}


async def test_the_judge_sees_what_a_call_would_do(client: Any, server: FirestoreServer) -> None:
    seen: list[tuple[str, str]] = []
    data: list[Any] = []

    async def judge(asked: Asked) -> None:
        seen.extend((one.kind, one.path) for one in asked.operations)
        data.extend((one.before and one.before.data, one.after) for one in asked.operations)
        if asked.token != "me":
            raise Refusal(StatusCode.PERMISSION_DENIED, "Missing or insufficient permissions.")

    server.calls.judge = judge
    await client.document("things/one").set({"n": 1})
    assert seen == [], "an emulator's owner is above the rules"
    client._rpc_metadata_internal = [("authorization", "Bearer other")]
    with pytest.raises(Forbidden):
        await client.document("things/two").set({"n": 1})
    client._rpc_metadata_internal = [("authorization", "Bearer me")]
    assert not (await client.document("things/two").get()).exists
    seen.clear()
    data.clear()
    await client.document("things/two").create({"n": 1})
    await client.document("things/two").update({"m": 2})
    assert [one.id async for one in client.collection("things").stream()] == ["one", "two"]
    await client.document("things/two").delete()
    assert seen == [
        ("create", "things/two"),
        ("update", "things/two"),
        ("list", "things"),
        ("delete", "things/two"),
    ]
    assert data[:2] == [(None, {"n": 1}), ({"n": 1}, {"n": 1, "m": 2})]


async def test_the_rules_judge_an_operator(client: Any, server: FirestoreServer) -> None:
    operator = {"isActive": True, "role": "operator", "allowedAccountIds": ["WA-01"]}
    await client.document("staffProfiles/ana").set(operator)
    for account in ("WA-01", "WA-02"):
        await client.document(f"threads/{account}__x").set({"accountId": account})
    server.calls.judge = RulesJudge()

    def act_as(uid: str, **claims: Any) -> None:
        token = unsigned(claims_for(User(uid, "ana@firm.ro", ""), system_clock(), 60) | claims)
        client._rpc_metadata_internal = [("authorization", f"Bearer {token}")]

    act_as("ana")
    threads = client.collection("threads")
    assert (await threads.document("WA-01__x").get()).exists
    own = threads.where(filter=FieldFilter("accountId", "==", "WA-01"))
    assert [one.id async for one in own.stream()] == ["WA-01__x"]
    with pytest.raises(Forbidden):
        await threads.document("WA-02__x").get()
    with pytest.raises(Forbidden):
        await threads.get()
    with pytest.raises(Forbidden):
        await threads.document("WA-01__x").update({"n": 1})
    act_as("ana", exp=0)
    with pytest.raises(Unauthenticated):
        await threads.document("WA-01__x").get(retry=None)
    client._rpc_metadata_internal = []
    with pytest.raises(Forbidden):
        await threads.document("WA-01__x").get()


async def test_tokens_come_over_tls(tmp_path: Path) -> None:
    certificate = make_certificate()
    path = tmp_path / "store.db"
    async with FirestoreServer(path, indexes=INDEXES, certificate=certificate) as server:
        credentials = grpc.composite_channel_credentials(
            grpc.ssl_channel_credentials(certificate.certificate),
            grpc.access_token_call_credentials("an.id.token"),
        )
        channel = grpc.aio.secure_channel(f"localhost:{server.port}", credentials)
        client: Any = FirestoreAsyncClient(transport=FirestoreGrpcAsyncIOTransport(channel=channel))
        write = {"update": {"name": f"{ROOT}/things/one"}}
        await client.commit(request={"database": DATABASE, "writes": [write]})
        await client.transport.close()
        assert [(one.method, one.token) for one in server.calls.seen] == [("Commit", "an.id.token")]


async def test_a_listener_learns_what_others_write_into_the_file(
    server: FirestoreServer, tmp_path: Path, client: Any
) -> None:
    async with (
        EmbeddedStore.open(tmp_path / "store.db", indexes=INDEXES) as store,
        grpc.aio.insecure_channel(server.address) as channel,
        Listening(channel) as stream,
    ):
        await stream.add(1, client.collection("things"))
        await stream.until_still()
        await store.commit([Set("things/one", {"n": 1})])
        assert await stream.until_still() == ["change one +1", "NO_CHANGE"]
        await client.document("things/two").set({})
        assert [one.id for one in await store.query(Query("things"))] == ["one", "two"]


@pytest.mark.parametrize("fault", ["cut", "reset_streams", "refuse"])
async def test_the_proxy_ends_streams(server: FirestoreServer, client: Any, fault: str) -> None:
    things = client.collection("things")

    async def no_streams() -> bool:
        return not server.listeners.streams

    async with (
        TcpProxy(server.address) as proxy,
        grpc.aio.insecure_channel(proxy.address, [("grpc.enable_retries", 0)]) as channel,
    ):
        async with Listening(channel) as stream:
            await stream.add(1, things)
            await stream.until_still()
            getattr(proxy, fault)()
            code = StatusCode.INTERNAL if fault == "reset_streams" else StatusCode.UNAVAILABLE
            assert await stream.ended() is code
        await until_found(no_streams, "the server learns of it too")
        if fault == "refuse":
            async with Listening(channel) as stream:
                assert await stream.ended() is StatusCode.UNAVAILABLE
            await proxy.accept()
        await _listens_again(channel, things)
        assert proxy.accepted == (1 if fault == "reset_streams" else 2)


async def _listens_again(channel: grpc.aio.Channel, things: Any) -> None:
    """Listen once the channel is there again; at first it may not know yet that it is not."""

    async def heard() -> list[str] | None:
        async with Listening(channel) as stream:
            try:
                await stream.add(1, things)
                return await stream.until_still()
            except (grpc.aio.AioRpcError, asyncio.InvalidStateError):
                return None

    told = await until_found(heard, "the channel is there again")
    assert told == ["ADD 1", "CURRENT 1", "NO_CHANGE"]


async def test_the_proxy_stalls_and_goes_on(server: FirestoreServer, client: Any) -> None:
    async with (
        TcpProxy(server.address) as proxy,
        grpc.aio.insecure_channel(proxy.address) as channel,
        Listening(channel) as stream,
    ):
        await stream.add(1, client.collection("things"))
        await stream.until_still()
        proxy.stall()
        await client.document("things/one").set({})
        waiting = asyncio.create_task(stream.hear())
        done, _pending = await asyncio.wait([waiting], timeout=0.05)
        assert not done
        proxy.go_on()
        assert told(await waiting) == "change one +1"
        proxy.go_away()
        await client.document("things/two").set({})
        assert await stream.until_still() == ["NO_CHANGE"]
        assert await stream.until_still() == ["change two +1", "NO_CHANGE"]
        async with Listening(channel) as second:
            await second.add(2, client.collection("things"))
            await second.until_still()
        assert proxy.accepted == 2


def test_the_server_lives_in_a_thread(tmp_path: Path) -> None:
    with serving(tmp_path / "store.db", indexes=INDEXES) as served:

        async def listen(code: StatusCode) -> StatusCode:
            async with grpc.aio.insecure_channel(served.address) as channel:
                stream = Listening(channel)
                await stream.add(1, ["things/one"])
                await stream.until_still()
                await asyncio.to_thread(served.do, served.server.listeners.kill, code)
                return await stream.ended()

        for code in (StatusCode.UNAVAILABLE, StatusCode.ABORTED):
            assert asyncio.run(listen(code)) is code
            served.run(served.server.stop())
            served.run(served.server.start())


async def test_the_server_is_a_process(tmp_path: Path) -> None:
    store = tmp_path / "store.db"
    process, ready = start_firestore_server(store)
    with process:
        async with grpc.aio.insecure_channel(ready["address"]) as channel:
            assert await ask(channel) == {"calls": {}, "streams": 0}
            async with Listening(channel) as stream:
                await stream.add(1, ["things/one"])
                await stream.until_still()
                token = stream.token
                answer = await ask(channel, "kill", code="UNAVAILABLE")
                assert answer == {"calls": {"Listen": 1}, "streams": 1}
                assert await stream.ended() is StatusCode.UNAVAILABLE
    async with EmbeddedStore.open(store) as handle:
        await handle.commit([Set("things/one", {"n": 1})])
    port = int(ready["address"].rpartition(":")[2])
    process, ready = start_firestore_server(store, "--tls", port=port)
    with process:
        credentials = grpc.ssl_channel_credentials(ready["certificate"].encode())
        async with (
            grpc.aio.secure_channel(f"localhost:{port}", credentials) as channel,
            Listening(channel) as stream,
        ):
            await stream.add(1, ["things/one"], resume=token)
            assert await stream.until_still() == [
                "ADD 1", "change one +1", "filter 1 1", "CURRENT 1", "NO_CHANGE",
            ]  # fmt: skip
