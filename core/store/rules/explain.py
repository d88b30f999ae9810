"""Rules in words: for each place, who may do what."""

import json
from collections.abc import Iterator
from typing import Final

import msgspec

from core.store.rules.ruleset import DATABASE
from core.store.rules.syntax import (
    METHODS,
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
    ListOf,
    MapOf,
    Match,
    Method,
    MethodCall,
    Name,
    PathOf,
    Rules,
    Slice,
    Unary,
    show_pattern,
)

OPERATIONS: Final[tuple[Method, ...]] = ("get", "list", "create", "update", "delete")


class Opening(msgspec.Struct, frozen=True):
    """To whom a place is open for some operations."""

    place: str
    """Below the documents' root: `/threads/{threadId}`."""
    operations: tuple[Method, ...]
    conditions: tuple[str, ...]
    """Any one of them is enough; `true` is everybody, none is nobody."""


def openings(rules: Rules) -> list[Opening]:
    """Return what the rules open, place by place; operations that are alike stand together."""
    found: list[Opening] = []
    for place, allows in _places(rules, ""):
        alike: dict[tuple[str, ...], list[Method]] = {}
        for operation in OPERATIONS:
            conditions = tuple(
                text
                for allow in allows
                if any(operation in METHODS[name] for name in allow.methods)
                and (text := "true" if allow.condition is None else show(allow.condition))
                != "false"
            )
            alike.setdefault(conditions, []).append(operation)
        found += [
            Opening(place, tuple(operations), conditions)
            for conditions, operations in alike.items()
        ]
    return found


def functions(rules: Rules) -> dict[str, str]:
    """Return the functions of the rules as `name(parameters)` and what they come to."""
    return {
        f"{one.name}({', '.join(one.parameters)})": " ".join(
            [
                *(f"let {let.name} = {show(let.value)};" for let in one.lets),
                show(one.result),
            ]
        )
        for one in _functions(rules)
    }


def _places(block: Rules | Match, above: str) -> Iterator[tuple[str, list[Allow]]]:
    """Yield the paths that have statements of their own, and these."""
    for match in block.matches:
        path = above + show_pattern(match.pattern)
        if match.allows:
            yield _below_root(path), match.allows
        yield from _places(match, path)


def _below_root(path: str) -> str:
    """Return a place without what every document's path begins with."""
    segments = path.split("/")[1:]
    root = segments[: len(DATABASE)]
    is_rooted = len(root) == len(DATABASE) and (root[0], root[2]) == (DATABASE[0], DATABASE[2])
    return "/" + "/".join(segments[len(DATABASE) :] if is_rooted else segments)


def _functions(block: Rules | Match) -> Iterator[Function]:
    yield from block.functions
    for match in block.matches:
        yield from _functions(match)


# -- expressions as they are written --------------------------------------------------------------

_LEVELS: Final = {
    "||": 1, "&&": 2, "==": 3, "!=": 3, "in": 4, "<": 5, "<=": 5, ">": 5, ">=": 5, "+": 6, "-": 6,
    "*": 7, "/": 7, "%": 7,
}  # fmt: skip
_CHOICE, _IS, _SIGNED, _WHOLE = 0, 4, 8, 9


def show(expression: Expression) -> str:
    """Return an expression as it is written in rules."""
    return _show(expression, _CHOICE)


def _show(node: Expression, least: int) -> str:
    """Return the text of an expression, in parentheses if it binds less than `least`."""
    text, level = _text(node)
    return text if level >= least else f"({text})"


def _text(node: Expression) -> tuple[str, int]:
    """Return the text of an expression and how strongly it binds."""
    match node:
        case Junction(operator=operator, parts=parts):
            level = _LEVELS[operator]
            return f" {operator} ".join(_show(part, level + 1) for part in parts), level
        case Binary(operator=operator, left=left, right=right):
            level = _LEVELS[operator]
            return f"{_show(left, level)} {operator} {_show(right, level + 1)}", level
        case Is(of=of, type_name=name):
            return f"{_show(of, _IS)} is {name}", _IS
        case Choice(condition=condition, yes=yes, no=no):
            return f"{_show(condition, 1)} ? {show(yes)} : {show(no)}", _CHOICE
        case Unary(operator=operator, of=of):
            return f"{operator}{_show(of, _SIGNED)}", _SIGNED
    return _simple(node), _WHOLE


def _simple(node: Expression) -> str:
    match node:
        case Constant(value=value):
            return _quoted(value) if isinstance(value, str) else json.dumps(value)
        case Blob(value=value):
            return f"b{_quoted(value.decode())}"
        case Name(name=name):
            return name
        case Field(of=of, name=name):
            return f"{_show(of, _WHOLE)}.{name}"
        case Index(of=of, index=index):
            return f"{_show(of, _WHOLE)}[{show(index)}]"
        case Slice(of=of, start=start, end=end):
            return f"{_show(of, _WHOLE)}[{show(start)}:{show(end)}]"
        case Call(name=name, arguments=arguments):
            return f"{name}({', '.join(map(show, arguments))})"
        case MethodCall(of=of, name=name, arguments=arguments):
            return f"{_show(of, _WHOLE)}.{name}({', '.join(map(show, arguments))})"
        case ListOf(items=items):
            return f"[{', '.join(map(show, items))}]"
        case MapOf(entries=entries):
            return "{" + ", ".join(f"{show(name)}: {show(value)}" for name, value in entries) + "}"
        case PathOf(segments=segments):
            return "".join(
                f"/{part}" if isinstance(part, str) else f"/$({show(part)})" for part in segments
            )
    raise AssertionError(node)


def _quoted(text: str) -> str:
    escaped = json.dumps(text, ensure_ascii=False)[1:-1].replace('\\"', '"')
    return "'" + escaped.replace("'", "\\'") + "'"
