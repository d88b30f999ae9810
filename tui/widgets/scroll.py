"""A box that is scrolled by keys, a step for each however fast they come."""

from textual.actions import SkipAction
from textual.containers import VerticalScroll


class Scroll(VerticalScroll):
    """Scrolls at once; Textual's own counts keys that come before the next frame as one."""

    def action_scroll_up(self) -> None:
        """Go up by a line."""
        self._go(-1)

    def action_scroll_down(self) -> None:
        """Go down by a line."""
        self._go(1)

    def action_page_up(self) -> None:
        """Go up by what is shown at once."""
        self._go(-self.container_size.height)

    def action_page_down(self) -> None:
        """Go down by what is shown at once."""
        self._go(self.container_size.height)

    def _go(self, lines: int) -> None:
        if not self.allow_vertical_scroll:
            raise SkipAction
        self.scroll_relative(y=lines, animate=False, immediate=True)
