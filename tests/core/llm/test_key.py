"""The key comes from the environment or from a file that nobody else can read."""

from pathlib import Path

import pytest

from core.llm.errors import NoKey
from core.llm.key import has_key, read_key
from core.paths import DataFolder
from core.settings import Llm, Settings, placed


@pytest.fixture
def settings(tmp_path: Path) -> Llm:
    return placed(Settings(), DataFolder(tmp_path)).llm


def write(settings: Llm, text: str, mode: int = 0o600) -> Path:
    path = Path(settings.key_file)
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def test_the_environment_wins(settings: Llm) -> None:
    write(settings, "gsk_file\n")
    assert read_key(settings, {"GROQ_API_KEY": " gsk_env "}) == "gsk_env"
    assert read_key(settings, {"GROQ_API_KEY": ""}) == "gsk_file"
    assert has_key(settings, {})


def test_the_file_lies_in_the_data_folder_or_elsewhere(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    assert placed(Settings(), folder).llm.key_file == str(tmp_path / "groq.key")
    elsewhere = Settings(llm=Llm(key_file="/run/secrets/groq"))
    assert placed(elsewhere, folder).llm.key_file == "/run/secrets/groq"


def test_none_is_said_with_what_to_do(settings: Llm) -> None:
    assert not has_key(settings, {})
    with pytest.raises(NoKey, match="GROQ_API_KEY"):
        read_key(settings, {})


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_file_that_others_can_read_is_refused(settings: Llm, mode: int) -> None:
    write(settings, "gsk_open", mode)
    with pytest.raises(NoKey, match="chmod 600") as caught:
        read_key(settings, {})
    assert "gsk_open" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["", "  \n", "two words", "line\nbreak", "cheie ș", "a" * 5 + "\0"]
)
def test_what_is_no_key_is_refused_without_showing_it(settings: Llm, text: str) -> None:
    write(settings, text)
    with pytest.raises(NoKey) as caught:
        read_key(settings, {})
    assert not text.strip() or text.strip() not in str(caught.value)
