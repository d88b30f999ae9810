"""Whatever is read or asked, rules answer: with a verdict, or with their own error."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from core.store.errors import RulesInvalid
from core.store.port import Query
from core.store.rules.ruleset import PACKAGED_RULES, Change, Ruleset, Verdict
from tests.core.store.rules.asking import ANA, asking, document, rules

PACKAGED = PACKAGED_RULES.read_text(encoding="utf-8")
PIECES = [
    "rules_version", "=", "'2'", ";", "service", "cloud.firestore", "{", "}", "match", "/", "a",
    "{x}", "{x=**}", "allow", "get", ":", "if", "true", "function", "f", "(", ")", "return", "let",
    "&&", "||", "!", "==", "in", "is", "$(", "[", "]", "?", "-", "1", ".", "'", '"', "\\", "//",
    "/*", "*/", "\n", "\0", "é", "b'", ",", "null", "resource", "request",
]  # fmt: skip

atoms = st.sampled_from([
    "null", "true", "false", "0", "1", "-1", "2.5", "9223372036854775807", "''", "'a'", "'a/b'",
    "b'x'", "[]", "[1, 'a']", "{}", "{'a': 1}", "/a/b", "/databases/$(database)/documents/a/b",
    "resource", "resource.data", "resource.data.a", "resource.data.b.c",
    "resource.data.d", "request", "request.auth",
    "request.auth.uid", "request.auth.token", "request.resource", "request.resource.data",
    "request.time", "request.query.limit", "request.path", "id", "duration.value(1, 'h')",
    "latlng.value(1, 2)", "['a'].toSet()", "{'a': 1}.diff({'b': 2})", "timestamp.value(0)",
])  # fmt: skip


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    binary = st.sampled_from(
        "== != < <= > >= in + - * / % && ||".split()  # noqa: SIM905 - easier to read
    )
    types = st.sampled_from(["bool", "int", "map", "list", "string", "set", "path", "timestamp"])
    no_argument = st.sampled_from([
        "size", "keys", "values", "lower", "upper", "trim", "toSet", "toUtf8", "toBase64", "date",
        "year", "time", "seconds", "nanos", "toMillis", "affectedKeys", "changedKeys", "latitude",
    ])  # fmt: skip
    one_argument = st.sampled_from([
        "hasAll", "hasAny", "hasOnly", "concat", "join", "removeAll", "diff", "union", "matches",
        "split", "intersection", "difference", "distance", "bind",
    ])  # fmt: skip
    functions = st.sampled_from([
        "int", "float", "string", "bool", "path", "debug", "math.abs", "math.sqrt", "math.round",
        "exists", "get", "existsAfter", "getAfter", "hashing.md5", "duration.abs",
        "timestamp.value",
    ])  # fmt: skip
    return st.one_of(
        st.builds("({} {} {})".format, inner, binary, inner),
        st.builds("!({})".format, inner),
        st.builds("-({})".format, inner),
        st.builds("(({}) is {})".format, inner, types),
        st.builds("({} ? {} : {})".format, inner, inner, inner),
        st.builds("({}).{}()".format, inner, no_argument),
        st.builds("({}).{}({})".format, inner, one_argument, inner),
        st.builds("({}).get({}, {})".format, inner, inner, inner),
        st.builds("({}).replace({}, {})".format, inner, inner, inner),
        st.builds("{}({})".format, functions, inner),
        st.builds("math.pow({}, {})".format, inner, inner),
        st.builds("duration.value({}, {})".format, inner, inner),
        st.builds("({})[{}]".format, inner, inner),
        st.builds("({})[{}:{}]".format, inner, inner, inner),
        st.builds("({}).a".format, inner),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("{{'a': {}, 'b': {}}}".format, inner, inner),
        st.builds("/a/$({})".format, inner),
    )


expressions = st.recursive(atoms, _grown, max_leaves=12)
values: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(), st.text(),
        st.binary(), st.datetimes(timezones=st.just(asking().moment.tzinfo)),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=6,
)  # fmt: skip
data = st.dictionaries(st.sampled_from("abc"), values, max_size=3)


@given(st.lists(st.sampled_from(PIECES), max_size=60).map(" ".join))
@settings(max_examples=300, deadline=None)
def test_no_text_breaks_the_parser(text: str) -> None:
    _parse(text)
    _parse(f"rules_version = '2'; service cloud.firestore {{ match /a/{{b}} {{ {text} }} }}")


@given(st.integers(0, len(PACKAGED)), st.integers(0, 40), st.text(max_size=10))
@settings(max_examples=50, deadline=None)
def test_no_damage_to_the_rules_breaks_the_parser(place: int, count: int, text: str) -> None:
    _parse(PACKAGED[:place] + text + PACKAGED[place + count :])


def _parse(text: str) -> None:
    mistake = None
    try:
        Ruleset.parse(text)
    except RulesInvalid as error:
        mistake = error
    if mistake is not None:
        assert min(mistake.line, mistake.column) >= 1
        assert mistake.excerpt.endswith("^")


@given(expressions, data, data)
@settings(max_examples=400, deadline=None)
def test_every_expression_comes_to_a_verdict(
    condition: str, before: dict[str, Any], after: dict[str, Any]
) -> None:
    try:
        ruleset = rules(f"match /a/{{id}} {{ allow read, write: if {condition}; }}")
    except RulesInvalid:
        return  # a pattern that cannot be used, say
    found = document("a/b", **before)
    query = Query("a").where("a", "==", before.get("a")).where("b.c", "in", [1, "x"]).limit(5)
    for verdict in (
        ruleset.judge_get("a/b", found, asking(ANA, {"a/b": found})),
        ruleset.judge_get("a/b", None, asking(None)),
        ruleset.judge_list(query, asking(ANA, {"a/b": found})),
        ruleset.judge_write("update", "a/b", Change(before, after), asking()),
        ruleset.judge_write("delete", "a/b", Change(before, None), asking(None)),
    ):
        assert isinstance(verdict, Verdict)
        assert verdict.is_allowed == (not verdict.reason)
        json.dumps(verdict.reason)


@given(expressions, st.sampled_from([1, 1.0, "x"]), st.sampled_from([1, 1.5, 2, 3.0]), values)
@settings(max_examples=400, deadline=None)
def test_what_a_list_is_allowed_a_get_of_each_document_is(
    condition: str, c: Any, d: Any, other: Any
) -> None:
    """The promise of judging a query: no document that it finds would be refused by itself."""
    try:
        ruleset = rules(f"match /a/{{id}} {{ allow read: if {condition}; }}")
    except RulesInvalid:
        return
    query = Query("a").where("a", "==", "x").where("b.c", "in", [1, "x"])
    query = query.where("d", ">=", 1).where("d", "<", 3.5)
    if "request.query" in condition or "request.path" in condition or "request)" in condition:
        return  # they differ between the two
    if ruleset.judge_list(query, asking()).is_allowed:
        found = document("a/b", a="x", b={"c": c}, c=other, d=d)
        assert ruleset.judge_get("a/b", found, asking()).is_allowed
