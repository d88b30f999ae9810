"""Documents keep their values exactly, and what cannot be kept is refused."""

import math
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from core.store.errors import InvalidRequest
from core.store.port import Create, Set, Store

MOMENT = datetime(2026, 5, 12, 9, 30, 0, 123456, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        False,
        0,
        1,
        -1,
        2**63 - 1,
        -(2**63),
        1.0,
        -0.5,
        1e300,
        math.inf,
        "",
        "Ștefan 🎈",
        "a\0b",
        b"",
        bytes(range(256)),
        MOMENT,
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        [],
        [1, 1.0, "1", None, True, {"a": [1]}],
        {},
        {"a": {"b": {"c": MOMENT}}, "dotted.name": 1, "with space": b"x"},
    ],
    ids=repr,
)
async def test_a_value_comes_back_as_it_went_in(store: Store, value: Any) -> None:
    await store.commit([Set("things/one", {"value": value})])
    document = await store.get("things/one")
    assert document is not None
    assert document.data == {"value": value}
    assert _exact(document.data["value"]) == _exact(value)


def _exact(value: Any) -> str:
    """Return a text that tells 1, 1.0 and True apart, and not the order of a map's names."""
    if isinstance(value, dict):
        return str(sorted((name, _exact(part)) for name, part in value.items()))
    return str([_exact(part) for part in value]) if isinstance(value, list) else repr(value)


async def test_not_a_number_comes_back(store: Store) -> None:
    await store.commit([Set("things/one", {"value": math.nan})])
    document = await store.get("things/one")
    assert document is not None
    assert math.isnan(document.data["value"])


async def test_a_moment_of_another_zone_comes_back_in_utc(store: Store) -> None:
    moment = MOMENT.astimezone(timezone(timedelta(hours=3)))
    await store.commit([Set("things/one", {"value": moment})])
    document = await store.get("things/one")
    assert document is not None
    assert document.data["value"] == MOMENT
    assert document.data["value"].utcoffset() == timedelta(0)


def _nested(levels: int) -> dict[str, Any]:
    return {"a": _nested(levels - 1)} if levels else {}


@pytest.mark.parametrize(
    "value",
    [
        datetime(2026, 5, 12),
        2**63,
        -(2**63) - 1,
        [[1]],
        {"a": [[1]]},
        {1: "a"},
        {"": 1},
        {"__type__": 1},
        "half \ud83d",
        {"half \ud83d": 1},
        {1, 2},
        1j,
        _nested(30),
        "x" * (1024 * 1024 + 1),
    ],
    ids=lambda value: repr(value)[:30],
)
async def test_a_value_that_no_engine_takes_is_refused(store: Store, value: Any) -> None:
    with pytest.raises(InvalidRequest):
        await store.commit([Set("things/one", {"value": value})])
    with pytest.raises(InvalidRequest):
        await store.commit([Set("things/one", {"value": value}, merge=True)])
    assert await store.get("things/one") is None


@pytest.mark.parametrize(
    "path",
    ["", "things", "things/", "/things/one", "things//one", "things/one/more", "things/.",
     "things/..", "things/__x__", "things/" + "x" * 1501, "things/\ud83d"],
)  # fmt: skip
async def test_what_is_no_path_is_refused(store: Store, path: str) -> None:
    with pytest.raises(InvalidRequest):
        await store.get(path)
    with pytest.raises(InvalidRequest):
        await store.commit([Set(path, {})])


async def test_a_document_knows_its_place_and_times(store: Store) -> None:
    path = "threads/WA-01__40712345678@s.whatsapp.net/messages/3EB0"
    first = await store.commit([Create(path, {"n": 1})])
    second = await store.commit([Set(path, {"n": 2})])
    document = await store.get(path)
    assert document is not None
    assert (document.path, document.id) == (path, "3EB0")
    assert document.collection == "threads/WA-01__40712345678@s.whatsapp.net/messages"
    assert document.create_time == first.commit_time
    assert document.update_time == second.commit_time
    assert first.commit_time < second.commit_time


async def test_documents_are_fetched_in_the_order_asked(store: Store) -> None:
    await store.commit([Set("things/a", {"n": 1}), Set("things/b", {"n": 2})])
    found = await store.get_all(["things/b", "things/none", "things/a", "things/b"])
    assert [one and one.data["n"] for one in found] == [2, None, 1, 2]
