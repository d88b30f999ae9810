"""What can be known of rules before any request: names, methods, numbers of arguments, limits.

Limits are those of https://firebase.google.com/docs/firestore/security/rules-structure.
"""

import inspect
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Final

from core.i18n import _, ngettext
from core.store.rules.functions import FUNCTIONS, NAMESPACES
from core.store.rules.lookups import LOOKUPS
from core.store.rules.methods import METHODS as VALUE_METHODS
from core.store.rules.patterns import PatternError, translate
from core.store.rules.syntax import (
    METHODS,
    Allow,
    Binary,
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
    MethodCall,
    Name,
    PathOf,
    Position,
    Rules,
    Slice,
    Unary,
    Wildcard,
)
from core.store.rules.values import TYPES

MOST_LETS: Final = 10
MOST_PARAMETERS: Final = 7
MOST_NESTED_MATCHES: Final = 10
MOST_WILDCARDS: Final = 20
MOST_CALLS_DEEP: Final = 20
MOST_NESTED: Final = 50
"""Expressions within one another; our own limit."""

_FIELDS: Final[dict[str, frozenset[str]]] = {
    "request": frozenset(("auth", "method", "path", "query", "resource", "time")),
    "request.auth": frozenset(("token", "uid")),
    "request.query": frozenset(("limit", "offset", "orderBy")),
    "request.resource": frozenset(("__name__", "data", "id")),
    "resource": frozenset(("__name__", "data", "id")),
}
"""What there is in the variables that every rule has."""
_PATTERN_METHODS: Final = frozenset(("matches", "replace", "split"))


class Mistake(Exception):
    """Something in the rules that can never work, and where."""

    def __init__(self, at: Position, message: str) -> None:
        super().__init__(message)
        self.at = at


def check(rules: Rules) -> None:
    """Look for what can never work. Raises Mistake, the first that there is."""
    _Scope({}, frozenset(("request", "resource"))).block(rules.functions, (), rules.matches)


class _Scope:
    """The functions and variables that may be named somewhere in the rules."""

    def __init__(
        self,
        functions: Mapping[str, "_Known"],
        variables: frozenset[str],
        *,
        matches: int = 0,
        wildcards: int = 0,
    ) -> None:
        self.functions = functions
        self.variables = variables
        self._matches = matches
        self._wildcards = wildcards

    def block(
        self, functions: list[Function], allows: Iterable[Allow], matches: list[Match]
    ) -> None:
        """Check what stands between two braces."""
        names: set[str] = set()
        for function in functions:
            if function.name in names:
                raise Mistake(
                    function.at, _("There are two functions {name}.").format(name=function.name)
                )
            if function.name in FUNCTIONS or function.name in LOOKUPS:
                raise Mistake(
                    function.at,
                    _("{name} is a function that every rule has.").format(name=function.name),
                )
            names.add(function.name)
        known = dict(self.functions)
        inner = _Scope(known, self.variables, matches=self._matches, wildcards=self._wildcards)
        known |= {function.name: _Known(function, inner) for function in functions}
        for function in functions:
            _check_function(function, inner)
        for function in functions:
            known[function.name].check_depth(())
        for allow in allows:
            _check_allow(allow, inner)
        for match in matches:
            inner._match(match)

    def _match(self, match: Match) -> None:
        wildcards = [part for part in match.pattern if isinstance(part, Wildcard)]
        matches, count = self._matches + 1, self._wildcards + len(wildcards)
        if matches > MOST_NESTED_MATCHES:
            raise Mistake(
                match.at,
                _("Matches may nest {count} levels.").format(count=MOST_NESTED_MATCHES),
            )
        if count > MOST_WILDCARDS:
            raise Mistake(
                match.at, _("A path may have {count} variables.").format(count=MOST_WILDCARDS)
            )
        for wildcard in wildcards:
            _check_new_name(wildcard.name, wildcard.at)
        names = [wildcard.name for wildcard in wildcards]
        for wildcard in wildcards:
            if names.count(wildcard.name) > 1:
                raise Mistake(
                    wildcard.at, _("There are two variables {name}.").format(name=wildcard.name)
                )
        if sum(wildcard.is_deep for wildcard in wildcards) > 1:
            raise Mistake(match.at, _("A path may have one '**'."))
        scope = _Scope(
            self.functions, self.variables | set(names), matches=matches, wildcards=count
        )
        scope.block(match.functions, match.allows, match.matches)


class _Known:
    """A function of the rules, and where it is defined."""

    def __init__(self, function: Function, scope: _Scope) -> None:
        self.function = function
        self._scope = scope
        self._depth: int | None = None

    def check_depth(self, callers: tuple[str, ...]) -> int:
        """Return how deep calls go from here. Raises Mistake for a circle, or too many."""
        function = self.function
        if function.name in callers:
            raise Mistake(
                function.at,
                _("{name} calls itself.").format(name=" → ".join([*callers, function.name])),
            )
        if self._depth is None:
            bodies = [*(let.value for let in function.lets), function.result]
            called = (
                self._scope.functions[node.name].check_depth((*callers, function.name))
                for body in bodies
                for node in _walk(body)
                if isinstance(node, Call) and node.name in self._scope.functions
            )
            self._depth = 1 + max(called, default=0)
        if self._depth + len(callers) > MOST_CALLS_DEEP:
            raise Mistake(
                function.at,
                _("Functions may call one another {count} deep.").format(count=MOST_CALLS_DEEP),
            )
        return self._depth


# -- statements -----------------------------------------------------------------------------------


