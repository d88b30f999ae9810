"""A conversation as plain text, as a person would want to read or print it."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from core.i18n import _
from core.service.chat import MessageRow, message_row
from core.service.inbox import ThreadRow
from core.service.kinds import kind_name
from core.store.port import Document
from core.text import clean_line

_INDENT: Final = "    "


class Transcript:
    """Turns the messages of one conversation, in the order of time, into lines."""

    def __init__(self, thread: ThreadRow, zone: ZoneInfo) -> None:
        self._thread = thread
        self._zone = zone
        self._day: date | None = None

    def heading(self, messages: int) -> Iterator[str]:
        """Yield what stands at the top."""
        names = (self._thread.name, self._thread.phone, self._thread.account_id)
        yield " · ".join(part for part in dict.fromkeys(names) if part)
        yield _("Messages: {count}. Times are those of {zone}.").format(
            count=messages, zone=self._zone.key
        )

    def message(self, document: Document) -> Iterator[str]:
        """Yield the lines of a message, after a line for its day where a new one begins."""
        row = message_row(document)
        at = row.moment.astimezone(self._zone)
        if at.date() != self._day:
            self._day = at.date()
            yield from ("", f"--- {at:%Y-%m-%d} ---", "")
        if row.kind == "system":
            yield f"[{at:%H:%M}] * {clean_line(row.text)}"
            return
        first, *rest = _content(row, document.data.get("media"))
        yield f"[{at:%H:%M}] {self._sender(row)}: {first}"
        for line in (*rest, *_about(row), *self._ticks(row, document)):
            yield f"{_INDENT}{line}".rstrip()

    def _sender(self, row: MessageRow) -> str:
        if row.is_outbound:
            return _("You")
        name = row.sender if self._thread.is_group else self._thread.name
        return name or clean_line(row.sender_jid.partition("@")[0]) or "?"

    def _ticks(self, row: MessageRow, document: Document) -> Iterator[str]:
        """Yield how far a message of ours has come."""
        if not row.status:
            return
        told = _status_name(row.status)
        moment = document.data.get(
            {"delivered": "deliveredAt", "read": "readAt"}.get(row.status, "")
        )
        if isinstance(moment, datetime):
            told += f" {moment.astimezone(self._zone):%Y-%m-%d %H:%M}"
        yield f"({told}: {row.error})" if row.error else f"({told})"


def _content(row: MessageRow, media: Any) -> list[str]:
    """Return a message's own lines: what stands for its file, then its text."""
    if row.is_revoked:
        return [f"[{_('deleted')}]"]
    kind = row.heading or kind_name(row.kind)
    if row.media is None and (row.text or not kind):
        return row.text.split("\n") if row.text else ["[]"]
    lines = row.body.split("\n") if row.body else []
    length = path = ""
    if row.media is not None and row.media.seconds:
        length = f"{row.media.seconds // 60}:{row.media.seconds % 60:02}"
    if isinstance(media, dict):
        path = clean_line(str(media.get("localPath") or ""))
    told = [kind or _("Document"), row.media.name if row.media else "", length, path]
    return [f"[{', '.join(part for part in told if part)}]", *lines]


def _about(row: MessageRow) -> Iterator[str]:
    """Yield what else there is to a message: what it answers, an edit, reactions."""
    if row.quote is not None:
        text = row.quote.body or "…"
        yield f"> {row.quote.sender}: {text}" if row.quote.sender else f"> {text}"
    if row.is_edited and not row.is_revoked:
        yield f"({_('edited')})"
    if row.reactions:
        yield "  ".join(f"{emoji} {n}" if n > 1 else emoji for emoji, n in row.reactions)


def _status_name(status: str) -> str:
    names = {
        "queued": _("waits to be sent"),
        "sending": _("being sent"),
        "sent": _("sent"),
        "delivered": _("delivered"),
        "read": _("read"),
        "failed": _("not sent"),
        "uncertain": _("perhaps not sent"),
    }
    return names.get(status, clean_line(status))
