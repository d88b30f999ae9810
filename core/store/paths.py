"""Paths of documents, collections and fields: checked and taken apart as Firestore does it."""

import re
from functools import lru_cache
from itertools import pairwise

from core.i18n import _
from core.store.errors import InvalidRequest
from core.store.port import DOCUMENT_ID, Data, Value

FieldPath = tuple[str, ...]
"""The names that lead to a field through nested maps."""

NAME_PATH: FieldPath = (DOCUMENT_ID,)
"""The pseudo field of the document id."""

_LONGEST_NAME = 1500
"""Bytes of an id or a field name (https://firebase.google.com/docs/firestore/quotas)."""

_RESERVED = re.compile(r"__.*__", re.DOTALL)
_SEGMENT = re.compile(r"`((?:[^`\\]|\\.)*)`|([^`.\\]+)", re.DOTALL)


def is_name(name: str) -> bool:
    """Whether an id or field name is one that Firestore takes: not empty, not reserved, short."""
    if not name or "\0" in name or (name.startswith("__") and _RESERVED.fullmatch(name)):
        return False
    try:
        return len(name) * 4 <= _LONGEST_NAME or len(name.encode()) <= _LONGEST_NAME
    except UnicodeEncodeError:
        return False


def _is_id(segment: str) -> bool:
    return is_name(segment) and segment not in (".", "..") and segment.isprintable()


@lru_cache(maxsize=4096)
def collection_group(path: str) -> str:
    """Check a collection's path and return its last segment. Raises InvalidRequest."""
    segments = path.split("/")
    if len(segments) % 2 == 0 or not all(map(_is_id, segments)):
        raise InvalidRequest(_("{path!r} is not the path of a collection.").format(path=path))
    segments[-1].encode()
    return segments[-1]


def split_document(path: str) -> tuple[str, str]:
    """Check a document's path and return its collection's path and its id.

    Raises InvalidRequest.
    """
    parent, slash, name = path.rpartition("/")
    try:
        if not slash or not _is_id(name):
            raise InvalidRequest("")
        collection_group(parent)
    except InvalidRequest:
        raise InvalidRequest(
            _("{path!r} is not the path of a document.").format(path=path)
        ) from None
    return parent, name


@lru_cache(maxsize=4096)
def parse_field(text: str) -> FieldPath:
    """Take a dotted field path apart, with names quoted by backticks. Raises InvalidRequest."""
    if text == DOCUMENT_ID:
        return NAME_PATH
    names, place = [], 0
    while found := _SEGMENT.match(text, place):
        quoted, plain = found.groups()
        names.append(plain if quoted is None else re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL))
        place = found.end()
        if place == len(text):
            break
        if text[place] != ".":
            place = -1
            break
        place += 1
    if place != len(text) or not found or not all(map(is_name, names)):
        raise InvalidRequest(_("{path!r} is not the path of a field.").format(path=text))
    return tuple(names)


def parse_updated(fields: Data) -> list[tuple[FieldPath, Value]]:
    """Take the field paths of an update apart, sorted. Raises InvalidRequest.

    At least one must be named, and none within another.
    """
    if not fields:
        raise InvalidRequest(_("An update must name a field."))
    paths = sorted((parse_field(text), text) for text in fields)
    for (shorter, _text), (longer, text) in pairwise(paths):
        if longer[: len(shorter)] == shorter:
            raise InvalidRequest(_("{path!r} is named twice in an update.").format(path=text))
    for path, text in paths:
        if path == NAME_PATH:
            raise InvalidRequest(_("{path!r} is not the path of a field.").format(path=text))
    return [(path, fields[text]) for path, text in paths]
