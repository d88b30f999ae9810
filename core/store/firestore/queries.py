"""Queries as the wire's: filters, orders and cursors in the words of StructuredQuery."""

import math
from collections.abc import Mapping
from typing import Final

from google.cloud.firestore_v1 import types

from core.store.firestore import messages
from core.store.firestore.messages import Message
from core.store.firestore.names import Names
from core.store.firestore.values import half_character, put_value
from core.store.paths import NAME_PATH, FieldPath, parse_field
from core.store.port import Cursor, Filter, Query, Value, field_path
from core.store.shape import Shape

_FIELD: Final = types.StructuredQuery.FieldFilter.Operator
_UNARY: Final = types.StructuredQuery.UnaryFilter.Operator
_DIRECTION: Final = types.StructuredQuery.Direction
_ASCENDING: Final = int(_DIRECTION.ASCENDING)
_DESCENDING: Final = int(_DIRECTION.DESCENDING)
_AND: Final = int(types.StructuredQuery.CompositeFilter.Operator.AND)
_OPERATORS: Final[Mapping[str, int]] = {
    "==": int(_FIELD.EQUAL),
    "!=": int(_FIELD.NOT_EQUAL),
    "<": int(_FIELD.LESS_THAN),
    "<=": int(_FIELD.LESS_THAN_OR_EQUAL),
    ">": int(_FIELD.GREATER_THAN),
    ">=": int(_FIELD.GREATER_THAN_OR_EQUAL),
    "in": int(_FIELD.IN),
    "array_contains": int(_FIELD.ARRAY_CONTAINS),
}
ANSWER: Final = "answer"
"""What the one result of an aggregation is called."""
_UNARIES: Final[Mapping[tuple[str, str], int]] = {
    ("==", "null"): int(_UNARY.IS_NULL),
    ("!=", "null"): int(_UNARY.IS_NOT_NULL),
    ("==", "nan"): int(_UNARY.IS_NAN),
    ("!=", "nan"): int(_UNARY.IS_NOT_NAN),
}


def put_query(names: Names, shape: Shape, target: Message) -> None:
    """Set a message that has a `parent` and a `structured_query`. Raises InvalidRequest."""
    query = shape.query
    target.parent, group = names.parent(query.collection)
    structured = target.structured_query
    source = structured.from_.add()
    source.collection_id = group
    source.all_descendants = query.all_descendants
    try:
        _put_filters(names, query, structured)
        _put_orders(names, shape, structured)
    except UnicodeEncodeError:
        raise half_character(query.collection) from None
    if query.limit_count is not None:
        structured.limit.value = query.limit_count


def _put_filters(names: Names, query: Query, structured: Message) -> None:
    if len(query.filters) == 1:
        _put_filter(names, query, query.filters[0], structured.where)
    elif query.filters:
        structured.where.composite_filter.op = _AND
        for one in query.filters:
            _put_filter(names, query, one, structured.where.composite_filter.filters.add())


def _put_filter(names: Names, query: Query, one: Filter, target: Message) -> None:
    path = parse_field(one.field)
    unary = _UNARIES.get((one.operator, _kind(one.value)))
    if unary is not None:
        target.unary_filter.op = unary
        target.unary_filter.field.field_path = _field_name(path)
        return
    target.field_filter.op = _OPERATORS[one.operator]
    target.field_filter.field.field_path = _field_name(path)
    if one.operator == "in":
        for value in one.value:
            element = target.field_filter.value.array_value.values.add()
            _put_operand(names, query, path, value, element)
    else:
        _put_operand(names, query, path, one.value, target.field_filter.value)


def _kind(value: Value) -> str:
    if value is None:
        return "null"
    return "nan" if type(value) is float and math.isnan(value) else ""


def _put_operand(
    names: Names, query: Query, path: FieldPath, value: Value, target: Message
) -> None:
    if path != NAME_PATH:
        put_value(target, value)
    elif query.all_descendants:
        target.reference_value = names.document(value)
    else:
        name = value.rpartition("/")[2]
        target.reference_value = names.document(f"{query.collection}/{name}")


def _put_orders(names: Names, shape: Shape, structured: Message) -> None:
    """Name the orders asked for; with cursors all there are, as each value stands for one."""
    query = shape.query
    if query.start is None and query.end is None:
        orders = [(parse_field(one.field), one.direction == "desc") for one in query.orders]
    else:
        orders = [(one.path, one.is_descending) for one in shape.named]
    for path, is_descending in orders:
        order = structured.order_by.add()
        order.field.field_path = _field_name(path)
        order.direction = _DESCENDING if is_descending else _ASCENDING
    if query.start is not None:
        _put_cursor(names, shape, query.start, structured.start_at)
    if query.end is not None:
        _put_cursor(names, shape, query.end, structured.end_at)


def _field_name(path: FieldPath) -> str:
    return path[0] if path == NAME_PATH else field_path(*path)


def _put_cursor(names: Names, shape: Shape, cursor: Cursor, target: Message) -> None:
    target.before = cursor.before
    for order, value in zip(shape.named, cursor.values, strict=False):
        _put_operand(names, shape.query, order.path, value, target.values.add())


def put_aggregation(names: Names, shape: Shape, summed: str | None, target: Message) -> None:
    """Ask, in an aggregation request, for the count of a query or the sum of one field."""
    request = messages.QueryRequest()
    put_query(names, shape, request)
    target.parent = request.parent
    aggregation = target.structured_aggregation_query
    aggregation.structured_query.CopyFrom(request.structured_query)
    wanted = aggregation.aggregations.add()
    wanted.alias = ANSWER
    if summed is None:
        wanted.count.SetInParent()
    else:
        wanted.sum.field.field_path = _field_name(parse_field(summed))
