"""Which `allow` is asked for which path and operation."""

import pytest

from tests.core.store.rules.asking import asking, document, judge_write, rules

PLACES = rules("""
  match /a/{x} { allow get: if x == 'one'; }
  match /b/{x=**} { allow get: if x == /one/sub/two || x == /one; }
  match /c/one/sub/{y} { allow read; }
  match /d/{x} { match /sub/{y} { allow get: if x == y; } }
  match /e/{x}/{rest=**} { allow get: if rest[1] == x; }
  match /{any=**}/last/{z} { allow get: if any == /f/one || any[0] == 'g'; }
""")


@pytest.mark.parametrize(
    ("path", "is_allowed"),
    [
        ("a/one", True), ("a/two", False), ("a/one/sub/two", False), ("z/one", False),
        ("b/one", True), ("b/one/sub/two", True), ("b/two", False),
        ("c/one/sub/any", True), ("c/two/sub/any", False), ("c/one", False),
        ("d/one/sub/one", True), ("d/one/sub/two", False), ("d/one", False),
        ("e/one/sub/one", True), ("e/one/sub/two", False), ("e/one", False),
        ("f/one/last/two", True), ("g/a/b/c/last/d", True), ("h/one/last/two", False),
        ("last/one", False),
    ],
)  # fmt: skip
def test_paths_and_their_variables(path: str, is_allowed: bool) -> None:
    assert PLACES.judge_get(path, document(path), asking()).is_allowed is is_allowed


def test_a_deep_wildcard_also_takes_nothing() -> None:
    ruleset = rules("match /{any=**} { match /a/{x} { allow get: if true; } }")
    assert ruleset.judge_get("a/one", None, asking()).is_allowed
    assert ruleset.judge_get("z/one/a/two", None, asking()).is_allowed
    assert not ruleset.judge_get("z/one", None, asking()).is_allowed


@pytest.mark.parametrize(
    ("name", "methods"),
    [
        ("read", {"get", "list"}), ("write", {"create", "update", "delete"}), ("get", {"get"}),
        ("list", {"list"}), ("create", {"create"}), ("update", {"update"}), ("delete", {"delete"}),
        ("get, delete", {"get", "delete"}),
    ],
)  # fmt: skip
def test_what_an_allow_is_for(name: str, methods: set[str]) -> None:
    from core.store.port import Query
    from core.store.rules.ruleset import Change

    ruleset = rules(f"match /a/{{x}} {{ allow {name}; }}")
    answers = {
        "get": ruleset.judge_get("a/x", None, asking()),
        "list": ruleset.judge_list(Query("a"), asking()),
        "create": ruleset.judge_write("create", "a/x", Change(None, {}), asking()),
        "update": ruleset.judge_write("update", "a/x", Change({}, {}), asking()),
        "delete": ruleset.judge_write("delete", "a/x", Change({}, None), asking()),
    }
    assert {method for method, verdict in answers.items() if verdict.is_allowed} == methods


def test_one_allow_that_holds_is_enough_and_an_error_in_another_is_harmless() -> None:
    ruleset = rules("""
      match /a/{x} { allow get: if resource.data.missing; allow get: if true; }
      match /{any=**} { allow get: if false; }""")
    assert ruleset.judge_get("a/x", document("a/x"), asking()).is_allowed


def test_what_no_rule_is_for_is_denied() -> None:
    verdict = rules("match /a/{x} { allow get; }").judge_get("b/x", None, asking())
    assert (verdict.is_allowed, verdict.reason) == (False, "no rule allows it")


def test_a_refusal_names_the_lines_that_did_not_hold() -> None:
    ruleset = rules("match /a/{x} {\nallow get: if false;\nallow get: if resource.data.n == 1;\n}")
    verdict = ruleset.judge_get("a/x", document("a/x"), asking())
    assert verdict.reason == "line 5: not so; line 6: no field n"
    assert judge_write("resource.data.n == 2", {"n": 1}, {}).reason == "line 4: not so"
