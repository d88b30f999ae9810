"""Reads an export: all of it is checked, line by line, before anybody acts on the first line."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from bridge.moving.errors import FileRefused
from bridge.moving.lines import (
    FORMAT,
    HEADER_MARK,
    UNREADABLE,
    VERSION,
    Header,
    read_document,
    read_end,
    read_header,
)
from bridge.moving.put import Item
from core.i18n import _
from core.model.collections import COLLECTIONS, STAYING, collection_of
from core.model.ids import OUTBOX
from core.store.embedded.codec import encode
from core.store.errors import InvalidRequest
from core.store.paths import split_document
from core.store.values import plain_value
from core.text import clean_line

_LONGEST_LINE: Final = 16 * 1024 * 1024
"""A document may have 1 MiB, of which JSON may spell out each byte in six."""
_WAITING: Final = ("queued", "sending")
_Place = tuple[int, list[str]]


@dataclass(slots=True)
class Contents:
    """What an export holds, once it was read to its end."""

    header: Header
    documents: int = 0
    by_collection: dict[str, int] = field(default_factory=dict)
    waiting: int = 0
    """Messages that were still to be sent."""


def is_export(path: Path) -> bool:
    """Whether a file begins as an export does; what cannot be read is none."""
    try:
        with path.open("rb") as file:
            first = file.readline(_LONGEST_LINE)
    except OSError:
        return False
    return first.startswith(b"{") and HEADER_MARK in first.replace(b" ", b"")


def examine(file: BinaryIO, name: str) -> Contents:
    """Read an export to its end and return what is in it.

    Raises FileRefused, naming the line, when it is not whole, was altered, or is of another
    version; OSError.
    """
    file.seek(0)
    digest = hashlib.sha256()
    first = file.readline(_LONGEST_LINE)
    contents = Contents(_header(first, name))
    digest.update(first)
    number = 1
    before: _Place = (-1, [])
    while line := file.readline(_LONGEST_LINE):
        number += 1
        if (end := read_end(line)) is not None:
            if end.sha256 != digest.hexdigest() or end.documents != contents.documents:
                raise _refused(name, number, _("the file was altered: its checksum is another"))
            if not line.endswith(b"\n"):
                raise _refused(name, number, _("the line was cut short"))
            if file.read(1):
                raise _refused(name, number + 1, _("something follows the end"))
            return contents
        digest.update(line)
        item = _checked(line, name, number)
        place = _place(item.path)
        if place <= before:
            raise _refused(name, number, _("{path} is not in its place").format(path=item.path))
        before = place
        _count(contents, item)
    raise _refused(name, number, _("the file was cut short: its end is missing"))


def items(file: BinaryIO, name: str) -> Iterator[Item]:
    """Yield the documents of an export that was examined. Raises FileRefused, OSError."""
    file.seek(0)
    file.readline(_LONGEST_LINE)
    number = 1
    while line := file.readline(_LONGEST_LINE):
        number += 1
        if read_end(line) is None:
            yield _checked(line, name, number)


def _header(line: bytes, name: str) -> Header:
    try:
        header = read_header(line)
    except UNREADABLE as error:
        raise _refused(name, 1, _("it does not begin as an export does")) from error
    if header.format != FORMAT:
        raise _refused(name, 1, _("it does not begin as an export does"))
    if header.version != VERSION:
        raise FileRefused(
            _("{file} has version {version} of the format, and only {known} is known.").format(
                file=name, version=header.version, known=VERSION
            ),
            hint=_("Update capcoada."),
        )
    return header


def _checked(line: bytes, name: str, number: int) -> Item:
    """Return the document of a line, which any store can hold. Raises FileRefused."""
    if not line.endswith(b"\n"):
        raise _refused(name, number, _("the line was cut short"))
    try:
        path, data = read_document(line)
        split_document(path)
        size = len(encode(path, plain_value(data)))
    except (*UNREADABLE, InvalidRequest) as error:
        raise _refused(name, number, str(error)) from error
    if collection_of(path) is None or path in STAYING:
        raise _refused(name, number, _("{path} is no document that moves").format(path=path))
    return Item(path, data, size)


def _place(path: str) -> _Place:
    """Return what documents of an export are ordered by, each being there once."""
    collection = collection_of(path)
    assert collection is not None
    return COLLECTIONS.index(collection), path.split("/")


def _count(contents: Contents, item: Item) -> None:
    collection = collection_of(item.path)
    assert collection is not None
    known = contents.by_collection
    known[collection.name] = known.get(collection.name, 0) + 1
    contents.documents += 1
    if collection.name == OUTBOX and item.data.get("status") in _WAITING:
        contents.waiting += 1


def _refused(name: str, number: int, reason: str) -> FileRefused:
    return FileRefused(
        _("{file}, line {line}: {reason}.").format(
            file=name, line=number, reason=clean_line(reason).rstrip(".")
        ),
        hint=_("Nothing of it was imported. Use the file as it was exported."),
    )
