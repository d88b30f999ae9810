"""Writes docs/keys.md from the registry of commands: `make docs`."""

from pathlib import Path

from tui.commands.areas import AREA_TITLES
from tui.commands.every import ALL_COMMANDS
from tui.commands.keys import show_key

KEYS_FILE = Path(__file__).resolve().parents[1] / "docs" / "keys.md"

_HEAD = """\
# Keys

Made by `make docs` from the console's registry of commands; `?` in the console shows the keys that
work at that moment. Arrows, page up, page down, home and end move; tab goes on to the next part,
and escape back to where you came from. From the first line of a message being written, `↑` goes to
the messages.

Every key can be changed in `settings.toml` in the data folder, by the command's id:

```toml
[console.keys]
thread-next-unread = "ctrl+u"
```
"""


def keys_page() -> str:
    """Return the page: one table an area."""
    parts = [_HEAD]
    for area, title in AREA_TITLES.items():
        rows = [
            f"| {_keys(command.key)} | {command.label} | {command.tooltip} | `{command.id}` |"
            for command in ALL_COMMANDS
            if command.area == area
        ]
        if rows:
            parts.append(f"\n## {title}\n\n| key | command | what it does | id |\n")
            parts.append("|---|---|---|---|\n" + "\n".join(rows) + "\n")
    return "".join(parts)


def _keys(keys: str) -> str:
    return " ".join(f"`{show_key(key)}`" for key in keys.split(","))


if __name__ == "__main__":
    KEYS_FILE.parent.mkdir(exist_ok=True)
    KEYS_FILE.write_text(keys_page(), encoding="utf-8")
