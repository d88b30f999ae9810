"""The two lines of one thread in the inbox, as styled spans: pure, so that they can be cached."""

from datetime import datetime, tzinfo

import msgspec

from core.i18n import _
from core.service.inbox import ThreadRow
from tui.widgets.cells import cell_len, clip, fit
from tui.widgets.days import list_label
from tui.widgets.message_words import tick

Span = tuple[str, str]
"""Text and style name."""

MOST_SHOWN_UNREAD = 99


class ThreadLook(msgspec.Struct, frozen=True):
    """What a thread's lines depend on besides the thread."""

    width: int
    is_selected: bool
    is_focused: bool
    is_open: bool
    shows_account: bool


def thread_spans(
    row: ThreadRow, look: ThreadLook, now: datetime, zone: tzinfo
) -> tuple[list[Span], list[Span]]:
    """Return the two lines, each exactly as wide as asked.

    First: bar, name, time. Second: bar, tick, preview, unread badge, account.
    """
    bar = "▌" if look.is_selected else "┃" if look.is_open else " "
    bar_style = "bar" if look.is_selected or look.is_open else ""
    when = list_label(row.moment, now, zone)
    name_room = max(0, look.width - 3 - cell_len(when))
    name_style = "name.unread" if row.unread else "name"
    mark = "∴ " if row.is_group else ""
    first = [
        (bar, bar_style),
        (fit(mark + row.name, name_room), name_style),
        (" ", ""),
        (when, "time.unread" if row.unread else "time"),
        (" ", ""),
    ]
    badge = f" {min(row.unread, MOST_SHOWN_UNREAD)}{'+' * (row.unread > MOST_SHOWN_UNREAD)} "
    right: list[Span] = []
    if row.unread:
        right += [(" ", ""), (badge, "badge")]
    if look.shows_account:
        right += [(" ", ""), (clip(row.account_id, 8), "chip")]
    sign = tick(row.status)
    left: list[Span] = []
    if sign:
        bad = row.status in ("failed", "uncertain")
        tone = "trouble" if bad else "read" if row.status == "read" else "preview"
        left.append((sign + " ", tone))
    room = look.width - 2 - sum(cell_len(text) for text, _style in (*left, *right))
    preview = row.preview or _("no text yet")
    second = [
        (bar, bar_style),
        *left,
        (fit(preview, max(0, room)), "preview.unread" if row.unread else "preview"),
        *right,
        (" ", ""),
    ]
    return first, second
