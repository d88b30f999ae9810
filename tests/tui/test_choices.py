"""What settings.toml may say of the console; what cannot be had is named and refused."""

from pathlib import Path

import pytest

from core.errors import SettingsError
from core.paths import DataFolder
from core.settings import load_settings
from tui.choices import check_choices


def read(root: Path, text: str) -> None:
    folder = DataFolder(root)
    folder.settings_file.write_text(text, encoding="utf-8")
    check_choices(load_settings(folder).console, folder.settings_file)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("x = 1", "unknown field `x`"),
        ("garbage", "Expected '='"),
        ("[console]\ntheme = 3", "console.theme"),
        ('[console]\ntheme = "nonsense"', "nonsense"),
        ('[console]\nlanguage = "xx"', "console.language"),
        ('[console.keys]\nnothing = "ctrl+f"', "nothing"),
        ('[console.keys]\nthread-filter = "no such key"', "no such key"),
        ('[console.keys]\nthread-filter = ""', "thread-filter"),
        ("[sending]\nseconds_between_messages = -5", "seconds_between_messages"),
        ("[sending]\nreply_timeout_seconds = 0", "reply_timeout_seconds"),
        ('[business]\nregion = "ZZZ"', "business.region"),
        ('[business]\ncurrency = "lei"', "business.currency"),
        ('[business]\ntime_zone = "Mars/X"', "Mars/X"),
    ],
)
def test_what_cannot_be_had_is_named_with_the_file(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, text)
    assert named in caught.value.message
    assert "settings.toml" in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "",
        '[console]\ntheme = "ansi-dark"\nlanguage = "ro"',
        '[console.keys]\nthread-filter = "ctrl+f,slash,f5,shift+tab,é"\nhelp = "question_mark"',
    ],
)
def test_what_can_be_had_is_taken(tmp_path: Path, text: str) -> None:
    read(tmp_path, text)
