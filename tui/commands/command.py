"""One command, one declaration: key, footer, palette, help and rebinding all derive from it."""

from collections.abc import Iterable
from typing import Literal

import msgspec
from textual.binding import Binding

Area = Literal[
    "app", "inbox", "threads", "chat", "composer", "filter", "event", "client", "client-events",
    "agenda", "agenda-events", "accounts", "pairing", "settings",
    "staff", "staff-list", "staff-form", "sign-in",
]  # fmt: skip
"""Where a command works: everywhere, on a screen, or in the widget that has the focus."""


class Command(msgspec.Struct, frozen=True):
    """Something the operator can do."""

    id: str
    """Stable name: what `settings.console.keys` rebinds, for example `thread-next-unread`."""
    key: str
    """Keys in Textual's notation; several are parted by commas, the first is shown."""
    label: str
    """One or two words for the footer and the palette."""
    tooltip: str
    """One sentence for help and the palette."""
    action: str
    """Textual's action string, for example `next_unread` or `app.go('inbox')`."""
    area: Area
    is_shown: bool = False
    """Whether the footer shows it; at most eight at a time do."""
    in_palette: bool = True
    has_priority: bool = False
    """Whether it goes before the focused widget, so that it works while typing too."""

    @property
    def binding(self) -> Binding:
        """The command as Textual binds it."""
        return Binding(
            self.key,
            self.action,
            self.label,
            show=self.is_shown,
            tooltip=self.tooltip,
            id=self.id,
            priority=self.has_priority,
        )


def bindings_of(commands: Iterable[Command], area: Area) -> list[Binding]:
    """Return the bindings of one area, in the order of their declaration."""
    return [command.binding for command in commands if command.area == area]
