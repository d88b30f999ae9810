"""Google's own client reads and writes documents as it does in the cloud."""

import math
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.api_core.exceptions import (
    AlreadyExists,
    FailedPrecondition,
    GoogleAPICallError,
    InvalidArgument,
    NotFound,
)
from google.cloud import firestore
from google.cloud.firestore import AsyncClient
from google.cloud.firestore_v1 import types
from google.cloud.firestore_v1.base_query import FieldFilter
from google.cloud.firestore_v1.field_path import FieldPath
from google.cloud.firestore_v1.services.firestore import FirestoreAsyncClient
from google.cloud.firestore_v1.services.firestore.transports import (
    FirestoreGrpcAsyncIOTransport,
)

from tests.firestore_server.test_queries import ids
from tests.firestore_server.wire import DATABASE, ROOT
from tests.support.firestore_server import FirestoreServer

MOMENT = datetime(2026, 5, 12, 9, 30, 0, 123456, tzinfo=UTC)
VALUES: dict[str, Any] = {
    "null": None, "yes": True, "int": 2**63 - 1, "float": 1.0, "text": "ă🎈\0", "bytes": b"\0\xff",
    "time": MOMENT, "list": [1, 1.0, "1", None, {"a": [b""]}], "map": {"a": {"b.c": {}}},
    "none": [],
}  # fmt: skip


async def data_of(client: Any, path: str) -> dict[str, Any] | None:
    data: dict[str, Any] | None = (await client.document(path).get()).to_dict()
    return data


async def test_every_type_comes_back_exactly(client: Any) -> None:
    await client.document("things/one").set({**VALUES, "nan": math.nan})
    found = await client.document("things/one").get()
    data = found.to_dict() or {}
    assert math.isnan(data.pop("nan"))
    assert {name: repr(value) for name, value in data.items() if name != "time"} == {
        name: repr(value) for name, value in VALUES.items() if name != "time"
    }
    assert data["time"] == MOMENT
    assert found.create_time == found.update_time
    assert found.read_time >= found.update_time


async def test_writes_hold_their_preconditions(client: Any) -> None:
    one = client.document("things/one")
    first = await one.create({"n": 1})
    with pytest.raises(AlreadyExists):
        await one.create({"n": 2})
    with pytest.raises(NotFound):
        await client.document("things/none").update({"n": 2})
    second = await one.update({"n": 2})
    assert second.update_time > first.update_time
    stale = client.write_option(last_update_time=first.update_time)
    with pytest.raises(FailedPrecondition):
        await one.update({"n": 3}, option=stale)
    with pytest.raises(FailedPrecondition):
        await one.delete(option=stale)
    await one.update({"n": 3}, option=client.write_option(last_update_time=second.update_time))
    assert await data_of(client, "things/one") == {"n": 3}
    with pytest.raises(NotFound):
        await client.document("things/none").delete(option=client.write_option(exists=True))
    await client.document("things/none").delete()
    await one.delete()
    assert not (await one.get()).exists


async def test_a_write_that_changes_nothing_keeps_the_update_time(client: Any) -> None:
    first = await client.document("things/one").set({"b": 1, "a": {"y": math.nan, "x": 2}})
    again = await client.document("things/one").set({"a": {"x": 2, "y": math.nan}, "b": 1})
    assert again.update_time == first.update_time
    other = await client.document("things/one").set({"a": {"x": 2, "y": math.nan}, "b": 1.0})
    assert other.update_time > first.update_time


async def test_merges_and_updates_change_what_they_name(client: Any) -> None:
    one = client.document("things/one")
    await one.set({"m": {"a": 1, "b": 2}, "n": {"a": 1}, "x": 1})
    await one.set({"m": {"b": 3, "c": firestore.DELETE_FIELD}, "y": {"z": 1}}, merge=True)
    assert await data_of(client, "things/one") == {
        "m": {"a": 1, "b": 3}, "n": {"a": 1}, "x": 1, "y": {"z": 1},
    }  # fmt: skip
    await one.set({"m": {"b": 4}, "n": {"c": 4}, "x": 2}, merge=["m", "n.c"])
    assert await data_of(client, "things/one") == {
        "m": {"b": 4}, "n": {"a": 1, "c": 4}, "x": 1, "y": {"z": 1},
    }  # fmt: skip
    quoted = FieldPath("r", "40712@s.whatsapp.net", "a`b\\c").to_api_repr()
    await one.update(
        {"m": {}, "n.a": firestore.DELETE_FIELD, "y.z.deep": 1, quoted: 1, "x": {"p": 1}}
    )
    assert await data_of(client, "things/one") == {
        "m": {}, "n": {"c": 4}, "y": {"z": {"deep": 1}}, "x": {"p": 1},
        "r": {"40712@s.whatsapp.net": {"a`b\\c": 1}},
    }  # fmt: skip
    await client.document("things/two").set({"a": {"b": 1}}, merge=True)
    assert await data_of(client, "things/two") == {"a": {"b": 1}}


