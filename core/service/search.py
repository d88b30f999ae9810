"""Finding messages for the operator: the index names candidates, the store says what they hold."""

import asyncio
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from itertools import islice
from pathlib import Path
from time import monotonic
from typing import Final, NamedTuple

import msgspec

from core.clock import EPOCH
from core.crm.folding import tidy
from core.model.ids import message_path, parse_thread_id, thread_path
from core.search.errors import SearchUnusable
from core.search.index import Found, SearchIndex
from core.search.words import Wanted, holds, wanted_words
from core.store.port import Document, Reader
from core.text import clean_line

MOST_ROWS: Final = 50
"""Messages of one answer."""
_LONGEST_SECONDS: Final = 0.4
"""After that a search answers with what it has: words that hardly ever meet take long."""

Allows = Callable[[str], bool]
"""Whether the operator may see an account, by its id."""


class SearchRow(msgspec.Struct, frozen=True):
    """A message that was found."""

    thread_id: str
    message_id: str
    account_id: str
    name: str
    """Of the conversation, safe to show."""
    body: str
    """On one line, safe to show, composed."""
    moment: datetime
    is_outbound: bool


class SearchAnswer(msgspec.Struct, frozen=True):
    """What a search found, newest first."""

    words: list[Wanted]
    """What was looked for."""
    rows: list[SearchRow]
    is_complete: bool = True
    """False while the index does not yet know the whole store."""
    has_more: bool = False
    """Whether there may be more than is told."""


class MessageSearch:
    """Searches one store's messages; a new search makes an older one give up."""

    def __init__(self, store: Reader, index_file: Path) -> None:
        self._store = store
        self._index_file = index_file
        self._index: SearchIndex | None = None
        self._turn = 0
        self._busy = asyncio.Lock()

    async def find(self, text: str, allows: Allows) -> SearchAnswer | None:
        """Return the newest messages that hold all words; None when a newer search took over.

        Raises SearchUnusable, StoreError.
        """
        self._turn += 1
        turn = self._turn
        words = wanted_words(text)
        async with self._busy:
            if turn != self._turn:
                return None
            if not words:
                return SearchAnswer(words, [])
            ends = monotonic() + _LONGEST_SECONDS

            def goes_on() -> bool:
                return turn == self._turn and monotonic() < ends

            rows: dict[str, SearchRow] = {}
            before: int | None = None
            while True:
                try:
                    look = await asyncio.to_thread(self._look, words, allows, goes_on, before)
                except SearchUnusable:
                    if turn == self._turn:
                        raise
                    return None  # closed meanwhile
                if turn != self._turn:
                    return None
                rows |= await self._rows(look.found, words)
                # What was edited or taken back since may be all that was found so far.
                if not look.has_more or len(rows) >= MOST_ROWS or not goes_on():
                    break
                before = look.found[-1].place
        shown = list(rows.values())[:MOST_ROWS]
        has_more = look.has_more or len(rows) > MOST_ROWS
        return SearchAnswer(words, shown, look.is_complete, has_more)

    def close(self) -> None:
        """Release the index; a search that is at it gives up first."""
        self._turn += 1
        if self._index is not None:
            self._index.close()
            self._index = None

    def _look(
        self,
        words: list[Wanted],
        allows: Allows,
        goes_on: Callable[[], bool],
        before: int | None,
    ) -> "_Look":
        index = self._index
        if index is not None and not index.is_in_place():
            index.close()
            index = None
        if index is None:
            index = self._index = SearchIndex.read(self._index_file)
        if index is None:
            return _Look([], is_complete=False, has_more=False)
        with closing(index.search(words, before=before, goes_on=goes_on)) as candidates:
            seen = (one for one in candidates if allows(parse_thread_id(one.thread_id)[0]))
            found = list(islice(seen, MOST_ROWS))
        has_more = len(found) >= MOST_ROWS or not goes_on()
        return _Look(found, index.is_complete(), has_more)

    async def _rows(self, found: list[Found], words: list[Wanted]) -> dict[str, SearchRow]:
        """Look candidates up, by path: what was edited or taken back may hold other words by now.

        What is in a thread that became part of another is there, too, and is told from there.
        """
        threads = list(dict.fromkeys(one.thread_id for one in found))
        paths = [message_path(one.thread_id, one.message_id) for one in found]
        documents = await self._store.get_all([*map(thread_path, threads), *paths])
        names = {
            thread_id: _name(document)
            for thread_id, document in zip(threads, documents, strict=False)
            if document is None or not document.data.get("mergedInto")
        }
        rows: dict[str, SearchRow] = {}
        for one, document in zip(found, documents[len(threads) :], strict=True):
            if document is None or one.thread_id not in names or document.data.get("isRevoked"):
                continue
            body = tidy(clean_line(str(document.data.get("body") or "")))
            if holds(body, words):
                rows.setdefault(document.path, _row(one, names[one.thread_id], body, document))
        return rows


class _Look(NamedTuple):
    """One look into the index."""

    found: list[Found]
    is_complete: bool
    has_more: bool
    """Whether it may hold more behind the last one."""


def _row(found: Found, name: str, body: str, document: Document) -> SearchRow:
    moment = document.data.get("tsClient")
    return SearchRow(
        thread_id=found.thread_id,
        message_id=found.message_id,
        account_id=parse_thread_id(found.thread_id)[0],
        name=name or "?",
        body=body,
        moment=moment if isinstance(moment, datetime) else EPOCH,
        is_outbound=document.data.get("direction") == "outbound",
    )


def _name(document: Document | None) -> str:
    data = document.data if document else {}
    return clean_line(str(data.get("displayName") or data.get("phoneE164") or ""))
