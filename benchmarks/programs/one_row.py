"""F_key and F_full: a Line-API widget that repaints one row, or all of the screen, on a key."""

from rich.segment import Segment
from textual.app import App, ComposeResult
from textual.events import Key
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

ROWS = 1_000


class Rows(ScrollView, can_focus=True):
    """A thousand one-segment rows with a cursor."""

    cursor = 0

    def on_mount(self) -> None:
        """Make the list as long as it is."""
        self.virtual_size = Size(80, ROWS)

    def render_line(self, y: int) -> Strip:
        """Paint one row, marked when the cursor is on it."""
        row = self.scroll_offset.y + y
        mark = ">" if row == self.cursor else " "
        return Strip([Segment(f"{mark} MARKER-PAINTED row {row}")]).adjust_cell_length(
            self.size.width
        )

    def on_key(self, event: Key) -> None:
        """Move the cursor with j, or repaint everything with f."""
        if event.key == "j":
            before, self.cursor = self.cursor, (self.cursor + 1) % 20
            self.refresh_line(before)
            self.refresh_line(self.cursor)
        elif event.key == "f":
            self.cursor = (self.cursor + 1) % 20
            self.screen.refresh()
        elif event.key == "q":
            self.app.exit()


class RowsApp(App[None]):
    """The rows, focused."""

    def compose(self) -> ComposeResult:
        """Make the rows."""
        yield Rows()


if __name__ == "__main__":
    RowsApp().run()
