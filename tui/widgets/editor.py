"""The text field itself; a module of its own because it is loaded after the first frame."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import TextArea

from core.text import clean_text
from tui.commands.command import bindings_of
from tui.commands.conversations import CONVERSATION_COMMANDS

_IN_ORDER = ("send", "newline")


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

    async def _on_key(self, event: events.Key) -> None:
        """Obey the keys of this field in the order in which they and the letters were pressed.

        As bindings they would be looked up by the app, ahead of letters that are still on their way
        here: a text would be sent without its end, or together with the next one. Whoever goes up
        from the first line leaves the field, and the keys that came here after it follow.
        """
        if self.screen.focused is not self:
            event.stop()
            event.prevent_default()
            self.app.post_message(events.Key(event.key, event.character))
        elif event.key == "up" and self.navigator.is_first_wrapped_line(self.cursor_location):
            event.stop()
            event.prevent_default()
            self.leave_upwards()
        elif not event.is_printable:
            active = self.screen.active_bindings.get(event.key)
            if active is not None and active.node is self and active.binding.action in _IN_ORDER:
                event.stop()
                event.prevent_default()
                await self.run_action(active.binding.action)

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

    async def _on_paste(self, event: events.Paste) -> None:
        """Take out of a pasted text what no terminal should get; the field then inserts it."""
        event.text = clean_text(event.text)
