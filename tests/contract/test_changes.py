"""What merges, updates and transforms make of a document."""

from datetime import datetime
from typing import Any

import pytest

from core.store.errors import InvalidRequest
from core.store.port import (
    DELETE_FIELD,
    SERVER_TIMESTAMP,
    ArrayRemove,
    ArrayUnion,
    Data,
    Increment,
    Set,
    Store,
    Update,
    Write,
    field_path,
)

PATH = "things/one"
JID = "40712345678@s.whatsapp.net"


async def after(store: Store, before: Data, write: Write) -> Data:
    await store.commit([Set(PATH, before), write])
    document = await store.get(PATH)
    assert document is not None
    return document.data


@pytest.mark.parametrize(
    ("before", "given", "result"),
    [
        ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
        ({"m": {"a": 1, "n": {"x": 1}}}, {"m": {"b": 2, "n": {"y": 2}}},
         {"m": {"a": 1, "b": 2, "n": {"x": 1, "y": 2}}}),
        ({"m": 1}, {"m": {"a": 1}}, {"m": {"a": 1}}),
        ({"m": {"a": 1}}, {"m": 1}, {"m": 1}),
        ({"m": {"a": 1}}, {"m": {}}, {"m": {}}),
        ({"m": {"a": 1, "b": 2}}, {"m": {"a": DELETE_FIELD}}, {"m": {"b": 2}}),
        ({"l": [1, 2]}, {"l": [3]}, {"l": [3]}),
        ({"m": {"n": 1}}, {"m": {"n": Increment(2), "o": Increment(3)}}, {"m": {"n": 3, "o": 3}}),
    ],
)  # fmt: skip
async def test_a_merge_changes_the_leaves_given(
    store: Store, before: Data, given: Data, result: Data
) -> None:
    assert await after(store, before, Set(PATH, given, merge=True)) == result


async def test_a_merge_makes_a_document(store: Store) -> None:
    await store.commit([Set(PATH, {"a": DELETE_FIELD, "b": {"c": 1}}, merge=True)])
    document = await store.get(PATH)
    assert document is not None
    assert document.data == {"b": {"c": 1}}


@pytest.mark.parametrize(
    ("before", "fields", "result"),
    [
        ({"a": 1, "b": 2}, {"a": 3}, {"a": 3, "b": 2}),
        ({"m": {"a": 1, "b": 2}}, {"m": {"c": 3}}, {"m": {"c": 3}}),
        ({"m": {"a": 1, "b": 2}}, {"m.a": 3}, {"m": {"a": 3, "b": 2}}),
        ({}, {"m.a.b": 1}, {"m": {"a": {"b": 1}}}),
        ({"m": 1}, {"m.a": 1}, {"m": {"a": 1}}),
        ({"m": {"a": 1, "b": 2}}, {"m.a": DELETE_FIELD}, {"m": {"b": 2}}),
        ({"a": 1}, {"a": DELETE_FIELD, "m.x": DELETE_FIELD}, {}),
        ({"r": {}}, {f"r.`{JID}`": "👍"}, {"r": {JID: "👍"}}),
        ({}, {field_path("r", "a`b\\c"): 1}, {"r": {"a`b\\c": 1}}),
        ({"m": {"x": {"n": 1}}}, {"m.x": {"n": Increment(5)}}, {"m": {"x": {"n": 5}}}),
    ],
)
async def test_an_update_changes_the_fields_named(
    store: Store, before: Data, fields: Data, result: Data
) -> None:
    assert await after(store, before, Update(PATH, fields)) == result


@pytest.mark.parametrize(
    ("old", "transform", "result"),
    [
        (1, Increment(2), 3),
        (1, Increment(0.5), 1.5),
        (1.5, Increment(1), 2.5),
        (1.0, Increment(1), 2.0),
        ("text", Increment(2), 2),
        (True, Increment(2), 2),
        (2**63 - 1, Increment(1), 2**63 - 1),
        (-(2**63), Increment(-1), -(2**63)),
        ([1, 2], ArrayUnion([2, 3, 3]), [1, 2, 3]),
        ([1], ArrayUnion([1.0, "1"]), [1, "1"]),
        ([1, 1], ArrayUnion([2]), [1, 1, 2]),
        ("text", ArrayUnion([1]), [1]),
        ([{"a": 1, "b": 2}], ArrayUnion([{"b": 2, "a": 1.0}]), [{"a": 1, "b": 2}]),
        ([1, 2, 1.0, "1"], ArrayRemove([1]), [2, "1"]),
        ("text", ArrayRemove([1]), []),
        ([True, 1], ArrayRemove([1]), [True]),
    ],
)
async def test_a_transform_works_on_what_is_there(
    store: Store, old: Any, transform: Any, result: Any
) -> None:
    data = await after(store, {"value": old}, Update(PATH, {"value": transform}))
    assert data == {"value": result}
    assert type(data["value"]) is type(result)


@pytest.mark.parametrize(
    ("transform", "result"),
    [(Increment(3), 3), (ArrayUnion([1, 1, 2]), [1, 2]), (ArrayRemove([1]), [])],
)
async def test_a_transform_works_on_nothing(store: Store, transform: Any, result: Any) -> None:
    assert await after(store, {}, Update(PATH, {"value": transform})) == {"value": result}
    assert await after(store, {"value": 9}, Set(PATH, {"value": transform})) == {"value": result}


async def test_the_servers_time_is_the_commits_everywhere(store: Store) -> None:
    await store.commit([Set(PATH, {"a": 1})])
    result = await store.commit(
        [
            Set("things/two", {"at": SERVER_TIMESTAMP, "m": {"n": {"at": SERVER_TIMESTAMP}}}),
            Update(PATH, {"at": SERVER_TIMESTAMP, "m.at": SERVER_TIMESTAMP}),
            Set("things/three", {"m": {"at": SERVER_TIMESTAMP}}, merge=True),
        ]
    )
    one, two, three = await store.get_all([PATH, "things/two", "things/three"])
    assert one is not None
    assert two is not None
    assert three is not None
    time = result.commit_time
    assert isinstance(time, datetime)
    assert one.data == {"a": 1, "at": time, "m": {"at": time}}
    assert two.data == {"at": time, "m": {"n": {"at": time}}}
    assert three.data == {"m": {"at": time}}


@pytest.mark.parametrize(
    "transform",
    [Increment(2**64), Increment("1"), ArrayUnion([[1]]), ArrayUnion([SERVER_TIMESTAMP])],  # type: ignore[arg-type]
)
async def test_a_transform_of_the_impossible_is_refused(store: Store, transform: Any) -> None:
    with pytest.raises(InvalidRequest):
        await store.commit([Set(PATH, {"value": transform})])
