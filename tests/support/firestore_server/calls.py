"""Who called what: every call is recorded, and a judge may refuse it."""

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from core.store.port import Data, Document, Query

OWNER: Final = "owner"
"""The token that emulators take for an administrator's."""
_MOST_KEPT: Final = 10_000


@dataclass(frozen=True, slots=True)
class Call:
    """One call as it came in."""

    method: str
    token: str
    """The bearer token; "" without one."""
    metadata: dict[str, str]


@dataclass(frozen=True, slots=True)
class Operation:
    """What a call wants to do, for a judge."""

    kind: Literal["get", "list", "create", "update", "delete"]
    path: str
    """Of the document; of the collection, or its id for a group, in a list."""
    before: Document | None = None
    """The document as it is."""
    after: Data | None = None
    """The document as it would be; the commit's time still as SERVER_TIMESTAMP."""
    query: Query | None = None
    found: tuple[Document, ...] = ()
    """What a list would hand out."""


Read = Callable[[str], Document | None]
"""Returns the document at a path, judged by nobody."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a judge has to decide."""

    token: str
    operations: Sequence[Operation]
    """All that one call wants to do."""
    read: Read
    """The documents as they are."""
    read_after: Read
    """The documents as they would be; the commit's time still as SERVER_TIMESTAMP."""


Judge = Callable[[Asked], Awaitable[None]]
"""Raises Refusal to refuse a call."""


class Calls:
    """The calls so far, and who decides over them."""

    def __init__(self) -> None:
        self.judge: Judge | None = None
        self.seen: deque[Call] = deque(maxlen=_MOST_KEPT)
        """The latest calls, the oldest first."""

    def record(self, method: str, metadata: Sequence[tuple[str, str | bytes]]) -> Call:
        """Note a call."""
        texts = {name: value for name, value in metadata if isinstance(value, str)}
        scheme, _space, token = texts.get("authorization", "").partition(" ")
        call = Call(method, token if scheme.lower() == "bearer" else "", texts)
        self.seen.append(call)
        return call

    async def check(
        self,
        call: Call,
        operations: Sequence[Operation],
        read: Read,
        read_after: Read | None = None,
    ) -> None:
        """Ask the judge; the owner is above it. Raises Refusal."""
        if self.judge is not None and call.token != OWNER:
            await self.judge(Asked(call.token, operations, read, read_after or read))

    def count(self, method: str) -> int:
        """Return how often a method was called, among the latest calls."""
        return sum(call.method == method for call in self.seen)
