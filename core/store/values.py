"""Which values a document may hold, and how one of its fields is found."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from core.i18n import _
from core.store.errors import InvalidRequest
from core.store.limits import DEEPEST, LEAST_INTEGER, MOST_INTEGER
from core.store.paths import FieldPath, is_name
from core.store.port import Data, Value

ATOMS: Final = frozenset((type(None), bool, float, bytes, str))
"""The types of which every value can be stored; half characters are found by whoever encodes."""

MISSING: Final = object()
"""What `field_value` returns for a field that a document lacks."""

_MOST_NAMES: Final = 4096
_good_names: set[str] = set()
"""Names seen to be good: nearly all names in a document are those of the data model."""


def plain_value(value: Value, depth: int = 1) -> Value:
    """Check that a value can be stored as it is, and return it. Raises InvalidRequest."""
    kind = type(value)
    if kind in ATOMS:
        return value
    if kind is int:
        if not LEAST_INTEGER <= value <= MOST_INTEGER:
            raise InvalidRequest(_("{value} does not fit into 64 bits.").format(value=value))
        return value
    if kind is datetime:
        if value.utcoffset() is None:
            raise InvalidRequest(_("A time without a time zone cannot be stored."))
        return value
    if depth >= DEEPEST:
        raise InvalidRequest(_("A document may nest {limit} levels.").format(limit=DEEPEST))
    if kind is list or kind is tuple:
        if any(type(element) in (list, tuple) for element in value):
            raise InvalidRequest(_("A list cannot hold a list directly."))
        return [plain_value(element, depth + 1) for element in value]
    if kind is dict:
        check_names(value)
        return {name: plain_value(part, depth + 1) for name, part in value.items()}
    raise InvalidRequest(_("A {kind} cannot be stored here.").format(kind=kind.__name__))


def check_names(data: Mapping[str, Value]) -> None:
    """Check the names of fields. Raises InvalidRequest."""
    if _good_names.issuperset(data):
        return
    for name in data:
        if type(name) is not str or not is_name(name):
            raise InvalidRequest(_("{name!r} is not the name of a field.").format(name=name))
    if len(_good_names) + len(data) > _MOST_NAMES:
        _good_names.clear()
    _good_names.update(data)


def field_value(data: Data, path: FieldPath) -> Value:
    """Return the value at a field path, or MISSING."""
    found: Value = data
    for name in path:
        if type(found) is not dict:
            return MISSING
        found = found.get(name, MISSING)
        if found is MISSING:
            return MISSING
    return found
