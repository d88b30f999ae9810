"""The package carries the repository's rules, and their tree."""

import json
from pathlib import Path

from core.store.rules.ruleset import PACKAGED_RULES, PACKAGED_TREE, Ruleset
from scripts.rules import SOURCE, tree_of

ROOT = Path(__file__).parents[4]


def test_the_package_carries_the_rules_of_the_repository() -> None:
    text = SOURCE.read_text(encoding="utf-8")
    assert ROOT / "firestore.rules" == SOURCE
    assert PACKAGED_RULES.read_text(encoding="utf-8") == text, "run make rules"
    assert PACKAGED_TREE.read_bytes() == tree_of(text), "run make rules"


def test_what_the_console_loads_is_what_the_text_says() -> None:
    assert Ruleset.packaged().rules == Ruleset.parse(PACKAGED_RULES.read_text("utf-8")).rules


def test_firebase_deploys_these_files() -> None:
    found = json.loads((ROOT / "firebase.json").read_text("utf-8"))
    for name in found["firestore"].values():
        assert (ROOT / name).is_file()
    hosts = {
        each["host"]
        for each in found["emulators"].values()
        if isinstance(each, dict) and "host" in each
    }
    assert hosts == {"127.0.0.1"}
    assert found["emulators"]["ui"] == {"enabled": False}
