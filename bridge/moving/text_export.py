"""Writes each conversation into a text file of its own, all in one folder."""

from collections.abc import Callable, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from bridge.moving.names import FileNames
from bridge.moving.transcript import Transcript
from bridge.moving.walk import PAGE, pages, queries
from core.files import written_whole
from core.model.collections import named
from core.model.ids import THREADS, messages_path
from core.service.inbox import ThreadRow, thread_row
from core.store.port import Query, Reader


async def write_texts(
    reader: Reader,
    folder: Path,
    zone: ZoneInfo,
    *,
    threads: Sequence[str] = (),
    wrote: Callable[[int], None] = lambda _count: None,
) -> int:
    """Write a file for each conversation into a folder that exists, and return how many.

    A conversation that was merged into another is in the other's file. `wrote` hears of each file.
    Raises StoreError, OSError.
    """
    names = FileNames()
    files = 0
    for _collection, query in queries(named([THREADS]), threads):
        async for page in pages(reader, query):
            for thread in page:
                if not thread.data.get("mergedInto"):
                    row = thread_row(thread)
                    await _write(reader, row, folder / names.of_thread(row), zone)
                    files += 1
                    wrote(1)
    return files


async def _write(reader: Reader, thread: ThreadRow, path: Path, zone: ZoneInfo) -> None:
    messages = Query(messages_path(thread.id))
    transcript = Transcript(thread, zone)
    count = (await reader.aggregate(messages)).count
    with written_whole(path) as file:
        file.write("".join(f"{line}\n" for line in transcript.heading(count)).encode())
        query = messages.order_by("tsClient").limit(PAGE)
        while page := await reader.query(query):
            lines = (line for message in page for line in transcript.message(message))
            file.write("".join(f"{line}\n" for line in lines).encode())
            query = query.start_after(page[-1].data["tsClient"], page[-1].id)
