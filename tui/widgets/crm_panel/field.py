"""One line of the event's form: its name, what is written, what is said beside and beneath it."""

from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from tui.look import style_of
from tui.widgets.cells import clip, fit
from tui.widgets.wrap import wrap

LABEL_CELLS = 11
"""Cells of the names at the left, with the mark in front of them."""
_ASIDE_AT = LABEL_CELLS + 16
"""Where the word beside a short value begins."""


class Row(Widget):
    """The name at the left and the note beneath; a subclass brings what is written."""

    DEFAULT_CSS = """
    Row {
        height: auto;
        layout: vertical;
    }
    """

    @dataclass
    class Changed(Message):
        """The operator wrote something else."""

        row: "Row"

    @dataclass
    class Entered(Message):
        """The operator came to this row."""

        row: "Row"

    def __init__(self, field: str, label: str) -> None:
        super().__init__()
        self.field = field
        self._label = label
        self._note = ""
        self._tone = "muted"
        self._aside = ""
        self._is_written = False

    @property
    def value(self) -> str:
        """What is written."""
        raise NotImplementedError

    def put(self, text: str) -> None:
        """Show another value; not told as a change."""
        raise NotImplementedError

    def rename(self, label: str) -> None:
        """Show another name at the left."""
        self._label = label
        self.refresh()

    def mark(self, note: str, tone: str, aside: str, *, is_written: bool) -> None:
        """Say something beneath and beside, and whether the operator wrote this value."""
        was = (self._note, self._tone, self._aside, self._is_written)
        if was == (note, tone, aside, is_written):
            return
        has_other_height = self._note != note
        self._note, self._tone, self._aside, self._is_written = note, tone, aside, is_written
        self.refresh(layout=has_other_height)

    def on_descendant_focus(self) -> None:
        """Tell where the operator is."""
        self.post_message(self.Entered(self))
        self.refresh()

    def on_descendant_blur(self) -> None:
        """Show that the operator left."""
        self.refresh()

    # -- painting ---------------------------------------------------------------------------------

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Take a line for the value and as many as the note needs."""
        return 1 + len(self._notes(width))

    def render_line(self, y: int) -> Strip:
        """Paint the name, or a line of the note; the value is painted by its own widget."""
        width = self.size.width
        if y == 0:
            strip = self._first_line(width)
        else:
            notes = self._notes(width)
            text = notes[y - 1] if y <= len(notes) else ""
            strip = Strip([Segment(" " * (LABEL_CELLS + 1)), self._segment(text, self._tone)])
        return strip.adjust_cell_length(width).apply_style(self.rich_style)

    def _first_line(self, width: int) -> Strip:
        mark = "•" if self._is_written else " "
        tone = "key" if self.has_focus_within or self.has_focus else "muted"
        name = self._segment(fit(self._label, LABEL_CELLS - 2) + " ", tone)
        aside = clip(self._aside, max(0, width - _ASIDE_AT - 1))
        return Strip(
            [
                self._segment(mark, "news"),
                name,
                Segment(" " * (_ASIDE_AT - LABEL_CELLS + 1)),
                self._segment(aside, "strong"),
            ]
        )

    def _notes(self, width: int) -> list[str]:
        return wrap(self._note, max(8, width - LABEL_CELLS - 1)) if self._note else []

    def _segment(self, text: str, tone: str) -> Segment:
        return Segment(text, style_of(tone, self.app.theme_variables))


class TextRow(Row):
    """A value that is typed."""

    DEFAULT_CSS = """
    TextRow > Input {
        width: 1fr;
        height: 1;
        margin-left: 11;
        border: none;
        background: $panel;
        &.-textual-compact { padding: 0 1; }
        &:focus { border: none; background: $row-focused; background-tint: transparent; }
    }
    TextRow.-with-aside > Input { width: 16; }
    """

    def __init__(self, field: str, label: str, text: str, *, has_aside: bool = False) -> None:
        super().__init__(field, label)
        self._input = Input(text, compact=True, select_on_focus=False)
        self.set_class(has_aside, "-with-aside")

    def compose(self) -> ComposeResult:
        """Hold the field."""
        yield self._input

    def on_descendant_focus(self) -> None:
        """Show where the operator writes, in a text that is longer than the field."""
        super().on_descendant_focus()
        cursor = Region(self._input._cursor_offset, 0, 1, 1)
        self._input.scroll_to_region(cursor, force=True, animate=False)

    def on_descendant_blur(self) -> None:
        """Show how the text begins again."""
        super().on_descendant_blur()
        self._input.scroll_to(0, 0, force=True, animate=False)

    @property
    def value(self) -> str:
        """What is written."""
        return self._input.value

    def put(self, text: str) -> None:
        """Show another value; the cursor goes to its end."""
        if text != self._input.value:
            with self._input.prevent(Input.Changed):
                self._input.value = text
            self._input.cursor_position = len(text)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(self))


class Choice(Widget, can_focus=True):
    """One of a few values, changed with left and right; painted."""

    DEFAULT_CSS = """
    Choice {
        height: 1;
        width: 1fr;
        background: $panel;
        &:focus { background: $row-focused; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "step(-1)", show=False),
        Binding("right,space", "step(1)", show=False),
    ]

    class Changed(Message):
        """The operator took another value."""

    def __init__(self, options: dict[str, str], value: str) -> None:
        super().__init__()
        self.options = options
        self.value = value

    def put(self, value: str, options: dict[str, str] | None = None) -> None:
        """Show another value, or other choices; not told as a change."""
        self.options = self.options if options is None else options
        self.value = value
        self.refresh()

    def action_step(self, step: int) -> None:
        """Take the next or the previous value."""
        values = list(self.options)
        if not values:
            return
        place = values.index(self.value) + step if self.value in values else min(step, 0)
        self.value = values[place % len(values)]
        self.refresh()
        self.post_message(self.Changed())

    def on_click(self, event: events.Click) -> None:
        """Take the next value."""
        event.stop()
        self.action_step(1)

    def render_line(self, y: int) -> Strip:
        """Paint the value between its arrows."""
        width = self.size.width
        shown = clip(self.options.get(self.value, self.value), max(1, width - 5))
        parts = [(" ‹ ", "key"), (shown, "plain"), (" ›", "key")]
        segments = [Segment(text, style_of(tone, self.app.theme_variables)) for text, tone in parts]
        return Strip(segments).adjust_cell_length(width).apply_style(self.rich_style)


class ChoiceRow(Row):
    """A value that is chosen."""

    DEFAULT_CSS = "ChoiceRow > Choice { margin-left: 11; }"

    def __init__(self, field: str, label: str, options: dict[str, str], value: str) -> None:
        super().__init__(field, label)
        self.choice = Choice(options, value)

    def compose(self) -> ComposeResult:
        """Hold the choice."""
        yield self.choice

    @property
    def value(self) -> str:
        """What is chosen."""
        return self.choice.value

    def put(self, text: str) -> None:
        """Show another value."""
        if text != self.choice.value:
            self.choice.put(text)

    @on(Choice.Changed)
    def _changed(self, event: Choice.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(self))
