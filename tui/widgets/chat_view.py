"""The messages of one chat: painted bubbles, a message cursor that is an id, no jumps."""

from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip

from core.i18n import _, ngettext
from core.service.chat import Chat, MessageRow
from core.service.window import key_of_row
from tui.commands.command import bindings_of
from tui.commands.conversations import CONVERSATION_COMMANDS
from tui.widgets.bubbles import Setting, today_in
from tui.widgets.chat_block import Look
from tui.widgets.chat_layout import ChatLayout
from tui.widgets.line_view import LineView

SETTLABLE = {
    "retry": ("unsent", "failed", "uncertain"),
    "mark_sent": ("uncertain",),
    "cancel": ("unsent", "queued", "failed", "uncertain"),
}
"""What the operator can do about an outgoing message, by its status."""


class ChatView(LineView):
    """The open chat. It opens at its end, stays there when it is there, and never jumps else."""

    BINDING_GROUP_TITLE = "Chat"
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings_of(CONVERSATION_COMMANDS, "chat"),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown,space", "page(1)", show=False),
        Binding("home,g", "oldest", show=False),
    ]

    class NearStart(Message):
        """The oldest loaded message comes into view."""

    class NewestAsked(Message):
        """The operator wants the newest messages, which are not loaded."""

    class NearEnd(Message):
        """The newest loaded message comes into view, and it is not the newest of the chat."""

    class CursorMoved(Message):
        """The message cursor went to another message, or away."""

        def __init__(self, message_id: str | None) -> None:
            super().__init__()
            self.message_id = message_id

    class Asked(Message):
        """The operator wants something done with a message."""

        def __init__(self, row: MessageRow) -> None:
            super().__init__()
            self.row = row

    class CopyAsked(Asked):
        """The operator wants a message's text."""

    class ResolveAsked(Asked):
        """The operator settles a message that did not simply go through."""

        def __init__(self, row: MessageRow, action: str) -> None:
            super().__init__(row)
            self.action = action
            """`retry`, `mark_sent` or `cancel`."""

    leave_downwards: Callable[[], None] = staticmethod(lambda: None)
    """Gives the focus to the text field below, before this returns: what is typed next is text."""
    answer: Callable[[MessageRow], None] = staticmethod(lambda _row: None)
    """Does the same for a text that answers a message."""

    def __init__(
        self,
        clock: Callable[[], datetime],
        zone: tzinfo,
        keys: dict[str, str],
        *,
        id: str,  # noqa: A002
    ) -> None:
        super().__init__(id=id)
        self._clock = clock
        self._zone = zone
        self._keys = tuple(keys.items())
        self.chat: Chat | None = None
        self.is_group = False
        self.cursor_id: str | None = None
        self.marked: tuple[str, ...] = ()
        """The messages that a value of the event beside the chat came from."""
        self.new_below = 0
        """Messages that came in below the last line while it was not on the screen."""
        self._laid = ChatLayout()
        self._is_at_end = True
        self._arranged: tuple[object, ...] = ()

    # -- content ----------------------------------------------------------------------------------

    @property
    def line_count(self) -> int:
        """The lines of all loaded messages."""
        return self._laid.line_count

    def empty_text(self) -> str:
        """Say why there is no message."""
        if self.chat is None:
            return _("Choose a conversation: enter opens it.")
        return _("No message yet. Write the first one below.")

    def show(self, chat: Chat | None, *, is_group: bool) -> None:
        """Open a chat at its end."""
        self.chat = chat
        self.is_group = is_group
        self.marked = ()
        self._set_cursor(None)
        self._laid.clear()
        self._is_at_end = True
        self.new_below = 0
        self._arranged = ()
        self.refresh()

    def changed(self) -> None:
        """Repaint after the chat changed, holding the place."""
        self._arranged = ()
        laid = self._laid
        newest = laid.order[-1] if laid.order else None
        before, starts = laid.blocks_by_id(), laid.starts
        top, view = self.top, laid.view(self.top, self.page)
        self.prepare_lines()
        if newest is not None and not self._is_at_end and newest in laid:
            arrived = range(laid.index_of(newest) + 1, len(laid.order))
            self.new_below += sum(not laid.row(index).is_outbound for index in arrived)
        if self.cursor_id is not None and self.cursor_id not in laid:
            self._set_cursor(None)
        if starts == laid.starts and top == self.top:
            for index, row_id in enumerate(laid.order):
                if before.get(row_id) is not laid.block(index):
                    self.refresh_line_range(*laid.lines_of(index))
        elif view == laid.view(self.top, self.page):
            width, page = self.text_width, self.page  # only the bar moved, and the count grew
            self.refresh(Region(width, 0, 1, page), Region(0, page - 1, width, 1))
        else:
            self.refresh()

    def prepare_lines(self) -> None:
        """Lay out what is not laid out yet; hold the place, or the end."""
        width, page = self.text_width, self.page
        today = today_in(self._zone, self._clock())
        version = self.chat.version if self.chat else -1
        key = (id(self.chat), version, width, page, today)
        if key == self._arranged:
            return
        laid = self._laid
        anchor = laid.anchor(self.top)
        self._arranged = key
        setting = Setting(width, self._zone, today, self._keys, self.is_group)
        laid.arrange(self.chat.rows() if self.chat else (), setting)
        if self._is_at_end:
            self.top = self.last_top
        elif anchor is not None and anchor[0] in laid:
            self.top = laid.start_of(anchor[0]) + anchor[1]
        self.top = max(0, min(self.top, self.last_top))
        if self.content_size.height and self.top == self.last_top:  # all that follows is in view
            self._is_at_end, self.new_below = True, 0
        self._note_view()

    def _note_view(self) -> None:
        """Have the messages in view kept, however many come in below."""
        laid = self._laid
        if self.chat is not None and laid.order:
            row = laid.row(max(0, laid.index_at(self.top)))
            self.chat.window.in_view_from = key_of_row(row)

    # -- moving -----------------------------------------------------------------------------------

    def step(self, count: int) -> None:
        """Move the message cursor."""
        self.action_cursor(count)

    def action_cursor(self, step: int) -> None:
        """Move the message cursor; from nowhere it goes to the last message on the screen."""
        laid = self._laid
        if not laid.order:
            return
        if self.cursor_id is None:
            last_line = min(self.top + self.page, self.line_count) - 1
            index = laid.index_at(last_line)
        else:
            index = laid.index_of(self.cursor_id)
            within = laid.top_within(index, step, self.top, self.page)
            if within is not None:
                self.scroll_lines_to(within)
                return
            index += step
        if index >= len(laid.order):
            self._set_cursor(None)
            self.action_newest()
            self.leave_downwards()
            return
        index = max(0, index)
        self._set_cursor(laid.order[index])
        self._bring_into_view(index)
        if index == 0:
            self.scroll_lines_to(0)
            self._ask_near()

    def action_page(self, direction: int) -> None:
        """Scroll by a screenful, with two lines in common."""
        self.scroll_lines_to(self.top + direction * max(1, self.page - 2))

    def action_oldest(self) -> None:
        """Go to the oldest message that is loaded; more is read meanwhile."""
        self.scroll_lines_to(0)
        self._ask_near()

    def action_newest(self) -> None:
        """Go to the newest message."""
        if self.chat is not None and not self.chat.window.is_at_newest:
            self.post_message(self.NewestAsked())
        else:
            self.go_to_end()

    def go_to_end(self) -> None:
        """Show the end of what is loaded, and stay there."""
        self._is_at_end = True
        self.changed()
        self.scroll_lines_to(self.last_top)

    def scrolled(self) -> None:
        """Take note of being at the end, and ask for more near the beginning."""
        self._is_at_end = self.top >= self.last_top
        self._note_view()
        if self._is_at_end and self.new_below:
            self.new_below = 0
        self._ask_near()

    def _ask_near(self) -> None:
        if self.chat is None:
            return
        if self.top < 2 * self.page and self.chat.window.has_older:
            self.post_message(self.NearStart())
        if self.last_top - self.top < self.page and not self.chat.window.is_at_newest:
            self.post_message(self.NearEnd())

    def reveal(self, message_id: str) -> None:
        """Select a message and show it with what was said before it, if it is loaded."""
        if not self.content_size.height:  # a narrow window showed the list until now
            self.call_after_refresh(self.reveal, message_id)
            return
        self._is_at_end = False
        self.changed()
        if message_id in self._laid:
            self._set_cursor(message_id)
            start = self._laid.start_of(message_id)
            self.scroll_lines_to(start - self.page // 3)
            self.focus()

    def mark_messages(self, message_ids: tuple[str, ...]) -> None:
        """Mark messages and bring the newest of them into view, as far as they are loaded."""
        if message_ids == self.marked:
            return
        before, self.marked = self.marked, message_ids
        for each in {*before, *message_ids}:
            self._refresh_message(each)
        is_seen = bool(self.content_size.height)  # a narrow window shows the event in its place
        for message_id in reversed(message_ids):
            if is_seen and message_id in self._laid:
                self._bring_into_view(self._laid.index_of(message_id))
                break

    # -- acting on the selected message -----------------------------------------------------------

    @property
    def cursor_row(self) -> MessageRow | None:
        """The message that the cursor is on."""
        return self.chat.get(self.cursor_id) if self.chat and self.cursor_id else None

    def action_reply(self) -> None:
        """Answer the selected message."""
        if row := self.cursor_row:
            self.answer(row)

    def action_copy_message(self) -> None:
        """Ask for the text of the selected message."""
        if row := self.cursor_row:
            self.post_message(self.CopyAsked(row))

    def action_resolve(self, action: str) -> None:
        """Ask for an outgoing message to be settled."""
        row = self.cursor_row or self._last_troubled()
        if row is not None and row.status in SETTLABLE[action]:
            self.post_message(self.ResolveAsked(row, action))

    def action_write(self) -> None:
        """Go to the text field."""
        self.leave_downwards()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what the selected message allows."""
        if action in ("reply", "copy_message"):
            return self.cursor_row is not None
        if action == "resolve":
            row = self.cursor_row or self._last_troubled()
            return row is not None and row.status in SETTLABLE[str(parameters[0])]
        return True

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the message under the mouse."""
        line = self.top + event.y
        if line < self.line_count:
            self._set_cursor(self._laid.order[self._laid.index_at(line)])

    def on_blur(self) -> None:
        """The cursor belongs to the focus."""
        self._set_cursor(None)

    # -- painting ---------------------------------------------------------------------------------

    def paint_line(self, line: int, width: int) -> Strip:
        """Return one line of a message."""
        index = self._laid.index_at(line)
        row_id = self._laid.order[index]
        look = Look(row_id == self.cursor_id, row_id in self.marked)
        return self._laid.painted(index, look, width, self.style_of)[
            line - self._laid.starts[index]
        ]

    def render_line(self, y: int) -> Strip:
        """Paint one line of the screen; the last one also says what came in below."""
        strip = super().render_line(y)
        if not self.new_below or y != self.page - 1:
            return strip
        text = ngettext("{n} new below", "{n} new below", self.new_below).format(n=self.new_below)
        return self.with_pill(strip, f" ↓ {text} ")

    def notify_style_update(self) -> None:
        """Forget painted lines: the theme changed."""
        self._laid.forget_painted()
        super().notify_style_update()

    # -- inside -----------------------------------------------------------------------------------

    def _bring_into_view(self, index: int) -> None:
        self.scroll_lines_to(self._laid.top_showing(index, self.top, self.page))

    def _refresh_message(self, message_id: str | None) -> None:
        laid = self._laid
        if message_id is not None and message_id in laid:
            self.refresh_line_range(*laid.lines_of(laid.index_of(message_id)))

    def _set_cursor(self, message_id: str | None) -> None:
        if message_id == self.cursor_id:
            return
        before, self.cursor_id = self.cursor_id, message_id
        self._refresh_message(before)
        self._refresh_message(message_id)
        self.post_message(self.CursorMoved(message_id))

    def _last_troubled(self) -> MessageRow | None:
        """Return the newest message that needs the operator, so that one key settles it."""
        newest_first = self._laid.rows_from_newest()
        return next((row for row in newest_first if row.status in SETTLABLE["retry"]), None)
