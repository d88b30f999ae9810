"""The service catalogue as data that another business can bring."""

from pathlib import Path

import pytest

from core.crm.catalogue import load_catalogue
from core.crm.resolve.roles import resolve_roles
from core.errors import SettingsError


def test_another_business_brings_its_own_services(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(
        '[[service]]\nrole_type = "OTHER"\nnames = ["tobogan*"]\n'
        'labelled = ["foc de tabara=foc de tabără"]\n',
        encoding="utf-8",
    )
    own = load_catalogue(file)
    assert resolve_roles("un toboganul și foc de tabără, fără Elsa", own) == [
        ("OTHER", None),
        ("OTHER", "foc de tabără"),
    ]


@pytest.mark.parametrize(
    "text",
    ["service = 3", "[[service]]\nnames = []", "[[service", '[[service]]\nrole_type="X"\nwrong=1'],
)
def test_a_broken_catalogue_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "broken.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"broken\.toml"):
        load_catalogue(file)


def test_every_name_of_the_built_in_catalogue_is_found() -> None:
    catalogue = load_catalogue()
    for key, entry in catalogue.entries.items():
        found = catalogue.pattern.search(key.rstrip("*"))
        assert found is not None, key
        named = catalogue.entry(found[0])
        assert named is not None
        assert named.role_type == entry.role_type, key
