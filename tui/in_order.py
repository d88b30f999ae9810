"""Keys in text fields, obeyed in the order in which they were pressed.

Textual inserts a letter as soon as it reaches the field, but lets every other key travel on through
the queues of all ancestors before it asks what the key is bound to. Of keys that come in one burst,
as over a slow line, the letters would then be first: corrections would take the wrong ones,
and what follows a tab would end up in the field before.
"""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from textual import events
from textual.app import App

if TYPE_CHECKING:
    from textual.widget import Widget

_PATIENCE_SECONDS = 0.5
"""How long a field may take to insert the letters that came before."""


async def obey(app: App[Any], event: events.Key) -> bool:
    """Do at once what a key means in the field that has the focus; return whether that was done.

    False for letters, for keys that mean nothing to bindings, and where no text is written.
    """
    field = app.focused
    if field is None or not _is_written_in(field):
        return False
    if field.check_consume_key(event.key, event.character):
        return False
    await _letters_are_in(field)
    active = app.screen.active_bindings.get(event.key)
    if app.focused is not field or active is None or not active.enabled:
        return False
    if event.key == "enter" and active.node is not field:
        return False  # a field of several lines takes it, without a binding
    return await app.run_action(active.binding.action, active.node)


def _is_written_in(widget: "Widget") -> bool:
    return widget.check_consume_key("a", "a")


async def _letters_are_in(field: "Widget") -> None:
    """Wait until a field has worked off what was pressed before."""
    reached = asyncio.Event()
    if field.call_later(reached.set):
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await reached.wait()
