"""What a write makes of a document's data: merges, field paths and transforms."""

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from core.i18n import _
from core.store.errors import InvalidRequest
from core.store.keys import encode_key
from core.store.limits import DEEPEST, LEAST_INTEGER, MOST_INTEGER
from core.store.paths import FieldPath, parse_updated
from core.store.port import ArrayRemove, ArrayUnion, Data, Increment, Sentinel, Value
from core.store.values import ATOMS, check_names, plain_value

_TRANSFORMS: Final = frozenset((Sentinel, Increment, ArrayUnion, ArrayRemove))


def replaced(data: Data, now: datetime) -> dict[str, Value]:
    """Return the data of a document that is written whole. Raises InvalidRequest."""
    check_names(data)
    return {
        name: value if type(value) in ATOMS else _value(value, now, 1)
        for name, value in data.items()
    }


def merged(old: dict[str, Value], data: Data, now: datetime, depth: int = 1) -> dict[str, Value]:
    """Merge given leaf fields into data, changing it in place. Raises InvalidRequest."""
    if depth > DEEPEST:
        plain_value(dict(data), depth)  # Says how deep a document may nest.
    check_names(data)
    for name, value in data.items():
        if value is Sentinel.DELETE_FIELD:
            old.pop(name, None)
        elif isinstance(value, Mapping) and value:
            inner = old.get(name)
            old[name] = merged(inner if type(inner) is dict else {}, value, now, depth + 1)
        else:
            old[name] = _value(value, now, depth, old.get(name))
    return old


def updated(old: dict[str, Value], fields: Data, now: datetime) -> dict[str, Value]:
    """Change fields named by dotted paths, in place. Raises InvalidRequest."""
    for path, value in parse_updated(fields):
        _put(old, path, value, now)
    return old


def _put(old: dict[str, Value], path: FieldPath, value: Value, now: datetime) -> None:
    for name in path[:-1]:
        inner = old.get(name)
        if type(inner) is not dict:
            if value is Sentinel.DELETE_FIELD:
                return
            inner = old[name] = {}
        old = inner
    if value is Sentinel.DELETE_FIELD:
        old.pop(path[-1], None)
    else:
        old[path[-1]] = _value(value, now, len(path), old.get(path[-1]))


def _value(value: Value, now: datetime, depth: int, old: Value = None) -> Value:
    """Return what is stored for a value or a transform of what was there."""
    kind = type(value)
    if kind is dict:
        check_names(value)
        return {name: _nested(part, now, depth + 1) for name, part in value.items()}
    if kind in _TRANSFORMS:
        return _transformed(value, now, old)
    return plain_value(value, depth)


def _nested(value: Value, now: datetime, depth: int) -> Value:
    """Like `_value`, but never deeper than a document may nest."""
    return _value(value, now, depth) if depth < DEEPEST else plain_value(value, depth)


def _transformed(transform: Any, now: datetime, old: Value) -> Value:
    if transform is Sentinel.SERVER_TIMESTAMP:
        return now
    if transform is Sentinel.DELETE_FIELD:
        raise InvalidRequest(_("A field can be deleted only by an update or a merge."))
    if isinstance(transform, Increment):
        return _increment(old, transform.amount)
    base = old if type(old) is list else []
    elements = plain_value(list(transform.elements))
    known = {encode_key(element) for element in elements}
    if isinstance(transform, ArrayRemove):
        return [element for element in base if encode_key(element) not in known]
    result, held = list(base), {encode_key(element) for element in base}
    for element in elements:
        key = encode_key(element)
        if key not in held:
            held.add(key)
            result.append(element)
    return result


def _increment(old: Value, amount: int | float) -> int | float:
    """Add as Firestore does: integers stop at the ends of 64 bits, a float makes a float."""
    if type(amount) not in (int, float):
        raise InvalidRequest(_("An increment must be a number."))
    plain_value(amount)
    if type(old) not in (int, float):
        return amount
    total: int | float = old + amount
    if type(total) is int:
        return min(max(total, LEAST_INTEGER), MOST_INTEGER)
    return total if not math.isnan(total) else math.nan
