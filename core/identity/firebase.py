"""An operator signed in with Firebase Auth: the id token is renewed before it runs out.

Whoever needs a token asks for it each time. Renewing is done once for all who ask at the same time,
and while the present token still holds nobody waits for it.
"""

import asyncio
import contextlib
import logging
from datetime import datetime, timedelta

from core.clock import Clock
from core.i18n import _
from core.identity.errors import (
    IdentityError,
    IdentityUnavailable,
    SignInNotKept,
    SignInRequired,
)
from core.identity.rest import FirebaseAuth, Profile, Tokens
from core.identity.safe import Person, Safe
from core.identity.secret import Secret

AHEAD = timedelta(minutes=4)
"""How long before its end a token is renewed; Google's own library asks 3 min 45 s ahead."""
MARGIN = timedelta(seconds=10)
"""A token with less time left is not handed out: it would be late where it is to be shown."""
PAUSE_SECONDS = 5.0
"""After a failure the next attempt waits this long, whoever asks meanwhile."""
CHECK_SECONDS = 30.0
"""How often it is looked whether the token must be renewed: a clock jumps when a machine wakes."""

_log = logging.getLogger(__name__)


class FirebaseSession:
    """Implements `Session`: nobody (an empty uid) or the one who is signed in."""

    def __init__(
        self,
        service: FirebaseAuth,
        safe: Safe,
        clock: Clock,
        *,
        check_seconds: float = CHECK_SECONDS,
    ) -> None:
        """Whoever the safe knows is signed in; nothing is asked of the service yet."""
        self._service = service
        self._safe = safe
        self._clock = clock
        self._check_seconds = check_seconds
        self._person = safe.person()
        self._refresh_token: Secret | None = None
        self._id_token = ""
        self._holds_until: datetime | None = None
        self._over: SignInRequired | None = None if self._person else SignInRequired()
        self._changed = asyncio.Event()
        self._renewal: asyncio.Task[None] | None = None
        self._failure: tuple[float, IdentityError] | None = None

    @property
    def uid(self) -> str:
        """The operator's id; empty when nobody is signed in."""
        return self._person.uid if self._person else ""

    @property
    def email(self) -> str:
        """The address they sign in with."""
        return self._person.email if self._person else ""

    @property
    def name(self) -> str:
        """What they are called; empty when not told."""
        return self._person.name if self._person else ""

    @property
    def emulator(self) -> str:
        """The `host:port` of the Auth emulator that is used; empty for Google itself."""
        return self._service.emulator

    @property
    def problem(self) -> str:
        """Why the last renewal failed, once the token before it holds no more; else empty."""
        if self._failure is None or self._left() > MARGIN:
            return ""
        return self._failure[1].message

    # -- signing in and out -----------------------------------------------------------------------

    async def sign_in(self, email: str, password: Secret) -> None:
        """Sign somebody in, in the place of whoever was.

        Raises IdentityError; SignInNotKept when they are signed in, but only for now.
        """
        asked_at = self._clock()
        tokens = await self._service.sign_in(email, password)
        try:
            profile = await self._service.look_up(tokens.id_token)
        except IdentityError as error:
            _log.warning("the name of who signed in is not known: %s", error)
            profile = Profile(email, "")
        await self._stop_renewing()
        self._person = Person(tokens.uid, profile.email or email, profile.name)
        self._over = None
        self._hold(tokens, asked_at)
        await self._safe.keep(self._person, tokens.refresh_token)

    async def sign_out(self) -> None:
        """Forget the operator, here and in the safe."""
        self._person = None
        self._end(SignInRequired())
        await self._stop_renewing()
        await self._safe.forget()

    async def until_over(self) -> SignInRequired:
        """Keep the token fresh for as long as the sign-in holds; return why it does no more."""
        while self._over is None:
            self._changed.clear()
            with contextlib.suppress(IdentityError):  # told to whoever asks for the token
                await self.token()
            if self._over is None:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._check_seconds):
                        await self._changed.wait()
        return self._over

    async def close(self) -> None:
        """Let go of connections; the operator stays signed in."""
        await self._stop_renewing()
        await self._service.close()
        self._changed = asyncio.Event()  # the next event loop needs one of its own

    # -- the token --------------------------------------------------------------------------------

    @property
    def token_at_hand(self) -> str:
        """The id token, if it need not be renewed soon; empty otherwise."""
        return self._id_token if self._over is None and self._left() > AHEAD else ""

    async def token(self, *, refused: str = "") -> str:
        """Return an id token that holds for some seconds at least, and is not `refused`.

        Raises SignInRequired at once when the sign-in is over, IdentityUnavailable when the
        service is out of reach.
        """
        if self._over is not None:
            raise self._over.with_traceback(None)
        left = self._left()
        if self._id_token != refused and left > MARGIN:
            if left <= AHEAD and not self._failed_just_now():
                self._renew_once()
            return self._id_token
        if self._failure is not None and self._failed_just_now():
            raise self._failure[1].with_traceback(None)
        renewal = self._renew_once()
        await asyncio.wait([renewal])  # Whoever is cancelled here leaves it to the others.
        if renewal.cancelled():
            raise self._over or IdentityUnavailable(_("the sign-in has changed meanwhile"))
        renewal.result()
        return self._id_token

    def _left(self) -> timedelta:
        """Return how long the token still holds."""
        return self._holds_until - self._clock() if self._holds_until else timedelta(0)

    def _failed_just_now(self) -> bool:
        now = asyncio.get_running_loop().time()
        return self._failure is not None and now - self._failure[0] < PAUSE_SECONDS

    def _renew_once(self) -> "asyncio.Task[None]":
        """Return the renewal that is under way, or begin one."""
        if self._renewal is None or self._renewal.done():
            self._renewal = asyncio.create_task(self._renew(), name="renew the sign-in")
            self._renewal.add_done_callback(_log_failure)
        return self._renewal

    async def _renew(self) -> None:
        asked_at = self._clock()
        try:
            tokens = await self._ask_for_tokens()
            if self._person is None or tokens.uid != self._person.uid:
                raise SignInRequired
        except SignInRequired as error:
            self._end(error)
            await self._safe.forget()
            raise
        except IdentityError as error:
            self._failure = asyncio.get_running_loop().time(), error
            raise
        was = self._refresh_token
        self._hold(tokens, asked_at)
        if was != tokens.refresh_token:
            try:
                await self._safe.keep(self._person, tokens.refresh_token)
            except SignInNotKept as error:
                _log.warning("%s", error)

    async def _ask_for_tokens(self) -> Tokens:
        """Renew with the token at hand; with the kept one if another console got a newer."""
        mine = self._refresh_token
        if mine is not None:
            try:
                return await self._service.renew(mine)
            except SignInRequired:
                kept = await self._safe.token()
                if kept is None or kept == mine:
                    raise
        else:
            kept = await self._safe.token()
        if kept is None:
            raise SignInRequired
        self._refresh_token = kept
        return await self._service.renew(kept)

    def _hold(self, tokens: Tokens, asked_at: datetime) -> None:
        self._refresh_token = tokens.refresh_token
        self._id_token = tokens.id_token
        self._holds_until = asked_at + timedelta(seconds=tokens.seconds)
        self._failure = None

    def _end(self, why: SignInRequired) -> None:
        """From now on every question for a token is answered by `why`, without asking anybody."""
        self._over = why
        self._refresh_token = None
        self._id_token = ""
        self._holds_until = None
        self._changed.set()

    async def _stop_renewing(self) -> None:
        task, self._renewal = self._renewal, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])


def _log_failure(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.warning("the sign-in was not renewed: %s", error)
