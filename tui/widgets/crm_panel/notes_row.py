"""The notes of an event: a few lines of free text in the form."""

from textual import on
from textual.app import ComposeResult
from textual.widgets import TextArea

from tui.widgets.crm_panel.field import Row


class NotesRow(Row):
    """A value of several lines."""

    DEFAULT_CSS = """
    NotesRow { height: 4; }
    NotesRow > TextArea {
        margin-left: 11;
        height: 3;
        border: none;
        padding: 0 1;
        background: $panel;
        &:focus { border: none; background: $row-focused; background-tint: transparent; }
    }
    """

    def __init__(self, field: str, label: str, text: str) -> None:
        super().__init__(field, label)
        self._area = TextArea(text, compact=True, highlight_cursor_line=False, tab_behavior="focus")

    def compose(self) -> ComposeResult:
        """Hold the text."""
        yield self._area

    @property
    def value(self) -> str:
        """What is written."""
        return self._area.text

    def put(self, text: str) -> None:
        """Show another text; undoing does not bring back what was there for another event."""
        self._area.history.clear()
        if text != self._area.text:
            with self._area.prevent(TextArea.Changed):
                self._area.load_text(text)

    @on(TextArea.Changed)
    def _changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(self))
