"""Whatever stands in the settings file, it is used as it says or refused by name."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import SettingsError
from core.paths import DataFolder
from core.settings import Settings, load_settings

SECTIONS = [*Settings.__struct_fields__, "nonsense"]
VALUES = st.sampled_from(
    ["1", "-1", "1e309", '""', '"\\u001b[2J"', "true", "[]", "{}", "1979-05-27", '"Mars/Olympus"',
     '"x"', "0.5", '"http://example.com"', '"../../x"']
)  # fmt: skip


@st.composite
def files(draw: st.DrawFn) -> str:
    """Draw a file that nearly fits."""
    lines = []
    for section in draw(st.lists(st.sampled_from(SECTIONS), max_size=4, unique=True)):
        lines.append(f"[{section}]")
        part = getattr(Settings(), section, None)
        names = [*getattr(part, "__struct_fields__", ()), "nonsense"]
        for name in draw(st.lists(st.sampled_from(names), max_size=3, unique=True)):
            lines.append(f"{name} = {draw(VALUES)}")
    return "\n".join(lines)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    return DataFolder(tmp_path_factory.mktemp("settings"))


def _load(folder: DataFolder, content: bytes) -> Settings | None:
    Path(folder.settings_file).write_bytes(content)
    refusal: SettingsError | None = None
    try:
        return load_settings(folder)
    except SettingsError as error:
        refusal = error
    assert str(folder.settings_file) in str(refusal)
    assert refusal.hint
    return None


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=files())
def test_what_nearly_fits_is_used_or_refused_by_name(folder: DataFolder, text: str) -> None:
    loaded = _load(folder, text.encode())
    if loaded is not None:
        for section, values in tomllib.loads(text).items():
            assert set(values) <= set(getattr(loaded, section).__struct_fields__)


@settings(max_examples=100, deadline=None)
@given(content=st.binary(max_size=120))
def test_any_bytes_are_settings_or_refused(folder: DataFolder, content: bytes) -> None:
    _load(folder, content)