async def test_transforms(client: Any) -> None:
    one = client.document("things/one")
    await one.set({"n": 1, "f": 1, "l": [1, 2], "t": "text", "hi": 5, "lo": 5.0, "same": 5})
    result = await one.update(
        {
            "n": firestore.Increment(2),
            "f": firestore.Increment(0.5),
            "m.new": firestore.Increment(3),
            "l": firestore.ArrayUnion([2, 3, 3]),
            "t": firestore.ArrayRemove([1]),
            "at": firestore.SERVER_TIMESTAMP,
            "hi": firestore.Maximum(9),
            "lo": firestore.Minimum(4),
            "same": firestore.Maximum(5.0),
        }
    )
    assert await data_of(client, "things/one") == {
        "n": 3, "f": 1.5, "m": {"new": 3}, "l": [1, 2, 3], "t": [], "at": result.update_time,
        "hi": 9, "lo": 4, "same": 5,
    }  # fmt: skip
    assert len(result.transform_results) == 9
    new = client.document("things/new")
    result = await new.set({"at": {"x": firestore.SERVER_TIMESTAMP}, "n": firestore.Increment(1)})
    assert await data_of(client, "things/new") == {"at": {"x": result.update_time}, "n": 1}


async def test_a_batch_is_whole_or_not_at_all(client: Any) -> None:
    batch = client.batch()
    batch.set(client.document("things/a"), {"n": 1})
    batch.update(client.document("things/none"), {"n": 1})
    with pytest.raises(NotFound):
        await batch.commit()
    assert await data_of(client, "things/a") is None
    batch = client.batch()
    for number in range(500):
        batch.set(client.document(f"things/{number:03}"), {"n": {"x": number}}, merge=True)
    results = await batch.commit()
    assert len({result.update_time for result in results}) == 1
    assert (await client.collection("things").count().get())[0][0].value == 500


async def test_documents_are_read_together(client: Any) -> None:
    await client.document("things/a").set({"n": 1, "m": {"x": 1, "y": 2}})
    names = ["things/none", "things/a", "things/a"]
    found = {
        one.reference.path: one.to_dict()
        async for one in client.get_all([*map(client.document, names)], field_paths=["m.x"])
    }
    assert found == {"things/a": {"m": {"x": 1}}, "things/none": None}


async def test_in_a_folder_each_project_is_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with FirestoreServer(tmp_path) as server:
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", server.address)
        one, other = (AsyncClient(project=name) for name in ("demo-one", "demo-other"))
        await one.document("things/one").set({"n": 1})
        assert await data_of(other, "things/one") is None
        await server.stop()
        await server.start()
        assert await data_of(one, "things/one") == {"n": 1}
        for client in (one, other):
            await client._firestore_api.transport.close()


@pytest.mark.parametrize(
    ("path", "is_good"),
    [("a.b", True), ("a.`b-c`.d_1", True), ("`a.b`", True), ("`a\\`b`", True)]
    + [(path, False) for path in ("a-b", "1a", "a..b", "a.", ".a", "a b", "ă", "a`b`", "", "`a`b")],
)
async def test_field_paths_are_quoted(server: FirestoreServer, path: str, is_good: bool) -> None:
    write = types.Write(
        update=types.Document(name=f"{ROOT}/things/one"),
        update_mask=types.DocumentMask(field_paths=[path]),
    )
    async with grpc.aio.insecure_channel(server.address) as channel:
        client = FirestoreAsyncClient(transport=FirestoreGrpcAsyncIOTransport(channel=channel))
        request = types.CommitRequest(database=DATABASE, writes=[write])
        if is_good:
            await client.commit(request)
        else:
            with pytest.raises(InvalidArgument):
                await client.commit(request)


async def test_a_commit_has_a_largest_size(client: Any) -> None:
    batch = client.batch()
    for number in range(12):
        batch.set(client.document(f"things/{number}"), {"blob": bytes(2**20 - 200)})
    with pytest.raises(InvalidArgument, match="payload size"):
        await batch.commit()


@pytest.mark.parametrize(
    "nonsense",
    [
        lambda client: client.document("things/one").set({"l": [[1]]}),
        lambda client: client.document("things/__x__").set({}),
        lambda client: client.document("things/one").set({"a": "x" * 2**20}),
        lambda client: ids(client.collection("t").where(filter=FieldFilter("a", "in", []))),
        lambda client: ids(client.collection("t").limit(-1)),
    ],
)
async def test_nonsense_is_an_invalid_argument(client: Any, nonsense: Callable[[Any], Any]) -> None:
    with pytest.raises((InvalidArgument, ValueError)) as caught:
        await nonsense(client)
    assert isinstance(caught.value, GoogleAPICallError)
