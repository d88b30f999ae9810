"""What can be known to be wrong is said when the rules are read, with its place."""

import pytest

from core.store.errors import RulesInvalid
from core.store.rules.ruleset import Ruleset
from tests.core.store.rules.asking import rules

HEAD = "rules_version = '2';\nservice cloud.firestore { match /databases/{d}/documents {\n"


def mistake(body: str) -> RulesInvalid:
    with pytest.raises(RulesInvalid) as caught:
        Ruleset.parse(f"{HEAD}{body}\n}}}}")
    return caught.value


@pytest.mark.parametrize(
    ("condition", "marked", "message"),
    [
        ("nobody == 1", "nobody", "There is no variable nobody."),
        ("isAdmn()", "isAdmn", "There is no function isAdmn."),
        ("floor(1) == 1", "floor", "There is no function floor."),
        ("math.flor(1) == 1", "math", "There is no function math.flor. Is math.floor meant?"),
        ("x.mathces('a')", "mathces", "No value has a method mathces. Is matches meant?"),
        ("x.matches()", "matches", "matches takes 1 argument, not 0."),
        ("x.get('a')", "get", "get takes 2 arguments, not 1."),
        ("exists(/a/b, /c/d)", "exists", "exists takes 1 argument, not 2."),
        ("int(1, 2) == 1", "int", "int takes 1 argument, not 2."),
        ("x is strng", "x", "There is no type strng. Is string meant?"),
        ("request.aut != null", "aut", "There is no request.aut. Is auth meant?"),
        ("request.auth.id == x", "id", "There is no request.auth.id."),
        ("request.resource.dat.a", "dat", "There is no request.resource.dat. Is data meant?"),
        ("resource.dta.a", "dta", "There is no resource.dta. Is data meant?"),
        ("x.matches('(a+)+')", "'(a", "What is repeated can match in several ways"),
        ("x.matches('(?=a)')", "'(?", "Groups that look around or refer to others are not known."),
        ("x.matches('a(')", "'a(", "The pattern ends too early."),
        ("x == '\\d'", "'\\d", "A string has no escape \\d; a backslash itself is written twice."),
        (
            "x == 99999999999999999999",
            "99999999999999999999",
            "99999999999999999999 does not fit into 64 bits.",
        ),
        ("+1 == 1", "+1", "There is no sign '+' before a value."),
        ("x = 1", "= 1", "'=' was not expected here, but"),
        ("x == #", "#", "'#' was not expected here, but a value."),
        ("x == 'a", "'a", '"\'" was not expected here, but a value.'),
        ("", "; }", "';' was not expected here, but a value."),
        ("[1, 2 == x", "; }", "';' was not expected here, but"),
    ],
)
def test_a_condition_that_can_never_work(condition: str, marked: str, message: str) -> None:
    line = f"match /a/{{x}} {{ allow get: if {condition}; }}"
    error = mistake(line)
    assert message in error.message
    assert (error.line, error.column) == (3, line.rindex(marked) + 1)
    assert error.excerpt == f"{line}\n{' ' * (error.column - 1)}^"
    assert error.message.startswith(f"line 3, column {error.column}: ")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("match /a/{x} { allow fetch; }", "There is no operation fetch."),
        ("match /a/{x}/b/{x} { }", "There are two variables x."),
        ("match /a/{request} { }", "request is a name that every rule has."),
        ("match /{a=**}/{b=**} { }", "A path may have one '**'."),
        ("function f() { return 1; } function f() { return 2; }", "There are two functions f."),
        ("function exists(a) { return a; }", "exists is a function that every rule has."),
        ("function f(a, a) { return a; }", "There are two variables a."),
        ("function f(a) { let a = 1; return a; }", "There are two variables a."),
        ("function f() { let a = b; let b = 1; return a; }", "There is no variable b."),
        ("function f(math) { return 1; }", "math is a name that every rule has."),
        ("function f(a) { return f(a); }", "f → f calls itself."),
        ("function f() { return g(); } function g() { return f(); }", "f → g → f calls itself."),
        ("match /a/{x} { function f() { return x; } } function g() { return f(); }",
        "no function f"),
        ("function f(a, b, c, d, e, f, g, h) { return 1; }", "A function may have 7 parameters."),
        (f"function f() {{ {'let a = 1; ' * 11} return 1; }}", "A function may have 10 variables."),
        ("match /a/b {" * 10 + "}" * 10, "Matches may nest 10 levels."),
        ("match " + "".join(f"/{{v{n}}}" for n in range(20)) + " {}",
        "A path may have 20 variables."),
        (
            "".join(f"function f{n}() {{ return f{n + 1}(); }}\n" for n in range(20))
            + "function f20() { return 1; }",
            "Functions may call one another 20 deep.",
        ),
        (f"function f() {{ return {'!' * 60}true; }}", "Expressions may nest 50 levels."),
        (f"function f() {{ return {'!' * 5000}true; }}", "nest"),
        (f"// {'x' * 256 * 1024}", "The rules are larger than 256 KiB."),
    ],
)  # fmt: skip
def test_statements_that_can_never_work(body: str, message: str) -> None:
    assert message in mistake(body).message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "The rules end too early"),
        ("service cloud.firestore { }", "The rules must begin with rules_version = '2';"),
        ("rules_version = '1'; service cloud.firestore { }", "Only version 2"),
        ("rules_version = '2'; service firebase.storage { }", "Only the service cloud.firestore"),
        (HEAD, "The rules end too early"),
    ],
)
def test_files_that_are_none(text: str, message: str) -> None:
    with pytest.raises(RulesInvalid, match=message):
        Ruleset.parse(text)


def test_comments_and_line_ends_of_any_kind() -> None:
    ruleset = Ruleset.parse(
        "// one\r\nrules_version = '2'; /* two\r\n */\r\nservice cloud.firestore {\r\n"
        "match /a/{b} { // 'three\r\n allow get /* four */ : if true; } }"
    )
    assert len(ruleset.rules.matches) == 1


def test_names_may_look_like_words_of_the_language() -> None:
    ruleset = rules("""
      function matcher(ifs, index, isA) { let lets = ifs.match.in; return lets.allow == isA; }
      match /match/{service} { allow get: if matcher(resource.data, 1, service.size()); }""")
    assert len(ruleset.rules.matches) == 1
