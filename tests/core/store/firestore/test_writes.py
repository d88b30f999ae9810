"""What is written, which fields a mask names, and which commits may be sent twice."""

from datetime import UTC, datetime
from typing import Any

import pytest

from core.store.firestore import messages
from core.store.firestore.names import Names
from core.store.firestore.transaction import is_repeatable
from core.store.firestore.writes import put_writes
from core.store.port import (
    DELETE_FIELD,
    SERVER_TIMESTAMP,
    ArrayRemove,
    ArrayUnion,
    Create,
    Delete,
    Increment,
    Set,
    Update,
    Write,
)

MOMENT = datetime(2026, 5, 12, 9, 30, 0, 123456, tzinfo=UTC)


def request_of(*writes: Write) -> Any:
    request = messages.CommitRequest()
    put_writes(Names("demo", "eu"), writes, request.writes)
    return request


def written(write: Write) -> Any:
    return request_of(write).writes[0]


def test_a_document_is_named_within_its_database() -> None:
    assert written(Set("a/b", {})).update.name == "projects/demo/databases/eu/documents/a/b"
    assert written(Delete("a/b")).delete == "projects/demo/databases/eu/documents/a/b"


def test_a_whole_document_has_no_mask_and_a_merge_always_has_one() -> None:
    assert not written(Set("a/b", {"n": 1})).HasField("update_mask")
    assert written(Set("a/b", {}, merge=True)).HasField("update_mask")
    assert written(Update("a/b", {"at": SERVER_TIMESTAMP})).HasField("update_mask")


def test_a_merge_names_its_leaves() -> None:
    data = {"a": 1, "m": {"x y": {"n": 1}, "e": {}, "gone": DELETE_FIELD, "at": SERVER_TIMESTAMP}}
    write = written(Set("a/b", data, merge=True))
    assert set(write.update_mask.field_paths) == {"a", "m.`x y`.n", "m.e", "m.gone"}
    assert [one.field_path for one in write.update_transforms] == ["m.at"]
    assert "gone" not in write.update.fields["m"].map_value.fields


def test_a_field_that_is_only_transformed_is_not_written_besides() -> None:
    write = written(Set("a/b", {"m": {"n": Increment(1)}}, merge=True))
    assert not write.update.fields
    assert not write.update_mask.field_paths


def test_transforms_say_what_they_are() -> None:
    write = written(
        Set(
            "a/b",
            {"t": SERVER_TIMESTAMP, "i": Increment(2), "f": Increment(0.5), "u": ArrayUnion([1]),
             "r": ArrayRemove([])},
        )
    )  # fmt: skip
    found = {one.field_path: one.WhichOneof("transform_type") for one in write.update_transforms}
    assert found == {
        "t": "set_to_server_value", "i": "increment", "f": "increment",
        "u": "append_missing_elements", "r": "remove_all_from_array",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("write", "kind", "value"),
    [
        (Create("a/b", {}), "exists", False),
        (Set("a/b", {}), None, None),
        (Update("a/b", {"n": 1}), "exists", True),
        (Delete("a/b"), None, None),
        (Delete("a/b", must_exist=True), "exists", True),
        (Set("a/b", {}, update_time=MOMENT), "update_time", MOMENT),
        (Update("a/b", {"n": 1}, update_time=MOMENT), "update_time", MOMENT),
        (Delete("a/b", update_time=MOMENT), "update_time", MOMENT),
    ],
)
def test_preconditions(write: Write, kind: str | None, value: Any) -> None:
    condition = written(write).current_document
    assert condition.WhichOneof("condition_type") == kind
    if kind == "update_time":
        assert condition.update_time.ToDatetime(tzinfo=UTC) == value
    elif kind:
        assert condition.exists is value


@pytest.mark.parametrize(
    ("writes", "may_repeat"),
    [
        ([Set("a/b", {"n": 1}), Update("a/c", {"n": 1}), Delete("a/d")], True),
        ([Set("a/b", {"at": SERVER_TIMESTAMP, "l": ArrayUnion([1])}, merge=True)], True),
        ([Create("a/b", {})], True),
        ([Update("a/b", {"n": Increment(1)})], False),
        ([Set("a/b", {"m": {"n": Increment(1)}}, merge=True)], False),
        ([Update("a/b", {"n": Increment(1)}), Create("a/c", {})], True),
        ([Update("a/b", {"n": Increment(1)}), Delete("a/c", must_exist=True)], True),
        ([Update("a/b", {"n": Increment(1)}), Delete("a/c")], False),
        ([Update("a/b", {"n": Increment(1)}, update_time=MOMENT)], False),
        ([Update("a/b", {"n": Increment(1)}), Delete("a/c"), Create("a/c", {})], False),
        ([Update("a/b", {"n": Increment(1)}), Create("a/c", {}), Delete("a/c")], False),
    ],
)
def test_which_commits_may_be_sent_again(writes: list[Write], may_repeat: bool) -> None:
    assert is_repeatable(request_of(*writes)) is may_repeat
