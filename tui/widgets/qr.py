"""A QR code drawn in half blocks, two modules to a cell, that a phone can scan off the screen.

Modules are painted in explicit black on white, quiet zone included, so that they stand on dark and
on light terminals alike. Where colours are not to be had (NO_COLOR on an ANSI theme), the glyphs
alone must carry the picture: on a dark theme ink is what shines, so the glyphs draw the light
modules; on a light theme ink is what is dark, so they draw the dark ones. `invert` swaps that for a
terminal whose background is not what the theme says.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from core.i18n import _
from tui.widgets.cells import cell_len
from tui.widgets.wrap import wrap

QUIET_MODULES = 4
"""Light modules around the code, as ISO/IEC 18004 asks for."""

_BLACK = Color.from_rgb(0, 0, 0)
_WHITE = Color.from_rgb(255, 255, 255)
_LIGHT_INK = Style(color=_WHITE, bgcolor=_BLACK)
_DARK_INK = Style(color=_BLACK, bgcolor=_WHITE)
_ALL_LIGHT = Style(color=_WHITE, bgcolor=_WHITE)
_ALL_DARK = Style(color=_BLACK, bgcolor=_BLACK)
_GLYPHS = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


@dataclass(frozen=True, slots=True)
class QrMatrix:
    """The modules of a QR code with its quiet zone; True is dark."""

    modules: tuple[tuple[bool, ...], ...]

    @property
    def size(self) -> Size:
        """The cells it covers: one column a module, one row two modules."""
        side = len(self.modules)
        return Size(side, (side + 1) // 2)

    def line(self, row: int, *, light_ink: bool) -> str:
        """Return a row of glyphs, with ink where modules are light, or where they are dark."""
        light_row = (False,) * len(self.modules)
        upper, lower = (*self.modules, light_row)[2 * row : 2 * row + 2]
        return "".join(
            _GLYPHS[(top != light_ink, bottom != light_ink)]
            for top, bottom in zip(upper, lower, strict=True)
        )


@lru_cache(maxsize=4)
def make_matrix(payload: str) -> QrMatrix:
    """Encode a payload in the smallest version that holds it, with error correction L."""
    import qrcode  # noqa: PLC0415 - only whoever pairs an account needs it

    code = qrcode.QRCode(
        error_correction=qrcode.constants.ERROR_CORRECT_L, border=QUIET_MODULES, box_size=1
    )
    code.add_data(payload)
    code.make(fit=True)
    return QrMatrix(tuple(tuple(bool(dark) for dark in row) for row in code.get_matrix()))


class QrCode(Widget):
    """Shows a payload as a QR code in the middle of its region.

    When the region is too small it says instead how large the window must be, never a part of the
    code.
    """

    DEFAULT_CSS = """
    QrCode {
        width: 1fr;
        height: 1fr;
    }
    """

    payload: reactive[str] = reactive("")
    """What the code says; empty shows nothing."""
    inverted: reactive[bool] = reactive(False)
    """Whether the glyphs' polarity is swapped against what the theme suggests."""
    way_out: reactive[str] = reactive("")
    """A sentence on what else can be done when the code does not fit."""

    @property
    def matrix(self) -> QrMatrix | None:
        """The code as modules; None without a payload."""
        return make_matrix(self.payload) if self.payload else None

    @property
    def fits(self) -> bool:
        """Whether the whole code can be shown in the present region."""
        matrix = self.matrix
        return matrix is not None and (
            matrix.size.width <= self.size.width and matrix.size.height <= self.size.height
        )

    @property
    def needed_window(self) -> Size:
        """The smallest window, in columns and rows, in which the code would fit as laid out now."""
        matrix = self.matrix
        if matrix is None:
            return self.app.size
        return Size(
            max(matrix.size.width + self.app.size.width - self.size.width, 0),
            max(matrix.size.height + self.app.size.height - self.size.height, 0),
        )

    def _too_small(self) -> list[str]:
        """Say how large the window must be for the code, and what else can be done.

        Where that has no room either, how windows are made larger is left out.
        """
        needed, window = self.needed_window, self.app.size
        fact = _(
            "The QR code needs a window of at least {needed_width} × {needed_height}; "
            "this one is {width} × {height}."
        ).format(
            needed_width=needed.width,
            needed_height=needed.height,
            width=window.width,
            height=window.height,
        )
        advice = _("Make it larger, or the letters smaller (ctrl and minus in most terminals).")
        rows: list[str] = []
        for texts in ((fact, advice, self.way_out), (fact, self.way_out)):
            rows = wrap("\n\n".join(filter(None, texts)), max(self.size.width - 2, 1))
            if len(rows) <= self.size.height:
                break
        return rows

    def render_line(self, y: int) -> Strip:
        """Paint one row of cells."""
        matrix = self.matrix
        if matrix is None:
            return Strip.blank(self.size.width, self.rich_style)
        if not self.fits:
            return self._sentence_row(y)
        light_ink = self.app.current_theme.dark != self.inverted
        row = y - (self.size.height - matrix.size.height) // 2
        if not 0 <= row < matrix.size.height:
            return Strip.blank(self.size.width, self.rich_style)
        line = matrix.line(row, light_ink=light_ink)
        return self._centred(_painted(line, light_ink=light_ink), matrix.size.width)

    def _sentence_row(self, y: int) -> Strip:
        rows = self._too_small()
        row = y - max((self.size.height - len(rows)) // 2, 0)
        if not 0 <= row < len(rows):
            return Strip.blank(self.size.width, self.rich_style)
        return self._centred([Segment(rows[row], self.rich_style)], cell_len(rows[row]))

    def _centred(self, segments: list[Segment], width: int) -> Strip:
        blank, left = self.rich_style, (self.size.width - width) // 2
        right = self.size.width - width - left
        return Strip(
            [Segment(" " * left, blank), *segments, Segment(" " * right, blank)], self.size.width
        )


def _painted(row: str, *, light_ink: bool) -> list[Segment]:
    """Colour a row of glyphs; full blocks get their ink as paper too, so that no seams show."""
    ink = _LIGHT_INK if light_ink else _DARK_INK
    full = _ALL_LIGHT if light_ink else _ALL_DARK
    return [
        Segment("".join(run), full if is_full else ink)
        for is_full, run in groupby(row, key=lambda glyph: glyph == "█")
    ]
