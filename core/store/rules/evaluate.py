"""What an expression of the rules comes to, for one request.

An error decides nothing by itself: `error || true` is true, `error && false` is false, and what is
left of an error denies. For a query, what cannot be told of the documents it may find is `UNKNOWN`,
and goes the same way (https://firebase.google.com/docs/firestore/security/rules-query).
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from core.store.port import Document
from core.store.rules.lookups import LOOKUPS, MOST_LOOKUPS, Lookups
from core.store.rules.operators import (
    COMPARISONS,
    checked,
    compare,
    compare_within,
    compute,
    contains,
)
from core.store.rules.syntax import (
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
    MethodCall,
    Name,
    PathOf,
    Position,
    Slice,
    Unary,
)
from core.store.rules.values import (
    UNKNOWN,
    EvaluationError,
    LimitExceeded,
    PartialList,
    PartialMap,
    Path,
    Range,
    Unknown,
    Value,
    equal,
    is_partial,
    type_names,
)

MOST_EXPRESSIONS: Final = 1000
"""Evaluated in one request
(https://firebase.google.com/docs/firestore/security/rules-structure#security_rule_limits)."""


class Frame:
    """Variables and functions that can be named in some place of the rules."""

    __slots__ = ("functions", "parent", "variables")

    def __init__(
        self,
        variables: Mapping[str, Value],
        functions: Mapping[str, Function],
        parent: "Frame | None",
    ) -> None:
        self.variables = variables
        self.functions = functions
        self.parent = parent

    def value(self, name: str) -> Value:
        """Return a variable's value."""
        frame: Frame | None = self
        while frame is not None:
            if name in frame.variables:
                return frame.variables[name]
            frame = frame.parent
        raise EvaluationError(f"no variable {name}")

    def function(self, name: str) -> "tuple[Function, Frame] | None":
        """Return a function of the rules and the frame that it is defined in."""
        frame: Frame | None = self
        while frame is not None:
            if name in frame.functions:
                return frame.functions[name], frame
            frame = frame.parent
        return None


def resource_of(document: Document, database: tuple[str, ...]) -> dict[str, Value]:
    """Return what `resource`, and `get()`, are for a document."""
    return resource(document.path, document.data, database)


def resource(path: str, data: Mapping[str, Value], database: tuple[str, ...]) -> dict[str, Value]:
    """Return what `resource` is for a document's path and data."""
    segments = (*database, *path.split("/"))
    return {"data": data, "id": segments[-1], "__name__": Path(segments)}


class Evaluation:
    """The work on one request, which is bounded."""

    def __init__(self, lookups: Lookups, database: tuple[str, ...]) -> None:
        self._lookups = lookups
        self._database = database
        self._steps = 0
        self._told: dict[tuple[str, Frame], tuple[Value, int]] = {}
        """What functions without parameters came to, and in how many steps."""
        self._looked_up: set[tuple[str, bool]] = set()

    def evaluate(self, node: Expression, frame: Frame) -> Value:
        """Return an expression's value. Raises EvaluationError, LimitExceeded, RecursionError."""
        self._steps += 1
        if self._steps > MOST_EXPRESSIONS:
            raise LimitExceeded(f"more than {MOST_EXPRESSIONS} expressions")
        return _EVALUATORS[type(node)](self, node, frame)

    def _constant(self, node: Constant | Blob, _frame: Frame) -> Value:
        return node.value

    def _name(self, node: Name, frame: Frame) -> Value:
        return frame.value(node.name)

    # -- what is made of several --

    def _list(self, node: ListOf, frame: Frame) -> Value:
        items = [self.evaluate(item, frame) for item in node.items]
        return UNKNOWN if any(map(is_partial, items)) else items

    def _map(self, node: MapOf, frame: Frame) -> Value:
        made: dict[str, Value] = {}
        unknown = False
        for name_node, value_node in node.entries:
            name, value = self.evaluate(name_node, frame), self.evaluate(value_node, frame)
            unknown = unknown or is_partial(name) or is_partial(value)
            if not unknown and type(name) is not str:
                raise EvaluationError("the key of a map must be a string")
            made[name if type(name) is str else ""] = value
        return UNKNOWN if unknown else made

    def _path(self, node: PathOf, frame: Frame) -> Value:
        segments: list[str] = []
        for part in node.segments:
            value = part if isinstance(part, str) else self.evaluate(part, frame)
            if value is UNKNOWN:
                return UNKNOWN
            if type(value) is Path:
                segments.extend(value.segments)
            elif type(value) is str and value and "/" not in value:
                segments.append(value)
            else:
                raise EvaluationError("a path is made of ids")
        return Path(tuple(segments))

    # -- parts of a value --

    def _field(self, node: Field, frame: Frame) -> Value:
        return _part(self.evaluate(node.of, frame), node.name)

    def _index(self, node: Index, frame: Frame) -> Value:
        holder, index = self.evaluate(node.of, frame), self.evaluate(node.index, frame)
        if index is UNKNOWN or type(holder) is PartialList:
            return UNKNOWN
        if type(index) is str:
            return _part(holder, index)
        if holder is UNKNOWN:
            return UNKNOWN
        values = holder.segments if type(holder) is Path else holder
        if type(index) is not int or type(values) not in (list, str, tuple):
            raise EvaluationError("that has no index")
        if not 0 <= index < len(values):
            raise EvaluationError("an index out of range")
        return values[index]

    def _slice(self, node: Slice, frame: Frame) -> Value:
        holder = self.evaluate(node.of, frame)
        start, end = self.evaluate(node.start, frame), self.evaluate(node.end, frame)
        if is_partial(holder) or start is UNKNOWN or end is UNKNOWN:
            return UNKNOWN
        if type(holder) not in (list, str) or type(start) is not int or type(end) is not int:
            raise EvaluationError("that has no range")
        if not 0 <= start <= end <= len(holder):
            raise EvaluationError("a range out of range")
        return holder[start:end]

    # -- operators --

    def _unary(self, node: Unary, frame: Frame) -> Value:
        value = self.evaluate(node.of, frame)
        if value is UNKNOWN:
            return UNKNOWN
        if node.operator == "!":
            return not _truth(value)
        if type(value) in (int, float):
            return checked(-value)
        raise EvaluationError("a minus before what is no number")

    def _binary(self, node: Binary, frame: Frame) -> Value:
        left, right = self.evaluate(node.left, frame), self.evaluate(node.right, frame)
        sign = node.operator
        if sign == "==":
            return equal(left, right)
        if sign == "!=":
            is_equal = equal(left, right)
            return UNKNOWN if is_equal is UNKNOWN else not is_equal
        if left is UNKNOWN or right is UNKNOWN:
            return UNKNOWN
        if sign == "in":
            return _within(right, left)
        if type(left) is Range or type(right) is Range:
            return compare_within(sign, left, right)
        if is_partial(left) or is_partial(right):
            raise EvaluationError(f"{sign} is not for maps and lists")
        if sign in COMPARISONS:
            return compare(sign, left, right)
        return compute(sign, left, right)

    def _junction(self, node: Junction, frame: Frame) -> Value:
        """Let a part that decides win over errors and over what is unknown."""
        self._steps += len(node.parts) - 2  # To Firestore, `a && b && c` is two operators.
        decisive = node.operator == "||"
        failure: EvaluationError | None = None
        unknown = False
        for part in node.parts:
            try:
                value = self.evaluate(part, frame)
                if value is UNKNOWN:
                    unknown = True
                elif _truth(value) is decisive:
                    return decisive
            except EvaluationError as error:
                failure = failure or error
        if unknown:
            return UNKNOWN
        if failure is not None:
            raise failure
        return not decisive

    def _choice(self, node: Choice, frame: Frame) -> Value:
        condition = self.evaluate(node.condition, frame)
        if condition is UNKNOWN:
            return UNKNOWN
        return self.evaluate(node.yes if _truth(condition) else node.no, frame)

    def _is(self, node: Is, frame: Frame) -> Value:
        value = self.evaluate(node.of, frame)
        if value is UNKNOWN or type(value) is Range:
            return UNKNOWN
        return node.type_name in type_names(value)

    # -- calls --

    def _method_call(self, node: MethodCall, frame: Frame) -> Value:
        from core.store.rules.methods import call_method  # noqa: PLC0415 - few rules call any

        value = self.evaluate(node.of, frame)
        arguments = [self.evaluate(argument, frame) for argument in node.arguments]
        if value is UNKNOWN or any(map(is_partial, arguments)):
            return UNKNOWN
        return self._guarded(node.at, call_method, value, node.name, arguments)

    def _call(self, node: Call, frame: Frame) -> Value:
        arguments = [self.evaluate(argument, frame) for argument in node.arguments]
        found = frame.function(node.name)
        if found is not None:
            return self._own(*found, arguments) if arguments else self._own_once(*found)
        if any(map(is_partial, arguments)):
            return UNKNOWN
        if node.name in LOOKUPS:
            return self._look_up(node.name, arguments[0])
        from core.store.rules.functions import FUNCTIONS  # noqa: PLC0415 - few rules call any

        return self._guarded(node.at, FUNCTIONS[node.name], *arguments)

    def _guarded(self, at: Position, function: Callable[..., Value], *arguments: Value) -> Value:
        """Call a function of Python; what it does not take is an error of the expression."""
        try:
            return function(*arguments)
        except (TypeError, ValueError, ArithmeticError, MemoryError) as error:
            raise EvaluationError(f"line {at[0]}: {type(error).__name__}") from None

    def _own_once(self, function: Function, frame: Frame) -> Value:
        """Call a function that has no parameters, and so says the same as the first time."""
        key = (function.name, frame)
        if (told := self._told.get(key)) is not None:
            self._steps += told[1]
            return told[0]
        before = self._steps
        value = self._own(function, frame, [])
        self._told[key] = (value, self._steps - before)
        return value

    def _own(self, function: Function, frame: Frame, arguments: list[Value]) -> Value:
        """Call a function of the rules. Its variables are computed whether used or not."""
        variables: dict[str, Value] = dict(zip(function.parameters, arguments, strict=True))
        inner = Frame(variables, {}, frame)
        for let in function.lets:
            variables[let.name] = self.evaluate(let.value, inner)
        return self.evaluate(function.result, inner)

    def _look_up(self, name: str, path: Value) -> Value:
        count = len(self._database)
        if type(path) is not Path or path.segments[:count] != self._database:
            raise EvaluationError(f"{name}() is for the path of a document")
        inner = path.segments[count:]
        if not inner or len(inner) % 2:
            raise EvaluationError(f"{name}() is for the path of a document")
        wanted = ("/".join(inner), name.endswith("After"))
        self._looked_up.add(wanted)
        if len(self._looked_up) > MOST_LOOKUPS:
            raise LimitExceeded(f"more than {MOST_LOOKUPS} lookups")
        document = self._lookups.document(*wanted)
        if name.startswith("exists"):
            return document is not None
        return None if document is None else resource_of(document, self._database)


def _truth(value: Value) -> bool:
    if type(value) is not bool:
        raise EvaluationError("true or false is wanted")
    return value


def _part(holder: Value, name: str) -> Value:
    """Return the field of a map."""
    kind = type(holder)
    if kind is dict:
        try:
            return holder[name]
        except KeyError:
            raise EvaluationError(f"no field {name}") from None
    if kind is PartialMap:
        return holder.known.get(name, UNKNOWN)
    if kind is Unknown:
        return UNKNOWN
    raise EvaluationError(f"no field {name} in {'null' if holder is None else kind.__name__}")


def _within(holder: Value, value: Value) -> bool | Unknown:
    """Return `value in holder`."""
    kind = type(holder)
    if kind is PartialMap:
        return True if type(value) is str and value in holder.known else UNKNOWN
    if is_partial(value):
        return UNKNOWN
    if kind is PartialList:
        return contains(holder.known, value) or UNKNOWN
    return contains(holder, value)


_EVALUATORS: Final[dict[type, Callable[[Evaluation, Any, Frame], Value]]] = {
    Binary: Evaluation._binary,
    Blob: Evaluation._constant,
    Call: Evaluation._call,
    Choice: Evaluation._choice,
    Constant: Evaluation._constant,
    Field: Evaluation._field,
    Index: Evaluation._index,
    Is: Evaluation._is,
    Junction: Evaluation._junction,
    ListOf: Evaluation._list,
    MapOf: Evaluation._map,
    MethodCall: Evaluation._method_call,
    Name: Evaluation._name,
    PathOf: Evaluation._path,
    Slice: Evaluation._slice,
    Unary: Evaluation._unary,
}
