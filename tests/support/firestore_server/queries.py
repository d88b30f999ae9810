"""Structured queries as the store port has them, and what is beyond it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from core.store import port
from core.store.paths import FieldPath
from core.store.values import MISSING, field_value
from tests.support.firestore_server.messages import (
    CompositeFilter,
    Direction,
    FieldFilter,
    Pb,
    UnaryFilter,
)
from tests.support.firestore_server.status import invalid, unimplemented
from tests.support.firestore_server.values import decoded, mask_of, path_of, wire_field

_OPERATORS: Final[dict[str, port.Operator]] = {
    "EQUAL": "==",
    "NOT_EQUAL": "!=",
    "LESS_THAN": "<",
    "LESS_THAN_OR_EQUAL": "<=",
    "GREATER_THAN": ">",
    "GREATER_THAN_OR_EQUAL": ">=",
    "IN": "in",
    "ARRAY_CONTAINS": "array_contains",
}
_UNARY: Final[dict[str, tuple[port.Operator, Any]]] = {
    "IS_NULL": ("==", None),
    "IS_NAN": ("==", float("nan")),
    "IS_NOT_NULL": ("!=", None),
    "IS_NOT_NAN": ("!=", float("nan")),
}


@dataclass(frozen=True, slots=True)
class Translated:
    """A structured query: the port's query, then what it leaves out of the result."""

    query: port.Query
    offset: int
    is_empty: bool
    """Whether the limit is 0, which the port does not know."""
    mask: list[FieldPath] | None
    """The fields to hand out; None for all."""

    @property
    def widened(self) -> port.Query:
        """The query with room for what the offset skips."""
        limit = self.query.limit_count
        if limit is None or not self.offset:
            return self.query
        return self.query.limit(limit + self.offset)


def translate(parent: str, structured: Pb) -> Translated:
    """Translate a query below a parent's resource name. Raises Refusal, InvalidRequest."""
    if structured.HasField("find_nearest"):
        raise unimplemented("vector searches")
    query = _collection(path_of(parent), structured.from_)
    filters = tuple(_filters(structured.where)) if structured.HasField("where") else ()
    orders = tuple(
        port.Order(one.field.field_path, "desc" if one.direction == Direction.DESCENDING else "asc")
        for one in structured.order_by
    )
    limit = structured.limit.value if structured.HasField("limit") else None
    if structured.offset < 0 or (limit is not None and limit < 0):
        raise invalid("The limit and the offset of a query must not be negative.")
    query = msgspec.structs.replace(
        query,
        filters=filters,
        orders=orders,
        limit_count=limit or None,
        start=_cursor(structured, "start_at"),
        end=_cursor(structured, "end_at"),
    )
    mask = None
    if structured.HasField("select"):
        mask = mask_of(one.field_path for one in structured.select.fields)
    return Translated(query, structured.offset, limit == 0, mask)


def _collection(parent: str, selectors: Pb) -> port.Query:
    if len(selectors) != 1 or not selectors[0].collection_id:
        raise unimplemented("queries that are not of one collection id")
    name, is_group = selectors[0].collection_id, selectors[0].all_descendants
    if is_group and parent:
        raise unimplemented("queries of all descendants of a document")
    return port.Query(f"{parent}/{name}" if parent else name, is_group)


def _field(holder: Pb) -> str:
    """Return the field path of an order, filter or aggregation, once it is checked."""
    text: str = holder.field.field_path
    wire_field(text)
    return text


def _filters(message: Pb) -> Iterator[port.Filter]:
    match message.WhichOneof("filter_type"):
        case "composite_filter":
            composite = message.composite_filter
            if composite.op != CompositeFilter.AND and len(composite.filters) != 1:
                raise unimplemented("queries with OR")
            for one in composite.filters:
                yield from _filters(one)
        case "unary_filter":
            unary = message.unary_filter
            operator, value = _UNARY[UnaryFilter.Operator.Name(unary.op)]
            yield port.Filter(_field(unary), operator, value)
        case "field_filter":
            one = message.field_filter
            name = FieldFilter.Operator.Name(one.op)
            if name not in _OPERATORS:
                raise unimplemented(f"the operator {name}")
            value = decoded(one.value, in_query=True)
            yield port.Filter(_field(one), _OPERATORS[name], value)
        case _:
            raise invalid("A filter must have a type.")


def _cursor(structured: Pb, name: str) -> port.Cursor | None:
    if not structured.HasField(name):
        return None
    cursor = getattr(structured, name)
    values = tuple(decoded(one, in_query=True) for one in cursor.values)
    # "before" says the same of both ends: whether the place is just before equal documents.
    return port.Cursor(values, before=cursor.before)


@dataclass(frozen=True, slots=True)
class Aggregation:
    """One aggregate of a request."""

    alias: str
    kind: str
    """`count`, `sum` or `avg`."""
    field: FieldPath
    up_to: int | None


def aggregations_of(message: Pb) -> list[Aggregation]:
    """Return the aggregates that are asked for. Raises Refusal, InvalidRequest."""
    found = []
    for number, one in enumerate(message.aggregations, 1):
        kind = one.WhichOneof("operator")
        if kind is None:
            raise invalid("An aggregation must have an operator.")
        operator = getattr(one, kind)
        is_count = kind == "count"
        field = () if is_count else wire_field(_field(operator))
        up_to = operator.up_to.value if is_count and operator.HasField("up_to") else None
        found.append(Aggregation(one.alias or f"field_{number}", kind, field, up_to))
    if not 1 <= len(found) <= 5:
        raise invalid("A query may have 1 to 5 aggregations.")
    return found


def aggregate(wanted: list[Aggregation], documents: list[port.Document]) -> dict[str, Any]:
    """Return the aggregates by alias.

    As in the service, they are all of the documents that have every field that is aggregated.
    """
    fields = [one.field for one in wanted if one.kind != "count"]
    kept = [
        one
        for one in documents
        if all(field_value(one.data, path) is not MISSING for path in fields)
    ]
    results: dict[str, Any] = {}
    for one in wanted:
        values = [field_value(document.data, one.field) for document in kept]
        numbers = [value for value in values if type(value) in (int, float)]
        match one.kind:
            case "count":
                results[one.alias] = len(kept) if one.up_to is None else min(len(kept), one.up_to)
            case "sum":
                results[one.alias] = _total(numbers)
            case _:
                mean = float(sum(numbers)) / len(numbers) if numbers else None
                results[one.alias] = mean
    return results


def _total(numbers: list[int | float]) -> int | float:
    total = sum(numbers)
    fits = type(total) is float or -(2**63) <= total < 2**63
    return total if fits else float(total)
