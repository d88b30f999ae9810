"""The values that rules compute with: those of documents as they are, and a few of their own.

null, bool, int, float, string, bytes, timestamp, duration, list and map are None, bool, int, float,
str, bytes, datetime, timedelta, list and dict.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

Value = Any


class EvaluationError(Exception):
    """An expression has no value: a field that is not there, an operand of the wrong type, …"""


class LimitExceeded(Exception):
    """The request is too much work: it is denied, whatever else would allow it."""


class Unknown:
    """What cannot be told of the documents that a query may find."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


class PartialMap(msgspec.Struct, frozen=True):
    """A map of which only some fields are known; it may have others."""

    known: Mapping[str, Value]
    """A field may be known to be there with an `UNKNOWN` value."""


class PartialList(msgspec.Struct, frozen=True):
    """A list that is known to hold some elements; it may hold others."""

    known: list[Value]


class Range(msgspec.Struct, frozen=True):
    """A value that is known to lie within bounds."""

    bounds: tuple[tuple[str, Value], ...]
    """All of them hold: the sign between the value and the bound, and the bound."""


class Path(msgspec.Struct, frozen=True):
    """A path, or a part of one."""

    segments: tuple[str, ...]

    def __str__(self) -> str:
        return "".join(f"/{segment}" for segment in self.segments)


class LatLng(msgspec.Struct, frozen=True):
    """A place on the globe, in degrees."""

    latitude: float
    longitude: float


class MapDiff(msgspec.Struct, frozen=True):
    """What tells one map from another."""

    after: Mapping[str, Value]
    before: Mapping[str, Value]


class Set:
    """Values of which each is there once, in the order in which they came."""

    __slots__ = ("_by_key",)

    def __init__(self, values: Iterable[Value]) -> None:
        self._by_key: dict[Hashable, Value] = {}
        for value in values:
            self._by_key.setdefault(key(value), value)

    def __iter__(self) -> Iterator[Value]:
        return iter(self._by_key.values())

    def __len__(self) -> int:
        return len(self._by_key)

    def __contains__(self, value: Value) -> bool:
        return key(value) in self._by_key

    def keys(self) -> frozenset[Hashable]:
        """Return what the values are compared by."""
        return frozenset(self._by_key)


def key(value: Value) -> Hashable:
    """Return what is equal for two values exactly when the rules call these equal."""
    kind = type(value)
    if kind is str or value is None:
        return value  # type: ignore[no-any-return]
    if kind is list:
        return ("list", *map(key, value))
    if kind is dict:
        return ("map", frozenset((name, key(part)) for name, part in value.items()))
    if kind is Set:
        return ("set", value.keys())
    if kind is int or kind is float:
        return ("number", value)
    return (kind, value)


def equal(left: Value, right: Value) -> bool | Unknown:
    """Return `left == right`; values of different types are not equal, but for numbers."""
    kind = type(left)
    if kind in _PARTIAL or type(right) in _PARTIAL:
        return _partly_equal(left, right)
    if kind in _NUMBERS and type(right) in _NUMBERS:
        return bool(left == right)
    return bool(kind is type(right) and key(left) == key(right))


def _partly_equal(left: Value, right: Value) -> bool | Unknown:
    """Compare where a side is not known whole: what is no map is still not equal to one."""
    if not {Unknown, Range}.isdisjoint((type(left), type(right))):
        return UNKNOWN
    if type_names(left) != type_names(right):
        return False
    return UNKNOWN


def type_names(value: Value) -> tuple[str, ...]:
    """Return the types that `is` finds a value to be; none for null."""
    return _TYPE_NAMES.get(type(value), ())


_NUMBERS: Final = frozenset((int, float))
_PARTIAL: Final = frozenset((Unknown, PartialMap, PartialList, Range))
_TYPE_NAMES: Final[dict[type, tuple[str, ...]]] = {
    bool: ("bool",),
    int: ("int", "number"),
    float: ("float", "number"),
    str: ("string",),
    bytes: ("bytes",),
    datetime: ("timestamp",),
    timedelta: ("duration",),
    list: ("list",),
    PartialList: ("list",),
    dict: ("map",),
    PartialMap: ("map",),
    Set: ("set",),
    Path: ("path",),
    LatLng: ("latlng",),
    MapDiff: ("map_diff",),
}
TYPES: Final = frozenset(name for names in _TYPE_NAMES.values() for name in names)
"""What may stand after `is`."""


def is_partial(value: Value) -> bool:
    """Whether a value is not known whole."""
    return type(value) in _PARTIAL
