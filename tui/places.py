"""The places of the console: one entry per screen, loaded when first gone to."""

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

import msgspec
from textual.screen import Screen

if TYPE_CHECKING:
    from tui.app import CapcoadaApp


class Place(msgspec.Struct, frozen=True):
    """A screen that a function key goes to; `app.action_go(id)` shows it."""

    id: str
    factory: str
    """`module:Class` of the screen; the class takes the console's `Services` and `World`."""

    def opener(self, app: "CapcoadaApp") -> Callable[[], Screen[None]]:
        """Return what makes the screen, importing its module only then."""

        def make() -> Screen[None]:
            module, _, name = self.factory.partition(":")
            screen: Screen[None] = getattr(import_module(module), name)(app.services, app.world)
            _come_styled(screen, app)
            return screen

        return make


def _come_styled(screen: Screen[None], app: "CapcoadaApp") -> None:
    """Spare a new screen being styled anew before it was ever painted.

    Textual parses every style sheet again for a screen that has not seen the newest one, which it
    takes all new screens for, and styles every widget again when the screen learns its width.
    """
    screen._css_update_count = app._css_update_count
    width = app.size.width
    fitting = [name for least, name in app.HORIZONTAL_BREAKPOINTS or () if width >= least]
    screen.add_class(*fitting[-1:], update=False)


PLACES = (
    Place("inbox", "tui.screens.inbox:InboxScreen"),
    Place("accounts", "tui.screens.accounts:AccountsScreen"),
    Place("client", "tui.screens.client:ClientScreen"),
    Place("agenda", "tui.screens.agenda:AgendaScreen"),
    Place("settings", "tui.screens.settings:SettingsScreen"),
    Place("staff", "tui.screens.staff:StaffScreen"),
    Place("shut-out", "tui.screens.shut_out:ShutOutScreen"),
)
"""The first is where the console opens; the last is gone to by the console alone."""
