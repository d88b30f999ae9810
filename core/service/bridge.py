"""The console's client of the bridge: typed calls over its Unix socket, and starting it.

A team's bridge is called at its URL instead, and runs without the console. Use:
`bridge = BridgeClient(folder, session)`, `await bridge.ensure_running()`,
`answer = await bridge.call(SendRequest(...))`, `await bridge.close()`.
"""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any, cast, get_args, get_origin
from urllib.parse import urlsplit

import msgspec

from core.errors import SettingsError
from core.i18n import _, spoken_language
from core.identity.session import Session
from core.paths import DataFolder
from core.service.callables import CALLABLES, Answer, Health, Request
from core.service.errors import BridgeUnreachable, CallRefused, Status
from core.service.local_http import HttpFailed, HttpRequest, Line, LocalHttp
from core.service.team_http import TeamHttp
from core.text import clean_line

DEFAULT_DEADLINE_SECONDS = 20.0
"""How long a call may take before the client gives up."""

_SLOW_DEADLINES = {
    "whatsappProxyPairPhone": 100.0,
    "whatsappProxyBackfillAccount": 60.0,
    "whatsappExtractEventFromThread": 100.0,
    "clientCrmAsk": 70.0,
}
_NAMES = {model: name for name, model in CALLABLES.items()}
_START_POLL_SECONDS = 0.05


