"""Writes documents as NDJSON: a page in memory at a time, the same store always the same bytes."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from bridge.moving.lines import FORMAT, VERSION, Header, document_line, end_line, header_line
from bridge.moving.walk import count, pages, queries
from core.model.collections import COLLECTIONS, Collection
from core.store.port import Query, Reader


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an export holds."""

    collections: Sequence[Collection] = COLLECTIONS
    threads: Sequence[str] = ()
    """Only what belongs to these conversations; empty for everything."""
    with_times: bool = True
    """Whether each line tells when its document was made and last changed."""

    def queries(self) -> list[tuple[Collection, Query]]:
        """Return what to go through, in order."""
        return queries(self.collections, self.threads)


async def counts(reader: Reader, wanted: Wanted) -> dict[str, int]:
    """Return how many documents there are of each collection. Raises StoreError."""
    found: dict[str, int] = {}
    for collection, query in wanted.queries():
        more = await count(reader, collection, query)
        found[collection.name] = found.get(collection.name, 0) + more
    return found


async def write_export(
    reader: Reader,
    wanted: Wanted,
    output: BinaryIO,
    *,
    is_one_moment: bool,
    expected: dict[str, int],
    wrote: Callable[[int], None] = lambda _count: None,
) -> int:
    """Write an export and return the number of its documents. Raises StoreError, OSError.

    `expected` are the counts for the header; `wrote` hears of each page that was written.
    """
    digest = hashlib.sha256()

    def put(block: bytes) -> None:
        digest.update(block)
        output.write(block)

    put(
        header_line(
            Header(
                format=FORMAT,
                version=VERSION,
                one_moment=is_one_moment,
                documents=expected,
                threads=sorted(set(wanted.threads)),
            )
        )
    )
    total = 0
    for _collection, query in wanted.queries():
        async for page in pages(reader, query):
            put(b"".join(document_line(one, with_times=wanted.with_times) for one in page))
            total += len(page)
            wrote(len(page))
    output.write(end_line(total, digest))
    return total
