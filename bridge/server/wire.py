"""The callable protocol's bodies: requests read and checked, answers and refusals written.

https://firebase.google.com/docs/functions/callable-reference
"""

import logging
import re
from typing import Any, Final

import msgspec
from aiohttp import web

from bridge.errors import WorkerError
from core.errors import CapcoadaError
from core.i18n import _
from core.service.errors import CallRefused, Status
from core.store.errors import InvalidRequest, StoreUnavailable

_log = logging.getLogger(__name__)

_HTTP: Final[dict[Status, int]] = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "RESOURCE_EXHAUSTED": 429,
    "INTERNAL": 500,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}
_WORKER_STATUS: Final[dict[str, Status]] = {
    "not_connected": "UNAVAILABLE",
    "outcome_unknown": "DEADLINE_EXCEEDED",
}
_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")
_MISSING = re.compile(r"missing required field `(\w+)`")
_UNKNOWN = re.compile(r"contains unknown field `(\w+)`")
_AT = re.compile(r"at `\$\.([\w.]+)")


async def read_body(request: web.Request) -> bytes:
    """Return a request's body. Raises CallRefused when it is too large."""
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge as error:
        raise CallRefused("INVALID_ARGUMENT", _("The request is too large.")) from error


def parse(body: bytes, model: type[Any]) -> Any:
    """Read `{"data": …}` as a request. Raises CallRefused that names the field at fault."""
    try:
        envelope = msgspec.json.decode(body)
        if not isinstance(envelope, dict) or "data" not in envelope:
            raise CallRefused("INVALID_ARGUMENT", _("The request has no data."), field="data")
        return msgspec.convert(envelope["data"], model)
    except msgspec.ValidationError as error:
        raise CallRefused(
            "INVALID_ARGUMENT",
            _("The request does not fit: {reason}.").format(reason=error),
            field=_field(str(error)),
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise CallRefused("INVALID_ARGUMENT", _("The request is not JSON.")) from error


def as_refusal(error: CapcoadaError) -> CallRefused:
    """Return an operational error as one of the canonical statuses."""
    if isinstance(error, CallRefused):
        return error
    status: Status = "INTERNAL"
    if isinstance(error, WorkerError):
        status = _WORKER_STATUS.get(error.code, "FAILED_PRECONDITION")
    elif isinstance(error, StoreUnavailable):
        status = "UNAVAILABLE"
    elif isinstance(error, InvalidRequest):  # ids come from the caller, and some cannot be any
        status = "INVALID_ARGUMENT"
        _log.warning("the store does not take a call: %s", error)
    else:
        _log.error("a call failed: %s", error)
    return CallRefused(status, error.message, hint=error.hint)


def refusal(error: CallRefused) -> web.Response:
    """Return the answer to a call that is refused."""
    details = {"hint": error.hint, "field": error.field, "reason": error.reason}
    details = {name: value for name, value in details.items() if value}
    body = {"error": {"status": error.status, "message": error.message, "details": details}}
    return answer(body, _HTTP[error.status])


def answer(body: Any, status: int = 200) -> web.Response:
    """Return an answer in JSON."""
    return web.Response(body=_ENCODER.encode(body), status=status, content_type="application/json")


def _field(reason: str) -> str:
    """Return the field that a msgspec error names."""
    path = _AT.search(reason)
    name = _MISSING.search(reason) or _UNKNOWN.search(reason)
    return ".".join(match[1] for match in (path, name) if match)
