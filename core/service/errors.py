"""What the bridge's callables can answer besides a result, after Google's canonical codes.

ServiceError
├── BridgeUnreachable   no bridge answers
└── CallRefused         the bridge answered with an error status
"""

from typing import Literal

from core.errors import CapcoadaError

Status = Literal[
    "INVALID_ARGUMENT", "UNAUTHENTICATED", "PERMISSION_DENIED", "NOT_FOUND", "FAILED_PRECONDITION",
    "ALREADY_EXISTS", "RESOURCE_EXHAUSTED", "UNAVAILABLE", "DEADLINE_EXCEEDED", "INTERNAL",
]  # fmt: skip


class ServiceError(CapcoadaError):
    """A call to the bridge that brought no result."""


class BridgeUnreachable(ServiceError):
    """No bridge answers at its address."""


class CallRefused(ServiceError):
    """The bridge answered with an error status."""

    def __init__(
        self, status: Status, message: str, *, hint: str = "", field: str = "", reason: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.status: Status = status
        self.field = field
        """The request field at fault, when one is."""
        self.reason = reason
        """What keeps the caller out, as a word for programs: `not_owner_or_cowriter`, …"""
