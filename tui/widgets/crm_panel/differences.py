"""What saving would change in a stored event, side by side: old → new."""

from collections.abc import Sequence

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from core.crm.differences import Difference
from core.i18n import _
from core.text import clean_line
from tui.widgets.cells import cell_len, fit
from tui.widgets.wrap import wrap

_LABEL_CELLS = 11
_LEAST_SIDE = 8


class Differences(Widget):
    """A table of three columns; nothing at all while nothing would change."""

    DEFAULT_CSS = "Differences { height: auto; }"

    def __init__(self) -> None:
        super().__init__()
        self._rows: tuple[tuple[str, str, str], ...] = ()
        self._title = ""

    def put(self, title: str, changes: Sequence[Difference]) -> None:
        """Show these changes beneath a title."""
        rows = tuple(
            (clean_line(each.label), clean_line(each.before), clean_line(each.after))
            for each in changes
        )
        if (rows, title) != (self._rows, self._title):
            self._rows, self._title = rows, title
            self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Take a line for the title and what the changes need."""
        return len(self._lines(width))

    def render(self) -> Content:
        """Paint the table."""
        return Content("\n").join(self._lines(self.size.width))

    def _lines(self, width: int) -> list[Content]:
        if not self._rows:
            return [Content.styled(self._title, "$muted")] if self._title else []
        half = max(_LEAST_SIDE, (width - _LABEL_CELLS - 3) // 2)
        longest = max(cell_len(before or _("nothing")) for _label, before, _after in self._rows)
        side = min(half, longest)
        rest = max(half, width - _LABEL_CELLS - 3 - side)
        lines = [Content.styled(self._title, "bold $accent")]
        for label, before, after in self._rows:
            old = wrap(before or _("nothing"), side) or [""]
            new = wrap(after or _("nothing"), rest) or [""]
            for index in range(max(len(old), len(new))):
                left = old[index] if index < len(old) else ""
                right = new[index] if index < len(new) else ""
                lines.append(
                    Content.assemble(
                        (fit(label if index == 0 else "", _LABEL_CELLS), "$muted"),
                        (left + " " * max(0, side - cell_len(left)), "$muted"),
                        (" → " if index == 0 else "   ", "$accent"),
                        (right, "bold"),
                    )
                )
        return [*lines, Content()]
