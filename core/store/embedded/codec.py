"""Document data to bytes and back: MessagePack, which keeps every type of the port exactly."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from core.i18n import _
from core.store.errors import InvalidRequest
from core.store.paths import is_name
from core.store.port import Value

LARGEST_DOCUMENT: Final = 1024 * 1024
"""Bytes (https://firebase.google.com/docs/firestore/quotas)."""
DEEPEST: Final = 20
_LEAST: Final = -(2**63)
_MOST: Final = 2**63 - 1
ATOMS: Final = frozenset((type(None), bool, float, bytes, str))
"""The types of which every value can be stored; half characters are found by `encode`."""

_MOST_NAMES: Final = 4096
_good_names: set[str] = set()
"""Names seen to be good: nearly all names in a document are those of the data model."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(dict[str, Any]).decode


def encode(path: str, data: dict[str, Value]) -> bytes:
    """Return a checked document's data as bytes. Raises InvalidRequest when it is too large."""
    try:
        blob = _encode(data)
    except UnicodeEncodeError:
        raise InvalidRequest(
            _("A text in {path} holds half a character (a lone surrogate).").format(path=path)
        ) from None
    return check_size(path, blob)


def check_size(path: str, blob: bytes) -> bytes:
    """Return a document's bytes. Raises InvalidRequest when there are too many."""
    if len(blob) > LARGEST_DOCUMENT:
        raise InvalidRequest(
            _("{path} would be {size} bytes large; a document may have {limit}.").format(
                path=path, size=len(blob), limit=LARGEST_DOCUMENT
            )
        )
    return blob


def decode(blob: bytes) -> dict[str, Value]:
    """Return the data that `encode` made the bytes of."""
    return _decode(blob)


def plain_value(value: Value, depth: int = 1) -> Value:
    """Check that a value can be stored as it is, and return it. Raises InvalidRequest."""
    kind = type(value)
    if kind in ATOMS:
        return value
    if kind is int:
        if not _LEAST <= value <= _MOST:
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
