"""Keeps a watch in step with the service, over as many streams as that takes."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Final

import grpc
from grpc import StatusCode

from core.i18n import _
from core.store.errors import StoreUnavailable
from core.store.firestore.connection import Connection
from core.store.firestore.deadline import Pauses
from core.store.firestore.delivery import Delivery
from core.store.firestore.reads import query_refused
from core.store.firestore.statuses import code_of, store_error
from core.store.firestore.target import Target, TargetMismatch, TargetRemoved
from core.store.port import Query

_FINAL: Final = frozenset((
    StatusCode.PERMISSION_DENIED, StatusCode.FAILED_PRECONDITION, StatusCode.INVALID_ARGUMENT,
    StatusCode.OUT_OF_RANGE, StatusCode.NOT_FOUND, StatusCode.UNIMPLEMENTED,
))  # fmt: skip
"""Statuses after which the next stream would end in the same way."""
_TOLD: Final = frozenset((StatusCode.UNAUTHENTICATED, StatusCode.RESOURCE_EXHAUSTED))
"""Statuses that say more than that the stream is gone."""


class _Ended(Exception):
    """A stream, or the attempt to open one, came to its end."""

    def __init__(self, code: StatusCode, details: str) -> None:
        super().__init__(details)
        self.code = code
        self.details = details


class Listener:
    """One watch's streams, one after the other."""

    def __init__(
        self,
        connection: Connection,
        watched: Query | str,
        delivery: Delivery,
        *,
        rest: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Deliver what `watched` finds; `rest` lets so many seconds pass between two streams."""
        self._connection = connection
        self._rest = rest
        self._bounds = connection.bounds
        self._watched = watched
        self._delivery = delivery
        self._loop = asyncio.get_running_loop()
        self._pauses = Pauses(self._bounds.first_pause, self._bounds.longest_watch_pause)
        self._alarm: asyncio.TimerHandle | None = None
        """Tells that the watch is not live, unless a result comes before."""
        self._reason = _("Firestore has not answered yet.")
        self._failures = 0
        """Streams in a row that ended before they had lived for long."""
        self._live_since: float | None = None
        self._token = ""
        self._refused = ""

    async def run(self) -> None:
        """Deliver results until cancelled. Raises StoreError when the watch has failed for good."""
        target = Target(self._connection.names, self._watched)
        self._arm(self._bounds.first_snapshot)
        try:
            while True:
                await self._listen(target)
        finally:
            self._disarm()

    async def _listen(self, target: Target) -> None:
        """Follow one stream; return when the next is due. Raises StoreError when there is none."""
        is_ready = False
        try:
            await self._connection.until_ready(self._bounds.connect)
            is_ready = True
            self._token = await self._connection.token(self._bounds.attempt, self._refused)
        except StoreUnavailable as error:
            self._tell(error.message)
            # The connection was waited for; whoever gives tokens must not be stormed.
            await self._rest(self._pauses.next() if is_ready else self._bounds.first_pause)
            return
        self._live_since = None
        try:
            await self._follow(target)
        except TargetMismatch:
            target.forget()
            pause = self._failed(_("Firestore tells all documents anew."))
        except _Ended as ended:
            self._judge(ended, target)
            code = ended.code if ended.code in _TOLD else StatusCode.UNAVAILABLE
            pause = self._failed(store_error(code, ended.details).message)
        await self._rest(pause)

    # -- one stream --

    async def _follow(self, target: Target) -> None:
        """Follow one stream to its end. Raises _Ended, TargetMismatch."""
        call = self._connection.listen(self._token)
        try:
            async with asyncio.timeout(self._bounds.answer) as silence:
                await call.write(target.begin())
                while (response := await call.read()) is not grpc.aio.EOF:
                    if target.feed(response):
                        self._succeeded()
                        self._delivery.put(target.result())
                    patience = self._bounds.idle if target.is_current else self._bounds.answer
                    silence.reschedule(self._loop.time() + patience)
        except TimeoutError:
            raise _Ended(StatusCode.DEADLINE_EXCEEDED, _("it has fallen silent")) from None
        except TargetRemoved as removed:
            raise _Ended(code_of(removed.code), removed.details) from removed
        except grpc.aio.AioRpcError as error:
            raise _Ended(error.code(), error.details() or error.code().name) from error
        finally:
            call.cancel()
        raise _Ended(StatusCode.UNAVAILABLE, _("it has ended the stream"))

    def _succeeded(self) -> None:
        if self._live_since is None:
            self._live_since = self._loop.time()
            self._refused = ""
            self._disarm()

    # -- between streams --

    def _judge(self, ended: _Ended, target: Target) -> None:
        """Prepare for the next stream. Raises StoreError when there can be none."""
        if ended.code is StatusCode.UNAUTHENTICATED:
            self._refused = "" if self._refused else self._token
        elif ended.code is StatusCode.INVALID_ARGUMENT and target.is_resumed:
            target.forget()  # The place to go on from is no longer known there.
        elif ended.code is StatusCode.FAILED_PRECONDITION:
            raise query_refused(ended.details, target.shape)
        elif ended.code in _FINAL:
            raise store_error(ended.code, ended.details)
        elif ended.code is StatusCode.RESOURCE_EXHAUSTED:
            self._pauses.stretch()

    def _failed(self, reason: str) -> float:
        """Return the pause before the next stream: none after one that lived for long."""
        now = self._loop.time()
        if self._live_since is not None and now - self._live_since >= self._bounds.healthy:
            self._failures = 0
            self._pauses.reset()
        self._failures += 1
        if self._failures == 1:
            self._reason = reason
            if self._live_since is not None:
                self._arm(self._bounds.grace)
            return random.uniform(0, self._bounds.first_pause)  # noqa: S311 - only spreads
        self._tell(reason)
        return self._pauses.next()

    # -- telling that it is not live --

    def _tell(self, reason: str) -> None:
        self._disarm()
        self._delivery.interrupt(reason)

    def _arm(self, seconds: float) -> None:
        self._disarm()
        self._alarm = self._loop.call_later(seconds, lambda: self._tell(self._reason))

    def _disarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
