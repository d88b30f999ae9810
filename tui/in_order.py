"""Keys, obeyed in the order in which they were pressed.

Textual lets a key travel through the queues of the focused widget and all its ancestors before it
asks what the key is bound to; only letters in a text field, and bindings with priority, act at
once. Of keys that come in one burst, as over a slow line, the later would then overtake the
earlier: enter would open what the arrows had not reached yet, corrections would take the wrong
letters, and what follows a tab, or the way to another place, would still be for what was there
before.
"""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from textual import events
from textual.app import App

from tui.widgets.line_view import LineView

if TYPE_CHECKING:
    from textual.widget import Widget

_PATIENCE_SECONDS = 0.5
"""How long a field may take to insert the letters that came before."""


async def obey(app: App[Any], event: events.Key) -> bool:
    """Do at once what a key means where the focus is; return whether that was done.

    False for letters in a text field, and for keys that mean nothing to bindings.
    """
    focused = app.focused
    if focused is not None and _is_written_in(focused):
        return await _obey_in_field(app, focused, event)
    if isinstance(focused, LineView) and focused.takes(event.key):
        return True
    active = app.screen.active_bindings.get(event.key)
    if active is None or not active.enabled:
        return False
    return await app.run_action(active.binding.action, active.node)


async def _obey_in_field(app: App[Any], field: "Widget", event: events.Key) -> bool:
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