class BridgeClient:
    """The connections to one bridge, acting as one operator."""

    def __init__(self, folder: DataFolder, session: Session, *, url: str = "") -> None:
        """Call the bridge of a data folder, or a team's at `url`. Raises SettingsError."""
        self._folder = folder
        self._session = session
        self._url = checked_url(url)
        self._has_folder = folder.root.exists()
        """Whether the data folder was ever there: one that was is not made anew."""
        self._local = None if self._url else LocalHttp(folder.bridge_socket)
        self._http = self._local or TeamHttp(self._url)
        self._started_pid: int | None = None
        self._exit_code: int | None = None

    async def call(
        self, request: Request[Answer], *, deadline_seconds: float | None = None
    ) -> Answer:
        """Send a request of `core.service.callables` and return its answer.

        Raises BridgeUnreachable when no bridge answers (in time), CallRefused when it refuses, and
        IdentityError when nobody is signed in. A token that the bridge refuses is renewed once.
        """
        name = _NAMES[type(request)]
        limit = deadline_seconds or _SLOW_DEADLINES.get(name, DEFAULT_DEADLINE_SECONDS)
        token = await self._session.token()
        return await self._answered(request, limit, token)

    def begin(self, request: Request[Answer]) -> Callable[[], Awaitable[Answer]]:
        """Make a call that is on its way when this returns, if that needs no waiting.

        What is returned waits for the answer, and raises like `call`.
        """
        token = self._session.token_at_hand
        line = self._local.begin(_http_request(request, token)) if self._local and token else None
        if line is None:
            return partial(self.call, request)
        limit = _SLOW_DEADLINES.get(_NAMES[type(request)], DEFAULT_DEADLINE_SECONDS)
        return partial(self._answered, request, limit, token, line)

    async def _answered(
        self, request: Request[Answer], limit: float, token: str, begun: Line | None = None
    ) -> Answer:
        """Return the answer to a request, asked anew with another token if that is refused."""
        try:
            result = await self._post(request, limit, token, begun)
        except CallRefused as error:
            if error.status != "UNAUTHENTICATED":
                raise
            another = await self._session.token(refused=token)
            if another == token:
                raise
            result = await self._post(request, limit, another)
        try:
            return msgspec.convert(result, _answer_type(type(request)))
        except msgspec.ValidationError as error:  # a bridge of another version, for instance
            raise self._unreachable(_("its answer makes no sense")) from error

    async def health(self, *, deadline_seconds: float = 3.0) -> Health:
        """Return the bridge's own account of itself, of a team's what this operator may see.

        Raises BridgeUnreachable; for a team's, CallRefused and IdentityError too.
        """
        token = await self._session.token() if self._url else ""
        request = HttpRequest("GET", "/health", _headers(token))
        content = await self._fetch(request, deadline_seconds)
        if self._url and (error := _decode(content).get("error")) is not None:
            raise _refusal(error)
        try:
            return msgspec.json.decode(content, type=Health)
        except msgspec.DecodeError as error:
            raise _unreachable(_("its answer makes no sense")) from error

    async def ensure_running(
        self, *, simulator: str | None = None, deadline_seconds: float = 20.0
    ) -> Health:
        """Return the health of the running bridge, after starting one when none answers.

        The bridge started here survives this process. With `simulator`, a URL, it uses simulated
        WhatsApp accounts. A team's bridge is only asked. Raises BridgeUnreachable when none answers
        within the deadline, or the data folder was taken away.
        """
        if self._url:
            return await self.health()
        with contextlib.suppress(BridgeUnreachable):
            return await self.health()
        self._check_folder()
        self._folder.prepare()
        self._has_folder = True
        self._exit_code = None
        self._started_pid = _spawn(self._folder, simulator)
        end = time.monotonic() + deadline_seconds
        while True:
            with contextlib.suppress(BridgeUnreachable):
                return await self.health(deadline_seconds=1.0)
            ended = self._reap()
            if time.monotonic() > end or (ended is not None and ended != EXIT_ALREADY_RUNNING):
                raise BridgeUnreachable(
                    _("The bridge did not start: {reason}").format(
                        reason=_last_words(start_log(self._folder))
                    ),
                    hint=_("Run `capcoada doctor` to see what is wrong."),
                )
            await asyncio.sleep(_START_POLL_SECONDS)

    async def close(self) -> None:
        """Close the connections; the bridge itself goes on."""
        self._reap()
        await self._http.close()

    async def _post(
        self, request: Request[Answer], limit: float, token: str, begun: Line | None = None
    ) -> Any:
        answer = _decode(await self._fetch(_http_request(request, token), limit, begun))
        if (error := answer.get("error")) is not None:
            raise _refusal(error)
        return answer.get("result")

    async def _fetch(self, request: HttpRequest, limit: float, begun: Line | None = None) -> bytes:
        if self._local is not None and not self._folder.bridge_socket.exists():
            self._reap()
            self._check_folder()
            raise self._unreachable(_("none runs"))
        try:
            async with asyncio.timeout(limit):
                if self._local is not None and begun is not None:
                    return await self._local.answer(begun)
                return await self._http.ask(request)
        except TimeoutError as error:
            raise self._unreachable(_("it did not answer in time")) from error
        except HttpFailed as error:
            if self._local is not None:
                self._check_folder()  # sockets of a long path lie elsewhere, and stay there
            raise self._unreachable(_("the connection failed")) from error

    def _check_folder(self) -> None:
        """Raise BridgeUnreachable when the data folder was taken away."""
        if self._has_folder and not self._folder.root.exists():
            raise BridgeUnreachable(
                _("The data folder {folder} is gone.").format(folder=self._folder.root),
                hint=_("Put it back, or leave the console and start it anew."),
            )

    def _unreachable(self, reason: str) -> BridgeUnreachable:
        if self._url:
            return BridgeUnreachable(
                _("The team's bridge at {url} cannot be reached: {reason}.").format(
                    url=self._url, reason=reason
                ),
                hint=_("Check the network; whoever runs the bridge can see why in its log."),
            )
        return _unreachable(reason)

    def _reap(self) -> int | None:
        """Return the exit code of the bridge started here once it has ended."""
        if self._started_pid is not None:
            pid, status = _wait_without_waiting(self._started_pid)
            if pid:
                self._started_pid = None
                self._exit_code = os.waitstatus_to_exitcode(status)
        return self._exit_code


