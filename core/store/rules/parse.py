"""From the text of security rules to their syntax tree; the only module that needs lark."""

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedEOF, UnexpectedInput
from lark.exceptions import UnexpectedToken, VisitError
from lark.tree import Meta
from lark.visitors import v_args

from core.i18n import _
from core.store.errors import RulesInvalid
from core.store.rules.check import Mistake, check
from core.store.rules.functions import NAMESPACES
from core.store.rules.syntax import (
    Allow,
    Binary,
    Blob,
    Call,
    Choice,
    Constant,
    Expression,
    Field,
    Function,
    Index,
    Is,
    Junction,
    Let,
    ListOf,
    MapOf,
    Match,
    MethodCall,
    Name,
    PathOf,
    Position,
    Rules,
    Slice,
    Unary,
    Wildcard,
)

LARGEST_TEXT: Final = 256 * 1024
"""Bytes (https://firebase.google.com/docs/firestore/security/rules-structure#security_rule_limits)."""

_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)", re.DOTALL)
_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", "'": "'", '"': '"', "/": "/"}
_SHOWN: Final = {
    "NAME": "NAME", "SEGMENT": "SEGMENT", "STRING": "STRING", "$END": "END",
    "EQUALITY": "'=='", "RELATION": "'<'", "IN": "'in'", "SIGN": "'+'", "FACTOR": "'*'",
    "SLASH": "'/'",
}  # fmt: skip
_VALUE: Final = frozenset(("NAME", "STRING", "INTEGER"))
"""Where these can stand, any value can."""
_MOST_EXPECTED: Final = 4


def parse(text: str) -> Rules:
    """Take rules apart and check what can be known before any request. Raises RulesInvalid."""
    if len(text.encode()) > LARGEST_TEXT:
        raise _invalid(text, (1, 1), _("The rules are larger than 256 KiB."))
    try:
        rules: Rules = _TreeMaker().transform(_grammar().parse(text))
        check(rules)
    except UnexpectedInput as error:
        raise _invalid(text, *_unexpected(text, error)) from None
    except VisitError as error:
        if isinstance(error.orig_exc, Mistake):
            raise _invalid(text, error.orig_exc.at, str(error.orig_exc)) from None
        raise
    except Mistake as mistake:
        raise _invalid(text, mistake.at, str(mistake)) from None
    except RecursionError:
        raise _invalid(text, (1, 1), _("The rules nest too deep.")) from None
    return rules


@lru_cache(maxsize=1)
def _grammar() -> Lark:
    file = Path(__file__).with_name("grammar.lark")
    return Lark(
        file.read_text(encoding="utf-8"),
        parser="lalr",
        propagate_positions=True,
        maybe_placeholders=False,
    )


# -- errors ---------------------------------------------------------------------------------------


def _invalid(text: str, at: Position, message: str) -> RulesInvalid:
    line, column = at
    lines = text.split("\n")
    source = lines[line - 1].replace("\t", " ").rstrip("\r") if line <= len(lines) else ""
    return RulesInvalid(
        message,
        line=line,
        column=column,
        excerpt=f"{source}\n{' ' * (column - 1)}^",
    )


def _unexpected(text: str, error: UnexpectedInput) -> tuple[Position, str]:
    """Return where the text is not what the grammar wants, and what it wants there."""
    if isinstance(error, UnexpectedEOF) or (
        isinstance(error, UnexpectedToken) and error.token.type == "$END"
    ):
        lines = text.rstrip().split("\n")
        at = (len(lines), len(lines[-1]) + 1)
        return at, _("The rules end too early; {expected} should follow.").format(
            expected=_expected(getattr(error, "accepts", None) or error.expected)
        )
    at = (error.line, error.column)
    if isinstance(error, UnexpectedToken):
        found, wanted = str(error.token), error.accepts or error.expected
    else:
        assert isinstance(error, UnexpectedCharacters)
        found, wanted = error.char, error.allowed or set()
    return at, _("{found!r} was not expected here, but {expected}.").format(
        found=found, expected=_expected(wanted)
    )


