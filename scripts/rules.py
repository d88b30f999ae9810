"""Bring the packaged rules into step with `firestore.rules`: a copy, and its syntax tree."""

from pathlib import Path

import msgspec

from core.store.rules.parse import parse
from core.store.rules.ruleset import PACKAGED_RULES, PACKAGED_TREE

SOURCE = Path(__file__).resolve().parents[1] / "firestore.rules"


def tree_of(text: str) -> bytes:
    """Return the syntax tree of rules as the package carries it. Raises RulesInvalid."""
    return msgspec.json.encode(parse(text)) + b"\n"


def main() -> None:
    """Write both files."""
    text = SOURCE.read_text(encoding="utf-8")
    PACKAGED_RULES.write_text(text, encoding="utf-8")
    PACKAGED_TREE.write_bytes(tree_of(text))


if __name__ == "__main__":
    main()
