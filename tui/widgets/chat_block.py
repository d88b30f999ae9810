"""One message of a chat: its lines, and what was painted of them."""

from collections.abc import Callable

import msgspec
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from core.service.chat import MessageRow
from tui.widgets.bubbles import Context, Line

StyleOf = Callable[[str], Style]
"""Returns the style of a dotted list of names of `tui.look`."""


class Look(msgspec.Struct, frozen=True):
    """What distinguishes a message from the others for a while."""

    is_cursor: bool
    """Whether the message cursor is on it."""
    is_marked: bool
    """Whether a value of the event beside the chat came from it."""


class Block:
    """A message as it is laid out for one width of the screen."""

    __slots__ = ("_painted", "context", "lines", "row")

    def __init__(self, row: MessageRow, context: Context, lines: list[Line]) -> None:
        self.row = row
        self.context = context
        self.lines = lines
        self._painted: dict[Look, list[Strip]] = {}

    def painted(self, look: Look, width: int, style_of: StyleOf) -> list[Strip]:
        """Return the lines as they are painted, which is done once for each look."""
        strips = self._painted.get(look)
        if strips is None:
            rest = style_of("")
            strips = self._painted[look] = [
                _strip(line, look, style_of).adjust_cell_length(width, rest) for line in self.lines
            ]
        return strips

    def forget_painted(self) -> None:
        """Have it painted anew."""
        self._painted.clear()


def _strip(line: Line, look: Look, style_of: StyleOf) -> Strip:
    mark = ".evidence" if look.is_marked else ""
    segments = [
        Segment(text, style_of(name + mark if name and name != "day" else name))
        for text, name in line
        if text
    ]
    is_day = any(name == "day" for _text, name in line)  # which is no part of the message
    if (look.is_cursor or look.is_marked) and segments and not is_day:
        first = segments[0]
        segments[0] = Segment(first.text[1:], first.style)
        segments.insert(0, Segment("▌" if look.is_cursor else "▶", style_of("cursor")))
    return Strip(segments)
