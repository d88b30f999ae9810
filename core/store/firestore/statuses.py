"""What a call can end with instead of an answer, in the store's own errors.

Codes: https://cloud.google.com/firestore/docs/understand-error-codes.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

import grpc
from grpc import StatusCode

from core.i18n import _
from core.store.errors import (
    AlreadyExists,
    Contention,
    InvalidRequest,
    NotFound,
    OutcomeUnknown,
    PermissionDenied,
    PreconditionFailed,
    StoreError,
    StoreUnavailable,
    StoreUnusable,
    Unauthenticated,
)
from core.text import clean_line

_LONGEST_REASON: Final = 300

LOST: Final = frozenset((
    StatusCode.UNAVAILABLE, StatusCode.DEADLINE_EXCEEDED, StatusCode.INTERNAL, StatusCode.UNKNOWN,
    StatusCode.CANCELLED,
))  # fmt: skip
"""Codes that do not say whether the service did what was asked."""
REFUSED_FOR_NOW: Final = frozenset((StatusCode.ABORTED, StatusCode.RESOURCE_EXHAUSTED))
"""Codes after which nothing was done, and the same may be asked again in a while."""

_NAME: Final = re.compile(r"projects/[^/\s]+/databases/[^/\s]+/documents/(.+)")


def store_error(code: StatusCode, details: str) -> StoreError:
    """Return the store's error for a status."""
    return _TABLE.get(code, _unusable)(_reason(details))


def code_of(number: int) -> StatusCode:
    """Return the status code with a number, as google.rpc.Status holds it."""
    return _BY_NUMBER.get(number, StatusCode.UNKNOWN)


def _reason(details: str) -> str:
    """Return the service's words, fit to be shown."""
    text = clean_line(details).rstrip(".")
    return text if len(text) <= _LONGEST_REASON else text[:_LONGEST_REASON] + "…"


def _path(reason: str) -> str:
    found = _NAME.search(reason)
    return found[1] if found else _("A document")


def _invalid(reason: str) -> StoreError:
    return InvalidRequest(_("Firestore does not take this: {reason}.").format(reason=reason))


def _not_found(reason: str) -> StoreError:
    if "database" in reason and not _NAME.search(reason):
        return StoreUnusable(
            _("There is no such Firestore database: {reason}.").format(reason=reason),
            hint=_("Check cloud.project and cloud.database in the settings."),
        )
    return NotFound(_("{path} does not exist.").format(path=_path(reason)))


def _already_exists(reason: str) -> StoreError:
    return AlreadyExists(_("{path} exists already.").format(path=_path(reason)))


def _failed_precondition(reason: str) -> StoreError:
    return PreconditionFailed(
        _("{path} was changed in the meantime.").format(path=_path(reason)), hint=reason
    )


def _permission_denied(reason: str) -> StoreError:
    return PermissionDenied(_("Firestore does not allow this: {reason}.").format(reason=reason))


def _unauthenticated(reason: str) -> StoreError:
    return Unauthenticated(
        _("Firestore does not take the sign-in: {reason}.").format(reason=reason),
        hint=_("Sign in again."),
    )


def contention(_reason: str = "") -> StoreError:
    """Return the error for a transaction that lost too often."""
    return Contention(
        _("Others kept changing the same documents."), hint=_("Try again in a moment.")
    )


def _exhausted(reason: str) -> StoreError:
    return StoreUnavailable(
        _("Firestore's quota is used up for now: {reason}.").format(reason=reason),
        hint=_("Look at the project's quota and billing in the Google Cloud console."),
    )


def _unavailable(reason: str) -> StoreError:
    return StoreUnavailable(
        _("Firestore does not answer: {reason}.").format(reason=reason),
        hint=_("Check the network."),
    )


def _unusable(reason: str) -> StoreError:
    return StoreUnusable(_("Firestore cannot do this: {reason}.").format(reason=reason))


_TABLE: Final[Mapping[StatusCode, Callable[[str], StoreError]]] = {
    StatusCode.INVALID_ARGUMENT: _invalid,
    StatusCode.OUT_OF_RANGE: _invalid,
    StatusCode.NOT_FOUND: _not_found,
    StatusCode.ALREADY_EXISTS: _already_exists,
    StatusCode.FAILED_PRECONDITION: _failed_precondition,
    StatusCode.PERMISSION_DENIED: _permission_denied,
    StatusCode.UNAUTHENTICATED: _unauthenticated,
    StatusCode.ABORTED: contention,
    StatusCode.RESOURCE_EXHAUSTED: _exhausted,
    StatusCode.UNAVAILABLE: _unavailable,
    StatusCode.DEADLINE_EXCEEDED: _unavailable,
    StatusCode.INTERNAL: _unavailable,
    StatusCode.UNKNOWN: _unavailable,
    StatusCode.CANCELLED: _unavailable,
}
_BY_NUMBER: Final = {code.value[0]: code for code in StatusCode}


def unreachable() -> StoreUnavailable:
    """Return the error for a service to which there is no connection; nothing was sent."""
    return StoreUnavailable(
        _("Firestore cannot be reached."), hint=_("Check the network; nothing was changed.")
    )


def outcome_unknown(details: str | None) -> OutcomeUnknown:
    """Return the error for a commit whose answer was lost."""
    return OutcomeUnknown(
        _("It is not known whether the change was saved: {reason}.").format(
            reason=_reason(details or "")
        ),
        hint=_("Look before you do it again."),
    )


def closed() -> StoreUnavailable:
    """Return the error for calls on a closed store."""
    return StoreUnavailable(_("The connection to Firestore is closed."))


def details_of(error: StoreError) -> str:
    """Return the service's own words for an error that `store_error` made."""
    status = error.__cause__
    return (status.details() or "") if isinstance(status, grpc.aio.AioRpcError) else ""
