"""Values as bytes that sort as Firestore sorts the values.

Across types: null < bool < number < timestamp < string < bytes < array < map; integers and floats
compare by their exact numeric value, NaN before all numbers
(https://firebase.google.com/docs/firestore/manage-data/data-types#value_type_ordering).
No key is a prefix of another, so keys can be joined, and inverted for descending order.
"""

import math
import struct
from datetime import datetime
from typing import Final

from core.clock import to_microseconds
from core.store.port import Value

_NULL: Final = b"\x10"
_FALSE: Final = b"\x20\x00"
_TRUE: Final = b"\x20\x01"
_NUMBER: Final = b"\x30"
_TIMESTAMP: Final = b"\x40"
_STRING: Final = b"\x50"
_BYTES: Final = b"\x60"
_ARRAY: Final = b"\x70"
_MAP: Final = b"\x80"
_END: Final = b"\x00"
_ENTRY: Final = b"\x01"
_INVERSE: Final = bytes(range(255, -1, -1))
_NAN: Final = _NUMBER + bytes(10)
_EXACT: Final = 2**53
"""Up to here every integer is a double."""

_number = struct.Struct(">cQH").pack
_timestamp = struct.Struct(">cQ").pack
_as_double = struct.Struct(">d").pack
_as_bits = struct.Struct(">Q").unpack

FIRST: Final = b""
"""Before every key."""
LAST: Final = b"\xff"
"""After every key, ascending or inverted."""


def encode_key(value: Value) -> bytes:
    """Return the ascending key of a stored value."""
    kind = type(value)
    if kind is str:
        return _STRING + _terminated(value.encode())
    if kind is datetime:
        return _timestamp(_TIMESTAMP, to_microseconds(value) + 2**63)
    if kind is int or kind is float:
        return _encode_number(value)
    if value is None:
        return _NULL
    if kind is bool:
        return _TRUE if value else _FALSE
    if kind is bytes:
        return _BYTES + _terminated(value)
    if kind is list or kind is tuple:
        return _ARRAY + b"".join(map(encode_key, value)) + _END
    if kind is dict:
        entries = (
            _ENTRY + _terminated(name.encode()) + encode_key(value[name]) for name in sorted(value)
        )
        return _MAP + b"".join(entries) + _END
    raise TypeError(f"no key for a {kind.__name__}")


def _terminated(data: bytes) -> bytes:
    if b"\x00" in data:
        data = data.replace(b"\x00", b"\x00\xff")
    return data + b"\x00\x01"


def _encode_number(value: int | float) -> bytes:
    """Encode as the greatest double not above the value, and what is left over (under 2^11)."""
    rest = 0
    if type(value) is float:
        if math.isnan(value):
            return _NAN
        floor = value + 0.0  # makes -0.0 the one zero
    else:
        floor = float(value)
        if not -_EXACT <= value <= _EXACT:
            if int(floor) > value:
                floor = math.nextafter(floor, -math.inf)
            rest = int(value) - int(floor)
    bits: int = _as_bits(_as_double(floor))[0]
    return _number(_NUMBER, bits ^ 2**64 - 1 if bits >> 63 else bits | 1 << 63, rest)


def encode_name(*segments: str) -> bytes:
    """Return the ascending key of a document id, or of a path's segments."""
    if len(segments) == 1:  # Every entry of an index has one, and this takes half as long.
        return _terminated(segments[0].encode())
    return b"".join([_terminated(segment.encode()) for segment in segments])


def invert(key: bytes) -> bytes:
    """Return the descending form of an ascending key, and the other way round."""
    return key.translate(_INVERSE)


def type_prefix(key: bytes) -> bytes:
    """Return what the keys of all values of the same type begin with."""
    return key[:1]


NULL_KEY: Final = _NULL
Boundary = tuple[bytes, bool]
"""A place between keys: just before those with a prefix, or (True) just after them."""


def position(boundary: Boundary) -> bytes:
    """Return the least bytes that are not before a boundary."""
    prefix, is_after = boundary
    if not is_after:
        return prefix
    stem = prefix.rstrip(b"\xff")
    return stem[:-1] + bytes((stem[-1] + 1,)) if stem else LAST


def mirror(boundary: Boundary) -> Boundary:
    """Return the same place among inverted keys."""
    prefix, is_after = boundary
    return invert(prefix), not is_after
