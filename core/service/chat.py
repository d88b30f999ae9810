"""One open chat: its newest messages watched, older ones read while scrolling up, sends at once."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from core.clock import EPOCH
from core.i18n import _
from core.model.ids import messages_path
from core.service.kinds import headed, heading_words, kind_name
from core.service.window import Window
from core.store.port import Document, Query, Reader
from core.text import clean_line, clean_text

HEAD_ROWS = 60
"""Messages in the watched head: about what a tall window shows."""
FIRST_ROWS = 24
"""Messages that a chat opens with: what most windows show, soon followed by the whole head."""
PAGE_ROWS = 80
MOST_ROWS = 600
"""Messages held at once."""
UNSENT = "unsent"
"""The status, known only here, of a text that the bridge has not taken over."""
_QUOTE_CHARACTERS = 200


class MediaView(msgspec.Struct, frozen=True):
    """What a message carries besides text."""

    name: str = ""
    mime: str = ""
    size: int | None = None
    """Bytes."""
    seconds: int | None = None


class QuoteView(msgspec.Struct, frozen=True):
    """The message that a reply answers."""

    message_id: str
    sender: str
    body: str


class MessageRow(msgspec.Struct, frozen=True):
    """A message as the chat shows it; its texts are safe to show."""

    id: str
    is_outbound: bool
    kind: str
    """A `MessageType`."""
    body: str
    """What people wrote or sent."""
    moment: datetime
    heading: str = ""
    """What is said before it, or in its place."""
    sender: str = ""
    sender_jid: str = ""
    media: MediaView | None = None
    quote: QuoteView | None = None
    reactions: tuple[tuple[str, int], ...] = ()
    """Emoji and how many people gave it."""
    is_edited: bool = False
    is_revoked: bool = False
    status: str = ""
    """A `MessageStatus`, `unsent`, or empty for what arrived."""
    error: str = ""
    wa_id: str = ""

    @property
    def text(self) -> str:
        """The body under its heading."""
        return headed(self.heading, self.body)


def _media(data: Mapping[str, Any] | None) -> MediaView | None:
    if not data:
        return None
    size, seconds = data.get("size"), data.get("seconds")
    return MediaView(
        name=clean_line(str(data.get("fileName") or "")),
        mime=clean_line(str(data.get("mimeType") or "")),
        size=size if isinstance(size, int) else None,
        seconds=seconds if isinstance(seconds, int) else None,
    )


def _quote(data: Mapping[str, Any] | None) -> QuoteView | None:
    if not data:
        return None
    is_ours = data.get("direction") == "outbound"
    text = clean_line(str(data.get("body") or "")[:_QUOTE_CHARACTERS])
    return QuoteView(
        message_id=str(data.get("messageId") or ""),
        sender=_("You") if is_ours else clean_line(str(data.get("senderName") or "")),
        body=headed(heading_words(data.get("heading")), text)
        or kind_name(str(data.get("type") or "text")),
    )


def _reactions(data: Mapping[str, Any] | None) -> tuple[tuple[str, int], ...]:
    counts: dict[str, int] = {}
    for emoji in (data or {}).values():
        if shown := clean_line(str(emoji or ""))[:16]:
            counts[shown] = counts.get(shown, 0) + 1
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def message_row(document: Document) -> MessageRow:
    """Return a message document as a row."""
    data = document.data
    moment = data.get("tsClient")
    is_outbound = data.get("direction") == "outbound"
    return MessageRow(
        id=document.id,
        is_outbound=is_outbound,
        kind=str(data.get("type") or "text"),
        body=clean_text(str(data.get("body") or "")).strip("\n"),
        moment=moment if isinstance(moment, datetime) else EPOCH,
        heading=heading_words(data.get("heading")),
        sender=clean_line(str(data.get("senderName") or "")),
        sender_jid=str(data.get("senderJid") or ""),
        media=_media(data.get("media")),
        quote=_quote(data.get("quoted")),
        reactions=_reactions(data.get("reactions")),
        is_edited=bool(data.get("isEdited")),
        is_revoked=bool(data.get("isRevoked")),
        status=str(data.get("status") or "") if is_outbound else "",
        error=_why(str(data.get("error") or "")),
        wa_id=str(data.get("waMessageId") or ""),
    )


def _why(error: str) -> str:
    """Return why a message did not go out in words, which few messages need."""
    if not error:
        return ""
    from core.service.failures import failure_words  # noqa: PLC0415 - not before the first frame

    return clean_line(failure_words(error))


class Chat:
    """The messages of one thread, oldest first, with what is on its way out at the end."""

    def __init__(self, thread_id: str, *, most_rows: int = MOST_ROWS) -> None:
        self.thread_id = thread_id
        self.window: Window[MessageRow] = Window(
            Query(messages_path(thread_id)), "tsClient", message_row, most_rows=most_rows
        )
        self._pending: dict[str, MessageRow] = {}
        self.version = 0
        """Counts changes of what is shown."""

    @property
    def head_query(self) -> Query:
        """The query to be watched; its snapshots go to `take_head`."""
        return self.window.head_query(HEAD_ROWS)

    def take_head(self, documents: Sequence[Document], limit: int = HEAD_ROWS) -> bool:
        """Take in the `limit` newest messages; return whether what is shown changed."""
        changed = self.window.take_head(documents, limit)
        for document in documents:
            if self._pending.pop(document.id, None) is not None:
                changed = True
        self.version += changed
        return changed

    def rows(self) -> Iterator[MessageRow]:
        """Yield what is shown, oldest first; what is pending comes last."""
        yield from self.window.oldest_first()
        if self.window.is_at_newest:
            yield from (row for row in self._pending.values() if row.id not in self.window)

    def get(self, message_id: str) -> MessageRow | None:
        """Return a message, if it is here."""
        return self.window.get(message_id) or self._pending.get(message_id)

    # -- what is on its way out -------------------------------------------------------------------

    def add_pending(self, row: MessageRow) -> None:
        """Show a message that the store does not hold yet; its id is its request id."""
        if row.id not in self.window:
            self._pending[row.id] = row
            self.version += 1

    def mark_unsent(self, message_id: str, reason: str) -> None:
        """Show that the bridge did not take a pending message over, and why."""
        row = self._pending.get(message_id)
        if row is not None:
            self._pending[message_id] = msgspec.structs.replace(
                row, status=UNSENT, error=clean_line(reason)
            )
            self.version += 1

    def mark_queued(self, message_id: str) -> None:
        """Show a pending message as waiting to be sent."""
        row = self._pending.get(message_id)
        if row is not None:
            self._pending[message_id] = msgspec.structs.replace(row, status="queued", error="")
            self.version += 1

    def drop_pending(self, message_id: str) -> None:
        """Forget a pending message."""
        if self._pending.pop(message_id, None) is not None:
            self.version += 1

    # -- reading ----------------------------------------------------------------------------------

    async def read_head(self, store: Reader) -> bool:
        """Read the newest messages once; return whether what is shown changed."""
        return self.take_head(await store.query(self.window.head_query(FIRST_ROWS)), FIRST_ROWS)

    async def read_around(self, store: Reader, moment: datetime) -> None:
        """Read the messages before and after a moment, wherever that is in the history."""
        older = await store.query(self.window.around_query(moment, PAGE_ROWS, "desc"))
        newer = await store.query(self.window.around_query(moment, PAGE_ROWS, "asc"))
        self.window.take_around(older, newer, PAGE_ROWS)
        self.version += 1

    async def read_newest(self, store: Reader) -> None:
        """Go back to the newest messages from wherever in the history."""
        documents = await store.query(self.head_query)
        self.window.return_to_newest()
        self.take_head(documents)
        self.version += 1

    async def read_older(self, store: Reader) -> bool:
        """Read the page above the oldest message; return whether what is shown changed."""
        window = self.window
        if not window.has_older:
            return False
        generation = window.generation
        documents = await store.query(window.older_query(PAGE_ROWS))
        if generation != window.generation:
            return False
        changed = window.take_older(documents, PAGE_ROWS)
        self.version += changed
        return changed

    async def read_newer(self, store: Reader) -> bool:
        """Read the page below the newest message; return whether what is shown changed."""
        generation = self.window.generation
        documents = await store.query(self.window.newer_query(PAGE_ROWS))
        if generation != self.window.generation:
            return False
        changed = self.window.take_newer(documents, PAGE_ROWS)
        self.version += changed
        return changed
