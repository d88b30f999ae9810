"""Patterns mean the same as in RE2, or are refused."""

import re
import time

import pytest

from core.store.rules.methods import LONGEST_SUBJECT, call_method
from core.store.rules.patterns import PatternError, translate
from core.store.rules.values import EvaluationError


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        ("a+b?", "aab", "abb"), ("^a$", "a", "a\n"), ("[^a-c]{2,3}", "xyz", "ax"),
        ("(?i)ab", "AB", "ac"), ("(foo|bar)", "bar", "baz"), ("\\d{4}-\\d\\d", "2026-01",
        "२०२६-01"),
        ("\\w+", "a_1", "ă"), ("a.c", "abc", "a\nc"), ("(?s)a.c", "a\nc", "ac"), ("\\Aa\\z",
        "a", "a\n"),
        ("[\\w.]+@[a-z]+", "a.b@c", "@c"), ("[]a]+", "]a", "b"), ("[a&&b]+", "a&b", "c"),
        ("(?P<year>[0-9]{4})", "2026", "26"), ("(?:ab){2}", "abab", "ab"), ("a{2,}", "aaa", "a"),
        ("\\+40", "+40", "40"), ("([0-9]+)?", "", "x"), ("a*?b", "aab", "a"), ("}", "}", "{"),
        ("[+][1-9][0-9]{6,14}", "+40722123456", "0722123456"), ("", "", "a"),
    ],
)  # fmt: skip
def test_what_is_understood(pattern: str, matching: str, other: str) -> None:
    assert call_method(matching, "matches", [pattern]) is True
    assert call_method(other, "matches", [pattern]) is False


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+", "(a|b)*", "(a?){9}", "(?:a*b*)+", "a*b*c*d*e*", "(?=a)", "(?!a)", "(?<=a)b",
        "(a)\\1", "(?P=a)", "a**", "a++", "a{1001}", "*a", "(", ")", "a)", "[a", "\\", "\\p{L}",
        "[[:alpha:]]", "\\Qa\\E", "(?m)a$", "(?U)a", "\\Z", "[\\b]", "(?>a)", "[b-a]", "(?#a)",
    ],
)  # fmt: skip
def test_what_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        translate(pattern)
    with pytest.raises(EvaluationError):
        call_method("a", "matches", [pattern])


def test_long_texts_are_refused_rather_than_searched() -> None:
    assert call_method("a" * LONGEST_SUBJECT, "matches", ["a*"]) is True
    with pytest.raises(EvaluationError):
        call_method("a" * (LONGEST_SUBJECT + 1), "matches", ["a*"])


def test_the_classic_traps_end_in_time() -> None:
    started = time.process_time()
    for pattern in ("[a-z]+[a-z]+!", "[a-z0-9.]+@[a-z0-9.]+\\.[a-z]{2,}", "a?a?a?a?a?aaaaa"):
        assert call_method("a" * 1000, "matches", [pattern]) is False
    assert time.process_time() - started < 10


def test_what_python_alone_would_take_is_not_taken_from_it() -> None:
    assert re.fullmatch("a$", "a") is not None
    assert translate("a$") == r"a\Z"
