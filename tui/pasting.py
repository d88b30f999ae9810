"""What is pasted: cleaned, on one line in a field of one line, and no more than the field holds."""

from typing import TYPE_CHECKING, Any

from textual.widgets import Input

from core.i18n import ngettext
from core.text import clean_text

if TYPE_CHECKING:
    from textual.app import App
    from textual.events import Paste


def tidy_paste(app: "App[Any]", event: "Paste") -> None:
    """Make a pasted text fit the field that it goes into; what had no room is said, not dropped.

    A password is never shortened: it would be another one.
    """
    event.text = clean_text(event.text)
    field = app.focused
    if not isinstance(field, Input) or field.password:
        return
    event.text = " ".join(event.text.split())  # an address often comes on several lines
    if not field.max_length:
        return
    start, end = sorted(field.selection)
    room = max(0, field.max_length - len(field.value) + end - start)
    if len(event.text) > room:
        event.text = event.text[:room]
        text = ngettext(
            "There is room for {n} character: the rest was left out.",
            "There is room for {n} characters: the rest was left out.",
            field.max_length,
        )
        app.notify(text.format(n=field.max_length), severity="warning", markup=False)
