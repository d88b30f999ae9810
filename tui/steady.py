"""Emoji that every terminal draws equally wide, so that columns stay straight.

Joined emoji, skin tones, keycaps and variation selectors take as many cells as each terminal
thinks right; the console counts two. On the way to the terminal such a cluster becomes its first
character, filled up to the cells that were counted. What is stored, copied and sent stays whole.
"""

import re
from typing import TYPE_CHECKING

from rich.cells import cell_len

if TYPE_CHECKING:
    from textual.driver import Driver

_TELLTALE = re.compile("[\ufe0f\u200d\u20e3\U0001f3fb-\U0001f3ff]")
_CLUSTER = re.compile(
    "([#*0-9\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001faff])"
    "((?:\ufe0f|\u20e3|[\U0001f3fb-\U0001f3ff]|\u200d[\u2190-\u3299\U0001f000-\U0001faff])+)"
)


def steady(text: str) -> str:
    """Return what is written to a terminal with every cluster as wide as it was counted."""
    return _CLUSTER.sub(_first, text) if _TELLTALE.search(text) else text


def _first(found: re.Match[str]) -> str:
    base = found[1]
    return base + " " * (cell_len(found[0]) - cell_len(base))


def steady_driver(driver: "type[Driver]") -> "type[Driver]":
    """Return a driver that writes steadily and is otherwise the same."""

    class SteadyDriver(driver):  # type: ignore[misc, valid-type]
        """Writes to the terminal what every terminal draws alike."""

        def write(self, data: str) -> None:
            """Write, with emoji made steady."""
            super().write(steady(data))

    return SteadyDriver
