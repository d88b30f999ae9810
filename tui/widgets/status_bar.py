"""The top line: every account's state and when it was heard, the outbox, bridge and store."""

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from core.text import clean_line
from tui.look import style_of
from tui.widgets.cells import clip
from tui.widgets.status_words import Part, account_parts, bridge_parts
from tui.world import World

_LONGEST_NAME = 30
"""Cells of the business's name."""


class StatusBar(Widget):
    """One line that is on every screen; it follows the app's `World`."""

    def __init__(self, world: World, business: str) -> None:
        super().__init__()
        self._world = world
        self._brand = f" {clip(clean_line(business), _LONGEST_NAME)} "

    def on_mount(self) -> None:
        """Follow the world."""
        self._world.listen(self, self._world_changed)

    def _world_changed(self) -> None:
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Paint the line; what does not fit loses detail from the left part first."""
        width = self.size.width
        world = self._world
        right = bridge_parts(world.health, world.store_problem, world.session.problem)
        room = width - sum(cell_len(part.text) for part in right)
        left: list[Part] = []
        says_none = world.knows_accounts and world.team.is_admin  # who else can add one?
        accounts = world.accounts if world.accounts or says_none else None
        for detail in (3, 2, 1):
            left = account_parts(accounts, world.health, world.clock(), detail)
            brand = [Segment(self._brand, style_of("brand", self.app.theme_variables))]
            used = sum(cell_len(part.text) for part in left)
            if used + cell_len(self._brand) <= room:
                break
            if used <= room:
                brand = []
                break
        segments = [*brand, *map(self._segment, left)]
        strip = Strip(segments)
        if strip.cell_length > room:
            text = clip("".join(segment.text for segment in segments), max(0, room))
            strip = Strip([Segment(text)])
        gap = Segment(" " * max(0, room - strip.cell_length))
        line = Strip([*strip, gap, *map(self._segment, right)]).adjust_cell_length(width)
        return line.apply_style(self.rich_style)

    def _segment(self, part: Part) -> Segment:
        return Segment(part.text, style_of(part.tone, self.app.theme_variables))
