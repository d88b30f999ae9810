"""Security rules taken apart: what `parse` makes of the text, and the package carries as JSON.

Positions are line and column, both from 1.
"""

from typing import Final, Literal, TypeAlias, Union

import msgspec

Position: TypeAlias = tuple[int, int]

Method = Literal["get", "list", "create", "update", "delete"]

METHODS: Final[dict[str, tuple[Method, ...]]] = {
    "get": ("get",),
    "list": ("list",),
    "create": ("create",),
    "update": ("update",),
    "delete": ("delete",),
    "read": ("get", "list"),
    "write": ("create", "update", "delete"),
}
"""What may stand in an `allow`, and the operations that it stands for."""


class Node(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """Something with a place in the text."""

    at: Position


# -- expressions ----------------------------------------------------------------------------------


class Constant(Node, frozen=True):
    """`null`, `true`, a number or a string."""

    value: bool | int | float | str | None


class Blob(Node, frozen=True):
    """`b'…'`."""

    value: bytes


class ListOf(Node, frozen=True):
    """`[a, b]`."""

    items: list["Expression"]


class MapOf(Node, frozen=True):
    """`{'a': b}`."""

    entries: list[tuple["Expression", "Expression"]]


class PathOf(Node, frozen=True):
    """`/a/$(b)/c`: text stands for itself."""

    segments: list[Union[str, "Expression"]]


class Name(Node, frozen=True):
    """A variable."""

    name: str


class Field(Node, frozen=True):
    """`a.b`."""

    of: "Expression"
    name: str


class Index(Node, frozen=True):
    """`a[b]`."""

    of: "Expression"
    index: "Expression"


class Slice(Node, frozen=True):
    """`a[b:c]`."""

    of: "Expression"
    start: "Expression"
    end: "Expression"


class Call(Node, frozen=True):
    """`f(a)`, also with the namespace that a built-in function is in: `math.abs(a)`."""

    name: str
    arguments: list["Expression"]


class MethodCall(Node, frozen=True):
    """`a.f(b)`."""

    of: "Expression"
    name: str
    arguments: list["Expression"]


class Unary(Node, frozen=True):
    """`!a`, `-a`."""

    operator: Literal["!", "-"]
    of: "Expression"


class Binary(Node, frozen=True):
    """Two operands that are both looked at."""

    operator: Literal["==", "!=", "<", "<=", ">", ">=", "in", "+", "-", "*", "/", "%"]
    left: "Expression"
    right: "Expression"


class Junction(Node, frozen=True):
    """`a && b && …` or `a || b || …`."""

    operator: Literal["&&", "||"]
    parts: list["Expression"]


class Choice(Node, frozen=True):
    """`a ? b : c`."""

    condition: "Expression"
    yes: "Expression"
    no: "Expression"


class Is(Node, frozen=True):
    """`a is type`."""

    of: "Expression"
    type_name: str


Expression: TypeAlias = (
    Constant | Blob | ListOf | MapOf | PathOf | Name | Field | Index | Slice | Call | MethodCall
    | Unary | Binary | Junction | Choice | Is
)  # fmt: skip


# -- statements -----------------------------------------------------------------------------------


class Let(Node, frozen=True):
    """`let a = b;`."""

    name: str
    value: Expression


class Function(Node, frozen=True):
    """`function f(a) { let b = c; return d; }`."""

    name: str
    parameters: list[str]
    lets: list[Let]
    result: Expression


class Allow(Node, frozen=True):
    """`allow a, b: if c;`; without a condition it always allows."""

    methods: list[str]
    """As written: keys of `METHODS`."""
    condition: Expression | None


class Wildcard(Node, frozen=True):
    """`{name}` or `{name=**}` in the path of a match."""

    name: str
    is_deep: bool
    """Whether it takes any number of segments."""


class Match(Node, frozen=True):
    """`match /a/{b} { … }`."""

    pattern: list[str | Wildcard]
    functions: list[Function]
    allows: list[Allow]
    matches: list["Match"]


class Rules(msgspec.Struct, frozen=True, array_like=True):
    """A whole file: what is in `service cloud.firestore { … }`."""

    functions: list[Function]
    matches: list[Match]


def show_pattern(pattern: list[str | Wildcard]) -> str:
    """Return the path of a match as it is written."""
    return "".join(
        f"/{part}" if isinstance(part, str) else f"/{{{part.name}{'=**' * part.is_deep}}}"
        for part in pattern
    )
