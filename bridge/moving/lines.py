"""The lines of an export: a header, a document a line, and an end that vouches for all before it.

The file is NDJSON in UTF-8, keys in alphabetical order, each line ended by a line feed:

    {"documents":{"accounts":1,"threads":2},"format":"capcoada-export","oneMoment":true,"version":1}
    {"createTime":"…Z","data":{…},"path":"accounts/WA-01","updateTime":"…Z"}
    {"end":{"documents":3,"sha256":"…"}}

`documents` says how many there were of each collection when the export began; `sha256` is of every
byte before the last line. Times of creation and update are for people: a store sets its own.
"""

import hashlib
from datetime import datetime
from typing import Any, Final

import msgspec

from bridge.moving.values import fields_to_json, from_json, time_text
from core.i18n import _
from core.store.port import Data, Document

FORMAT: Final = "capcoada-export"
VERSION: Final = 1
HEADER_MARK: Final = b'"format":"capcoada-export"'
"""What the first line of an export holds, and no chat's."""

UNREADABLE: Final = (ValueError, OverflowError, RecursionError)
"""What reading a line raises that no export holds: no JSON, a time before year 1, endless depth."""

_encode = msgspec.json.Encoder(order="deterministic").encode


class Header(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """The first line."""

    format: str
    version: int
    one_moment: bool = False
    """Whether everything is from one moment, whatever was written meanwhile."""
    documents: dict[str, int] = {}
    """By collection, when the export began."""
    threads: list[str] = []
    """The only conversations in it; empty for all."""


class DocumentLine(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A line that holds a document."""

    path: str
    data: dict[str, Any]
    create_time: datetime | None = None
    update_time: datetime | None = None


class End(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the last line vouches for."""

    documents: int
    sha256: str
    """Of every byte before it, in hexadecimal."""


class _EndLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    end: End


_decode_header = msgspec.json.Decoder(Header).decode
_decode_document = msgspec.json.Decoder(DocumentLine).decode
_decode_end = msgspec.json.Decoder(_EndLine).decode


def header_line(header: Header) -> bytes:
    """Return the first line."""
    return _line(msgspec.to_builtins(header))


def document_line(document: Document, *, with_times: bool = True) -> bytes:
    """Return a document as a line."""
    times = {}
    if with_times:
        times = {
            "createTime": time_text(document.create_time),
            "updateTime": time_text(document.update_time),
        }
    return _line({"path": document.path, "data": fields_to_json(document.data), **times})


def data_bytes(data: Data) -> bytes:
    """Return a document's data as the bytes that stand for it: equal for equal data alone."""
    return _encode(fields_to_json(data))


def end_line(documents: int, digest: "hashlib._Hash") -> bytes:
    """Return the last line, given the digest of all before it."""
    return _line({"end": {"documents": documents, "sha256": digest.hexdigest()}})


def _line(content: dict[str, Any]) -> bytes:
    return _encode(content) + b"\n"


def read_header(line: bytes) -> Header:
    """Read the first line. Raises what `UNREADABLE` names."""
    return _decode_header(line)


def read_document(line: bytes) -> tuple[str, dict[str, Any]]:
    """Read a document's path and data. Raises what `UNREADABLE` names."""
    content = _decode_document(line)
    data = from_json(content.data)
    if not isinstance(data, dict):
        raise ValueError(_("A map is expected after {name}.").format(name="data"))
    return content.path, data


def read_end(line: bytes) -> End | None:
    """Read the last line; None when it is none."""
    try:
        return _decode_end(line).end
    except UNREADABLE:
        return None
