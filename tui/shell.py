"""What every app of the console has: its colours, keys and help, and an end with the terminal."""

import asyncio
import signal
import sys
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual.app import App
from textual.binding import Binding
from textual.driver import Driver
from textual.theme import BUILTIN_THEMES

from core.i18n import _
from core.settings import Console
from tui.commands.everywhere import QUIT
from tui.commands.keys import is_text_in, show_key, show_keys
from tui.steady import steady_driver
from tui.themes import DEFAULT_THEME, THEMES, tokens_for

STYLES = Path(__file__).parent / "styles"
WIDE_FROM = 100
"""Columns from which on a window is wide."""


class Shell(App[int]):
    """An app of the console in the operator's colours and keys."""

    TITLE = "capcoada"
    HORIZONTAL_BREAKPOINTS: ClassVar[list[tuple[int, str]] | None] = [  # type: ignore[misc]
        (0, "-narrow"),
        (WIDE_FROM, "-wide"),
    ]

    _has_theme = False

    def __init__(self, look: Console) -> None:
        chosen = BUILTIN_THEMES.get(look.theme)
        super().__init__(ansi_color=True if chosen is not None and chosen.ansi else None)
        self.set_reactive(App.ansi_color, None)  # from now on each theme says it
        for theme in THEMES:
            self.register_theme(theme)
        self._begin_with_theme(look.theme if look.theme in self.available_themes else DEFAULT_THEME)
        self.set_keymap(look.keys)
        self._quit_keys = show_keys(look.keys.get(QUIT.id, QUIT.key))

    def _begin_with_theme(self, name: str) -> None:
        """Take a theme from the start: setting it later would parse every style sheet again."""
        self._has_theme = True
        self.set_reactive(App.theme, name)
        theme = self.current_theme
        self.set_class(True, f"-theme-{theme.name}", update=False)
        self.set_class(theme.dark, "-dark-mode", update=False)
        self.set_class(not theme.dark, "-light-mode", update=False)
        self.stylesheet.set_variables(self.get_css_variables())

    def get_driver_class(self) -> type[Driver]:
        """Write to the terminal only what every terminal draws equally wide."""
        return steady_driver(super().get_driver_class())

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Give other themes the tokens that ours bring, in colours that go with theirs."""
        return dict(tokens_for(self.current_theme))

    def get_css_variables(self) -> dict[str, str]:
        """Return the theme's variables; none before it is chosen, as nothing is styled yet."""
        return super().get_css_variables() if self._has_theme else {}

    def get_key_display(self, binding: Binding) -> str:
        """Return a binding's key as footer and help show it."""
        return show_key(binding.key)

    async def _check_bindings(self, key: str, priority: bool = False) -> bool:
        """Leave a letter to the field that takes it as text, whatever else it is bound to."""
        is_text = priority and is_text_in(key, self.focused)
        return not is_text and await super()._check_bindings(key, priority)

    def action_help(self) -> None:
        """Explain what has the focus, with the keys that work there, or close what explains it."""
        from tui.screens.help import HelpScreen, topics_of  # noqa: PLC0415 - when first asked for

        if isinstance(self.screen, HelpScreen):
            self.screen.dismiss(None)
        else:
            self.push_screen(HelpScreen(topics_of(self.screen)))

    def action_help_quit(self) -> None:
        """Say how one leaves to whoever tries it by ctrl+c; Textual would say it in English."""
        self.notify(_("{keys} leaves the console.").format(keys=self._quit_keys), markup=False)

    def watch_terminal(self) -> None:
        """End in order when the terminal is closed, with a signal or, as some are lost, without."""
        if self.is_headless:
            return
        from tui.hangup import POLL_SECONDS  # noqa: PLC0415 - after the first frame

        self.set_interval(POLL_SECONDS, self._leave_closed_terminal)
        for number in (signal.SIGHUP, signal.SIGTERM):
            leave = partial(self.exit, return_code=128 + number)
            asyncio.get_running_loop().add_signal_handler(number, leave)

    def _leave_closed_terminal(self) -> None:
        from tui.hangup import has_hung_up  # noqa: PLC0415

        if has_hung_up(sys.__stdin__.fileno()):  # type: ignore[union-attr]  # a terminal was there
            self.exit(1)
