"""Values, documents and names between the wire and the store port, each type exactly."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from core.clock import from_microseconds, to_microseconds
from core.store import port
from core.store.paths import NAME_PATH, FieldPath, parse_field
from core.store.values import MISSING, field_value
from tests.support.firestore_server.messages import Document, Pb, Value
from tests.support.firestore_server.status import invalid, unimplemented

_PLAIN_NAMES: Final = re.compile(r"(?:^|\.)(?:[A-Za-z_][A-Za-z_0-9]*|`(?:[^`\\]|\\.)*`)", re.DOTALL)
_DATABASE: Final = re.compile(r"projects/([^/]+)/databases/([^/]+)(?:/documents(?:/(.+))?)?")


def path_of(name: str) -> str:
    """Return the path within the database that a resource name leads to; "" for its root.

    Raises Refusal.
    """
    match = _DATABASE.fullmatch(name)
    if match is None:
        raise invalid(f'Resource name "{name}" is not valid.')
    return match[3] or ""


def root_of(name: str) -> str:
    """Return the part of a resource name before the path: `projects/…/documents`."""
    match = _DATABASE.fullmatch(name)
    if match is None:
        raise invalid(f'Resource name "{name}" is not valid.')
    return f"projects/{match[1]}/databases/{match[2]}/documents"


def set_time(stamp: Pb, moment: datetime) -> None:
    """Set a google.protobuf.Timestamp."""
    microseconds = to_microseconds(moment)
    stamp.seconds, rest = divmod(microseconds, 1_000_000)
    stamp.nanos = rest * 1000


def time_of(stamp: Pb) -> datetime:
    """Return a google.protobuf.Timestamp, cut to microseconds as the service does it."""
    return from_microseconds(stamp.seconds * 1_000_000 + stamp.nanos // 1000)


def decoded(value: Pb, *, in_query: bool = False) -> Any:
    """Return the port's value. A query's references are paths. Raises Refusal."""
    kind = value.WhichOneof("value_type")
    match kind:
        case "null_value":
            return None
        case "timestamp_value":
            return time_of(value.timestamp_value)
        case "array_value":
            return [decoded(one, in_query=in_query) for one in value.array_value.values]
        case "map_value":
            return decoded_fields(value.map_value.fields)
        case "boolean_value" | "integer_value" | "double_value" | "string_value" | "bytes_value":
            return getattr(value, kind)
        case "reference_value" if in_query:
            return path_of(value.reference_value)
        case None:
            raise invalid("Cannot convert an empty value: no type is set.")
    raise unimplemented(f"values of the type {kind}")


def decoded_fields(fields: Mapping[str, Pb]) -> dict[str, Any]:
    """Return the fields of a document or map, in the order of their names."""
    return {name: decoded(fields[name]) for name in sorted(fields)}


def encode_into(message: Pb, value: Any) -> None:
    """Set a Value message to one of the port's values."""
    match value:
        case None:
            message.null_value = 0
        case bool():
            message.boolean_value = value
        case int():
            message.integer_value = value
        case float():
            message.double_value = value
        case str():
            message.string_value = value
        case bytes():
            message.bytes_value = value
        case datetime():
            set_time(message.timestamp_value, value)
        case list() | tuple():
            message.array_value.SetInParent()
            for one in value:
                encode_into(message.array_value.values.add(), one)
        case Mapping():
            message.map_value.SetInParent()
            for name, one in value.items():
                encode_into(message.map_value.fields[name], one)
        case _:
            raise TypeError(f"no value of a document: {value!r}")


def encoded(value: Any) -> Pb:
    """Return a Value message."""
    message = Value()
    encode_into(message, value)
    return message


def document_message(
    root: str, document: port.Document, mask: Iterable[FieldPath] | None = None
) -> Pb:
    """Return a Document message, with only the fields of a mask if there is one."""
    message = Document(name=f"{root}/{document.path}")
    set_time(message.create_time, document.create_time)
    set_time(message.update_time, document.update_time)
    for name, value in masked(document.data, mask).items():
        encode_into(message.fields[name], value)
    return message


def wire_field(text: str) -> FieldPath:
    """Return a field path as it was sent: unlike the store's port, the service insists on quotes.

    Raises Refusal, core.store.errors.InvalidRequest.
    """
    if _PLAIN_NAMES.sub("", text):
        raise invalid(f'Invalid property path "{text}": quote what is no simple name.')
    return parse_field(text)


def mask_of(paths: Iterable[str]) -> list[FieldPath]:
    """Return the field paths of a mask. Raises Refusal, core.store.errors.InvalidRequest."""
    return [wire_field(text) for text in paths]


def masked(data: port.Data, mask: Iterable[FieldPath] | None) -> port.Data:
    """Return the parts of a document's data that a mask names."""
    if mask is None:
        return data
    kept: dict[str, Any] = {}
    for path in mask:
        value = MISSING if path == NAME_PATH else field_value(data, path)
        if value is not MISSING:
            inner = kept
            for name in path[:-1]:
                inner = inner.setdefault(name, {})
            inner[path[-1]] = value
    return kept


def put(data: dict[str, Any], path: FieldPath, value: Any) -> None:
    """Set or, if the value is MISSING, remove a field, in place; maps on the way are copied."""
    for name in path[:-1]:
        inner = data.get(name)
        if type(inner) is not dict:
            if value is MISSING:
                return
            inner = {}
        data[name] = inner = dict(inner)
        data = inner
    if value is MISSING:
        data.pop(path[-1], None)
    else:
        data[path[-1]] = value
