"""What is answered to a question: as high as it is, or as there is room for, and then scrolled."""

from rich.segment import Segment
from textual.geometry import Size
from textual.strip import Strip

from core.i18n import ngettext
from tui.widgets.line_view import LineView
from tui.widgets.title_line import Span
from tui.widgets.wrap import wrap


class AnswerView(LineView, can_focus=False):
    """Lines of text that are scrolled from the question's line; it says how many are below."""

    DEFAULT_CSS = "AnswerView { height: auto; }"

    def __init__(self) -> None:
        super().__init__()
        self._said: tuple[Span, ...] = ()
        self._lines: tuple[Span, ...] = ()
        self._wrapped: tuple[object, ...] = ()

    def put(self, said: tuple[Span, ...]) -> None:
        """Show other text from its beginning, each span on lines of its own; it must be safe."""
        self._said, self.top = said, 0
        self.refresh(layout=True)
        self.call_after_refresh(self.refresh_bindings)

    @property
    def line_count(self) -> int:
        """The lines of the text as wide as it is shown."""
        self.prepare_lines()
        return len(self._lines)

    @property
    def is_cut(self) -> bool:
        """Whether there is more than the screen shows."""
        return self.last_top > 0

    def prepare_lines(self) -> None:
        """Break the text into lines when it, or the width, is another one."""
        self._break(self.text_width)

    def _break(self, width: int) -> None:
        if (wrapped := (self._said, width)) != self._wrapped:
            self._wrapped = wrapped
            self._lines = tuple(
                (line, tone) for text, tone in self._said for line in wrap(text, max(1, width - 2))
            )

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Take what the text needs, up to two fifths of the window."""
        self._break(max(1, width - 1))
        return min(len(self._lines), self.app.size.height * 2 // 5)

    def action_page(self, direction: int) -> None:
        """Scroll by a screenful, with a line in common."""
        self.scroll_lines_to(self.top + direction * max(1, self.page - 1))

    def on_resize(self) -> None:
        """Stay within the text, and offer to scroll where there is more of it."""
        self.scroll_lines_to(self.top)
        self.refresh_bindings()

    def paint_line(self, line: int, width: int) -> Strip:
        """Return one line of the text."""
        text, tone = self._lines[line]
        spans = [Segment(" ", self.style_of("")), Segment(text, self.style_of(tone))]
        return Strip(spans).adjust_cell_length(width, self.style_of(""))

    def render_line(self, y: int) -> Strip:
        """Paint one line of the screen; the last one also says how much is below."""
        strip = super().render_line(y)
        if y != self.page - 1 or not (below := self.last_top - self.top):
            return strip
        text = ngettext("{n} more line", "{n} more lines", below).format(n=below)
        return self.with_pill(strip, f" ↓ {text} ")
