"""Whether what settings.toml says of the console's look and keys can be had at all."""

from collections.abc import Iterator
from pathlib import Path

from textual.keys import KEY_NAME_REPLACEMENTS, Keys, key_to_character
from textual.theme import BUILTIN_THEMES

from core.errors import SettingsError
from core.i18n import _
from core.settings import Console
from tui.commands.every import ALL_COMMANDS
from tui.themes import THEMES

_MODIFIERS = ("ctrl+", "alt+", "shift+", "super+", "meta+", "hyper+")
_NAMES = frozenset(key.value for key in Keys) | frozenset(KEY_NAME_REPLACEMENTS.values())


def check_choices(console: Console, path: Path) -> None:
    """Raise SettingsError, naming file and setting, for a theme, command or key that is not."""
    for problem in _problems(console):
        raise SettingsError(
            _("The settings in {path} cannot be used: {reason}.").format(path=path, reason=problem),
            hint=_("Mend the file, or move it away to start from the defaults."),
        )


def _problems(console: Console) -> Iterator[str]:
    themes = [*(theme.name for theme in THEMES), *BUILTIN_THEMES]
    if console.theme not in themes:
        yield _("there is no theme “{name}”; there are {themes}").format(
            name=console.theme, themes=", ".join(themes)
        )
    commands = {command.id for command in ALL_COMMANDS}
    for command, keys in console.keys.items():
        if command not in commands:
            yield _("there is no command “{name}” that a key could have").format(name=command)
        for key in keys.split(","):
            if not _is_key(key.strip()):
                yield _("“{key}” for {command} is no key").format(key=key, command=command)


def _is_key(key: str) -> bool:
    while key.startswith(_MODIFIERS):
        key = key.partition("+")[2]
    return len(key) == 1 or key in _NAMES or key_to_character(key) is not None
