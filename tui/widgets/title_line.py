"""The one-line head of a pane: what it shows at the left, what is new about it at the right."""

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from tui.look import style_of
from tui.widgets.cells import cell_len, clip

Span = tuple[str, str]
"""Text and tone: a name of `tui.look`, such as `strong` or `muted`."""


class TitleLine(Widget):
    """Shows spans at its two ends; the left one is shortened first."""

    DEFAULT_CSS = "TitleLine { height: 1; }"

    def __init__(self, *, id: str, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.left: tuple[Span, ...] = ()
        self.right: tuple[Span, ...] = ()

    def put(self, left: list[Span], right: list[Span]) -> None:
        """Show other spans; their text must be safe."""
        if (tuple(left), tuple(right)) != (self.left, self.right):
            self.left, self.right = tuple(left), tuple(right)
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Paint the line."""
        width = self.size.width
        right = [self._segment(span) for span in self.right]
        room = width - sum(cell_len(segment.text) for segment in right) - 1
        left: list[Segment] = []
        for text, tone in self.left:
            shown = clip(text, room)
            if not shown:
                break
            left.append(self._segment((shown, tone)))
            room -= cell_len(shown)
        gap = Segment(" " * max(0, room + 1))
        strip = Strip([*left, gap, *right]).adjust_cell_length(width)
        return strip.apply_style(self.rich_style)

    def _segment(self, span: Span) -> Segment:
        return Segment(span[0], style_of(span[1], self.app.theme_variables))
