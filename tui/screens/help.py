"""Help for what has the focus: what it is, and the keys that work there at this moment."""

from dataclasses import dataclass
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from core.i18n import _
from tui.commands.areas import AREA_TITLES
from tui.commands.command import Command
from tui.commands.every import ALL_COMMANDS
from tui.commands.keys import is_text_in
from tui.widgets.key_table import KeyTable, Row, column_widths
from tui.widgets.scroll import Scroll


@dataclass(frozen=True, slots=True)
class HelpTopics:
    """What is to be explained."""

    texts: tuple[str, ...]
    """On the focused widget first, then on its screen."""
    keys: tuple[tuple[Command, str], ...]
    """Commands that work, with their keys as they are to be shown."""


def topics_of(screen: Screen[Any]) -> HelpTopics:
    """Return the help for a screen as it is: its focus decides."""
    keys: dict[str, list[str]] = {}
    for key, active in screen.active_bindings.items():
        if active.binding.id and not is_text_in(key, screen.focused):
            shown = screen.app.get_key_display(active.binding)
            keys.setdefault(active.binding.id, []).append(shown)
    found: dict[tuple[str, str], tuple[Command, list[str]]] = {}
    for command in ALL_COMMANDS:
        if command.id in keys:  # some have a letter as well, as a command of its own
            same = found.setdefault((command.area, command.action), (command, []))
            same[1].extend(keys[command.id])
    known = tuple((command, " ".join(shown)) for command, shown in found.values())
    chain = screen.focused.ancestors_with_self if screen.focused else [screen]
    texts = [text for node in chain if (text := vars(type(node)).get("HELP"))]
    return HelpTopics(tuple(texts), tuple(known))


class HelpScreen(ModalScreen[None]):
    """Lists the topics; any of the leaving keys closes it."""

    CSS_PATH = "../styles/help.tcss"
    MAKES_WAY = True  # for the palette, whose commands are those of the place below, or a search
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1,enter", "dismiss", show=False)
    ]

    def __init__(self, topics: HelpTopics) -> None:
        super().__init__()
        self._topics = topics

    def compose(self) -> ComposeResult:
        """Lay out the texts and the keys by area."""
        with Scroll(id="help") as box:
            box.border_title = Content(_("Help"))
            box.border_subtitle = Content(_("escape closes"))
            for text in self._topics.texts:
                yield Static(Content(text), classes="help--text")
            widths = column_widths([_row(each) for each in self._topics.keys])
            for area, title in reversed(AREA_TITLES.items()):
                rows = [_row(each) for each in self._topics.keys if each[0].area == area]
                if rows:
                    yield Static(Content(title), classes="help--title")
                    yield KeyTable(rows, widths)
            yield Static(Content(_("Moving")), classes="help--title")
            yield Static(
                Content(
                    _("Arrows, page up, page down, home and end move; tab goes on, escape back.")
                )
            )


def _row(known: tuple[Command, str]) -> Row:
    command, keys = known
    return keys, command.label, command.tooltip
