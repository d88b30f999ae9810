"""Cuts a serialized protobuf message into its fields, without reading what is in them.

https://protobuf.dev/programming-guides/encoding
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

_VARINT, _EIGHT_BYTES, _LENGTH, _FOUR_BYTES = 0, 1, 2, 5
_FIXED: Final = {_EIGHT_BYTES: 8, _FOUR_BYTES: 4}
_LONGEST_VARINT: Final = 10


class Field(NamedTuple):
    """One field as it lies in a message."""

    number: int
    whole: memoryview
    """With the tag before it: put together, such fields are a message again."""
    content: memoryview | None
    """Of a message, a text or bytes; None for numbers."""


def fields_of(message: memoryview) -> Iterator[Field]:
    """Yield the fields of a message in order. Raises ValueError where it is none."""
    at = 0
    while at < len(message):
        tag, value_at = _varint(message, at)
        kind = tag & 7
        content = None
        if kind == _VARINT:
            end = _varint(message, value_at)[1]
        elif kind == _LENGTH:
            length, content_at = _varint(message, value_at)
            end = content_at + length
            content = message[content_at:end]
        elif kind in _FIXED:
            end = value_at + _FIXED[kind]
        else:
            raise ValueError("a field of no known kind")
        if end > len(message):
            raise ValueError("a field is cut short")
        yield Field(tag >> 3, message[at:end], content)
        at = end


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    """Return a number and where it ends."""
    number = 0
    for place, byte in enumerate(message[at : at + _LONGEST_VARINT]):
        number |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return number, at + place + 1
    raise ValueError("a number is cut short")
