"""Emoji that every terminal draws equally wide, so that columns stay straight.

Joined emoji, skin tones, keycaps and variation selectors take as many cells as each terminal
thinks right; the console counts two. On the way to the terminal such a cluster becomes its first
character, filled up to the cells that were counted. What is stored, copied and sent stays whole.
"""

import re
from typing import TYPE_CHECKING

from rich.cells import cell_len, split_graphemes

from tui import last_frame

if TYPE_CHECKING:
    from textual.driver import Driver

_TELLTALES = "\ufe0f\u200d\u20e3\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"
"""Joiners and modifiers: only clusters hold one."""
_PIECE = r"\x1b[^a-zA-Z]*[a-zA-Z]?|[^\x1b]+"
"""An escape sequence of the console's own, or the text up to the next one."""
_PICTURE = "[#*0-9\u00a9\u00ae\u203c-\u20cf\u2100-\u27bf\u2900-\u3299\U0001f000-\U0001faff]"
"""What emoji begin with, compiled when the first one comes.

Letters that use joiners (Persian, Hindi) are not among it.
"""


def _has_clusters(text: str) -> bool:
    return any(map(text.__contains__, _TELLTALES))


def steady(text: str) -> str:
    """Return what is written to a terminal with every cluster as wide as it was counted."""
    return re.sub(_PIECE, _steady_piece, text) if _has_clusters(text) else text


def _steady_piece(found: re.Match[str]) -> str:
    piece = found[0]
    if piece[0] == "\x1b" or not _has_clusters(piece):
        return piece
    spans, _cells = split_graphemes(piece)
    return "".join(_first(piece[start:end], cells) for start, end, cells in spans)


def _first(cluster: str, cells: int) -> str:
    """Return the picture that a cluster begins with in so many cells; other text as it is."""
    if not _has_clusters(cluster) or not (picture := re.search(_PICTURE, cluster)):
        return cluster
    base = picture[0]
    return base + " " * (cells - cell_len(base)) if cell_len(base) <= cells else " " * cells


def steady_driver(driver: "type[Driver]") -> "type[Driver]":
    """Return a driver that writes steadily and is otherwise the same."""

    class SteadyDriver(driver):  # type: ignore[misc, valid-type]
        """Writes to the terminal what every terminal draws alike."""

        def start_application_mode(self) -> None:
            """Take the terminal over, from the kept frame if one is on it."""
            super().start_application_mode()
            last_frame.take_over()

        def write(self, data: str) -> None:
            """Write, with emoji made steady.

            A kept frame stays until the first live one: the screen of our own is there already.
            """
            if data != last_frame.ENTER_SCREEN or not last_frame.is_shown():
                super().write(steady(data))

    return SteadyDriver
