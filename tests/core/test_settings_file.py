"""What is written is what is read again, privately and in one step."""

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import SettingsError
from core.paths import DataFolder
from core.settings import Business, Console, Operator, Sending, Settings, load_settings
from core.settings_file import save_settings, to_toml

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(
    name=TEXT, keys=st.dictionaries(TEXT, TEXT, max_size=4), mark=st.booleans(),
    seconds=st.floats(0, 1e6),
)  # fmt: skip
def test_every_setting_survives(
    tmp_path_factory: pytest.TempPathFactory,
    name: str, keys: dict[str, str], mark: bool, seconds: float,
) -> None:  # fmt: skip
    folder = DataFolder(tmp_path_factory.mktemp("data"))
    settings = Settings(
        business=Business(name=name),
        console=Console(language="ro", keys=keys, mark_read_on_view=mark),
        sending=Sending(seconds_between_messages=seconds),
        operator=Operator(name=name),
    )
    save_settings(folder, settings)
    assert load_settings(folder) == settings


def test_the_file_is_private_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    save_settings(folder, Settings())
    save_settings(folder, Settings(console=Console(theme="capcoada-light")))
    assert stat.S_IMODE(folder.settings_file.stat().st_mode) == 0o600
    assert os.listdir(folder.root) == ["settings.toml"]


def test_only_what_differs_is_written() -> None:
    assert "[" not in to_toml(Settings())
    assert '\n[console]\nlanguage = "ro"\n' in to_toml(Settings(console=Console(language="ro")))


def test_a_file_that_cannot_be_written_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="cannot be written"):
        save_settings(DataFolder(tmp_path / "file"), Settings())


def test_a_folder_that_was_taken_away_is_not_made_anew(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be written"):
        save_settings(DataFolder(tmp_path / "gone"), Settings())
    assert os.listdir(tmp_path) == []


def test_a_failed_write_leaves_the_old_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = DataFolder(tmp_path)
    save_settings(folder, Settings(console=Console(language="ro")))

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SettingsError, match="No space left"):
        save_settings(folder, Settings(console=Console(language="en")))
    assert load_settings(folder).console.language == "ro"
    assert os.listdir(tmp_path) == ["settings.toml"]


def test_settings_that_cannot_be_written_are_said_and_left_as_they_were(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    (folder.settings_file / "in the way").mkdir(parents=True)
    with pytest.raises(SettingsError, match="settings"):
        save_settings(folder, Settings(operator=Operator(name="Ana")))
    assert [path.name for path in tmp_path.iterdir()] == ["settings.toml"]
