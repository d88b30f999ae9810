"""Keys sort as Firestore sorts values, alone, joined and inverted."""

import math
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.store.keys import encode_key, encode_name, invert, mirror, position
from tests.contract.model import compare

INTEGERS = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.integers(2**53 - 3, 2**53 + 3),
    st.integers(2**63 - 3000, 2**63 - 1),
)
ATOMS = st.one_of(
    st.none(),
    st.booleans(),
    INTEGERS,
    INTEGERS.map(float),
    st.floats(),
    st.text(max_size=4),
    st.text("\0\1a\xff", max_size=4),
    st.binary(max_size=4),
    st.datetimes(timezones=st.just(UTC)),
)
# The first text drawn builds tables of all characters, which takes a second.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
VALUES = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text("ab\0", max_size=2), inner, max_size=3)
    ),
    max_leaves=5,
)


def sign(left: bytes, right: bytes) -> int:
    return (left > right) - (left < right)


@patient
@given(VALUES, VALUES)
@example(2**53 + 1, 2.0**53)
@example(2**63 - 1, 2.0**63)
@example(-(2**63), -(2.0**63))
@example(0.0, -0.0)
@example(math.nan, -math.inf)
@example([], [None])
@example({"a": 1}, {"a": 1, "b": None})
@example("a", "a\0")
def test_keys_order_as_values_do(left: Any, right: Any) -> None:
    expected = compare(left, right)
    one, two = encode_key(left), encode_key(right)
    assert sign(one, two) == expected
    assert sign(invert(one), invert(two)) == -expected
    if expected:
        assert not one.startswith(two)
        assert not two.startswith(one)


@patient
@given(st.lists(st.tuples(VALUES, st.booleans()), min_size=1, max_size=3), st.data())
def test_joined_keys_order_field_by_field(
    left: list[tuple[Any, bool]], data: st.DataObject
) -> None:
    right = [(data.draw(st.one_of(st.just(value), VALUES)), down) for value, down in left]

    def joined(values: list[tuple[Any, bool]]) -> bytes:
        keys = [(encode_key(value), down) for value, down in values]
        return b"".join(invert(key) if down else key for key, down in keys)

    results = (
        -compare(one, two) if down else compare(one, two)
        for (one, down), (two, _) in zip(left, right, strict=True)
    )
    assert sign(joined(left), joined(right)) == next((one for one in results if one), 0)


@patient
@given(st.lists(st.text(min_size=1, max_size=3), max_size=3), st.data())
def test_names_order_segment_by_segment(left: list[str], data: st.DataObject) -> None:
    right = data.draw(st.lists(st.text(min_size=1, max_size=3), max_size=3))
    assert sign(encode_name(*left), encode_name(*right)) == compare(left, right)


# No key begins with the first or the last byte, so that FIRST and LAST stay outside.
BYTES = st.builds(
    lambda head, tail: bytes([head]) + tail, st.integers(1, 254), st.binary(max_size=4)
)


@patient
@given(BYTES, st.booleans(), BYTES)
def test_a_mirrored_place_parts_the_same_keys(prefix: bytes, after: bool, key: bytes) -> None:
    if prefix.startswith(key) and prefix != key:
        return  # No key is a prefix of another.
    place = (prefix, after)
    is_beyond = key >= position(place)
    assert is_beyond == (
        (key > prefix and (not after or not key.startswith(prefix)))
        or (key == prefix and not after)
    )
    assert (invert(key) < position(mirror(place))) == is_beyond


def test_what_is_no_value_has_no_key() -> None:
    with pytest.raises(TypeError):
        encode_key(object())


def test_moments_keep_every_microsecond() -> None:
    moment = datetime(9999, 12, 31, 23, 59, 59, 999998, tzinfo=UTC)
    assert encode_key(moment) < encode_key(moment.replace(microsecond=999999))
