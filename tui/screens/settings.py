"""The settings: language, colours, read receipts, and every key."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import msgspec
from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from core.errors import SettingsError
from core.i18n import _
from core.settings import Console, load_settings
from core.settings_file import save_settings
from core.text import clean_line
from tui.commands.areas import AREA_TITLES
from tui.commands.command import Command, bindings_of
from tui.commands.every import ALL_COMMANDS
from tui.commands.everywhere import SIGN_OUT
from tui.commands.keys import show_key, show_keys
from tui.commands.settings import SETTINGS_COMMANDS
from tui.screens.base import PlaceScreen
from tui.themes import THEMES
from tui.widgets.key_table import KeyTable, Row, column_widths
from tui.widgets.pick_list import PickLine, PickList
from tui.widgets.scroll import Scroll


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that can be chosen."""

    field: str
    """Its name in `core.settings.Console`."""
    label: str
    values: Callable[[], dict[object, str]]
    """What can be chosen, and what each is called."""
    note: str
    """When a change holds; empty when that needs no word."""


SETTINGS = (
    Setting(
        "language",
        _("Language"),
        lambda: {"auto": _("as the system"), "en": "English", "ro": "Română"},
        _("Holds from the next start on."),
    ),
    Setting(
        "theme",
        _("Colours"),
        lambda: {
            THEMES[0].name: _("dark"),
            THEMES[1].name: _("light"),
            "ansi-dark": _("the terminal's own"),
        },
        _("Holds at once."),
    ),
    Setting(
        "mark_read_on_view",
        _("Read receipts"),
        lambda: {True: _("sent when a conversation is opened"), False: _("not sent")},
        "",
    ),
)
_LABEL_CELLS = max(len(each.label) for each in SETTINGS) + 2


def _from_home(path: Path) -> str:
    """Return a path as short as it can be said."""
    home = Path.home()
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)


class SettingsScreen(PlaceScreen):
    """Shows what can be set and saves each change at once."""

    CSS_PATH = "../styles/settings.tcss"
    AUTO_FOCUS = "#settings"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(SETTINGS_COMMANDS, "settings")]
    HELP = _("Each change is saved at once, in settings.toml in the data folder.")

    _list = getters.query_one("#settings", PickList)

    def compose_body(self) -> ComposeResult:
        """Lay out the settings above the keys."""
        if self.services.session.email:
            yield Static(Content(_("Account")), classes="settings--title")
            yield Static(Content(self._account()), id="settings-account")
        yield Static(Content(_("Settings")), classes="settings--title")
        yield PickList(id="settings")
        yield Static(Content(_("Keys")), classes="settings--title")
        path = self.services.folder.settings_file
        note = _('Another key: [console.keys] in {path}, for example thread-next-unread = "ctrl+u"')
        yield Static(Content(note.format(path=_from_home(path))), classes="settings--note")
        with Scroll(id="settings-keys"):
            widths = column_widths([self._key_row(command) for command in ALL_COMMANDS])
            for area, title in AREA_TITLES.items():
                rows = [self._key_row(each) for each in ALL_COMMANDS if each.area == area]
                if rows:
                    yield Static(Content(title), classes="settings--area")
                    yield KeyTable(rows, widths)

    def on_mount(self) -> None:
        """Show the values in force."""
        self._put()

    def _put(self) -> None:
        self._list.put([self._line(each) for each in SETTINGS])

    @on(PickList.Picked)
    def _picked(self, event: PickList.Picked) -> None:
        event.stop()
        self.action_change(1)

    def action_change(self, step: int) -> None:
        """Take the next or previous value of the selected setting, and save it."""
        setting = next(each for each in SETTINGS if each.field == self._list.selected_id)
        values = list(setting.values())
        now = getattr(self.services.settings.console, setting.field)
        index = values.index(now) if now in values else -step
        self._save(setting, values[(index + step) % len(values)])

    def _save(self, setting: Setting, value: object) -> None:
        """Change one setting in the file as it is now, and in force."""
        try:
            settings = load_settings(self.services.folder)
            console: Console = msgspec.structs.replace(settings.console, **{setting.field: value})
            settings = msgspec.structs.replace(settings, console=console)
            save_settings(self.services.folder, settings)
        except SettingsError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        self.services.settings = settings
        if setting.field == "theme":
            self.app.theme = console.theme
        self._put()

    def _account(self) -> str:
        """Say who is signed in, and how that ends."""
        session = self.services.session
        keys = self.services.settings.console.keys.get(SIGN_OUT.id, SIGN_OUT.key)
        who = " · ".join(filter(None, (clean_line(session.name), clean_line(session.email))))
        return _("{who}, signed in to {project}; {key} signs out").format(
            who=who, project=self.services.settings.cloud.project, key=show_keys(keys)
        )

    def _line(self, setting: Setting) -> PickLine:
        value = getattr(self.services.settings.console, setting.field)
        shown = setting.values().get(value, str(value))
        spans = (
            (setting.label.ljust(_LABEL_CELLS), "strong"), ("‹ ", "key"), (shown, "plain"),
            (" ›", "key"), (f"   {setting.note}", "muted"),
        )  # fmt: skip
        return PickLine(setting.field, spans)

    def _key_row(self, command: Command) -> Row:
        keys = self.services.settings.console.keys.get(command.id, command.key)
        return show_key(keys.partition(",")[0]), command.label, command.id
