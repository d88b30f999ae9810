"""The messages of a chat as lines, one under the other: which message is where.

A message that did not change keeps its lines, and what was painted of them.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate

from textual.strip import Strip

from core.service.chat import MessageRow
from tui.widgets.bubbles import Setting, context_of, lay_out
from tui.widgets.chat_block import Block, Look, StyleOf

MOST_PAINTED = 150
"""Messages whose painted lines are remembered, far more than a screen shows: a painted line weighs
more than its message."""


class ChatLayout:
    """The blocks of all loaded messages, oldest first."""

    def __init__(self) -> None:
        self.order: list[str] = []
        """Ids of the messages."""
        self.starts: list[int] = [0]
        """The first line of each message, and behind the last one the number of all lines."""
        self._blocks: dict[str, Block] = {}
        self._setting: Setting | None = None
        self._painted: dict[str, Block] = {}
        """Messages with painted lines by id, the longest painted one first."""

    def __contains__(self, message_id: object) -> bool:
        return message_id in self._blocks

    @property
    def line_count(self) -> int:
        """The lines of all messages."""
        return self.starts[-1]

    def clear(self) -> None:
        """Forget all messages."""
        self.order, self.starts = [], [0]
        self._blocks = {}
        self._painted = {}

    def arrange(self, rows: Iterable[MessageRow], setting: Setting) -> None:
        """Lay out the messages anew, as far as they, or the setting, are not as before."""
        kept = self._blocks if setting == self._setting else {}
        self._setting = setting
        blocks: dict[str, Block] = {}
        before: MessageRow | None = None
        for row in rows:
            context = context_of(row, before, setting.zone)
            block = kept.get(row.id)
            if block is None or block.row is not row or block.context != context:
                block = Block(row, context, lay_out(row, context, setting))
            blocks[row.id] = block
            before = row
        self._blocks, self.order = blocks, list(blocks)
        self.starts = [0, *accumulate(len(block.lines) for block in blocks.values())]

    def painted(self, index: int, look: Look, width: int, style_of: StyleOf) -> list[Strip]:
        """Return the lines of the message at a place as they are painted."""
        block = self.block(index)
        if self._painted.get(block.row.id) is not block:
            self._painted[block.row.id] = block
            if len(self._painted) > MOST_PAINTED:
                self._painted.pop(next(iter(self._painted))).forget_painted()
        return block.painted(look, width, style_of)

    def forget_painted(self) -> None:
        """Have everything painted anew."""
        for block in self._painted.values():
            block.forget_painted()
        self._painted.clear()

    # -- places -----------------------------------------------------------------------------------

    def index_at(self, line: int) -> int:
        """Return the place of the message that a line belongs to; -1 if there is no message."""
        return min(bisect_right(self.starts, line), len(self.order)) - 1

    def index_of(self, message_id: str) -> int:
        """Return the place of a message that is here."""
        return self.order.index(message_id)

    def block(self, index: int) -> Block:
        """Return the message at a place."""
        return self._blocks[self.order[index]]

    def row(self, index: int) -> MessageRow:
        """Return the message at a place as it was told."""
        return self.block(index).row

    def rows_from_newest(self) -> Iterator[MessageRow]:
        """Yield the messages, the newest first."""
        return (self._blocks[row_id].row for row_id in reversed(self.order))

    def start_of(self, message_id: str) -> int:
        """Return the first line of a message that is here."""
        return self.starts[self.index_of(message_id)]

    def lines_of(self, index: int) -> tuple[int, int]:
        """Return the first line of the message at a place, and how many lines it has."""
        return self.starts[index], self.starts[index + 1] - self.starts[index]

    def anchor(self, top: int) -> tuple[str, int] | None:
        """Return the message at the top of the screen and how many of its lines are above it."""
        if not self.order or self.line_count == 0:
            return None
        index = self.index_at(min(top, self.line_count - 1))
        return self.order[index], top - self.starts[index]

    def view(self, top: int, page: int) -> list[tuple[Block, int]]:
        """Return the messages in view, each with its place against the first line in view."""
        if not self.order:
            return []
        first, last = self.index_at(top), self.index_at(top + page - 1)
        return [(self.block(index), self.starts[index] - top) for index in range(first, last + 1)]

    def top_showing(self, index: int, top: int, page: int) -> int:
        """Return how little to scroll to show a message, or as much of it as there is room for."""
        start, count = self.lines_of(index)
        above, below = start - top, start + count - (top + page)
        if above < 0 and below <= 0:
            return top + max(above, below)
        if above >= 0 and below > 0:
            return top + min(above, below)
        return top

    def top_within(self, index: int, step: int, top: int, page: int) -> int | None:
        """Return where a message that is taller than the screen goes on; None when it does not.

        `step` is where to: negative is up. Two lines stay in view.
        """
        start, count = self.lines_of(index)
        if count <= page or not start - page < top < start + count:
            return None
        by, last = max(1, page - 2), start + count - page
        new = max(start, top - by) if step < 0 else min(last, top + by)
        return new if (new - top) * step > 0 else None

    def blocks_by_id(self) -> dict[str, Block]:
        """Return all messages by id, for comparing with what will be."""
        return self._blocks
