"""A query in normal form: what Firestore adds to it on its own, and its values as keys."""

import operator
from collections.abc import Callable
from typing import Final

import msgspec

from core.i18n import _
from core.store.errors import InvalidRequest
from core.store.indexes import Scope
from core.store.keys import (
    FIRST,
    LAST,
    NULL_KEY,
    Boundary,
    encode_key,
    encode_name,
    invert,
    mirror,
    position,
    type_prefix,
)
from core.store.limits import MOST_ALTERNATIVES
from core.store.paths import NAME_PATH, FieldPath, collection_group, parse_field
from core.store.port import Cursor, Data, Document, Filter, Operator, Query
from core.store.values import MISSING, field_value, plain_value

EQUALITIES: Final = ("==", "in", "array_contains")
"""The operators that an index serves in any order and direction."""
RANGES: Final = ("<", "<=", ">", ">=")
"""The operators that only values of the same type meet."""


_COMPARISONS: Final[dict[str, Callable[[bytes, bytes], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Condition(msgspec.Struct, frozen=True):
    """A filter, ready to be judged by keys."""

    path: FieldPath
    operator: Operator
    keys: tuple[bytes, ...]
    """The key of the value; of each value for `in`."""

    def admits(self, key: bytes) -> bool:
        """Whether a field with this key meets the condition (not for array_contains)."""
        mine = self.keys[0]
        match self.operator:
            case "==" | "in":
                return key in self.keys
            case "!=":
                return key not in (mine, NULL_KEY)
        if self.path != NAME_PATH and type_prefix(key) != type_prefix(mine):
            return False
        return _COMPARISONS[self.operator](key, mine)

    def holds(self, name_key: bytes, data: Data) -> bool:
        """Whether a document meets the condition."""
        if self.path == NAME_PATH:
            return self.admits(name_key)
        value = field_value(data, self.path)
        if value is MISSING:
            return False
        if self.operator == "array_contains":
            return type(value) is list and any(encode_key(one) in self.keys for one in value)
        return self.admits(encode_key(value))


class Ordering(msgspec.Struct, frozen=True):
    """One field of the result's order."""

    path: FieldPath
    is_descending: bool


class Shape:
    """A query in normal form: equalities, orders with the implied ones, cursors as keys.

    Raises InvalidRequest for what no engine would take.
    """

    def __init__(self, query: Query) -> None:
        self.query = query
        self.group = collection_group(query.collection)
        if query.all_descendants and "/" in query.collection:
            raise InvalidRequest(
                _("{path!r} is not a collection id.").format(path=query.collection)
            )
        if query.limit_count is not None and query.limit_count < 1:
            raise InvalidRequest(_("A limit must be at least 1."))
        self.scope: Scope = "COLLECTION_GROUP" if query.all_descendants else "COLLECTION"
        self.conditions = [self._condition(one) for one in query.filters]
        self._check_alternatives()
        orders, self.name_is_descending = self._orders()
        self.lower: Boundary = (FIRST, False)
        self.upper: Boundary = (LAST, False)
        self.named = [*orders, Ordering(NAME_PATH, self.name_is_descending)]
        """The whole order, down to the document id."""
        if query.start is not None:
            self.lower = self._cursor(query.start, self.named, is_after=not query.start.before)
        if query.end is not None:
            self.upper = self._cursor(query.end, self.named, is_after=not query.end.before)
        fixed = {one.path for one in self.conditions if one.operator == "=="}
        if query.start is None and query.end is None and len(fixed) > 1:
            orders = [one for one in orders if one.path not in fixed]
        self.orders = orders
        ordered = {one.path for one in orders}
        self.equalities: dict[FieldPath, Condition] = {}
        for one in self.conditions:
            if one.operator in EQUALITIES and one.path not in ordered | {NAME_PATH}:
                self.equalities.setdefault(one.path, one)

    def _condition(self, one: Filter) -> Condition:
        path = parse_field(one.field)
        if one.operator not in (*EQUALITIES, "!=", *RANGES):
            raise InvalidRequest(_("{operator!r} is no operator.").format(operator=one.operator))
        values = one.value if one.operator == "in" else (one.value,)
        if one.operator == "in" and (
            not isinstance(values, list | tuple) or not 1 <= len(values) <= MOST_ALTERNATIVES
        ):
            raise InvalidRequest(
                _("`in` takes a list of 1 to {limit} values.").format(limit=MOST_ALTERNATIVES)
            )
        if path == NAME_PATH:
            if one.operator == "array_contains":
                raise InvalidRequest(_("The document id is not an array."))
            keys = [self._name_key(value) for value in values]
        else:
            keys = [encode_key(plain_value(value)) for value in values]
        return Condition(path, one.operator, tuple(dict.fromkeys(keys)))

    def _check_alternatives(self) -> None:
        count = 1
        for one in self.conditions:
            count *= len(one.keys)
        if count > MOST_ALTERNATIVES:
            raise InvalidRequest(
                _("A query may have {limit} alternatives, not {count}.").format(
                    limit=MOST_ALTERNATIVES, count=count
                )
            )
        if sum(one.operator == "array_contains" for one in self.conditions) > 1:
            raise InvalidRequest(_("A query may have one `array_contains`."))

    def _name_key(self, value: object) -> bytes:
        if not isinstance(value, str) or not value:
            raise InvalidRequest(_("A document id must be a text."))
        if self.query.all_descendants:
            return encode_name(*value.split("/"))
        return encode_name(value.rpartition("/")[2])

    def _orders(self) -> tuple[list[Ordering], bool]:
        """Return the orders before the document id's, and whether that one descends."""
        orders: list[Ordering] = []
        for one in self.query.orders:
            path = parse_field(one.field)
            if path == NAME_PATH:
                return orders + self._implied(orders, is_descending=False), one.direction == "desc"
            if path in [other.path for other in orders]:
                raise InvalidRequest(_("{path!r} is ordered twice.").format(path=one.field))
            orders.append(Ordering(path, one.direction == "desc"))
        descending = bool(orders) and orders[-1].is_descending
        return orders + self._implied(orders, is_descending=descending), descending

    def _implied(self, orders: list[Ordering], *, is_descending: bool) -> list[Ordering]:
        """Return orders by the fields of inequalities, which Firestore adds on its own."""
        known = {one.path for one in orders} | {NAME_PATH}
        paths = {one.path for one in self.conditions if one.operator in (*RANGES, "!=")}
        return [Ordering(path, is_descending) for path in sorted(paths - known)]

    def _cursor(self, cursor: Cursor, orders: list[Ordering], *, is_after: bool) -> Boundary:
        if not 1 <= len(cursor.values) <= len(orders):
            raise InvalidRequest(_("A cursor needs one value for each order, or fewer."))
        parts = []
        for value, order in zip(cursor.values, orders, strict=False):
            is_name = order.path == NAME_PATH
            key = self._name_key(value) if is_name else encode_key(plain_value(value))
            parts.append(invert(key) if order.is_descending else key)
        return b"".join(parts), is_after

    def order_key(self, name_key: bytes, data: Data) -> bytes | None:
        """Return the key of a document's place in the result; None when it has none."""
        parts = []
        for order in self.orders:
            value = field_value(data, order.path)
            if value is MISSING:
                return None
            key = encode_key(value)
            parts.append(invert(key) if order.is_descending else key)
        parts.append(invert(name_key) if self.name_is_descending else name_key)
        return b"".join(parts)

    def name_key(self, document: Document) -> bytes:
        """Return the key of a document's name among those that the query may give."""
        segments = document.path.split("/")
        return encode_name(*(segments if self.query.all_descendants else segments[-1:]))

    def place(self, document: Document) -> bytes | None:
        """Return what sorts as the query orders its documents; None when it has no place."""
        return self.order_key(self.name_key(document), document.data)

    def bounds(self) -> tuple[Boundary, Boundary]:
        """Return where the result begins and ends in its order, by cursors and ranges."""
        lower, upper = self.lower, self.upper
        if not self.orders:
            return lower, upper
        first = self.orders[0]
        for one in self.conditions:
            if one.path != first.path or one.operator not in ("==", "!=", *RANGES):
                continue
            low, high = _interval(one)
            if first.is_descending:
                low, high = mirror(high), mirror(low)
            lower = max(lower, low, key=position)
            upper = min(upper, high, key=position)
        return lower, upper


def _interval(condition: Condition) -> tuple[Boundary, Boundary]:
    """Return where the values that meet an inequality lie."""
    key = condition.keys[0]
    kind = type_prefix(key)
    match condition.operator:
        case "<":
            return (kind, False), (key, False)
        case "<=":
            return (kind, False), (key, True)
        case ">":
            return (key, True), (kind, True)
        case ">=":
            return (key, False), (kind, True)
        case "==":
            return (key, False), (key, True)
        case _:
            return (NULL_KEY, True), (LAST, False)