def _check_allow(allow: Allow, scope: _Scope) -> None:
    for method in allow.methods:
        if method not in METHODS:
            raise Mistake(
                allow.at,
                _("There is no operation {name}.").format(name=method) + _similar(method, METHODS),
            )
    if allow.condition is not None:
        _check(allow.condition, scope)


def _check_function(function: Function, scope: _Scope) -> None:
    if len(function.parameters) > MOST_PARAMETERS:
        raise Mistake(
            function.at,
            _("A function may have {count} parameters.").format(count=MOST_PARAMETERS),
        )
    if len(function.lets) > MOST_LETS:
        raise Mistake(
            function.at, _("A function may have {count} variables.").format(count=MOST_LETS)
        )
    names: set[str] = set()
    for name in function.parameters:
        _check_new_name(name, function.at)
        if name in names:
            raise Mistake(function.at, _("There are two variables {name}.").format(name=name))
        names.add(name)
    for let in function.lets:
        _check(let.value, _Scope(scope.functions, scope.variables | names))
        _check_new_name(let.name, let.at)
        if let.name in names:
            raise Mistake(let.at, _("There are two variables {name}.").format(name=let.name))
        names.add(let.name)
    _check(function.result, _Scope(scope.functions, scope.variables | names))


def _check_new_name(name: str, at: Position) -> None:
    if name in ("request", "resource") or name in NAMESPACES:
        raise Mistake(at, _("{name} is a name that every rule has.").format(name=name))


# -- expressions ----------------------------------------------------------------------------------


def _check(expression: Expression, scope: _Scope, depth: int = 1) -> None:
    if depth > MOST_NESTED:
        raise Mistake(
            expression.at, _("Expressions may nest {count} levels.").format(count=MOST_NESTED)
        )
    match expression:
        case Name(at=at, name=name) if name not in scope.variables:
            raise Mistake(
                at,
                _("There is no variable {name}.").format(name=name)
                + _similar(name, scope.variables),
            )
        case Field():
            _check_field(expression)
        case Call():
            _check_call(expression, scope)
        case MethodCall():
            _check_method(expression)
        case Is(at=at, type_name=name) if name not in TYPES:
            raise Mistake(
                at, _("There is no type {name}.").format(name=name) + _similar(name, TYPES)
            )
    for part in _parts(expression):
        _check(part, scope, depth + 1)


def _check_field(field: Field) -> None:
    match field.of:
        case Name(name=holder):
            pass
        case Field(of=Name(name=outer), name=inner):
            holder = f"{outer}.{inner}"
        case _:
            return
    fields = _FIELDS.get(holder)
    if fields is not None and field.name not in fields:
        raise Mistake(
            field.at,
            _("There is no {name}.").format(name=f"{holder}.{field.name}")
            + _similar(field.name, fields),
        )


def _check_call(call: Call, scope: _Scope) -> None:
    known = scope.functions.get(call.name)
    if known is not None:
        wanted = len(known.function.parameters)
    elif call.name in LOOKUPS:
        wanted = 1
    elif call.name in FUNCTIONS:
        wanted = _arity(call.name)
    else:
        names = [*scope.functions, *FUNCTIONS, *LOOKUPS]
        raise Mistake(
            call.at,
            _("There is no function {name}.").format(name=call.name) + _similar(call.name, names),
        )
    _check_count(call, {wanted})


def _check_method(call: MethodCall) -> None:
    arities = {
        len(inspect.signature(methods[call.name]).parameters) - 1
        for methods in VALUE_METHODS.values()
        if call.name in methods
    }
    if not arities:
        names = {name for methods in VALUE_METHODS.values() for name in methods}
        raise Mistake(
            call.at,
            _("No value has a method {name}.").format(name=call.name) + _similar(call.name, names),
        )
    _check_count(call, arities)
    if call.name in _PATTERN_METHODS and isinstance(call.arguments[0], Constant):
        pattern = call.arguments[0]
        if isinstance(pattern.value, str):
            try:
                translate(pattern.value)
            except (PatternError, RecursionError, OverflowError) as error:
                raise Mistake(pattern.at, str(error)) from None


def _arity(name: str) -> int:
    return len(inspect.signature(FUNCTIONS[name]).parameters)


def _check_count(call: Call | MethodCall, wanted: set[int]) -> None:
    if len(call.arguments) not in wanted:
        raise Mistake(
            call.at,
            ngettext(
                "{name} takes {wanted} argument, not {count}.",
                "{name} takes {wanted} arguments, not {count}.",
                min(wanted),
            ).format(
                name=call.name,
                wanted=" / ".join(map(str, sorted(wanted))),
                count=len(call.arguments),
            ),
        )


def _similar(name: str, names: Iterable[str]) -> str:
    found = get_close_matches(name, list(names), 1)
    return " " + _("Is {name} meant?").format(name=found[0]) if found else ""


def _walk(expression: Expression) -> Iterator[Expression]:
    yield expression
    for part in _parts(expression):
        yield from _walk(part)


def _parts(expression: Expression) -> Iterable[Expression]:
    """Return the expressions that one is made of."""
    match expression:
        case ListOf(items=parts) | Junction(parts=parts) | Call(arguments=parts):
            return parts
        case MethodCall(of=of, arguments=parts):
            return [of, *parts]
        case MapOf(entries=entries):
            return [part for entry in entries for part in entry]
        case PathOf(segments=segments):
            return [part for part in segments if not isinstance(part, str)]
        case Field(of=of) | Unary(of=of) | Is(of=of):
            return [of]
        case Index(of=of, index=index):
            return [of, index]
        case Slice(of=of, start=start, end=end):
            return [of, start, end]
        case Binary(left=left, right=right):
            return [left, right]
        case Choice(condition=condition, yes=yes, no=no):
            return [condition, yes, no]
    return []
