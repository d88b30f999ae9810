"""How keys are written for people, and which of them are text."""

from textual.keys import REPLACED_KEYS, format_key, key_to_character
from textual.widget import Widget

_WORDS = {"enter": "enter", "space": "space"}
"""Keys that are said in a word rather than drawn by a glyph that many fonts lack."""


def show_key(key: str) -> str:
    """Return one key of Textual's notation as people know it: `ctrl+p`, `?`, `esc`."""
    *modifiers, last = key.split("+")
    return "+".join([*modifiers, _WORDS.get(last) or format_key(last)])


def show_keys(keys: str) -> str:
    """Return several keys, parted by commas in Textual's notation, parted by blanks."""
    return " ".join(show_key(key.strip()) for key in keys.split(","))


def is_text_in(key: str, widget: Widget | None) -> bool:
    """Return whether a widget, such as the field that has the focus, takes a key as text."""
    character = key_to_character(REPLACED_KEYS.get(key, key))
    return widget is not None and widget.check_consume_key(key, character)
