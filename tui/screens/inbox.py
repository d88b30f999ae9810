"""The inbox and the open chat: side by side in a wide window, one at a time in a narrow one."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal

from tui.commands import CONVERSATION_COMMANDS, bindings_of
from tui.screens.base import PlaceScreen


class InboxScreen(PlaceScreen):
    """Who wrote, and what do I answer?"""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(CONVERSATION_COMMANDS, "inbox")]

    def compose_body(self) -> ComposeResult:
        """Lay out the two panes."""
        yield Horizontal(id="panes")
