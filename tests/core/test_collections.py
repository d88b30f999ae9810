"""The table of collections knows every collection that the code can write into."""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.model import ids
from core.model.collections import COLLECTIONS, PASSING, Collection, named
from core.model.ids import Jid

CODE = [
    path
    for package in ("core", "bridge", "tui")
    for path in (Path(__file__).parents[2] / package).rglob("*.py")
]
_CAPITALS = re.compile(r"[A-Z][A-Z_]*")


def paths_made_by_ids() -> dict[str, str]:
    """Return what each function of `ids` that makes a path makes of made-up ids."""
    made = {}
    for name, function in inspect.getmembers(ids, inspect.isfunction):
        if name.endswith("_path"):
            made[name] = function(*["x"] * len(inspect.signature(function).parameters))
    return made


def test_every_path_that_the_model_makes_is_in_the_table() -> None:
    made = paths_made_by_ids()
    assert len(made) >= 9
    for name, path in made.items():
        document = path if path.count("/") % 2 else f"{path}/x"
        is_known = any(one.holds(document) for one in (*COLLECTIONS, *PASSING))
        assert is_known, f"{name} leads outside of the table: {path}"


def test_every_collection_that_the_model_names_is_in_the_table() -> None:
    known = {one.name for one in (*COLLECTIONS, *PASSING)}
    named_in_ids = {
        value
        for name, value in vars(ids).items()
        if _CAPITALS.fullmatch(name) and isinstance(value, str) and not name.endswith("_SERVER")
    }
    assert named_in_ids == known


def _spelled_collections(tree: ast.AST) -> Iterator[str]:
    """Yield collections that a call on the store, or a write, spells out by itself."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        called = node.func.id if isinstance(node.func, ast.Name) else called
        if called not in ("Create", "Set", "Update", "Delete", "Query"):
            continue
        first = node.args[0]
        if isinstance(first, ast.JoinedStr) and first.values:
            first = first.values[0]
        if isinstance(first, ast.Constant) and isinstance(first.value, str) and first.value:
            yield first.value.partition("/")[0]


@pytest.mark.parametrize("path", CODE, ids=lambda path: "/".join(path.parts[-3:]))
def test_no_code_spells_a_collection_that_is_not_in_the_table(path: Path) -> None:
    known = {one.name for one in (*COLLECTIONS, *PASSING)}
    assert set(_spelled_collections(ast.parse(path.read_text()))) <= known


def test_parents_stand_before_what_is_below_them() -> None:
    seen: set[str] = set()
    for one in (*COLLECTIONS, *PASSING):
        assert not one.parent or one.parent in seen
        seen.add(one.name)


def test_a_collection_knows_its_documents() -> None:
    messages = Collection("messages", "threads")
    thread = ids.make_thread_id("WA-01", Jid.of_phone("+40712345678"))
    assert messages.holds(ids.message_path(thread, "M1"))
    assert not messages.holds(ids.thread_path(thread))
    assert not messages.holds("messages/M1")
    assert not messages.holds(f"evenimente/{thread}/messages/M1")
    assert messages.path(thread) == ids.messages_path(thread)


def test_collections_are_chosen_by_name() -> None:
    assert [one.name for one in named(["messages", "accounts"])] == ["accounts", "messages"]
    with pytest.raises(KeyError, match="fly"):
        named(["fly"])
