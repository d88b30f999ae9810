"""A pairing code in letters five cells wide, to be read from an arm's length."""

from typing import Final

from rich.segment import Segment
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

_FONT: Final = {
    "0": "01110 10001 10011 10101 11001 01110",
    "1": "00100 01100 00100 00100 00100 01110",
    "2": "01110 10001 00010 00100 01000 11111",
    "3": "11110 00001 01110 00001 00001 11110",
    "4": "00010 00110 01010 10010 11111 00010",
    "5": "11111 10000 11110 00001 00001 11110",
    "6": "01110 10000 11110 10001 10001 01110",
    "7": "11111 00001 00010 00100 01000 01000",
    "8": "01110 10001 01110 10001 10001 01110",
    "9": "01110 10001 10001 01111 00001 01110",
    "A": "01110 10001 10001 11111 10001 10001",
    "B": "11110 10001 11110 10001 10001 11110",
    "C": "01110 10001 10000 10000 10001 01110",
    "D": "11110 10001 10001 10001 10001 11110",
    "E": "11111 10000 11110 10000 10000 11111",
    "F": "11111 10000 11110 10000 10000 10000",
    "G": "01111 10000 10000 10011 10001 01111",
    "H": "10001 10001 11111 10001 10001 10001",
    "I": "01110 00100 00100 00100 00100 01110",
    "J": "00111 00010 00010 00010 10010 01100",
    "K": "10001 10010 11100 10010 10001 10001",
    "L": "10000 10000 10000 10000 10000 11111",
    "M": "10001 11011 10101 10101 10001 10001",
    "N": "10001 11001 10101 10011 10001 10001",
    "O": "01110 10001 10001 10001 10001 01110",
    "P": "11110 10001 10001 11110 10000 10000",
    "Q": "01110 10001 10001 10101 10010 01101",
    "R": "11110 10001 10001 11110 10010 10001",
    "S": "01111 10000 01110 00001 00001 11110",
    "T": "11111 00100 00100 00100 00100 00100",
    "U": "10001 10001 10001 10001 10001 01110",
    "V": "10001 10001 10001 01010 01010 00100",
    "W": "10001 10001 10101 10101 11011 10001",
    "X": "10001 01010 00100 00100 01010 10001",
    "Y": "10001 01010 00100 00100 00100 00100",
    "Z": "11111 00010 00100 01000 10000 11111",
    "-": "00000 00000 01110 00000 00000 00000",
    " ": "00000 00000 00000 00000 00000 00000",
}
"""Each character as six rows of five pixels."""

_GLYPHS = {("0", "0"): " ", ("1", "0"): "▀", ("0", "1"): "▄", ("1", "1"): "█"}
_ROWS = 3


def big_lines(text: str) -> tuple[str, ...] | None:
    """Draw text in half blocks, three rows high; None when a character has no picture."""
    if not _FONT.keys() >= set(text.upper()):
        return None
    pictures = [_FONT[character].split() for character in text.upper()]
    return tuple(
        "  ".join(
            "".join(_GLYPHS[pair] for pair in zip(rows[2 * row], rows[2 * row + 1], strict=True))
            for rows in pictures
        )
        for row in range(_ROWS)
    )


class BigCode(Widget):
    """Shows a short code large in the middle, or as plain letters where that cannot be done."""

    DEFAULT_CSS = """
    BigCode {
        width: 1fr;
        height: 3;
        color: $accent;
        text-style: bold;
    }
    """

    code: reactive[str] = reactive("")
    """What is shown; the letters that people type."""

    def render_line(self, y: int) -> Strip:
        """Paint one row of the large letters."""
        if not 0 <= y < _ROWS or not self.code:
            return Strip.blank(self.size.width, self.rich_style)
        lines = big_lines(self.code)
        if lines is None or len(lines[0]) > self.size.width:
            lines = ("", " ".join(self.code), "")
        text = lines[y].center(self.size.width)[: self.size.width]
        return Strip([Segment(text, self.rich_style)], len(text))
