"""A scrolling view that paints lines on demand, so that its cost never depends on its length."""

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual._styles_cache import StylesCache
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from tui.look import style_of
from tui.widgets.cells import cell_len
from tui.widgets.wrap import wrap

WHEEL_LINES = 3


class _PaintedLines(StylesCache):
    """Textual's store of a widget's lines, for one that has no border, padding or tint.

    It hands out the lines as they were painted, where Textual asks the style sheet for each of
    them, and filters the colours of each.
    """

    def __init__(self, view: "LineView") -> None:
        super().__init__()
        self._view = view

    def render_widget(self, widget: Widget, crop: Region) -> list[Strip]:
        """Return the lines of a region; painted anew are those that changed."""
        width = widget.size.width
        if width != self._width:
            self.clear()
            self._width = width
        lines = self._cache
        if changed := [y for y in crop.line_range if y in self._dirty_lines or y not in lines]:
            self._view.prepare_lines()
            lines.update((y, self._view.render_line(y)) for y in changed)
            self._dirty_lines.difference_update(changed)
        left, right = crop.column_span
        if (left, right) == (0, width):
            return [lines[y] for y in crop.line_range]
        return [lines[y].crop(left, right) for y in crop.line_range]


class LineView(Widget, can_focus=True):
    """Shows `line_count` lines from `top` on; a subclass paints each with `paint_line`.

    It scrolls by itself instead of through Textual's scroll view: changing the content and the
    place in it then is one repaint without a layout, and nothing jumps. Style sheets give it
    colours and a size, but neither border nor padding.
    """

    DEFAULT_CSS = "LineView { height: 1fr; }"
    STEP_KEYS: ClassVar[dict[str, int]] = {"down": 1, "j": 1, "up": -1, "k": -1}
    """Keys that move the cursor, and how far."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._styles_cache = _PaintedLines(self)
        self.top = 0
        """Index of the first line on the screen."""
        self._styles_by_name: dict[str, Style] = {}
        self._base_style: Style | None = None

    # -- what a subclass gives --------------------------------------------------------------------

    @property
    def line_count(self) -> int:
        """How many lines there are."""
        raise NotImplementedError

    def paint_line(self, line: int, width: int) -> Strip:
        """Return the strip of one line, `width` cells wide."""
        raise NotImplementedError

    def step(self, count: int) -> None:
        """Move the cursor; negative is up."""
        raise NotImplementedError

    def scrolled(self) -> None:
        """Notice that `top` changed; a subclass loads what comes next."""

    def empty_text(self) -> str:
        """Return what is said in the middle while there are no lines."""
        return ""

    def prepare_lines(self) -> None:
        """Prepare for painting after the size or the content changed; cheap when neither did."""

    # -- place ------------------------------------------------------------------------------------

    @property
    def page(self) -> int:
        """How many lines the screen shows."""
        return max(1, self.content_size.height)

    @property
    def text_width(self) -> int:
        """Cells per line, without the bar at the right edge."""
        return max(1, self.content_size.width - 1)

    @property
    def last_top(self) -> int:
        """The largest sensible `top`."""
        return max(0, self.line_count - self.page)

    def scroll_lines_to(self, top: int) -> None:
        """Put a line at the top, as far as there are lines."""
        top = max(0, min(top, self.last_top))
        if top != self.top:
            self.top = top
            self.refresh()
            self.scrolled()

    def refresh_line_range(self, first: int, count: int) -> None:
        """Repaint these lines if they are on the screen."""
        start = max(first, self.top)
        stop = min(first + count, self.top + self.page)
        if stop > start:
            self.refresh(Region(0, start - self.top, self.content_size.width, stop - start))

    # -- painting ---------------------------------------------------------------------------------

    def style_of(self, name: str) -> Style:
        """Return the style of a name of `tui.look` on this widget's own colours.

        It is remembered until the theme changes.
        """
        style = self._styles_by_name.get(name)
        if style is None:
            if self._base_style is None:
                self._base_style = self.rich_style  # looks at every ancestor
            style = self._base_style + style_of(name, self.app.theme_variables)
            style = self._styles_by_name[name] = self._filtered(style)
        return style

    def _filtered(self, style: Style) -> Style:
        """Return a style as this terminal shows it, which may have fewer colours or none."""
        background, painted = self.background_colors[1], [Segment(" ", style)]
        for each in self.get_line_filters():
            painted = each.apply(painted, background)
        return painted[0].style or style

    def notify_style_update(self) -> None:
        """Forget remembered styles: the theme or a class changed."""
        self._styles_by_name.clear()
        self._base_style = None
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        """Paint one line of the screen, after `prepare_lines`."""
        size = self.content_size  # asks the styles: once is enough
        width = max(1, size.width - 1)
        line = self.top + y
        if line < self.line_count:
            strip = self.paint_line(line, width)
        elif self.line_count == 0:
            strip = self._empty_line(y, width)
        else:
            strip = Strip.blank(width, self.style_of(""))
        return Strip([*strip, self._bar_cell(y, max(1, size.height))], width + 1)

    def _empty_line(self, y: int, width: int) -> Strip:
        texts = wrap(self.empty_text(), max(10, width - 6))
        index = y - max(0, (self.page - len(texts)) // 2)
        if not 0 <= index < len(texts):
            return Strip.blank(width, self.style_of(""))
        side = max(0, (width - cell_len(texts[index])) // 2)
        plain, muted = self.style_of(""), self.style_of("muted")
        spans = [Segment(" " * side, plain), Segment(texts[index], muted)]
        return Strip(spans).adjust_cell_length(width, plain)

    def _bar_cell(self, y: int, page: int) -> Segment:
        count = self.line_count
        if count <= page:
            return Segment(" ", self.style_of(""))
        size = max(1, page * page // count)
        start = (page - size) * self.top // max(1, count - page)
        if start <= y < start + size:
            return Segment("┃", self.style_of("scroll-thumb"))
        return Segment("│", self.style_of("scroll-bar"))

    def with_pill(self, strip: Strip, text: str) -> Strip:
        """Return a painted line with a short text that stands out at its right end."""
        pill = Strip([Segment(text, self.style_of("pill"))])
        left = max(0, self.text_width - pill.cell_length - 1)
        rest = strip.crop(left + pill.cell_length)
        return Strip.join([strip.crop(0, left), pill, rest])

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """Take all the width there is."""
        return container.width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Take a row for each line where the style sheet leaves the height to the content."""
        return self.line_count

    # -- keys and mouse ---------------------------------------------------------------------------

    def takes(self, key: str) -> bool:
        """Move the cursor if the key does that; return whether it does."""
        if (count := self.STEP_KEYS.get(key)) is None:
            return False
        self.step(count)
        return True

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll towards the end."""
        event.stop()
        self.scroll_lines_to(self.top + WHEEL_LINES)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll towards the beginning."""
        event.stop()
        self.scroll_lines_to(self.top - WHEEL_LINES)
