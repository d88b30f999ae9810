"""The text field itself; a module of its own because it is loaded after the first frame."""

from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import TextArea

from core.text import clean_text
from tui.commands import CONVERSATION_COMMANDS, bindings_of


class Editor(TextArea):
    """A multi-line field in which enter sends."""

    BINDING_GROUP_TITLE = "Text"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(CONVERSATION_COMMANDS, "composer")]

    class Submitted(Message):
        """The operator wants the text sent."""

    class LeftUpwards(Message):
        """The cursor went up from the first line."""

    def action_cursor_up(self, select: bool = False) -> None:
        """Move up a line; from the first one, leave the field."""
        if not select and self.navigator.is_first_wrapped_line(self.cursor_location):
            self.post_message(self.LeftUpwards())
        else:
            super().action_cursor_up(select)

    def action_send(self) -> None:
        """Ask for the text to be sent."""
        self.post_message(self.Submitted())

    def action_newline(self) -> None:
        """Begin a new line at the cursor."""
        self.insert("\n")

    async def _on_paste(self, event: events.Paste) -> None:
        """Take out of a pasted text what no terminal should get; the field then inserts it."""
        event.text = clean_text(event.text)
