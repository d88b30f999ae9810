"""The key comes from the environment or from a file that nobody else can read."""

from pathlib import Path

import pytest

from core.llm.errors import NoKey
from core.llm.key import has_key, key_path, read_key
from core.paths import DataFolder
from core.settings import Llm


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path)


def write(folder: DataFolder, text: str, mode: int = 0o600) -> Path:
    path = folder.root / "groq.key"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def test_the_environment_wins(folder: DataFolder) -> None:
    write(folder, "gsk_file\n")
    assert read_key(Llm(), folder, {"GROQ_API_KEY": " gsk_env "}) == "gsk_env"
    assert read_key(Llm(), folder, {"GROQ_API_KEY": ""}) == "gsk_file"
    assert has_key(Llm(), folder, {})


def test_the_file_may_lie_elsewhere(folder: DataFolder, tmp_path: Path) -> None:
    assert key_path(Llm(key_file="/run/secrets/groq"), folder) == Path("/run/secrets/groq")
    assert key_path(Llm(), folder) == tmp_path / "groq.key"


def test_none_is_said_with_what_to_do(folder: DataFolder) -> None:
    assert not has_key(Llm(), folder, {})
    with pytest.raises(NoKey, match="GROQ_API_KEY"):
        read_key(Llm(), folder, {})


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_file_that_others_can_read_is_refused(folder: DataFolder, mode: int) -> None:
    write(folder, "gsk_open", mode)
    with pytest.raises(NoKey, match="chmod 600") as caught:
        read_key(Llm(), folder, {})
    assert "gsk_open" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["", "  \n", "two words", "line\nbreak", "cheie ș", "a" * 5 + "\0"]
)
def test_what_is_no_key_is_refused_without_showing_it(folder: DataFolder, text: str) -> None:
    write(folder, text)
    with pytest.raises(NoKey) as caught:
        read_key(Llm(), folder, {})
    assert not text.strip() or text.strip() not in str(caught.value)