def _expected(terminals: Iterable[str]) -> str:
    """Return a few of the things that could stand there, the likeliest first."""
    if _VALUE.issubset(terminals):
        return _("a value")
    names = {_SHOWN.get(name) or _literal(name) for name in terminals}
    shown = sorted(names, key=lambda name: (name not in ("';'", "')'", "'}'", "'if'"), name))
    if len(shown) > _MOST_EXPECTED:
        shown = [*shown[:_MOST_EXPECTED], "…"]
    return ", ".join(shown) or _("something else")


def _literal(terminal: str) -> str:
    pattern = next((each.pattern for each in _grammar().terminals if each.name == terminal), None)
    return f"'{pattern.value}'" if pattern is not None else terminal.lower()


# -- the tree -------------------------------------------------------------------------------------


def _place(where: Meta | Token) -> Position:
    return where.line or 1, where.column or 1


def _text(token: Token, at: Position, *, is_bytes: bool = False) -> str:
    """Return what a string literal stands for."""

    def unescape(found: re.Match[str]) -> str:
        what = found[1]
        if what[0] in "ux" and len(what) > 1:
            return chr(int(what[1:], 16))
        if what not in _ESCAPES:
            raise Mistake(
                at,
                _("A string has no escape {escape}; a backslash itself is written twice.").format(
                    escape=found[0]
                ),
            )
        return _ESCAPES[what]

    return _ESCAPE.sub(unescape, str(token)[2 if is_bytes else 1 : -1])


