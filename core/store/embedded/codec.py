"""Document data to bytes and back: MessagePack, which keeps every type of the port exactly."""

from typing import Any

import msgspec

from core.i18n import _
from core.store.errors import InvalidRequest
from core.store.limits import LARGEST_DOCUMENT
from core.store.port import Value

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(dict[str, Any]).decode


def encode(path: str, data: dict[str, Value] | msgspec.Struct) -> bytes:
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
