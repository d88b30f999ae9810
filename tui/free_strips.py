"""Lets go at once of rows that are no longer shown, which Textual leaves to the garbage collector.

Textual keeps what it cut a row into in the row itself. A row that is as wide as its place is its
own only piece: it holds itself, some twenty objects with it, until a full collection finds it, for
which a key may have to wait. A busy console makes thousands of such rows between two collections.
"""

from collections.abc import Iterable, Sequence

from textual.strip import Strip

_divide = Strip.divide


def _divide_unless_whole(strip: Strip, cuts: Iterable[int]) -> Sequence[Strip]:
    wanted = list(cuts)
    return [strip] if wanted == [strip.cell_length] else _divide(strip, wanted)


def free_strips() -> None:
    """Have a strip that is wanted whole give itself without keeping itself. May be called again."""
    Strip.divide = _divide_unless_whole  # type: ignore[assignment,method-assign]
