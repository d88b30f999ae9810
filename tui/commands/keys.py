"""How keys are written for people."""

from textual.keys import format_key

_WORDS = {"enter": "enter", "space": "space"}
"""Keys that are said in a word rather than drawn by a glyph that many fonts lack."""


def show_key(key: str) -> str:
    """Return one key of Textual's notation as people know it: `ctrl+p`, `?`, `esc`."""
    *modifiers, last = key.split("+")
    return "+".join([*modifiers, _WORDS.get(last) or format_key(last)])


def show_keys(keys: str) -> str:
    """Return several keys, parted by commas in Textual's notation, parted by blanks."""
    return " ".join(show_key(key.strip()) for key in keys.split(","))
