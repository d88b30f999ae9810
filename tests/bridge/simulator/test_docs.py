"""docs/simulator.md names everything that the simulator can do."""

from pathlib import Path

from bridge.simulator import faults, manners
from bridge.simulator.content import KINDS
from bridge.simulator.people import ADDRESSINGS
from bridge.simulator.routes import ROUTES

DOCS = (Path(__file__).parents[3] / "docs" / "simulator.md").read_text(encoding="utf-8")


def test_every_route_is_documented() -> None:
    for method, path, _doing in ROUTES:
        for kind in ("phones", "customers"):
            assert f"`{method} {path.replace('{kind:phones|customers}', kind)}`" in DOCS


def test_every_fault_setting_and_addressing_is_documented() -> None:
    names = [*faults.KINDS, *manners.Settings.__struct_fields__, *ADDRESSINGS]
    assert [name for name in names if f"`{name}`" not in DOCS] == []


def test_every_kind_of_content_is_documented() -> None:
    content = DOCS.partition("## Content")[2].partition("## Faults")[0]
    assert [kind for kind in KINDS if kind not in content] == []
