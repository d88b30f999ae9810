"""Values and documents between the port and the wire, each type exactly."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from core.clock import EPOCH
from core.i18n import _
from core.store.errors import InvalidRequest
from core.store.firestore.messages import Message
from core.store.firestore.names import Names
from core.store.limits import DEEPEST, LEAST_INTEGER, MOST_INTEGER
from core.store.port import Document, Value
from core.store.values import check_names, plain_value

_DAY = 86_400


def put_value(target: Message, value: Value, depth: int = 1) -> None:
    """Set a Value message. Raises InvalidRequest, UnicodeEncodeError for half characters.

    `depth` is the level of the document that the value stands on, 1 for its fields.
    """
    kind = type(value)
    if kind is str:
        target.string_value = value
    elif kind is int:
        if not LEAST_INTEGER <= value <= MOST_INTEGER:
            plain_value(value)
        target.integer_value = value
    elif kind is bool:
        target.boolean_value = value
    elif value is None:
        target.null_value = 0
    elif kind is datetime:
        put_time(target.timestamp_value, value)
    elif kind is float:
        target.double_value = value
    elif kind is dict:
        _check_depth(value, depth)
        check_names(value)
        target.map_value.SetInParent()
        fields = target.map_value.fields
        for name, part in value.items():
            put_value(fields[name], part, depth + 1)
    elif kind is list or kind is tuple:
        _check_depth(value, depth)
        target.array_value.SetInParent()
        elements = target.array_value.values
        for element in value:
            if type(element) in (list, tuple):
                plain_value(value, depth)
            put_value(elements.add(), element, depth + 1)
    elif kind is bytes:
        target.bytes_value = value
    else:
        plain_value(value)


def _check_depth(value: Value, depth: int) -> None:
    if depth >= DEEPEST:
        plain_value(value, depth)  # Says how deep a document may nest.


def put_time(stamp: Message, moment: datetime) -> None:
    """Set a Timestamp message from an aware datetime. Raises InvalidRequest."""
    if moment.tzinfo is not UTC:
        plain_value(moment)
    since = moment - EPOCH
    stamp.seconds = since.days * _DAY + since.seconds
    stamp.nanos = since.microseconds * 1000


def half_character(path: str) -> InvalidRequest:
    """Return the error for a text that is none, in the document at `path`."""
    return InvalidRequest(
        _("A text in {path} holds half a character (a lone surrogate).").format(path=path)
    )


def value_of(message: Message) -> Value:
    """Return what a Value message holds.

    Of the kinds that the port does not know, a reference becomes its name, a place a map of
    `latitude` and `longitude`.
    """
    kind = message.WhichOneof("value_type")
    if kind == "string_value":
        return message.string_value
    if kind == "timestamp_value":
        return time_of(message.timestamp_value)
    if kind == "map_value":
        return data_of(message.map_value.fields)
    if kind == "array_value":
        return [value_of(element) for element in message.array_value.values]
    if kind is None or kind == "null_value":
        return None
    found = getattr(message, kind)
    if kind == "geo_point_value":
        return {"latitude": found.latitude, "longitude": found.longitude}
    return found


def data_of(fields: Mapping[str, Message]) -> dict[str, Any]:
    """Return the data that the fields of a document or a map hold, in the order of their names."""
    return {name: value_of(fields[name]) for name in sorted(fields)}


def time_of(stamp: Message) -> datetime:
    """Return the moment of a Timestamp message, to the microsecond."""
    days, seconds = divmod(stamp.seconds, _DAY)
    return EPOCH + timedelta(days, seconds, stamp.nanos // 1000)


def document_of(names: Names, message: Message) -> Document:
    """Return the document of a Document message."""
    return Document(
        names.path(message.name),
        data_of(message.fields),
        time_of(message.create_time),
        time_of(message.update_time),
    )
