"""A query is judged once, by what its filters say of everything that it can find."""

import pytest

from core.store.errors import InvalidRequest
from core.store.port import Query
from core.store.rules.queries import MOST_CASES
from tests.core.store.rules.asking import ANA, asking, document, rules

THINGS = Query("things")


def may_list(condition: str, query: Query = THINGS) -> bool:
    ruleset = rules(f"match /things/{{id}} {{ allow list: if {condition}; }}")
    return ruleset.judge_list(query, asking()).is_allowed


@pytest.mark.parametrize(
    "condition",
    [
        "true", "request.auth.uid == 'ana'", "request.auth != null || resource.data.x == 1",
        "resource.data.x == 1 || request.auth != null", "!(false && resource.data.x)",
        "!(resource.data.x && false)", "resource != null", "resource.data is map",
        "resource.data != null", "request.resource == null", "request.method == 'list'",
        "request.query.limit == null", "request.query.offset == 0",
    ],
)  # fmt: skip
def test_allowed_without_a_filter(condition: str) -> None:
    assert may_list(condition)


@pytest.mark.parametrize(
    "condition",
    [
        "resource.data.x == 1", "resource.data.x != 1", "!(resource.data.x == 1)",
        "resource.data.x is int", "'x' in resource.data", "!('x' in resource.data)",
        "resource.data.get('x', 1) == 1", "resource.data.keys().size() >= 0", "id == 'one'",
        "id is string", "resource.id == 'one'", "resource.__name__ == request.path",
        "[resource.data.x] == [1]", "resource.data.x ? true : true",
        "{'a': resource.data.x}.a == 1",
        "resource.data == {}", "!(resource.data == {})", "resource.data.x.size() >= 0",
        "resource.data.x[0] == 1", "resource.data.x + 1 == 2", "-resource.data.x == 1",
        "exists(/databases/$(database)/documents/things/$(id))", "string(resource.data.x) == '1'",
        "resource.data.x == 1 && request.auth != null", "resource.data.x == 1 || false",
        "resource.data.missing.a.b == 1", "resource.data.diff({}).affectedKeys().size() >= 0",
        "{}.diff(resource.data).affectedKeys().size() >= 0", "resource.data.x in [1, 2]",
        "1 in resource.data.list", "resource.data['x'] == 1", "resource.data.x[0:1] == []",
    ],
)  # fmt: skip
def test_refused_for_what_only_the_documents_could_tell(condition: str) -> None:
    assert not may_list(condition)
    assert not may_list(f"!({condition})")


@pytest.mark.parametrize(
    ("query", "condition"),
    [
        (THINGS.where("x", "==", 1), "resource.data.x == 1"),
        (THINGS.where("x", "==", 1), "resource.data.x < 2 && 'x' in resource.data"),
        (THINGS.where("x", "==", None), "resource.data.x == null"),
        (THINGS.where("x", "==", "a"), "resource.data.get('x', '') == 'a'"),
        (THINGS.where("x", "==", "a"), "resource.data.x is string && resource.data.x.size() == 1"),
        (THINGS.where("a.b", "==", 1), "resource.data.a.b == 1"),
        (THINGS.where("a.b", "==", 1), "resource.data.get(['a', 'b'], 0) == 1"),
        (THINGS.where("a.b", "==", 1), "resource.data.a is map && 'b' in resource.data.a"),
        (THINGS.where("x", "==", 1), "resource.data.x is number"),
        (THINGS.where("x", "==", 1.5), "resource.data.x is float"),
        (THINGS.where("x", "==", 2**60 + 1), "resource.data.x is int"),
        (THINGS.where("a", "==", {"b": "c"}), "resource.data.a.keys().hasOnly(['b'])"),
        (THINGS.where("x", "in", ["a", "b"]), "resource.data.x in ['a', 'b', 'c']"),
        (
            THINGS.where("x", "in", [1, 2]).where("y", "in", [3, 4]),
            "resource.data.x < resource.data.y",
        ),
        (THINGS.where("x", ">", 1), "'x' in resource.data"),
        (THINGS.where("x", ">", 1), "resource.data.x > 1 && resource.data.x >= 1.0"),
        (THINGS.where("x", ">=", 2), "resource.data.x > 1 && 2 <= resource.data.x"),
        (THINGS.where("x", "<", 5), "resource.data.x < 5 && !(resource.data.x >= 5)"),
        (THINGS.where("x", "<=", "b"), "resource.data.x <= 'b' && 'c' > resource.data.x"),
        (
            THINGS.where("x", ">", 1).where("x", "<", 5),
            "resource.data.x > 0 && resource.data.x < 6 && !(resource.data.x < 1)",
        ),
        (THINGS.order_by("x"), "'x' in resource.data"),
        (THINGS.where("l", "array_contains", "ana"), "request.auth.uid in resource.data.l"),
        (THINGS.where("l", "array_contains", "a"), "resource.data.l.hasAny(['a', 'b'])"),
        (THINGS.where("l", "array_contains", "a"), "resource.data.l.hasAll(['a'])"),
        (THINGS.where("__name__", "==", "one"), "id == 'one' && resource.id == id"),
        (THINGS.where("__name__", "in", ["a", "b"]), "id in ['a', 'b']"),
        (THINGS.limit(10), "request.query.limit <= 10"),
        (THINGS.order_by("x", "desc").order_by("y"), "request.query.orderBy == 'x DESC, y'"),
    ],
)  # fmt: skip
def test_a_filter_tells_what_it_fixes(query: Query, condition: str) -> None:
    assert may_list(condition, query)
    assert not may_list(f"!({condition})", query)


