"""Rules are shown as they are written, and told place by place."""

import pytest

from core.store.rules.explain import Opening, functions, openings, show
from core.store.rules.ruleset import Ruleset
from core.store.rules.syntax import Rules
from scripts.rules import tree_of
from tests.core.store.rules.asking import rules


def condition_of(ruleset: Ruleset) -> str:
    condition = ruleset.rules.matches[0].matches[0].allows[0].condition
    assert condition is not None
    return show(condition)


@pytest.mark.parametrize(
    "text",
    [
        "a == 'it\\'s \"so\"\\n\\\\'", "!(a || b) && (c || d)", "-(1 + 2) * 3 - (4 - 5)",
        "a in [1, 2.5, null, true]", "a is string == (b is map)", "(a ? b : c) == d ? e : f",
        "a.b.size()[0][1:2] == b'x'", "{'a': 1, 'b': {}} == a", "(a in b) in c",
        "get(/databases/$(a)/documents/$(b + 'x')).data.c", "math.abs(-1) > 0", "(-a).b == !c",
        "(a == b) == c", "a == (b == c)", "a / b / c == a / (b / c)", "(a || b) ? c : d",
    ],
)  # fmt: skip
def test_an_expression_is_shown_as_it_was_written(text: str) -> None:
    body = "match /{a}/{b}/{c}/{d}/{e}/{f} { allow get: if %s; }"
    shown = condition_of(rules(body % text))
    assert condition_of(rules(body % shown)) == shown
    assert shown.replace("(", "").replace(")", "") == text.replace("(", "").replace(")", "")


def test_operations_that_are_alike_stand_together() -> None:
    ruleset = rules("""
      match /a/{x} {
        allow read: if x == 'one'; allow get: if x == 'two'; allow create; allow delete: if false;
        match /b/{y} { allow write: if true; }
      }
      match /c/{x} { match /d/{y=**} { allow list: if isMine(); } }
      function isMine() { let a = 1; return a == 1; }""")
    assert openings(ruleset.rules) == [
        Opening("/a/{x}", ("get",), ("x == 'one'", "x == 'two'")),
        Opening("/a/{x}", ("list",), ("x == 'one'",)),
        Opening("/a/{x}", ("create",), ("true",)),
        Opening("/a/{x}", ("update", "delete"), ()),
        Opening("/a/{x}/b/{y}", ("get", "list"), ()),
        Opening("/a/{x}/b/{y}", ("create", "update", "delete"), ("true",)),
        Opening("/c/{x}/d/{y=**}", ("get", "create", "update", "delete"), ()),
        Opening("/c/{x}/d/{y=**}", ("list",), ("isMine()",)),
    ]
    assert functions(ruleset.rules) == {"isMine()": "let a = 1; a == 1"}


def test_rules_without_a_root_are_told_whole() -> None:
    ruleset = Ruleset.parse(
        "rules_version = '2'; service cloud.firestore { match /{any=**} { allow read; } }"
    )
    assert [one.place for one in openings(ruleset.rules)] == ["/{any=**}"] * 2
    assert openings(Rules([], [])) == []
    assert tree_of("rules_version = '2'; service cloud.firestore {}") == b"[[],[]]\n"
