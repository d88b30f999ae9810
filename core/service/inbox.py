"""The inbox: threads of one account or of all, newest first, narrowed by typing or to the unread.

Its newest threads are watched; older ones are read page by page when somebody goes there. A filter
reads through the store in slices and keeps only what matches.
"""

import asyncio
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from core.clock import EPOCH
from core.model.ids import THREADS, parse_thread_id
from core.service.kinds import headed, heading_words, kind_name
from core.service.scope import EVERYTHING, Scope
from core.service.window import Window
from core.store.port import Document, Query, Reader
from core.text import clean_line

HEAD_ROWS = 100
"""Threads in the watched head: more than any window shows."""
PAGE_ROWS = 200
SLICE_ROWS = 250
"""Threads that a filter reads between two breaths of the event loop."""
MOST_ROWS = 4000
"""Threads held at once."""
MOST_UNREAD = 100
"""Unread threads that are counted; beyond it the count says "100+"."""
_PREVIEW_CHARACTERS = 200


class ThreadRow(msgspec.Struct, frozen=True):
    """A thread as the list shows it; its texts are safe to show."""

    id: str
    account_id: str
    name: str
    phone: str
    """E.164, or empty when it is not known or this is a group."""
    to_jid: str
    preview: str
    moment: datetime
    is_outbound: bool
    status: str
    """The last message's status when it is outbound, else empty."""
    unread: int
    is_group: bool
    owner_uid: str
    """Empty while nobody has answered."""
    co_writer_uids: tuple[str, ...] = ()


class InboxView(msgspec.Struct, frozen=True):
    """Which threads are wanted."""

    account_id: str | None = None
    """None is every account of the scope."""
    text: str = ""
    by_name: bool = False
    """Whether the text is looked for in names and numbers alone, not in the last text."""
    only_unread: bool = False
    scope: Scope = EVERYTHING
    """What the operator may ask for."""

    @property
    def is_filtered(self) -> bool:
        """Whether threads are left out that the account has."""
        return bool(self.text.strip()) or self.only_unread


def fold(text: str) -> str:
    """Return `text` as it is compared: without case, diacritics and doubled blanks."""
    if text.isascii():
        return " ".join(text.casefold().split())
    apart = unicodedata.normalize("NFKD", text)
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return " ".join(bare.casefold().split())


def thread_row(document: Document) -> ThreadRow:
    """Return a thread document as a row."""
    data = document.data
    moment = data.get("lastMessageAt")
    is_outbound = data.get("lastMessageDirection") == "outbound"
    phone = str(data.get("phoneE164") or "")
    jid = str(data.get("clientJid") or "")
    name = clean_line(str(data.get("displayName") or ""))
    unread = data.get("unreadCount")
    return ThreadRow(
        id=document.id,
        account_id=str(data.get("accountId") or ""),
        name=name or phone or clean_line(jid.partition("@")[0]) or "?",
        phone=clean_line(phone),
        to_jid=jid,
        preview=clean_line(_preview(data)),
        moment=moment if isinstance(moment, datetime) else EPOCH,
        is_outbound=is_outbound,
        status=str(data.get("lastMessageStatus") or "") if is_outbound else "",
        unread=unread if isinstance(unread, int) and unread > 0 else 0,
        is_group=bool(data.get("isGroup")),
        owner_uid=str(data.get("ownerUid") or ""),
        co_writer_uids=tuple(data.get("coWriterUids") or ()),
    )


def _preview(data: Mapping[str, Any]) -> str:
    """Return the last message, in the reader's words where it has none of its own."""
    text = str(data.get("lastMessageText") or "")[:_PREVIEW_CHARACTERS]
    words = heading_words(data.get("lastMessageHeading"))
    return headed(words, text) or kind_name(str(data.get("lastMessageType") or "text"))


class Matcher:
    """Decides whether a thread belongs to a view."""

    def __init__(self, view: InboxView) -> None:
        self._words = fold(view.text).split()
        self._digits = "".join(letter for letter in view.text if letter.isdigit())
        self._is_number = bool(self._digits) and not any(map(str.isalpha, view.text))
        self._by_name = view.by_name
        self._only_unread = view.only_unread

    def row(self, document: Document) -> ThreadRow | None:
        """Return the thread's row, or None when the view leaves it out."""
        data = document.data
        if data.get("isArchived") or (self._only_unread and not data.get("unreadCount")):
            return None
        if self._words and not self._matches(document):
            return None
        return thread_row(document)

    def _matches(self, document: Document) -> bool:
        data = document.data
        if self._is_number:
            number = str(data.get("phoneE164") or data.get("clientJid") or "")
            dialled = self._digits.removeprefix("00") if self._digits[:2] == "00" else self._digits
            if dialled.removeprefix("0") in "".join(filter(str.isdigit, number)):
                return True
        last = "" if self._by_name else _preview(data)
        text = fold(f"{data.get('displayName') or ''} {data.get('phoneE164') or ''} {last}")
        return all(word in text for word in self._words)


