"""Firebase's callable protocol on a Unix socket: `POST /{name}`, and `GET /health`.

https://firebase.google.com/docs/functions/callable-reference. Every call has a deadline, and every
failure is one of Google's canonical statuses with a sentence; a stack trace goes to the log alone.
"""

import asyncio
import contextlib
import logging
import os
import re
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
from aiohttp import web

from bridge.errors import BridgeError, WorkerError
from bridge.server.callables import Bridge, Callable_
from bridge.server.verifiers import TokenVerifier, bearer_token
from bridge.staff.access import admit
from core.errors import CapcoadaError
from core.i18n import _
from core.service.callables import Health
from core.service.errors import CallRefused, Status
from core.store.errors import StoreUnavailable

_log = logging.getLogger(__name__)

_LARGEST_REQUEST = 1024 * 1024
_SHUTDOWN_SECONDS = 2.0
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
_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")
_WORKER_STATUS: Final[dict[str, Status]] = {
    "not_connected": "UNAVAILABLE",
    "outcome_unknown": "DEADLINE_EXCEEDED",
}
_VERIFIER: Final = web.AppKey("verifier", TokenVerifier)
_MISSING = re.compile(r"missing required field `(\w+)`")
_UNKNOWN = re.compile(r"contains unknown field `(\w+)`")
_AT = re.compile(r"at `\$\.([\w.]+)")


class Server:
    """The listening socket and the callables behind it."""

    def __init__(
        self,
        bridge: Bridge,
        callables: Mapping[str, Callable_[Any]],
        health: Callable[[], Awaitable[Health]],
    ) -> None:
        self._bridge = bridge
        self._callables = callables
        self._health = health
        self._runner: web.AppRunner | None = None

    async def start(self, path: Path, verifier: TokenVerifier) -> None:
        """Listen on a Unix socket of mode 0600. Raises BridgeError when that cannot be done.

        `verifier` tells who calls there. Whoever starts a server holds the folder's lock: a socket
        that is there is left over.
        """
        application = self._application(verifier)
        self._runner = web.AppRunner(application, access_log=None, handle_signals=False)
        await self._runner.setup()
        try:
            _remove(path)
            await web.UnixSite(self._runner, str(path)).start()
            os.chmod(path, 0o600)
        except OSError as error:
            raise BridgeError(
                _("The socket {path} cannot be used: {reason}.").format(
                    path=path, reason=error.strerror or error
                ),
                hint=_("Choose another data folder, or free that name."),
            ) from error

    async def stop(self) -> None:
        """Stop listening; calls that are at work may end within a short while."""
        if self._runner is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_SHUTDOWN_SECONDS):
                    await self._runner.cleanup()
            self._runner = None

    def _application(self, verifier: TokenVerifier) -> web.Application:
        """Return the routes of one listener: each has its own way to tell who calls."""
        application = web.Application(client_max_size=_LARGEST_REQUEST)
        application[_VERIFIER] = verifier
        application.router.add_get("/health", self._on_health)
        application.router.add_post("/{name}", self._on_call)
        return application

    async def _on_health(self, _request: web.Request) -> web.Response:
        return _answer(await self._health(), 200)

    async def _on_call(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        try:
            result = await self._call(name, request)
        except CapcoadaError as error:
            return _refusal(_as_refusal(error))
        except TimeoutError:
            return _refusal(
                CallRefused("DEADLINE_EXCEEDED", _("The bridge could not finish this in time."))
            )
        except Exception:  # the process's boundary: a mistake of ours must not reach the wire
            _log.exception("%s failed", name)
            return _refusal(
                CallRefused(
                    "INTERNAL",
                    _("The bridge failed at this."),
                    hint=_("Its log says more."),
                )
            )
        return _answer({"result": result}, 200)

    async def _call(self, name: str, request: web.Request) -> Any:
        known = self._callables.get(name)
        if known is None:
            raise CallRefused("NOT_FOUND", _("There is no callable {name}.").format(name=name))
        token = bearer_token(request.headers.get("Authorization", ""))
        async with asyncio.timeout(known.deadline_seconds):
            caller = await request.app[_VERIFIER].verify(token)
            wanted = _parse(await _body(request), known.request)
            profile = await admit(self._bridge.staff, caller.uid, known.access, wanted)
            return await known.handler(self._bridge, profile, wanted)


async def _body(request: web.Request) -> bytes:
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge as error:
        raise CallRefused("INVALID_ARGUMENT", _("The request is too large.")) from error


def _parse(body: bytes, model: type[Any]) -> Any:
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
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CallRefused("INVALID_ARGUMENT", _("The request is not JSON.")) from error


def _field(reason: str) -> str:
    """Return the field that a msgspec error names."""
    path = _AT.search(reason)
    name = _MISSING.search(reason) or _UNKNOWN.search(reason)
    return ".".join(match[1] for match in (path, name) if match)


def _as_refusal(error: CapcoadaError) -> CallRefused:
    """Return an operational error as one of the canonical statuses."""
    if isinstance(error, CallRefused):
        return error
    status: Status = "INTERNAL"
    if isinstance(error, WorkerError):
        status = _WORKER_STATUS.get(error.code, "FAILED_PRECONDITION")
    elif isinstance(error, StoreUnavailable):
        status = "UNAVAILABLE"
    else:
        _log.error("a call failed: %s", error)
    return CallRefused(status, error.message, hint=error.hint)


def _refusal(error: CallRefused) -> web.Response:
    details = {"hint": error.hint, "field": error.field, "reason": error.reason}
    details = {name: value for name, value in details.items() if value}
    body = {"error": {"status": error.status, "message": error.message, "details": details}}
    return _answer(body, _HTTP[error.status])


def _answer(body: Any, status: int) -> web.Response:
    return web.Response(body=_ENCODER.encode(body), status=status, content_type="application/json")


def _remove(path: Path) -> None:
    if path.is_socket():
        path.unlink()
