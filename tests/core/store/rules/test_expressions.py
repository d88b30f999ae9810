"""What expressions come to, one by one, as Firestore's reference says."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.core.store.rules.asking import ANA, asking, document, judge, judge_write, rules

DATA: dict[str, Any] = {
    "text": "Ana are mere",
    "whole": 7,
    "float": 2.5,
    "yes": True,
    "nothing": None,
    "blob": b"\x00\xff",
    "at": datetime(2026, 2, 10, 18, 5, 6, 7000, tzinfo=UTC),
    "list": ["a", "b", 1],
    "map": {"a": 1, "inner": {"b": "c"}},
}

TRUE = [
    # literals, precedence
    "true", "!false", "1 + 2 * 3 == 7", "(1 + 2) * 3 == 9", "-2 + 3 == 1", "7 - 2 - 1 == 4",
    "7 / 2 == 3", "-7 / 2 == -3", "7 % 3 == 1", "-7 % 3 == -1", "7.0 / 2 == 3.5", "1 == 1.0",
    "0x10 == 16", "1.5e1 == 15", "'a' + 'b' == 'ab'", "'it\\'s' == \"it's\"", "'\\u0103' == 'ă'",
    "true || false && false", "1 < 2 == true", "false ? false : true", "1 in [1, 2] == true",
    "null == null", "[1, 'a'] == [1.0, 'a']", "{'a': 1} == {'a': 1}", "b'ab' == b'ab'",
    "1 != '1'", "true != 1", "null != false", "'a' < 'b'", "2.5 >= 2", "b'a' < b'b'",
    # the document and the request
    "resource.data.text == 'Ana are mere'", "resource.data['whole'] == 7", "resource.id == 'one'",
    "id == 'one'", "database == '(default)'", "request.method == 'get'",
    "resource.__name__ == /databases/(default)/documents/things/one",
    "request.path == resource.__name__", "request.path[4] == 'one'",
    "request.auth.uid == 'ana'", "request.auth.token.email == 'ana@example.com'",
    "request.auth.token.admin", "request.resource == null", "request.query == null",
    "resource != null", "'uid' in request.auth",
    # types
    "resource.data.text is string", "resource.data.whole is int", "resource.data.whole is number",
    "resource.data.float is float", "resource.data.float is number", "resource.data.yes is bool",
    "resource.data.blob is bytes", "resource.data.at is timestamp", "resource.data.list is list",
    "resource.data.map is map", "request.time is timestamp", "request.path is path",
    "duration.value(1, 'h') is duration", "latlng.value(1, 2) is latlng",
    "['a'].toSet() is set", "{'a': 1}.diff({}) is map_diff", "!(resource.data.yes is int)",
    "!(null is map)", "!(1 is float)",
    # strings
    "'Ab'.lower() == 'ab'", "'Ab'.upper() == 'AB'", "' a '.trim() == 'a'", "'ăâ'.size() == 2",
    "'a1b22c'.split('[0-9]+') == ['a', 'b', 'c']", "''.split(',') == []",
    "'a.b'.replace('[.]', '$1') == 'a$1b'", "'abc'[1] == 'b'", "'abcd'[1:3] == 'bc'",
    "'ana@b.ro'.matches('[a-z]+@[a-z]+\\\\.ro')", "!'xana'.matches('ana')",
    "'ana\\n'.matches('ana$') == false", "'ANA'.matches('(?i)ana')", "'ă'.toUtf8().size() == 2",
    # lists and sets
    "'a' in resource.data.list", "!('z' in resource.data.list)", "resource.data.list[2] == 1",
    "resource.data.list[0:2] == ['a', 'b']", "resource.data.list.size() == 3",
    "resource.data.list.hasAll(['a', 1.0])", "resource.data.list.hasAny(['z', 'b'])",
    "!resource.data.list.hasAny(['z'])", "['a', 'a'].hasOnly(['a', 'b'])",
    "!['a', 'c'].hasOnly(['a', 'b'])", "['a'].concat(['b']) == ['a', 'b']",
    "['a', 1, true, null].join('-') == 'a-1-true-null'",
    "['a', 'b', 'a'].removeAll(['a']) == ['b']",
    "['a', 'b', 'a'].toSet().size() == 2", "['a', 'b'].toSet() == ['b', 'a'].toSet()",
    "['a', 'b'].toSet().intersection(['b', 'c'].toSet()) == ['b'].toSet()",
    "['a'].toSet().union(['b'].toSet()).hasAll(['a', 'b'])",
    "['a', 'b'].toSet().difference(['b'].toSet()).hasOnly(['a'])", "'a' in ['a'].toSet()",
    "[true] != [1]",
    # maps
    "'a' in resource.data.map", "resource.data.map.inner.b == 'c'",
    "resource.data.map.keys().hasOnly(['a', 'inner'])", "resource.data.map.size() == 2",
    "1 in resource.data.map.values()", "resource.data.map.get('z', 5) == 5",
    "resource.data.map.get('a', 5) == 1", "resource.data.map.get(['inner', 'b'], 'x') == 'c'",
    "resource.data.map.get(['inner', 'z'], 'x') == 'x'",
    "resource.data.map.get(['a', 'b'], 0) == 0",
    "{'a': 1, 'b': 2, 'c': 3}.diff({'a': 1, 'b': 9, 'd': 4}).addedKeys() == ['c'].toSet()",
    "{'a': 1, 'b': 2, 'c': 3}.diff({'a': 1, 'b': 9, 'd': 4}).removedKeys() == ['d'].toSet()",
    "{'a': 1, 'b': 2, 'c': 3}.diff({'a': 1, 'b': 9, 'd': 4}).changedKeys() == ['b'].toSet()",
    "{'a': 1, 'b': 2, 'c': 3}.diff({'a': 1, 'b': 9, 'd': 4}).unchangedKeys() == ['a'].toSet()",
    "{'a': 1, 'b': 2}.diff({'a': 1, 'b': 9, 'd': 4}).affectedKeys().hasOnly(['b', 'd'])",
    "{'a': {'b': 1}}.diff({'a': {'b': 1.0}}).affectedKeys().size() == 0",
    # times
    "resource.data.at.year() == 2026", "resource.data.at.month() == 2",
    "resource.data.at.day() == 10",
    "resource.data.at.hours() == 18", "resource.data.at.minutes() == 5",
    "resource.data.at.seconds() == 6", "resource.data.at.nanos() == 7000000",
    "resource.data.at.dayOfWeek() == 2", "resource.data.at.dayOfYear() == 41",
    "resource.data.at.date() == timestamp.date(2026, 2, 10)",
    "resource.data.at.time() == duration.time(18, 5, 6, 7000000)",
    "timestamp.value(1500).toMillis() == 1500", "request.time < resource.data.at",
    "request.time + duration.value(3, 'w') - request.time == duration.value(21, 'd')",
    "duration.value(90, 's').seconds() == 90", "duration.value(1500, 'ms').nanos() == 500000000",
    "duration.abs(duration.value(-1, 'm')) == duration.value(60, 's')",
    # numbers and conversions
    "math.abs(-2) == 2", "math.ceil(1.2) == 2", "math.floor(-1.2) == -2", "math.round(2.5) == 3",
    "math.pow(2, 3) == 8", "math.sqrt(9) == 3", "math.isNaN(0.0 / 0)", "math.isInfinite(1.0 / 0)",
    "int('12') == 12", "int(2.9) == 2", "float('2.5') == 2.5", "string(2.0) == '2.0'",
    "string(true) == 'true'", "string(null) == 'null'", "bool('true')", "debug(true)",
    "path('/a/b') == /a/b", "/a/$('b')/c == path('a/b/c')",
    "hashing.sha256('').toHexString()[0:8] == 'e3b0c442'",
    "hashing.md5('a').toBase64() == 'DMF1ucDxtqgxw5niaXcmYQ=='",
    "math.abs(latlng.value(44.43, 26.1).distance(latlng.value(46.77, 23.6)) - 324000.0) < 3000",
    "latlng.value(1, 2).latitude() == 1.0",
    # what an error leaves undecided
    "resource.data.missing == 1 || true", "true || resource.data.missing == 1",
    "!(resource.data.missing == 1 && false)", "!(false && resource.data.missing)",
    "resource.data.missing == 1 || 1 == '1' || resource.data.whole == 7",
]  # fmt: skip

ERRORS = [
    "resource.data.missing == 1", "resource.data.nothing.a == 1", "resource.data.whole.a == 1",
    "resource.data.missing || false", "resource.data.missing && true", "!resource.data.text",
    "1 + 'a' == 2", "'a' < 1", "1 / 0 == 0", "1 % 0 == 0", "1.5 % 1 == 0", "-'a' == 'a'",
    "true < false", "null < 1", "'a' in 'abc'", "'a' in null", "resource.data.list[3] == 1",
    "resource.data.list[-1] == 1", "resource.data.list[1:9] == []", "'abc'['a'] == 'a'",
    "9223372036854775807 + 1 > 0", "[1].hasAny('1')", "resource.data.whole.size() == 1",
    "null.size() == 0", "'a'.matches(1)", "'a'.matches(resource.data.text + '(') || false",
    "int('x') == 1", "float(true) == 1.0", "bool(1)", "string([]) == ''",
    "['a'].toSet() == ['a'].toSet() && 1",
    "resource.data.text ? true : false", "resource.data.yes && resource.data.text",
    "{'a': 1}.diff([]).affectedKeys().size() == 0", "timestamp.date(2026, 13, 1) == request.time",
    "duration.value(1, 'y') == duration.value(1, 'y')", "/a/$(1)/b == /a/1/b",
    "/a/$('b/c') == /a/b/c",
    "exists('things/one')", "exists(/things/one)", "get(/databases/$(database)/documents/a).data.x",
    "request.auth.token.missing == 1", "latlng.value(91, 0) == latlng.value(91, 0)",
]  # fmt: skip


@pytest.mark.parametrize("condition", TRUE)
def test_is_true(condition: str) -> None:
    verdict = judge(condition, **DATA)
    assert verdict.is_allowed, verdict.reason


@pytest.mark.parametrize("condition", TRUE)
def test_its_negation_is_false_and_no_error(condition: str) -> None:
    verdict = judge(f"!({condition})", **DATA)
    assert verdict.reason == "line 4: not so"


@pytest.mark.parametrize("condition", ERRORS)
def test_an_error_denies_and_so_does_its_negation(condition: str) -> None:
    for written in (condition, f"!({condition})"):
        verdict = judge(written, **DATA)
        assert not verdict.is_allowed
        assert verdict.reason != "line 4: not so"


def test_what_is_true_or_false_but_no_bool_denies() -> None:
    assert not judge("1").is_allowed
    assert not judge("'true'").is_allowed
    assert not judge("null").is_allowed


def test_nobody_has_no_auth() -> None:
    assert judge("request.auth == null", asking(None)).is_allowed
    assert not judge("request.auth.uid == 'ana'", asking(None)).is_allowed
    assert not judge("request.auth != null", asking(None)).is_allowed


def test_other_documents_are_looked_at() -> None:
    who = asking(ANA, {"staff/ana": document("staff/ana", role="admin")})
    staff = "/databases/$(database)/documents/staff"
    assert judge(f"exists({staff}/$(request.auth.uid))", who).is_allowed
    assert judge(f"get({staff}/ana).data.role == 'admin'", who).is_allowed
    assert judge(f"get({staff}/ana).id == 'ana'", who).is_allowed
    assert judge(f"!exists({staff}/ion) && get({staff}/ion) == null", who).is_allowed
    assert not judge(f"get({staff}/ion).data.role == 'admin'", who).is_allowed


def test_a_write_sees_what_was_and_what_will_be() -> None:
    both = "resource.data.n + 1 == request.resource.data.n"
    assert judge_write(both, {"n": 1}, {"n": 2}).is_allowed
    assert not judge_write(both, {"n": 1}, {"n": 3}).is_allowed
    assert not judge_write(both, None, {"n": 3}).is_allowed
    assert judge_write("resource == null && request.method == 'create'", None, {}).is_allowed
    assert judge_write(
        "request.resource == null && request.method == 'delete'", {}, None
    ).is_allowed


def test_functions_have_parameters_and_variables_of_their_own() -> None:
    ruleset = rules("""
      function outer(a) { return inner(a, 2) && id(a) == a; }
      function inner(a, b) { let sum = a + b; let twice = sum * 2; return twice == 6; }
      function id(value) { return value; }
      match /things/{thing} {
        function isOne() { return thing == 'one' && outer(1); }
        allow get: if isOne();
        match /parts/{part} {
          function isOne() { return part == 'one'; }
          allow get: if isOne();
        }
      }""")
    assert ruleset.judge_get("things/one", None, asking()).is_allowed
    assert not ruleset.judge_get("things/two", None, asking()).is_allowed
    assert ruleset.judge_get("things/two/parts/one", None, asking()).is_allowed
    assert not ruleset.judge_get("things/one/parts/two", None, asking()).is_allowed


def test_an_error_in_a_variable_is_one_of_the_function() -> None:
    ruleset = rules("""
      function f() { let unused = resource.data.missing; return true; }
      match /things/{thing} { allow get: if f(); }""")
    assert not ruleset.judge_get("things/one", document("things/one"), asking()).is_allowed
