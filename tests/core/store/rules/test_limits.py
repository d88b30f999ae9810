"""A request that is too much work is denied, whatever else would allow it."""

from core.store.rules.evaluate import MOST_EXPRESSIONS
from core.store.rules.lookups import MOST_LOOKUPS, MOST_LOOKUPS_TOGETHER
from core.store.rules.ruleset import Change
from tests.core.store.rules.asking import asking, document, judge, rules

HERE = "/databases/$(database)/documents"


def test_too_many_expressions() -> None:
    few = " && ".join(["true"] * (MOST_EXPRESSIONS // 2))
    assert judge(few).is_allowed
    many = judge(f"{few} && true || true")
    assert not many.is_allowed
    assert many.reason == "more than 1000 expressions"


def test_too_many_lookups_and_each_document_counts_once() -> None:
    def looks(count: int) -> str:
        return " && ".join(f"!exists({HERE}/a/d{n})" for n in range(count))

    assert judge(f"{looks(MOST_LOOKUPS)} && {looks(MOST_LOOKUPS)}").is_allowed
    assert not judge(f"({looks(MOST_LOOKUPS + 1)}) || true").is_allowed


def test_the_writes_of_a_commit_share_their_lookups() -> None:
    ruleset = rules(f"""match /a/{{x}} {{
      allow create: if !exists({HERE}/b/$(x + '1')) && !exists({HERE}/b/$(x + '2'));
    }}""")
    who = asking(most=MOST_LOOKUPS_TOGETHER)
    answers = [
        ruleset.judge_write("create", f"a/x{n}", Change(None, {}), who).is_allowed
        for n in range(11)
    ]
    assert answers == [True] * 10 + [False]


def test_calls_that_nest_deep_are_no_danger() -> None:
    chain = "".join(f"function f{n}(a) {{ return {'!' * 40}f{n + 1}(a); }}\n" for n in range(18))
    ruleset = rules(
        f"{chain} function f18(a) {{ return a; }} match /a/{{x}} {{ allow get: if f0(true); }}"
    )
    verdict = ruleset.judge_get("a/x", document("a/x"), asking())
    assert not verdict.is_allowed
    assert "recursion" in verdict.reason
