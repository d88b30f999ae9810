"""What a store can answer besides a document.

StoreError
├── StoreUnavailable     out of reach for now; trying again may help
│   ├── Contention       a transaction lost against others too often
│   ├── OutcomeUnknown   the answer to a commit was lost: it may have happened
│   └── Unauthenticated  nobody is signed in any more
├── NotFound             an update of a document that does not exist
├── AlreadyExists        a create of a document that exists
├── PreconditionFailed   the document changed since it was read
├── PermissionDenied     the rules refuse this operator
├── IndexMissing         the query needs a composite index
├── InvalidRequest       a path, value or query that no engine would take
├── RulesInvalid         security rules that cannot be understood
└── StoreUnusable        damaged, or written by a newer version
"""

from core.errors import CapcoadaError
from core.i18n import _


class StoreError(CapcoadaError):
    """Something the document store could not do."""


class StoreUnavailable(StoreError):
    """The store is out of reach for now (locked, full, no network); trying again may help."""


class Contention(StoreUnavailable):
    """A transaction lost against other writers more often than it may be tried."""


class OutcomeUnknown(StoreUnavailable):
    """The answer to a commit was lost: it happened whole, or not at all.

    Who wants to try again must look first, or write what may be written twice.
    """


class Unauthenticated(StoreUnavailable):
    """The store does not know who asks: there is no sign-in, or it holds no more."""


class NotFound(StoreError):
    """A document that must exist does not."""


class AlreadyExists(StoreError):
    """A document that must not exist does."""


class PreconditionFailed(StoreError):
    """A document was changed by someone else since it was read."""


class PermissionDenied(StoreError):
    """The rules refuse this to the present operator."""


class IndexMissing(StoreError):
    """A query needs a composite index that `firestore.indexes.json` does not define."""


class InvalidRequest(StoreError):
    """A path, value or query that no engine would accept: a mistake in the caller."""


class RulesInvalid(StoreError):
    """Security rules that cannot be understood, and where."""

    def __init__(self, reason: str, *, line: int, column: int, excerpt: str) -> None:
        super().__init__(
            _("line {line}, column {column}: {message}").format(
                line=line, column=column, message=reason
            )
        )
        self.reason = reason
        """What is wrong, without the place."""
        self.line = line
        self.column = column
        """Both from 1."""
        self.excerpt = excerpt
        """The line itself and, below it, a caret at the column."""


class StoreUnusable(StoreError):
    """The store's file is damaged, not a store, or written by a newer version."""