class Inbox:
    """The threads of one view."""

    def __init__(self, view: InboxView, *, most_rows: int = MOST_ROWS) -> None:
        self.view = view
        threads = Query(THREADS)
        if view.account_id is not None:
            base = threads.where("accountId", "==", view.account_id)
        else:
            base = view.scope.narrow(threads)
        self.window: Window[ThreadRow] = Window(
            base, "lastMessageAt", Matcher(view).row, most_rows=most_rows
        )

    @property
    def head_query(self) -> Query:
        """The query to be watched; its snapshots go to `take_head`."""
        return self.window.head_query(HEAD_ROWS)

    def take_head(self, documents: Sequence[Document]) -> bool:
        """Take in the newest threads; return whether what is shown changed."""
        return self.window.take_head(documents, HEAD_ROWS)

    def __len__(self) -> int:
        return len(self.window)

    def row(self, index: int) -> ThreadRow:
        """Return the row at a place, 0 being the newest. Raises IndexError."""
        return self.window.at(len(self.window) - 1 - index)

    def index(self, thread_id: str) -> int | None:
        """Return the place of a thread, 0 being the newest; None if it is not here."""
        place = self.window.index(thread_id)
        return None if place is None else len(self.window) - 1 - place

    def get(self, thread_id: str) -> ThreadRow | None:
        """Return a thread's row, if it is here."""
        return self.window.get(thread_id)

    async def read_head(self, store: Reader) -> bool:
        """Read the newest threads once; return whether what is shown changed."""
        return await self.read_first(store, HEAD_ROWS)

    async def read_first(self, store: Reader, rows: int) -> bool:
        """Read the first rows once, a part of the head; return whether what is shown changed."""
        rows = min(rows, HEAD_ROWS)
        return self.window.take_head(await store.query(self.window.head_query(rows)), rows)

    async def read_older(self, store: Reader, wanted: int = PAGE_ROWS) -> bool:
        """Read on until `wanted` more threads are shown or there are none; return whether any is.

        Between slices the event loop breathes; cancelling loses nothing.
        """
        window = self.window
        start = len(window)
        limit = SLICE_ROWS if self.view.is_filtered else PAGE_ROWS
        changed = False
        while window.has_older and len(window) - start < wanted:
            generation = window.generation
            documents = await store.query(window.older_query(limit))
            if generation == window.generation:
                changed |= window.take_older(documents, limit)
            await asyncio.sleep(0)
            if not window.is_at_newest:
                break
        return changed

    async def read_newer(self, store: Reader) -> bool:
        """Read threads above the newest row, after they were forgotten."""
        documents = await store.query(self.window.newer_query(PAGE_ROWS))
        return self.window.take_newer(documents, PAGE_ROWS)


def unread_query(scope: Scope) -> Query:
    """Return the query of the threads that wait for somebody, for their count and the next one."""
    unread = scope.narrow(Query(THREADS)).where("unreadCount", ">", 0)
    return unread.order_by("unreadCount", "desc").limit(MOST_UNREAD)


def unread_count(documents: Sequence[Document], account_id: str | None) -> int:
    """Return how many of the documents are unread threads of an account (None: of all)."""
    return sum(_is_unread(document, account_id) for document in documents)


def unread_rows(documents: Sequence[Document], account_id: str | None) -> list[ThreadRow]:
    """Return the unread threads of an account (None: all), newest first."""
    rows = [thread_row(document) for document in documents if _is_unread(document, account_id)]
    return sorted(rows, key=lambda row: (row.moment, row.id), reverse=True)


def _is_unread(document: Document, account_id: str | None) -> bool:
    data = document.data
    return not data.get("isArchived") and account_id in (None, data.get("accountId"))


def account_of(thread_id: str) -> str:
    """Return the account that a thread belongs to; empty when the id tells none."""
    try:
        return parse_thread_id(thread_id)[0]
    except ValueError:
        return ""
