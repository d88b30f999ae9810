"""A table of keys: the columns keep their width, the last one is wrapped beneath itself."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from tui.widgets.cells import fit
from tui.widgets.wrap import wrap

Row = tuple[str, str, str]
"""Keys, label, and a sentence or a name."""

_GAP = 2
_LEAST_LAST = 16


def column_widths(rows: Sequence[Row]) -> tuple[int, int]:
    """Return how wide the first two columns of these rows are, in cells."""
    keys = max((cell_len(row[0]) for row in rows), default=0)
    return keys, max((cell_len(row[1]) for row in rows), default=0)


class KeyTable(Widget):
    """Paints rows; tables that share `widths` stand in line."""

    DEFAULT_CSS = """
    KeyTable {
        width: 1fr;
        height: auto;
    }
    """

    def __init__(self, rows: Sequence[Row], widths: tuple[int, int]) -> None:
        super().__init__()
        self._rows = rows
        self._widths = widths

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the rows that the table takes at a width."""
        return len(self._lines(width))

    def render(self) -> Content:
        """Paint all rows."""
        return Content("\n").join(self._lines(self.size.width))

    def _lines(self, width: int) -> list[Content]:
        first, second = self._widths
        indent = first + second + 2 * _GAP
        lines = []
        for keys, label, last in self._rows:
            parts = wrap(last, max(width - indent, _LEAST_LAST)) or [""]
            lines.append(
                Content.assemble(
                    (fit(keys, first), "bold $accent"),
                    " " * _GAP,
                    (fit(label, second), "bold"),
                    " " * _GAP,
                    (parts[0], "$muted"),
                )
            )
            lines += [Content.styled(" " * indent + part, "$muted") for part in parts[1:]]
        return lines