@v_args(meta=True)
class _TreeMaker(Transformer[Token, Any]):
    """Makes the nodes, from the innermost outwards; each method is named for its rule."""

    # -- statements --

    @v_args(meta=False)
    def start(self, parts: list[Any]) -> Rules:
        if len(parts) == 1:
            raise Mistake((1, 1), _("The rules must begin with rules_version = '2';"))
        rules: Rules = parts[1]
        return rules

    def version(self, meta: Meta, parts: list[Token]) -> str:
        found = _text(parts[0], _place(meta))
        if found != "2":
            raise Mistake(
                _place(parts[0]),
                _("Only version 2 of the rules is understood, not {version!r}.").format(
                    version=found
                ),
            )
        return found

    def service(self, meta: Meta, parts: list[Any]) -> Rules:
        if parts[0] != "cloud.firestore":
            raise Mistake(
                _place(meta),
                _("Only the service cloud.firestore is understood, not {name}.").format(
                    name=parts[0]
                ),
            )
        functions, _allows, matches = _sorted(parts[1:])
        return Rules(functions, matches)

    @v_args(meta=False)
    def service_name(self, parts: list[Token]) -> str:
        return ".".join(parts)

    def match(self, meta: Meta, parts: list[Any]) -> Match:
        functions, allows, matches = _sorted(parts[1:])
        return Match(_place(meta), parts[0], functions, allows, matches)

    @v_args(meta=False)
    def pattern(self, parts: list[Any]) -> list[str | Wildcard]:
        return parts

    @v_args(meta=False)
    def literal(self, parts: list[Token]) -> str:
        return str(parts[0])

    def wildcard(self, meta: Meta, parts: list[Token]) -> Wildcard:
        return Wildcard(_place(meta), str(parts[0]), is_deep=False)

    def deep_wildcard(self, meta: Meta, parts: list[Token]) -> Wildcard:
        return Wildcard(_place(meta), str(parts[0]), is_deep=True)

    def allow(self, meta: Meta, parts: list[Any]) -> Allow:
        methods = [str(part) for part in parts if isinstance(part, Token)]
        condition = None if isinstance(parts[-1], Token) else parts[-1]
        return Allow(_place(meta), methods, condition)

    def function(self, meta: Meta, parts: list[Any]) -> Function:
        name, parameters, *lets, result = parts
        return Function(_place(meta), str(name), parameters, lets, result)

    @v_args(meta=False)
    def parameters(self, parts: list[Token]) -> list[str]:
        return [str(part) for part in parts]

    def let(self, meta: Meta, parts: list[Any]) -> Let:
        return Let(_place(meta), str(parts[0]), parts[1])

    # -- expressions --

    def choice(self, meta: Meta, parts: list[Expression]) -> Choice:
        return Choice(_place(meta), *parts)

    def any_of(self, meta: Meta, parts: list[Expression]) -> Junction:
        return Junction(_place(meta), "||", parts)

    def all_of(self, meta: Meta, parts: list[Expression]) -> Junction:
        return Junction(_place(meta), "&&", parts)

    def binary(self, meta: Meta, parts: list[Any]) -> Binary:
        left, operator, right = parts
        return Binary(_place(meta), str(operator), left, right)  # type: ignore[arg-type]

    def is_type(self, meta: Meta, parts: list[Any]) -> Is:
        return Is(_place(meta), parts[0], str(parts[1]))

    def negation(self, meta: Meta, parts: list[Expression]) -> Unary:
        return Unary(_place(meta), "!", parts[0])

    def sign(self, meta: Meta, parts: list[Any]) -> Unary:
        if parts[0] != "-":
            raise Mistake(_place(meta), _("There is no sign '+' before a value."))
        return Unary(_place(meta), "-", parts[1])

    @v_args(meta=False)
    def field(self, parts: list[Any]) -> Field:
        return Field(_place(parts[1]), parts[0], str(parts[1]))

    def method_call(self, meta: Meta, parts: list[Any]) -> MethodCall | Call:
        if isinstance(parts[0], Name) and parts[0].name in NAMESPACES:
            return Call(_place(meta), f"{parts[0].name}.{parts[1]}", parts[2])
        return MethodCall(_place(parts[1]), parts[0], str(parts[1]), parts[2])

    def index(self, meta: Meta, parts: list[Expression]) -> Index:
        return Index(_place(meta), *parts)

    def slice(self, meta: Meta, parts: list[Expression]) -> Slice:
        return Slice(_place(meta), *parts)

    def null(self, meta: Meta, _parts: list[Token]) -> Constant:
        return Constant(_place(meta), None)

    def true(self, meta: Meta, _parts: list[Token]) -> Constant:
        return Constant(_place(meta), True)

    def false(self, meta: Meta, _parts: list[Token]) -> Constant:
        return Constant(_place(meta), False)

    def integer(self, meta: Meta, parts: list[Token]) -> Constant:
        value = int(parts[0], 0) if parts[0].startswith("0x") else int(parts[0])
        if value >= 2**63:
            raise Mistake(_place(meta), _("{value} does not fit into 64 bits.").format(value=value))
        return Constant(_place(meta), value)

    def float_number(self, meta: Meta, parts: list[Token]) -> Constant:
        return Constant(_place(meta), float(parts[0]))

    def string(self, meta: Meta, parts: list[Token]) -> Constant:
        return Constant(_place(meta), _text(parts[0], _place(meta)))

    def byte_string(self, meta: Meta, parts: list[Token]) -> Blob:
        text = _text(parts[0], _place(meta), is_bytes=True)
        return Blob(_place(meta), text.encode())

    def name(self, meta: Meta, parts: list[Token]) -> Name:
        return Name(_place(meta), str(parts[0]))

    def call(self, meta: Meta, parts: list[Any]) -> Call:
        return Call(_place(meta), str(parts[0]), parts[1])

    def list_of(self, meta: Meta, parts: list[Any]) -> ListOf:
        return ListOf(_place(meta), parts[0])

    def map_of(self, meta: Meta, parts: list[Any]) -> MapOf:
        return MapOf(_place(meta), parts)

    def path(self, meta: Meta, parts: list[Any]) -> PathOf:
        return PathOf(_place(meta), [part for part in parts if not isinstance(part, Token)])

    @v_args(meta=False)
    def inserted(self, parts: list[Expression]) -> Expression:
        return parts[0]

    @v_args(meta=False)
    def arguments(self, parts: list[Expression]) -> list[Expression]:
        return parts

    @v_args(meta=False)
    def entry(self, parts: list[Expression]) -> tuple[Expression, Expression]:
        return parts[0], parts[1]


def _sorted(parts: list[Any]) -> tuple[list[Function], list[Allow], list[Match]]:
    """Return the statements of a block by their kind."""
    return (
        [part for part in parts if isinstance(part, Function)],
        [part for part in parts if isinstance(part, Allow)],
        [part for part in parts if isinstance(part, Match)],
    )
