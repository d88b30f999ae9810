"""Values cross the wire exactly, and as Google's own client writes them."""

import math
from datetime import UTC, datetime
from typing import Any

import pytest
from google.cloud.firestore_v1 import _helpers, types
from hypothesis import given
from hypothesis import strategies as st

from core.store.errors import InvalidRequest
from core.store.firestore import messages
from core.store.firestore.names import Names
from core.store.firestore.values import data_of, document_of, put_value, value_of
from core.store.firestore.writes import put_writes
from core.store.port import Set
from core.store.values import plain_value
from tests.support.values import values

NAMES = Names("demo")
NAME = st.text(min_size=1, max_size=8).filter(
    lambda name: "\0" not in name and not (name.startswith("__") and name.endswith("__"))
)
VALUES = values(NAME)
DATA = st.dictionaries(NAME, VALUES, max_size=4)


def encoded(data: dict[str, Any]) -> Any:
    """Return the fields of the message that writes data whole."""
    request = messages.CommitRequest()
    put_writes(NAMES, [Set("things/one", data)], request.writes)
    return request.writes[0].update.fields


@given(DATA)
def test_data_survives(data: dict[str, Any]) -> None:
    blob = messages.Document(fields=encoded(data)).SerializeToString()
    found = data_of(messages.Document.FromString(blob).fields)
    assert exact(found) == exact(data)


@given(DATA)
def test_the_bytes_are_those_of_googles_own_client(data: dict[str, Any]) -> None:
    ours = messages.Document(fields=encoded(data))
    theirs = types.Document.pb(types.Document(fields=_helpers.encode_dict(data)))
    assert ours.SerializeToString(deterministic=True) == theirs.SerializeToString(
        deterministic=True
    )


@given(DATA)
def test_what_is_taken_is_what_every_engine_takes(data: dict[str, Any]) -> None:
    assert exact(plain_value(data)) == exact(data_of(encoded(data)))


def exact(value: Any) -> str:
    """Return a text that tells types apart, and not the order of a map's names."""
    if isinstance(value, dict):
        return str(sorted((name, exact(part)) for name, part in value.items()))
    return str([exact(part) for part in value]) if isinstance(value, list) else repr(value)


def test_not_a_number_survives() -> None:
    value = messages.Value()
    put_value(value, math.nan)
    assert math.isnan(value_of(value))


def test_what_only_others_write_can_be_read() -> None:
    value = messages.Value(reference_value="projects/demo/databases/(default)/documents/a/b")
    assert value_of(value) == "projects/demo/databases/(default)/documents/a/b"
    place = messages.Value(geo_point_value={"latitude": 44.4, "longitude": 26.1})
    assert value_of(place) == {"latitude": 44.4, "longitude": 26.1}
    assert value_of(messages.Value()) is None


@pytest.mark.parametrize(
    "value",
    [2**63, datetime(2026, 1, 1), [[1]], {"": 1}, {1: 1}, 1j, {"a": "half \ud83d"}],
    ids=repr,
)
def test_what_no_engine_takes_is_refused(value: Any) -> None:
    with pytest.raises(InvalidRequest):
        encoded({"value": value})


def test_a_document_has_its_path_and_times_to_the_microsecond() -> None:
    moment = datetime(2026, 5, 12, 9, 30, 0, 123456, tzinfo=UTC)
    stamp = {"seconds": int(moment.timestamp()), "nanos": 123_456_789}
    message = messages.Document(
        name=NAMES.document("threads/a/messages/b"), create_time=stamp, update_time=stamp
    )
    document = document_of(NAMES, message)
    assert (document.path, document.data) == ("threads/a/messages/b", {})
    assert document.create_time == document.update_time == moment
