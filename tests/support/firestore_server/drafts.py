"""What the writes of one commit make of documents: masks, preconditions and transforms."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, Final

from grpc import StatusCode

from core.clock import EPOCH
from core.store import port
from core.store.embedded.changes import updated
from core.store.keys import encode_key
from core.store.paths import NAME_PATH, FieldPath
from core.store.values import MISSING, field_value
from tests.support.firestore_server.messages import Pb
from tests.support.firestore_server.status import Refusal, invalid
from tests.support.firestore_server.values import (
    decoded,
    decoded_fields,
    path_of,
    put,
    time_of,
    wire_field,
)

_REQUEST_TIME: Final = 1


@dataclass(slots=True)
class Draft:
    """A document on its way through a commit."""

    path: str
    stored: port.Document | None
    """As it was before the commit."""
    data: dict[str, Any] | None
    """As the writes so far leave it; times of the commit still as SERVER_TIMESTAMP."""

    @property
    def is_changed(self) -> bool:
        """Whether there is anything to write."""
        before = None if self.stored is None else self.stored.data
        return not _same(before, self.data)

    @property
    def document(self) -> port.Document | None:
        """The document as the writes so far leave it, with the times of the one before."""
        if self.data is None:
            return None
        times = (EPOCH, EPOCH)
        if self.stored is not None:
            times = (self.stored.create_time, self.stored.update_time)
        return port.Document(self.path, self.data, *times)

    def write(self) -> port.Write:
        """Return what brings the store from the document before to the one now."""
        if self.data is None:
            return port.Delete(self.path)
        return port.Set(self.path, self.data)


def written_path(write: Pb) -> str:
    """Return the path of the document that a write is about. Raises Refusal."""
    match write.WhichOneof("operation"):
        case "update":
            return path_of(write.update.name)
        case "delete":
            return path_of(write.delete)
        case "transform":
            return path_of(write.transform.document)
    raise invalid("A write must have an operation.")


def apply(write: Pb, draft: Draft) -> list[Any]:
    """Apply a write to its draft and return the results of its transforms.

    The commit's time is SERVER_TIMESTAMP among the results. Raises Refusal, InvalidRequest.
    """
    _check(write.current_document, draft)
    match write.WhichOneof("operation"):
        case "delete":
            draft.data = None
            return []
        case "transform":
            transforms = write.transform.field_transforms
            data = dict(draft.data or {})
        case _:
            transforms = write.update_transforms
            data = _updated(write, draft)
    results = []
    _check_apart([wire_field(one.field_path) for one in transforms])
    for one in transforms:
        path = wire_field(one.field_path)
        before = field_value(data, path)
        after, result = _transformed(one, before)
        put(data, path, after)
        results.append(result)
    draft.data = data
    return results


def _updated(write: Pb, draft: Draft) -> dict[str, Any]:
    fields = decoded_fields(write.update.fields)
    if not write.HasField("update_mask"):
        return fields
    data = dict(draft.data or {})
    paths = [wire_field(text) for text in write.update_mask.field_paths]
    _check_apart(paths)
    for path in paths:
        put(data, path, field_value(fields, path))
    return data


def _check_apart(paths: Iterable[FieldPath]) -> None:
    """Check that no path is or contains another."""
    ordered = sorted(paths)
    if NAME_PATH in ordered:
        raise invalid("The field path __name__ cannot be written.")
    for shorter, longer in pairwise(ordered):
        if longer[: len(shorter)] == shorter:
            raise invalid(f"Field path conflict: {'.'.join(longer)} is named twice.")


def _check(precondition: Pb, draft: Draft) -> None:
    exists = draft.data is not None
    match precondition.WhichOneof("condition_type"):
        case "exists" if precondition.exists and not exists:
            raise Refusal(StatusCode.NOT_FOUND, f"No document to update: {draft.path}")
        case "exists" if exists and not precondition.exists:
            raise Refusal(StatusCode.ALREADY_EXISTS, f"Document already exists: {draft.path}")
        case "update_time":
            wanted = time_of(precondition.update_time)
            stored: datetime | None = draft.stored.update_time if draft.stored else None
            if not exists or stored != wanted:
                raise Refusal(
                    StatusCode.FAILED_PRECONDITION,
                    f"the stored version ({stored}) does not match the required base version"
                    f" ({wanted})",
                )


def _transformed(transform: Pb, before: Any) -> tuple[Any, Any]:
    """Return a field's new value, and what the write's result says of it."""
    kind = transform.WhichOneof("transform_type")
    match kind:
        case "set_to_server_value":
            if transform.set_to_server_value != _REQUEST_TIME:
                raise invalid("The server value is not specified.")
            return port.SERVER_TIMESTAMP, port.SERVER_TIMESTAMP
        case "increment":
            after = _by_the_engine(before, port.Increment(decoded(transform.increment)))
            return after, after
        case "append_missing_elements":
            elements = [decoded(one) for one in transform.append_missing_elements.values]
            return _by_the_engine(before, port.ArrayUnion(elements)), None
        case "remove_all_from_array":
            elements = [decoded(one) for one in transform.remove_all_from_array.values]
            return _by_the_engine(before, port.ArrayRemove(elements)), None
        case "maximum" | "minimum":
            after = _extreme(before, decoded(getattr(transform, kind)), is_least=kind == "minimum")
            return after, after
    raise invalid("A field transform must have a type.")


def _by_the_engine(before: Any, transform: Any) -> Any:
    """Do a transform as the embedded engine does it."""
    data = {} if before is MISSING else {"value": before}
    return updated(data, {"value": transform}, EPOCH)["value"]


def _extreme(before: Any, operand: Any, *, is_least: bool) -> Any:
    """Return the lesser or greater number; what was there, if it equals the operand."""
    if type(operand) not in (int, float):
        raise invalid("The operand of a maximum or minimum must be a number.")
    if type(before) not in (int, float):
        return operand
    mine, theirs = encode_key(before), encode_key(operand)
    return operand if (theirs < mine if is_least else theirs > mine) else before


def _same(one: Any, other: Any) -> bool:
    """Whether two values are the same in type and value, all the way down."""
    if type(one) is not type(other):
        return False
    if type(one) is dict:
        return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one)
    if type(one) is list:
        return len(one) == len(other) and all(map(_same, one, other))
    if type(one) is float and math.isnan(one):
        return math.isnan(other)
    return bool(one == other)