@pytest.mark.parametrize(
    ("query", "condition"),
    [
        (THINGS.where("x", "==", 1), "resource.data.y == 1"),
        (THINGS.where("x", "==", 1), "resource.data.x is int"),
        (THINGS.where("x", "==", 1.0), "resource.data.x is float"),
        (THINGS.where("x", "==", 3), "resource.data.x / 2 == 1"),
        (THINGS.where("x", "==", [1]), "resource.data.x[0] is int"),
        (THINGS.where("x", "==", {"y": 1}), "resource.data.x.y is int"),
        (THINGS.where("x", "==", 2), "resource.data.x == 1"),
        (THINGS.where("x", "in", ["a", "b"]), "resource.data.x == 'a'"),
        (THINGS.where("x", "in", ["a", "z"]), "resource.data.x in ['a', 'b', 'c']"),
        (THINGS.where("x", "!=", 1), "resource.data.x != 1"),
        (THINGS.where("x", ">", 1), "resource.data.x > 2"),
        (THINGS.where("x", ">=", 1), "resource.data.x > 1"),
        (THINGS.where("x", "<=", 1), "resource.data.x < 1"),
        (THINGS.where("x", "<", 5).where("x", ">", 1), "resource.data.x == 3"),
        (THINGS.where("x", ">", 1), "resource.data.x == 1"),
        (THINGS.where("x", ">", 1), "resource.data.x is int"),
        (THINGS.where("x", ">", 1), "resource.data.x > 'a'"),
        (THINGS.where("x", ">", 1), "resource.data.x + 1 > 2"),
        (THINGS.where("x", ">", 1), "-resource.data.x < 0"),
        (THINGS.where("x", ">", 1), "resource.data.x in [2, 3]"),
        (THINGS.where("x", ">", 1).where("y", ">", 3), "resource.data.x < resource.data.y"),
        (THINGS.where("l", "array_contains", "a"), "resource.data.l == ['a']"),
        (THINGS.where("l", "array_contains", "a"), "resource.data.l.hasOnly(['a'])"),
        (THINGS.where("l", "array_contains", "a"), "resource.data.l.size() == 1"),
        (THINGS.where("l", "array_contains", "a"), "!('b' in resource.data.l)"),
        (THINGS.where("a.b", "==", 1), "resource.data.a == {'b': 1}"),
        (THINGS.where("a.b", "==", 1), "resource.data.a.c == 1"),
        (THINGS.where("__name__", ">", "a"), "id == 'b'"),
        (THINGS, "request.query.limit <= 10"),
    ],
)  # fmt: skip
def test_a_filter_tells_no_more_than_it_fixes(query: Query, condition: str) -> None:
    assert not may_list(condition, query)


def test_other_documents_are_looked_at_once_for_the_whole_query() -> None:
    ruleset = rules("""match /things/{id}/parts/{part} {
      function owner() { return get(/databases/$(database)/documents/things/$(id)).data.owner; }
      allow list: if owner() == request.auth.uid;
    }""")
    who = asking(ANA, {"things/one": document("things/one", owner="ana")})
    assert ruleset.judge_list(Query("things/one/parts"), who).is_allowed
    assert not ruleset.judge_list(Query("things/two/parts"), who).is_allowed


def test_a_collection_group_is_open_only_by_a_rule_for_every_place_of_it() -> None:
    group = Query("parts", all_descendants=True)
    assert rules("match /{all=**}/parts/{p} { allow list; }").judge_list(group, asking()).is_allowed
    assert rules("match /{all=**} { allow list; }").judge_list(group, asking()).is_allowed
    for place in ("/things/{id}/parts/{p}", "/parts/{p}", "/{all=**}/others/{p}", "/{a}/{b}"):
        ruleset = rules(f"match {place} {{ allow list; }}")
        assert not ruleset.judge_list(group, asking()).is_allowed
    by_place = rules("match /{all=**}/parts/{p} { allow list: if all == /things/one; }")
    assert not by_place.judge_list(group, asking()).is_allowed
    assert by_place.judge_list(Query("things/one/parts"), asking()).is_allowed


def test_too_many_alternatives_are_refused() -> None:
    ten = [f"x{n}" for n in range(10)]
    query = THINGS.where("x", "in", ten).where("y", "in", ten)
    assert MOST_CASES == 100
    assert may_list("resource.data.x < 'y'", query)
    assert not may_list("resource.data.x < 'y'", query.where("z", "in", ["a", "b"]))


def test_a_field_that_is_none_is_the_callers_mistake() -> None:
    with pytest.raises(InvalidRequest):
        may_list("true", THINGS.where("a..b", "==", 1))