EXIT_ALREADY_RUNNING = 3
"""Exit code of a bridge that found another one holding its data folder."""


def checked_url(url: str) -> str:
    """Return a bridge's URL without a slash at its end; empty stays empty.

    Raises SettingsError for one over which others could read along.
    """
    if url and not _is_safe(url):
        raise SettingsError(
            _("The bridge cannot be called at {url}.").format(url=url),
            hint=_("Set bridge_url in [cloud] to https://…, or to http:// on this machine itself."),
        )
    return url.rstrip("/")


def _is_safe(url: str) -> bool:
    """Whether nobody can read along what is sent to a URL."""
    try:
        parts = urlsplit(url)
        _port = parts.port
    except ValueError:
        return False
    is_here = parts.hostname in ("127.0.0.1", "localhost", "::1")
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and is_here)
    )


def start_log(folder: DataFolder) -> Path:
    """Return the file that takes what a bridge started by the console prints."""
    return folder.logs / "bridge.start.log"


def _spawn(folder: DataFolder, simulator: str | None) -> int:
    """Start a bridge in a session of its own and return its pid."""
    command = [sys.executable, "-P", "-m", "bridge", "bridge"]
    command += ["--data", str(folder.root.absolute())]
    if simulator:
        command += ["--simulator", simulator]
    sources = str(Path(__file__).resolve().parents[2])
    before = os.environ.get("PYTHONPATH")
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(filter(None, (sources, before))),
        "PYTHONUNBUFFERED": "1",
    }
    # Append: one that finds another running may truncate what that one still writes to.
    write = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND
    return os.posix_spawn(
        command[0],
        command,
        environment,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(start_log(folder)), write, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
        setsigmask=(),
        setsigdef=(signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE),
    )


def _wait_without_waiting(pid: int) -> tuple[int, int]:
    """Return pid and status of a child that has ended, zeros while it runs."""
    try:
        return os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:  # somebody else took its status
        return pid, 0


def _last_words(path: Path) -> str:
    """Return the end of what the bridge printed, on one line."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        lines = []
    return clean_line(" ".join(lines[-6:])) or _("it said nothing.")


def _http_request(request: Request[Answer], token: str) -> HttpRequest:
    body = msgspec.json.encode({"data": request})
    return HttpRequest("POST", f"/{_NAMES[type(request)]}", _headers(token), body)


def _headers(token: str) -> dict[str, str]:
    who = {"Authorization": f"Bearer {token}"} if token else {}
    language = {"Accept-Language": spoken_language()}
    return {"Content-Type": "application/json"} | language | who


def _decode(content: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(content, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise _unreachable(_("its answer makes no sense")) from error


def _refusal(error: Any) -> CallRefused:
    """Read the protocol's error object; hint, field and reason travel in its details."""
    fields = error if isinstance(error, dict) else {}
    details = fields.get("details")
    details = details if isinstance(details, dict) else {}
    status = fields.get("status", "INTERNAL")
    return CallRefused(
        cast(Status, status if status in get_args(Status) else "INTERNAL"),
        str(fields.get("message", "")),
        hint=str(details.get("hint", "")),
        field=str(details.get("field", "")),
        reason=str(details.get("reason", "")),
    )


def _unreachable(reason: str) -> BridgeUnreachable:
    return BridgeUnreachable(
        _("The bridge cannot be reached: {reason}.").format(reason=reason),
        hint=_("The console starts it again by itself; if it stays away, run `capcoada doctor`."),
    )


def _answer_type(request: type[Request[Answer]]) -> type[Answer]:
    """Return the answer's model that a request type names as its parameter."""
    for base in getattr(request, "__orig_bases__", ()):
        if get_origin(base) is Request:
            return cast(type[Answer], get_args(base)[0])
    raise TypeError(f"{request.__name__} names no answer")


__all__ = ["EXIT_ALREADY_RUNNING", "BridgeClient", "start_log"]
