"""The text field itself; a module of its own because it is loaded after the first frame."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message
from textual.widgets import TextArea

from core.i18n import _
from core.text import clean_text
from tui.commands.command import bindings_of
from tui.commands.conversations import CONVERSATION_COMMANDS


class Editor(TextArea):
    """A multi-line field in which enter sends."""

    BINDING_GROUP_TITLE = "Text"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(CONVERSATION_COMMANDS, "composer")]

    @dataclass
    class Submitted(Message):
        """The operator wants the text sent; the field is empty again."""

        text: str
        thread_id: str

    class HeldBack(Message):
        """The operator wants the text sent, but may not; it stays."""

    thread_id = ""
    """The thread that the text is for."""
    leave_upwards: Callable[[], None] = staticmethod(lambda: None)
    """Gives the focus to what is above the field, before this returns."""
    may_send = True
    """Whether the operator may write in that thread."""

    def on_focus(self) -> None:
        """Tell whoever writes how to get at the messages."""
        self.placeholder = _("Write a message…  ↑ messages")

    def on_blur(self) -> None:
        """Tell what the field is for."""
        self.placeholder = _("Write a message…")

    def action_cursor_up(self, select: bool = False) -> None:
        """Move up a line; from the first one, leave the field."""
        if not select and self.navigator.is_first_wrapped_line(self.cursor_location):
            self.leave_upwards()
        else:
            super().action_cursor_up(select)

    def action_send(self) -> None:
        """Ask for the text to be sent, and make room for the next one; a blank one stays."""
        text = clean_text(self.text).strip()
        if text and not self.may_send:
            self.post_message(self.HeldBack())
        elif text:
            self.post_message(self.Submitted(text, self.thread_id))
            self.load_text("")

    def action_newline(self) -> None:
        """Begin a new line at the cursor."""
        self.insert("\n")
