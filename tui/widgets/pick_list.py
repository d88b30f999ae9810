"""A painted list of lines to pick from: a selection that is an id, headings in between."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from tui.widgets.cells import cell_len, clip
from tui.widgets.line_view import LineView
from tui.widgets.title_line import Span


@dataclass(frozen=True, slots=True)
class PickLine:
    """One line; the left end is shortened first."""

    id: str | None
    """None for a heading, which cannot be picked."""
    left: tuple[Span, ...]
    right: tuple[Span, ...] = ()


class PickList(LineView):
    """Shows lines; whatever changes, what is selected stays selected."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pagedown", "page(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("home,g", "edge(0)", show=False),
        Binding("end", "edge(-1)", show=False),
        Binding("enter", "pick", show=False),
    ]

    @dataclass
    class Picked(Message):
        """The operator opens a line."""

        picker: "PickList"
        line_id: str

        @property
        def control(self) -> "PickList":
            """The list."""
            return self.picker

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self.lines: tuple[PickLine, ...] = ()
        self.selected_id: str | None = None
        self._empty = ""

    @property
    def line_count(self) -> int:
        """How many lines there are."""
        return len(self.lines)

    def empty_text(self) -> str:
        """Say why there is nothing."""
        return self._empty

    def put(self, lines: Sequence[PickLine], empty: str = "") -> None:
        """Show other lines; one that is gone hands the selection to its neighbour."""
        before = self._ids()
        place = before.index(self.selected_id) if self.selected_id in before else 0
        self.lines, self._empty = tuple(lines), empty
        ids = self._ids()
        if self.selected_id not in ids:
            self.selected_id = ids[min(place, len(ids) - 1)] if ids else None
        self.top = min(self.top, self.last_top)
        self.refresh(layout=self.styles.auto_dimensions)

    def select(self, line_id: str) -> None:
        """Select a line and bring it into view, if it is there."""
        if line_id in self._ids():
            self._choose(line_id)

    def _choose(self, line_id: str) -> None:
        """Select a line, bring it into view, and offer what can be done with it."""
        self.selected_id = line_id
        self._bring_into_view()
        self.refresh()
        self.refresh_bindings()

    def _ids(self) -> list[str]:
        return [line.id for line in self.lines if line.id is not None]

    def _bring_into_view(self) -> None:
        at = next((n for n, line in enumerate(self.lines) if line.id == self.selected_id), 0)
        if at > 0 and self.lines[at - 1].id is None and at <= self.top + 1:
            self.scroll_lines_to(at - 1)
        elif at < self.top:
            self.scroll_lines_to(at)
        elif at >= self.top + self.page:
            self.scroll_lines_to(at - self.page + 1)

    # -- keys and mouse ---------------------------------------------------------------------------

    def step(self, count: int) -> None:
        """Select the next or previous line."""
        ids = self._ids()
        if ids:
            place = ids.index(self.selected_id) if self.selected_id in ids else 0
            self._choose(ids[max(0, min(place + count, len(ids) - 1))])

    def action_page(self, direction: int) -> None:
        """Go on by a screenful."""
        self.step(direction * max(1, self.page - 1))

    def action_edge(self, place: int) -> None:
        """Select the first or the last line."""
        if ids := self._ids():
            self._choose(ids[place])

    def action_pick(self) -> None:
        """Open the selected line."""
        if self.selected_id is not None:
            self.post_message(self.Picked(self, self.selected_id))

    def on_click(self, event: events.Click) -> None:
        """Select the line under the mouse; a second click opens it."""
        at = self.top + event.y
        if at < len(self.lines) and (line_id := self.lines[at].id) is not None:
            if line_id == self.selected_id and event.chain > 1:
                self.action_pick()
            self._choose(line_id)

    def on_resize(self) -> None:
        """Keep the selection in view."""
        self.scroll_lines_to(self.top)
        self._bring_into_view()

    def on_focus(self) -> None:
        """Show the selection as active."""
        self.refresh()

    def on_blur(self) -> None:
        """Show the selection as resting."""
        self.refresh()

    # -- painting ---------------------------------------------------------------------------------

    def paint_line(self, line: int, width: int) -> Strip:
        """Return one line."""
        shown = self.lines[line]
        is_selected = shown.id is not None and shown.id == self.selected_id
        mark = ".row-focused" if self.has_focus else ".row-selected"
        extra = mark if is_selected else ""
        right = [self._segment(span, extra) for span in shown.right]
        room = width - 1 - sum(cell_len(segment.text) for segment in right)
        segments = [self._segment(("▌" if is_selected else " ", "bar"), extra)]
        for text, tone in shown.left:
            cut = clip(text, room)
            if not cut:
                break
            segments.append(self._segment((cut, tone), extra))
            room -= cell_len(cut)
        segments.append(self._segment((" " * max(0, room), "plain"), extra))
        return Strip([*segments, *right]).adjust_cell_length(width, self.style_of(""))

    def _segment(self, span: Span, extra: str) -> Segment:
        return Segment(span[0], self.style_of(span[1] + extra))
