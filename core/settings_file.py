"""Writing `settings.toml`: only what differs from the defaults, in one step, mode 0600."""

import json
from typing import Any

import msgspec

from core.errors import SettingsError
from core.files import replace_file
from core.i18n import _
from core.paths import DataFolder
from core.settings import Settings

_HEADER = "# Settings of capcoada; what is not here has its default.\n"


def save_settings(folder: DataFolder, settings: Settings) -> None:
    """Replace the settings file; after a crash it is the old one or the new one, never a part.

    Raises SettingsError when it cannot be written.
    """
    path = folder.settings_file
    try:
        replace_file(path, to_toml(settings).encode())
    except OSError as error:
        raise SettingsError(
            _("The settings cannot be written to {path}: {reason}.").format(
                path=path, reason=error.strerror
            ),
            hint=_("See that the folder can be written and the disk is not full."),
        ) from error


def to_toml(settings: Settings) -> str:
    """Return the settings that differ from the defaults as a TOML document."""
    defaults = msgspec.to_builtins(Settings())
    parts = [_HEADER]
    for section, values in msgspec.to_builtins(settings).items():
        changed = {k: v for k, v in values.items() if v != defaults[section][k]}
        tables = {k: v for k, v in changed.items() if isinstance(v, dict)}
        lines = [f"{k} = {_toml(v)}" for k, v in changed.items() if k not in tables]
        if lines:
            parts.append(f"\n[{section}]\n" + "".join(f"{line}\n" for line in lines))
        for name, table in tables.items():
            rows = "".join(f"{_key(k)} = {_toml(v)}\n" for k, v in sorted(table.items()))
            parts.append(f"\n[{section}.{name}]\n{rows}")
    return "".join(parts)


def _toml(value: Any) -> str:
    """Return a scalar in TOML: JSON's notation, but that TOML also wants DEL escaped."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    """Return a table key, quoted when it is no bare key."""
    bare = name.isascii() and name.replace("-", "").replace("_", "").isalnum()
    return name if bare else _toml(name)
