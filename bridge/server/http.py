"""The bridge's HTTP server: Firebase's callables, `GET /health`, `GET /metrics`.

Every call has a deadline, and every failure is one of Google's canonical statuses with a sentence;
a stack trace goes to the log alone. It listens on the data folder's own socket, and where the
settings say so on TCP: for a team's consoles, and apart from that for Prometheus.
"""

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, Final

from aiohttp import web
from msgspec.structs import replace

from bridge.metrics import CONTENT_TYPE
from bridge.server.address import Address
from bridge.server.callables import Bridge, Callable_
from bridge.server.language import in_its_language
from bridge.server.local import LocalListener
from bridge.server.tcp import TcpListener
from bridge.server.verifiers import TokenVerifier, bearer_token
from bridge.server.wire import answer, as_refusal, parse, read_body, refusal
from bridge.staff.access import admit
from core.errors import CapcoadaError
from core.i18n import _
from core.paths import DataFolder
from core.service.callables import Health
from core.service.errors import CallRefused

_log = logging.getLogger(__name__)

_LARGEST_REQUEST: Final = 1024 * 1024
_MOST_CALLS: Final = 64
"""Calls at work at once, of everybody together."""
_MOST_CALLS_OF_ONE: Final = 16
_BODY_SECONDS: Final = 20.0
_VERIFIER: Final = web.AppKey("verifier", TokenVerifier)


class Server:
    """The listeners and the callables behind them."""

    def __init__(
        self,
        bridge: Bridge,
        callables: Mapping[str, Callable_[Any]],
        health: Callable[[], Awaitable[Health]],
    ) -> None:
        self._bridge = bridge
        self._callables = callables
        self._health = health
        self._local: LocalListener | None = None
        self._listeners: list[TcpListener] = []
        self._at_work: Counter[str] = Counter()

    # -- listening ----------------------------------------------------------------------------

    async def start(self, folder: DataFolder, verifier: TokenVerifier) -> None:
        """Listen on the data folder's socket; `verifier` tells who calls there.

        Raises BridgeError when that cannot be done.
        """
        application = self._application(verifier)
        application.router.add_get("/health", self._on_health)
        application.router.add_get("/metrics", self._on_metrics)
        self._local = LocalListener(application, folder)
        await self._local.start()

    async def keep_socket(self) -> None:
        """Have the data folder's socket be there, if somebody removed it."""
        if self._local is not None:
            await self._local.look()

    async def listen(
        self, address: Address, verifier: TokenVerifier, names: frozenset[str]
    ) -> Address:
        """Listen for a team's consoles, which call it by one of `names`; return the address.

        Raises BridgeError.
        """
        application = self._application(verifier)
        application.router.add_get("/health", self._on_public_health)
        return await self._listen(application, address, names)

    async def listen_for_metrics(self, address: Address) -> Address:
        """Listen for Prometheus on this machine; return the address. Raises BridgeError."""
        application = web.Application()
        application.router.add_get("/metrics", self._on_metrics)
        return await self._listen(application, address, address.names)

    async def stop(self) -> None:
        """Stop listening; calls that are at work may end within a short while, or are cancelled."""
        listeners: list[LocalListener | TcpListener] = [*self._listeners]
        if self._local is not None:
            listeners.append(self._local)
        self._listeners, self._local = [], None
        # Side by side: while one waits for its calls, the others must not take new ones.
        await asyncio.gather(*(listener.stop() for listener in listeners))

    async def _listen(
        self, application: web.Application, address: Address, names: frozenset[str]
    ) -> Address:
        listener = TcpListener(application, names)
        got = await listener.start(address)
        self._listeners.append(listener)
        return got

    def _application(self, verifier: TokenVerifier) -> web.Application:
        """Return the callables for one listener: each has its own way to tell who calls."""
        application = web.Application(
            client_max_size=_LARGEST_REQUEST, middlewares=[in_its_language]
        )
        application[_VERIFIER] = verifier
        application.router.add_post("/{name}", self._on_call)
        return application

    # -- looking in ---------------------------------------------------------------------------

    async def _on_health(self, _request: web.Request) -> web.Response:
        return answer(await self._health())

    async def _on_public_health(self, request: web.Request) -> web.Response:
        """Tell strangers that it lives, and an operator how the accounts are that they may use."""
        if "Authorization" not in request.headers:
            return answer({"status": "ok"})
        try:
            token = bearer_token(request.headers["Authorization"])
            caller = await request.app[_VERIFIER].verify(token)
            profile = await admit(self._bridge.staff, caller.uid, "employee")
        except CapcoadaError as error:
            return refusal(as_refusal(error))
        health = await self._health()
        accounts = [one for one in health.accounts if profile.may_use(one.account_id)]
        return answer(replace(health, accounts=accounts))

    async def _on_metrics(self, _request: web.Request) -> web.Response:
        headers = {"Content-Type": CONTENT_TYPE}
        return web.Response(body=self._bridge.metrics.text(), headers=headers)

    # -- calls --------------------------------------------------------------------------------

    async def _on_call(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        began = time.perf_counter()
        status = "CANCELLED"  # as it ends when the bridge stops meanwhile
        try:
            result = await self._call(name, request)
            status = "OK"
            return answer({"result": result})
        except Exception as error:  # the process's boundary: no mistake of ours reaches the wire
            refused = _refused(name, error)
            status = refused.status
            return refusal(refused)
        finally:
            known = name if name in self._callables else "unknown"
            took = time.perf_counter() - began
            self._bridge.metrics.calls.labels(known, status).observe(took)

    async def _call(self, name: str, request: web.Request) -> Any:
        known = self._callables.get(name)
        if known is None:
            raise CallRefused("NOT_FOUND", _("There is no callable {name}.").format(name=name))
        token = bearer_token(request.headers.get("Authorization", ""))
        async with asyncio.timeout(known.deadline_seconds):
            caller = await request.app[_VERIFIER].verify(token)
            with self._working(caller.uid):
                async with asyncio.timeout(_BODY_SECONDS):
                    body = await read_body(request)
                wanted = parse(body, known.request)
                profile = await admit(self._bridge.staff, caller.uid, known.access, wanted)
                return await known.handler(self._bridge, profile, wanted)

    @contextlib.contextmanager
    def _working(self, uid: str) -> Iterator[None]:
        """Count a call at work. Raises CallRefused when there are too many."""
        if self._at_work.total() >= _MOST_CALLS or self._at_work[uid] >= _MOST_CALLS_OF_ONE:
            raise CallRefused(
                "RESOURCE_EXHAUSTED",
                _("The bridge has too much to do just now."),
                hint=_("Try again in a moment."),
            )
        self._at_work[uid] += 1
        try:
            yield
        finally:
            self._at_work[uid] -= 1
            if not self._at_work[uid]:
                del self._at_work[uid]


def _refused(name: str, error: Exception) -> CallRefused:
    """Return what a failed call is answered; what was not foreseen goes to the log."""
    if isinstance(error, CapcoadaError):
        return as_refusal(error)
    if isinstance(error, TimeoutError):
        return CallRefused("DEADLINE_EXCEEDED", _("The bridge could not finish this in time."))
    _log.error("%s failed", name, exc_info=error)
    return CallRefused("INTERNAL", _("The bridge failed at this."), hint=_("Its log says more."))
