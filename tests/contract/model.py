"""Firestore's order and query rules said once more, plainly and slowly, to compare engines with."""

import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from fractions import Fraction
from functools import cmp_to_key
from typing import Any

from core.store.paths import parse_field
from core.store.port import Data, Direction, Filter, Query

_ABSENT = object()


def rank(value: Any) -> int:
    """Return the place of a value's type among the types."""
    match value:
        case None:
            return 0
        case bool():
            return 1
        case int() | float():
            return 2
        case datetime():
            return 3
        case str():
            return 4
        case bytes():
            return 5
        case list():
            return 6
        case _:
            return 7


def compare(left: Any, right: Any) -> int:
    """Return -1, 0 or 1 by Firestore's order of values."""
    if rank(left) != rank(right):
        return -1 if rank(left) < rank(right) else 1
    match left:
        case None:
            return 0
        case bool() | datetime() | bytes():
            return int(left > right) - int(left < right)
        case int() | float():
            return _compare_numbers(left, right)
        case str():
            return compare(left.encode(), right.encode())
        case list():
            return _compare_in_turn(left, right)
        case _:
            return _compare_in_turn(_flat(left), _flat(right))


def _flat(value: Mapping[str, Any]) -> list[Any]:
    return [part for key in sorted(value, key=str.encode) for part in (key, value[key])]


def _compare_in_turn(left: list[Any], right: list[Any]) -> int:
    for one, two in zip(left, right, strict=False):
        if result := compare(one, two):
            return result
    return (len(left) > len(right)) - (len(left) < len(right))


def _compare_numbers(left: float, right: float) -> int:
    if math.isnan(left) or math.isnan(right):
        return math.isnan(right) - math.isnan(left)
    if math.isinf(left) or math.isinf(right):
        return (float(left) > float(right)) - (float(left) < float(right))
    one, two = Fraction(left), Fraction(right)
    return (one > two) - (one < two)


def _field(data: Data, name: str) -> Any:
    found: Any = data
    for part in parse_field(name):
        if not isinstance(found, dict) or part not in found:
            return _ABSENT
        found = found[part]
    return found


def _meets(data: Data, one: Filter) -> bool:
    value = _field(data, one.field)
    if value is _ABSENT:
        return False
    match one.operator:
        case "==":
            return compare(value, one.value) == 0
        case "!=":
            return value is not None and compare(value, one.value) != 0
        case "in":
            return any(compare(value, option) == 0 for option in one.value)
        case "array_contains":
            return isinstance(value, list) and any(compare(part, one.value) == 0 for part in value)
    if rank(value) != rank(one.value):
        return False
    result = compare(value, one.value)
    return {"<": result < 0, "<=": result <= 0, ">": result > 0, ">=": result >= 0}[one.operator]


def answer(documents: Mapping[str, Data], query: Query) -> list[str]:
    """Return the ids that a query of one collection must find, in order (ids: name -> data)."""
    orders = [(one.field, one.direction) for one in query.orders]
    ranged = {
        one.field for one in query.filters if one.operator not in ("==", "in", "array_contains")
    }
    last: Direction = orders[-1][1] if orders else "asc"
    orders += [(name, last) for name in sorted(ranged - {name for name, _ in orders})]

    def place(name: str) -> list[tuple[Any, Direction]]:
        return [(_field(documents[name], field), direction) for field, direction in orders] + [
            (name, last)
        ]

    def by_place(one: str, two: str) -> int:
        return _compare_cursor(place(one), [value for value, _ in place(two)])

    found = [
        name
        for name, data in documents.items()
        if all(_meets(data, one) for one in query.filters)
        and all(_field(data, field) is not _ABSENT for field, _ in orders)
    ]
    found.sort(key=cmp_to_key(by_place))
    if query.start is not None:
        start, edge = query.start, -1 if query.start.before else 0
        found = [one for one in found if _compare_cursor(place(one), start.values) > edge]
    if query.end is not None:
        end, edge = query.end, 0 if query.end.before else 1
        found = [one for one in found if _compare_cursor(place(one), end.values) < edge]
    return found[: query.limit_count]


def _compare_cursor(place: list[tuple[Any, Direction]], values: Iterable[Any]) -> int:
    for (value, direction), other in zip(place, values, strict=False):
        if result := compare(value, other):
            return result if direction == "asc" else -result
    return 0
