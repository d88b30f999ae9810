"""The index file is read as the cloud reads it, and its mistakes are named."""

import json
from pathlib import Path

import pytest

from core.errors import SettingsError
from core.store.indexes import PACKAGED_FILE, Index, IndexField, IndexSet, describe

ROOT_FILE = Path(__file__).parents[3] / "firestore.indexes.json"


def test_the_packaged_file_is_the_one_that_is_deployed() -> None:
    assert PACKAGED_FILE.read_bytes() == ROOT_FILE.read_bytes()


def test_the_packaged_indexes_are_read() -> None:
    indexes = IndexSet.packaged()
    threads = Index(
        "threads",
        "COLLECTION",
        (IndexField(("accountId",), "asc"), IndexField(("lastMessageAt",), "desc")),
        "desc",
    )
    assert threads in indexes.composites
    assert indexes.overrides["messages", ("body",)] == ()
    assert len(indexes.overrides["messages", ("tsClient",)]) == 2


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "truncated"),
        ("[]", "Expected `object`"),
        ('{"indexes": [{"fields": []}]}', "collectionGroup"),
        ('{"indexes": [{"collectionGroup": "a", "fields": []}]}', "no fields"),
        ('{"indexes": [{"collectionGroup": "a", "fields": [{"fieldPath": "b"}]}]}', "either"),
        ('{"indexes": [{"collectionGroup": "a", "fields": '
         '[{"fieldPath": "b..c", "order": "ASCENDING"}]}]}', "b..c"),
        ('{"indexes": [{"collectionGroup": "a", "fields": '
         '[{"fieldPath": "b", "order": "UP"}]}]}', "UP"),
        ('{"indexes": [{"collectionGroup": "a", "queryScope": "X", "fields": []}]}', "queryScope"),
        ('{"indexes": [{"collectionGroup": "a", "fields": '
         '[{"fieldPath": "b", "arrayConfig": "CONTAINS"},'
         ' {"fieldPath": "c", "arrayConfig": "CONTAINS"}]}]}', "two array"),
        ('{"fieldOverrides": [{"collectionGroup": "a", "fieldPath": "b"}]}', "indexes"),
        ('{"fieldOverrides": [{"collectionGroup": "a", "fieldPath": "b",'
         ' "indexes": [{"order": "ASCENDING", "arrayConfig": "CONTAINS"}]}]}', "either"),
    ],
)  # fmt: skip
def test_a_mistake_is_named(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "firestore.indexes.json"
    path.write_text(text)
    with pytest.raises(SettingsError) as caught:
        IndexSet.from_file(path)
    assert reason in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="No such file"):
        IndexSet.from_file(tmp_path / "none.json")


@pytest.mark.parametrize("at", range(4))
def test_an_index_is_described_as_the_file_defines_it(at: int) -> None:
    index = IndexSet.packaged().composites[at]
    text = json.dumps({"indexes": [json.loads(describe(index))]})
    assert IndexSet.from_json(text).composites == (index,)


def test_the_direction_of_ids_is_described() -> None:
    index = Index("a", "COLLECTION", (IndexField(("b", "c d"), "asc"),), "desc")
    text = json.dumps({"indexes": [json.loads(describe(index))]})
    assert IndexSet.from_json(text).composites == (index,)
