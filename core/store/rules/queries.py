"""What a query tells of the documents that it can find, whatever these are."""

import math
from collections.abc import Mapping
from itertools import islice, product
from typing import Any, Final

from core.store.paths import NAME_PATH, FieldPath, parse_field
from core.store.port import Query
from core.store.rules.operators import COMPARISONS
from core.store.rules.values import UNKNOWN, PartialList, PartialMap, Range, Value

MOST_CASES: Final = 100
"""Combinations of the values of `in` filters that are judged one by one; Firestore takes 30."""

Fixed = tuple[tuple[FieldPath, Value], ...]


def cases(query: Query) -> list[Fixed] | None:
    """Return the ways in which a query's filters fix fields: one for each value of an `in`.

    None when there are too many. Raises InvalidRequest for what is no field.
    """
    choices: list[list[tuple[FieldPath, Value]]] = []
    for each in query.filters:
        path = parse_field(each.field)
        if each.operator == "in" and isinstance(each.value, list | tuple):
            choices.append([(path, same) for value in each.value for same in _equals(value)])
        elif each.operator == "==":
            choices.append([(path, same) for same in _equals(each.value)])
        elif each.operator == "array_contains":
            choices.append([(path, PartialList([each.value]))])
        elif each.operator in COMPARISONS:
            choices.append([(path, Range(((each.operator, each.value),)))])
        else:
            choices.append([(path, UNKNOWN)])
    choices += [[(parse_field(order.field), UNKNOWN)] for order in query.orders]
    found = list(islice(product(*choices), MOST_CASES + 1))
    return found if len(found) <= MOST_CASES else None


def _equals(value: Value) -> list[Value]:
    """Return what a field may hold that equals a filter's value: 1 finds 1.0 as well."""
    if type(value) in (int, float) and math.isfinite(value):
        return [kind(value) for kind in (int, float) if kind(value) == value]
    if type(value) in (list, tuple, dict) and _holds_number(value):
        return [UNKNOWN]
    return [value]


def _holds_number(value: Value) -> bool:
    if type(value) is dict:
        value = list(value.values())
    if type(value) in (list, tuple):
        return any(map(_holds_number, value))
    return type(value) in (int, float)


def fields_of(case: Fixed) -> PartialMap:
    """Return `resource.data` of every document that a case of a query finds."""
    known: dict[str, Any] = {}
    for path, value in sorted(case, key=lambda one: _is_open(one[1])):
        if path != NAME_PATH:
            _put(known, path, value)
    return PartialMap(_sealed(known))


def _is_open(value: Value) -> bool:
    """Whether a filter says less of a field than its value."""
    return value is UNKNOWN or type(value) in (PartialList, Range)


def id_of(case: Fixed) -> Value:
    """Return the id of the only document that a case of a query can find, if it names one."""
    for path, value in case:
        if path == NAME_PATH and type(value) is str:
            return value.rpartition("/")[2]
    return UNKNOWN


class _Open(dict[str, Any]):
    """A map in the making, of which only some fields are known."""


def _put(holder: dict[str, Any], path: FieldPath, value: Value) -> None:
    """Note what is known of a field; what is known already stays."""
    for name in path[:-1]:
        inner = holder.setdefault(name, _Open())
        if type(inner) is not _Open:
            return
        holder = inner
    before = holder.setdefault(path[-1], value)
    if before is not value and type(before) is Range and type(value) is Range:
        holder[path[-1]] = Range(before.bounds + value.bounds)


def _sealed(known: Mapping[str, Any]) -> dict[str, Value]:
    return {
        name: PartialMap(_sealed(value)) if type(value) is _Open else value
        for name, value in known.items()
    }


def as_request(query: Query) -> dict[str, Value]:
    """Return `request.query`."""
    orders = [
        order.field if order.direction == "asc" else f"{order.field} DESC" for order in query.orders
    ]
    return {"limit": query.limit_count, "offset": 0, "orderBy": ", ".join(orders)}
