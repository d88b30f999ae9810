"""Compares two stores document by document, both in the same order, with little in memory."""

import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from bridge.moving.lines import data_bytes
from bridge.moving.walk import pages
from core.model.collections import COLLECTIONS, Collection
from core.store.port import Document, Query, Reader

_NAMED = 10
"""Documents that are told by name."""


@dataclass(slots=True)
class Compared:
    """One collection in both stores."""

    name: str
    documents: int = 0
    """In the source."""
    missing: int = 0
    """Of these, not in the target."""
    differing: int = 0
    more: int = 0
    """In the target alone."""
    checksum: str = ""
    """SHA-256 of the source's documents, paths and data."""
    target_checksum: str = ""
    """The same of the target's, without those that it has alone."""
    paths: list[str] = field(default_factory=list)
    """The first ones that are missing or differ."""

    @property
    def is_whole(self) -> bool:
        """Whether the target holds all that the source holds, the same."""
        return not self.missing and not self.differing and self.checksum == self.target_checksum


async def compare(
    source: Reader, target: Reader, looked_at: Callable[[int], None] = lambda _count: None
) -> list[Compared]:
    """Return how the stores compare. Raises StoreError."""
    return [await _compare(source, target, one, looked_at) for one in COLLECTIONS]


async def _compare(
    source: Reader, target: Reader, collection: Collection, looked_at: Callable[[int], None]
) -> Compared:
    result = Compared(collection.name)
    ours, theirs = hashlib.sha256(), hashlib.sha256()
    others = _documents(target, collection.query)
    other = await anext(others, None)
    async for document in _documents(source, collection.query):
        while other is not None and _place(other) < _place(document):
            result.more += 1
            other = await anext(others, None)
        content = _content(document)
        ours.update(content)
        result.documents += 1
        looked_at(1)
        if other is None or other.path != document.path:
            result.missing += 1
        else:
            same = _content(other)
            theirs.update(same)
            other = await anext(others, None)
            if same == content:
                continue
            result.differing += 1
        if len(result.paths) < _NAMED:
            result.paths.append(document.path)
    while other is not None:
        result.more += 1
        other = await anext(others, None)
    result.checksum, result.target_checksum = ours.hexdigest(), theirs.hexdigest()
    return result


async def _documents(reader: Reader, query: Query) -> AsyncIterator[Document]:
    async for page in pages(reader, query):
        for document in page:
            yield document


def _place(document: Document) -> list[str]:
    return document.path.split("/")


def _content(document: Document) -> bytes:
    data = data_bytes(document.data)
    return b"%d %s %d %s\n" % (len(document.path), document.path.encode(), len(data), data)
