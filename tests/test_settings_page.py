"""docs/settings.md is made from the code and in step with it; every setting says what it is for."""

import inspect

import msgspec
import pytest

from core.settings import Settings
from scripts.settings import SETTINGS_FILE, settings_page


@pytest.fixture(scope="module")
def page() -> str:
    return settings_page()


def test_the_page_is_in_step_with_the_code(page: str) -> None:
    assert SETTINGS_FILE.read_text(encoding="utf-8") == page, "run `make docs`"


@pytest.mark.parametrize("section", msgspec.structs.fields(Settings), ids=lambda one: one.name)
def test_every_setting_is_on_it_with_a_sentence(
    section: msgspec.structs.FieldInfo, page: str
) -> None:
    part = page[page.index(f"## [{section.name}]") :]
    rows = {line.split("`")[1]: line for line in part.splitlines() if line.startswith("| `")}
    for field in msgspec.structs.fields(section.type):
        about = rows[field.name].rstrip(" |").rpartition(" | ")[2]
        assert about.endswith("."), f"{field.name}: {about}"
    assert inspect.getdoc(section.type)


def test_bounds_choices_and_variables_are_told(page: str) -> None:
    assert "At least 4, at most 900." in page
    assert "One of `auto`, `groq`, `rules`." in page
    assert "`CAPCOADA_DATA`" in page
