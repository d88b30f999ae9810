"""Documents that rules look at besides the one that is asked for."""

from collections.abc import Callable
from typing import Final

from core.store.errors import InvalidRequest
from core.store.port import Document
from core.store.rules.values import EvaluationError, LimitExceeded

Read = Callable[[str], Document | None]
"""Returns the document at a path, without asking any rules; raises InvalidRequest."""

LOOKUPS: Final = frozenset(("exists", "existsAfter", "get", "getAfter"))
"""Functions of a path that look at other documents."""
MOST_LOOKUPS: Final = 10
"""For one query, one document, and each write of a commit."""
MOST_LOOKUPS_TOGETHER: Final = 20
"""For all writes of one commit
(https://firebase.google.com/docs/firestore/security/rules-conditions#access_calls)."""


class Lookups:
    """Reads for one request, all from one moment; each document counts once."""

    def __init__(
        self, read: Read, read_after: Read | None = None, *, most: int = MOST_LOOKUPS
    ) -> None:
        self._read = read
        self._read_after = read_after or read
        self._most = most
        self._found: dict[tuple[str, bool], Document | None] = {}

    def document(self, path: str, after: bool) -> Document | None:
        """Return the document at a path, or what it will be after the commit.

        Raises EvaluationError, LimitExceeded.
        """
        key = (path, after)
        if key not in self._found:
            if len(self._found) >= self._most:
                raise LimitExceeded(f"more than {self._most} lookups")
            try:
                self._found[key] = (self._read_after if after else self._read)(path)
            except InvalidRequest:
                raise EvaluationError("a path that is none") from None
        return self._found[key]
