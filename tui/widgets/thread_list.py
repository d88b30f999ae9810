"""The inbox's list: painted rows, a selection that is an id, and a place that does not jump."""

from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from core.i18n import _
from core.service.inbox import Inbox, InboxView, ThreadRow
from core.service.window import Key, key_of_row
from tui.commands.command import bindings_of
from tui.commands.conversations import CONVERSATION_COMMANDS
from tui.widgets.line_view import LineView
from tui.widgets.thread_line import ThreadLook, thread_spans

ROW_LINES = 2
MOST_CACHED = 200
"""Painted rows that are remembered."""
NEAR_END_ROWS = 40
"""So close to the end of what is loaded, more is asked for."""
MOST_ANNOUNCED = 99


class ThreadList(LineView):
    """Threads of an `Inbox`, two lines each.

    The selected row is an id: whatever changes, it stays selected, and while the list has the
    focus it stays where it is on the screen; what comes in above is counted in `new_above`.
    """

    BINDING_GROUP_TITLE = "Inbox"
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings_of(CONVERSATION_COMMANDS, "threads"),
        Binding("pagedown", "page(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("home,g", "first", show=False),
        Binding("end,G", "last", show=False),
    ]

    class Selected(Message):
        """The selection went to another thread."""

        def __init__(self, thread_id: str) -> None:
            super().__init__()
            self.thread_id = thread_id

    class Opened(Message):
        """The operator wants to read and write in a thread."""

        def __init__(self, thread_id: str) -> None:
            super().__init__()
            self.thread_id = thread_id

    class NearEnd(Message):
        """The end of what is loaded comes into view."""

    class NearStart(Message):
        """The start of what is loaded comes into view, and it is not the newest thread."""

    class Looked(Message):
        """Other rows came into view."""

    class Announced(Message):
        """`new_above` changed."""

    def __init__(self, clock: Callable[[], datetime], zone: tzinfo, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._clock = clock
        self._zone = zone
        self.inbox = Inbox(InboxView())
        self.selected_id: str | None = None
        self.open_id: str | None = None
        self.shows_account = True
        self.new_above = 0
        """Threads that came in above the first line since it was last looked at."""
        self.is_reading = False
        """Whether the list is being read, so that empty does not mean nothing."""
        self.has_accounts = False
        """Whether there is an account that anybody could write to."""
        self.problem = ""
        """Why the list is not live, in one sentence; empty while it is."""
        self._is_at_rest = True
        """Whether the operator left the selection on the newest thread, and the list at its top."""
        self._seen: Key | None = None
        self._cache: dict[tuple[str, ThreadLook], tuple[ThreadRow, int, tuple[Strip, Strip]]] = {}
        self._painted: list[ThreadRow] = []

    # -- content ----------------------------------------------------------------------------------

    @property
    def line_count(self) -> int:
        """Two lines for each thread."""
        return len(self.inbox) * ROW_LINES

    def empty_text(self) -> str:
        """Say why no thread is shown and what helps."""
        if self.inbox.view.scope.is_empty:
            return _("No account is allowed to you yet.\nAn admin can allow some under Operators.")
        if self.problem:
            return self.problem
        if self.is_reading:
            return _("Looking…")
        if self.inbox.view.text.strip():
            return _("No conversation matches “{text}”. Escape shows all.").format(
                text=self.inbox.view.text.strip()
            )
        if self.inbox.view.only_unread:
            return _("Nothing unread. Well done; u shows all conversations.")
        if self.has_accounts:
            return _(
                "No conversation yet.\nWhoever writes to you appears here, and so does what the "
                "phone holds already."
            )
        return _("No conversation yet.\nPair a WhatsApp account with F2 and they appear here.")

    def show(self, inbox: Inbox) -> None:
        """Show another view; the selection stays if its thread is in it."""
        self.inbox = inbox
        self.top = 0
        self._seen = None
        if self.selected_id is None or inbox.index(self.selected_id) is None:
            self._select(inbox.row(0).id if len(inbox) else None)
        self._keep_selection_visible()
        self._look_at_top()
        self.refresh()

    def changed(self) -> None:
        """Repaint after the inbox changed; the selected row stays in place while focused.

        Selected at the top it makes way for newer ones instead, down to the last row of the screen.
        """
        before_top, before = self.top, self._painted
        anchor = self._anchor()
        if self.selected_id is None and len(self.inbox):
            self._select(self.inbox.row(0).id)
        place = self._selected_index()
        if self._is_at_rest and place is not None and self.content_size.height:
            self.top = (place + 1) * ROW_LINES - self.page
        elif anchor is not None and (self.has_focus or self.top > 0):
            index = self.inbox.index(anchor[0])
            self.top = self.top if index is None else index * ROW_LINES - anchor[1]
        self.top = max(0, min(self.top, self.last_top))
        self._reselect()
        self._look_at_top()
        if self.top != before_top:
            self.refresh()
        else:
            self._refresh_differences(before)

    def reveal(self, thread_id: str) -> None:
        """Select a thread of the list and bring it into view."""
        if self.inbox.index(thread_id) is not None:
            self._select(thread_id)
            self._keep_selection_visible()

    def set_open(self, thread_id: str | None) -> None:
        """Mark the thread whose chat is open."""
        before, self.open_id = self.open_id, thread_id
        for each in (before, thread_id):
            self._refresh_row(each)

    def forget_painted(self) -> None:
        """Paint everything anew: the day changed, or the look did."""
        self._cache.clear()
        self.refresh()

    # -- selection --------------------------------------------------------------------------------

    def step(self, count: int) -> None:
        """Move the selection."""
        self.action_move(count)

    def action_move(self, rows: int) -> None:
        """Move the selection."""
        count = len(self.inbox)
        if not count:
            return
        index = self._selected_index()
        target = 0 if index is None else max(0, min(count - 1, index + rows))
        self._select(self.inbox.row(target).id)
        self._keep_selection_visible()
        self._note_rest()
        if count - target < NEAR_END_ROWS and self.inbox.window.has_older:
            self.post_message(self.NearEnd())

    def action_page(self, direction: int) -> None:
        """Move the selection by a screenful."""
        self.action_move(direction * max(1, self.page // ROW_LINES - 1))

    def action_first(self) -> None:
        """Go to the newest thread."""
        if not self.inbox.window.is_at_newest:
            self.post_message(self.NearStart())
        self.action_move(-len(self.inbox))
        self.scroll_lines_to(0)

    def action_last(self) -> None:
        """Go to the last thread that is loaded."""
        self.action_move(len(self.inbox))

    def on_click(self, event: events.Click) -> None:
        """Select and open the thread under the mouse."""
        index = (self.top + event.y) // ROW_LINES
        if 0 <= index < len(self.inbox):
            self._select(self.inbox.row(index).id)
            self.post_message(self.Opened(self.inbox.row(index).id))

    def on_focus(self) -> None:
        """Show the selection as focused."""
        self._note_rest()
        self._refresh_row(self.selected_id)

    def on_blur(self) -> None:
        """Show the selection as not focused."""
        self._refresh_row(self.selected_id)

    def on_resize(self) -> None:
        """Keep the selection in view if it was, and show no blank below the last thread."""
        was_seen = any(row.id == self.selected_id for row in self._painted)
        self.scroll_lines_to(self.top)
        if was_seen:
            self._keep_selection_visible()

    def scrolled(self) -> None:
        """Ask for more near the ends, and take note of what was seen."""
        self._look_at_top()
        self._note_rest()
        self.post_message(self.Looked())
        last = (self.top + self.page) // ROW_LINES
        if len(self.inbox) - last < NEAR_END_ROWS and self.inbox.window.has_older:
            self.post_message(self.NearEnd())
        if self.top < NEAR_END_ROWS and not self.inbox.window.is_at_newest:
            self.post_message(self.NearStart())

    def visible_ids(self) -> tuple[str, ...]:
        """Return the threads on the screen, from above."""
        first, last = self.top // ROW_LINES, -(-(self.top + self.page) // ROW_LINES)
        return tuple(self.inbox.row(i).id for i in range(first, min(last, len(self.inbox))))

    # -- painting ---------------------------------------------------------------------------------

    def paint_line(self, line: int, width: int) -> Strip:
        """Return one of the two lines of a thread."""
        index, part = divmod(line, ROW_LINES)
        row = self.inbox.row(index)
        is_selected = row.id == self.selected_id
        look = ThreadLook(
            width, is_selected, is_selected and self.has_focus, row.id == self.open_id,
            self.shows_account,
        )  # fmt: skip
        now = self._clock()
        day = now.toordinal()
        known = self._cache.get((row.id, look))
        if known and known[0] is row and known[1] == day:
            return known[2][part]
        first, second = thread_spans(row, look, now, self._zone)
        strips = (self._strip(first, look), self._strip(second, look))
        if len(self._cache) > MOST_CACHED:
            self._cache.clear()
        self._cache[row.id, look] = (row, day, strips)
        return strips[part]

    def notify_style_update(self) -> None:
        """Forget painted rows: the theme changed."""
        self._cache.clear()
        super().notify_style_update()

    def _strip(self, spans: list[tuple[str, str]], look: ThreadLook) -> Strip:
        under = ""
        if look.is_selected:
            under = "row-focused." if look.is_focused else "row-selected."
        segments = [Segment(text, self.style_of(under + name)) for text, name in spans if text]
        return Strip(segments).adjust_cell_length(look.width, self.style_of(under))

    # -- inside -----------------------------------------------------------------------------------

    def _selected_index(self) -> int | None:
        return None if self.selected_id is None else self.inbox.index(self.selected_id)

    def _select(self, thread_id: str | None) -> None:
        before = self.selected_id
        if thread_id == before:
            return
        self.selected_id = thread_id
        self._refresh_row(before)
        self._refresh_row(thread_id)
        if thread_id is not None:
            # From a parent's own handler it would count as the parent's and end there.
            self.post_message(self.Selected(thread_id).set_sender(self))

    def _note_rest(self) -> None:
        self._is_at_rest = self.top == 0 and self._selected_index() in (0, None)

    def _reselect(self) -> None:
        """Keep a selection that still exists; else take the row that is where it was."""
        if self.selected_id is None or self.inbox.index(self.selected_id) is not None:
            return
        count = len(self.inbox)
        self._select(self.inbox.row(min(count - 1, self.top // ROW_LINES)).id if count else None)

    def _anchor(self) -> tuple[str, int] | None:
        """Return the thread to hold in place and its line on the screen.

        It is the selected one, or else the first on the screen that did not itself go elsewhere.
        """
        found = None
        for place, row in enumerate(self._painted):
            now = self.inbox.get(row.id)
            if now is None or now.moment != row.moment:
                continue
            if row.id == self.selected_id or found is None:
                found = (row.id, place * ROW_LINES - self.top % ROW_LINES)
        return found

    def _keep_selection_visible(self) -> None:
        index = self._selected_index()
        if index is None or not self.size:
            return
        line = index * ROW_LINES
        if line < self.top:
            self.scroll_lines_to(line)
        elif line + ROW_LINES > self.top + self.page:
            self.scroll_lines_to(line + ROW_LINES - self.page)
        self._note_painted()

    def _refresh_row(self, thread_id: str | None) -> None:
        if thread_id is not None and (index := self.inbox.index(thread_id)) is not None:
            self.refresh_line_range(index * ROW_LINES, ROW_LINES)

    def _visible_rows(self) -> list[ThreadRow]:
        first, last = self.top // ROW_LINES, -(-(self.top + self.page) // ROW_LINES)
        return [self.inbox.row(i) for i in range(first, min(last, len(self.inbox)))]

    def _note_painted(self) -> None:
        self._painted = self._visible_rows()
        selected = self.inbox.get(self.selected_id) if self.selected_id else None
        looked_at = [*self._painted[-1:], *([selected] if selected else [])]
        self.inbox.window.in_view_from = min(map(key_of_row, looked_at), default=None)

    def _refresh_differences(self, before: list[ThreadRow]) -> None:
        if len(before) != len(self._painted):
            self.refresh()
            return
        first = self.top // ROW_LINES
        for place, (old, new) in enumerate(zip(before, self._painted, strict=True)):
            if old is not new:
                self.refresh_line_range((first + place) * ROW_LINES, ROW_LINES)

    def _look_at_top(self) -> None:
        """Count what came in above since the top was last on the screen."""
        self._note_painted()
        count = 0
        newest = key_of_row(self.inbox.row(0)) if len(self.inbox) else None
        if self.top == 0 and self.inbox.window.is_at_newest:
            self._seen = newest
        elif self._seen is not None:
            hidden = min(-(-self.top // ROW_LINES), len(self.inbox), MOST_ANNOUNCED)
            for index in range(hidden):
                if key_of_row(self.inbox.row(index)) <= self._seen:
                    break
                count += 1
        if count != self.new_above:
            self.new_above = count
            self.post_message(self.Announced())
