"""One channel to Firestore: every call on it is bounded, repeated where that is safe, and named."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

import grpc
from grpc import ChannelConnectivity, StatusCode

from core.errors import CapcoadaError
from core.identity.errors import IdentityUnavailable
from core.store.errors import StoreError, StoreUnavailable, Unauthenticated
from core.store.firestore import messages
from core.store.firestore.deadline import Deadline, Pauses
from core.store.firestore.endpoint import Bounds, Endpoint
from core.store.firestore.messages import Message
from core.store.firestore.statuses import (
    LOST,
    REFUSED_FOR_NOW,
    closed,
    outcome_unknown,
    store_error,
    unreachable,
)

T = TypeVar("T")
Method = Callable[..., Any]

_SERVICE: Final = "/google.firestore.v1.Firestore/"
_OPTIONS: Final = (
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
    # A connection that was cut without a word is found dead within these.
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    # Back within seconds of the network, and never a storm of attempts meanwhile.
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.min_reconnect_backoff_ms", 5_000),
    ("grpc.max_reconnect_backoff_ms", 5_000),
)
_RETRIED: Final = LOST | REFUSED_FOR_NOW


class Connection:
    """The channel of one handle; made and used in one event loop."""

    def __init__(self, endpoint: Endpoint, bounds: Bounds) -> None:
        self.names = endpoint.names
        self.bounds = bounds
        self._credential = endpoint.credential
        self._is_closed = False
        if endpoint.is_secure:
            secret = grpc.ssl_channel_credentials()
            self._channel = grpc.aio.secure_channel(endpoint.host, secret, options=_OPTIONS)
        else:
            self._channel = grpc.aio.insecure_channel(endpoint.host, options=_OPTIONS)
        many, one = self._channel.unary_stream, self._channel.unary_unary
        self.batch_get = many(
            f"{_SERVICE}BatchGetDocuments",
            messages.BatchGetRequest.SerializeToString,
            messages.BatchGetResponse.FromString,
        )
        self.run_query = many(
            f"{_SERVICE}RunQuery",
            messages.QueryRequest.SerializeToString,
            messages.QueryResponse.FromString,
        )
        self.run_aggregation = many(
            f"{_SERVICE}RunAggregationQuery",
            messages.AggregationRequest.SerializeToString,
            messages.AggregationResponse.FromString,
        )
        self._commit = one(
            f"{_SERVICE}Commit",
            messages.CommitRequest.SerializeToString,
            messages.CommitResponse.FromString,
        )
        self._rollback = one(
            f"{_SERVICE}Rollback", messages.RollbackRequest.SerializeToString, bytes
        )
        self._listen = self._channel.stream_stream(
            f"{_SERVICE}Listen",
            messages.ListenRequest.SerializeToString,
            messages.ListenResponse.FromString,
        )

    # -- calls --

    async def read(
        self, method: Method, request: Message, deadline: Deadline, *, within: bool = False
    ) -> list[Message]:
        """Return all answers to a call that changes nothing.

        `within` a transaction, losing against others is told instead of tried again.
        Raises StoreError, whose cause is the status, by the deadline.
        """
        attempts = _Attempts(
            self, deadline, _RETRIED - {StatusCode.ABORTED} if within else _RETRIED
        )
        while True:
            options = await attempts.begin()
            try:
                return await self._unless_closed(_collected(method(request, **options)))
            except grpc.aio.AioRpcError as error:
                await attempts.failed(error)

    async def commit(
        self, request: Message, deadline: Deadline, *, may_repeat: Callable[[], bool]
    ) -> Message:
        """Return the answer to a commit.

        When the answer is lost, it is sent again only if it `may_repeat`. Raises OutcomeUnknown
        when it cannot be told whether it happened, else StoreError, whose cause is the status.
        """
        within = bool(request.transaction)
        attempts = _Attempts(
            self, deadline, _RETRIED - {StatusCode.ABORTED} if within else _RETRIED
        )
        lost: grpc.aio.AioRpcError | None = None
        while True:
            try:
                options = await attempts.begin()
                try:
                    return await self._unless_closed(self._commit(request, **options))
                except grpc.aio.AioRpcError as error:
                    if error.code() in LOST:
                        lost = error
                        if not may_repeat():
                            raise outcome_unknown(error.details()) from error
                    await attempts.failed(error)
            except StoreError as error:
                if lost is not None:
                    raise outcome_unknown(lost.details()) from error
                raise

    async def roll_back(self, transaction: bytes) -> None:
        """Let go of a transaction; one that cannot be told ends by itself a little later."""
        request = messages.RollbackRequest(database=self.names.database, transaction=transaction)
        deadline = Deadline(self.bounds.attempt)
        try:
            options = await _Attempts(self, deadline, frozenset()).begin()
            await self._unless_closed(self._rollback(request, **options))
        except (grpc.aio.AioRpcError, StoreError):
            return

    def listen(self, token: str) -> Any:
        """Open a stream that waits for the connection, acting with a token."""
        return self._listen(metadata=self._metadata(token), wait_for_ready=True)

    # -- around each call --

    async def token(self, seconds: float, refused: str = "") -> str:
        """Return a token to act with. Raises Unauthenticated, StoreUnavailable."""
        try:
            async with asyncio.timeout(seconds):
                return await self._credential.token(refused=refused)
        except TimeoutError:
            raise unreachable() from None
        except StoreError:
            raise
        except IdentityUnavailable as error:
            raise StoreUnavailable(error.message, hint=error.hint) from error
        except CapcoadaError as error:
            raise Unauthenticated(error.message, hint=error.hint) from error

    async def until_ready(self, seconds: float) -> None:
        """Wait for the connection. Raises StoreUnavailable."""
        try:
            async with asyncio.timeout(seconds):
                while not self._is_closed:
                    state = self._channel.get_state(try_to_connect=True)
                    if state is ChannelConnectivity.READY:
                        return
                    await self._channel.wait_for_state_change(state)
        except TimeoutError:
            raise unreachable() from None
        raise closed()

    def options(self, token: str, seconds: float) -> dict[str, Any]:
        """Return what a call is made with. Raises StoreUnavailable once closed."""
        if self._is_closed:
            raise closed()
        return {"metadata": self._metadata(token), "timeout": seconds}

    def _metadata(self, token: str) -> tuple[tuple[str, str], ...]:
        return (*self.names.metadata, ("authorization", f"Bearer {token}"))

    async def _unless_closed(self, call: Awaitable[T]) -> T:
        """Await a call; closing the channel cancels it, which is an error of the store's."""
        try:
            return await call
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if self._is_closed and task is not None and not task.cancelling():
                raise closed() from None
            raise

    async def close(self) -> None:
        """End every call that is under way, and the connection."""
        self._is_closed = True
        await self._channel.close()


async def _collected(call: Any) -> list[Message]:
    return [answer async for answer in call]


class _Attempts:
    """The attempts of one call."""

    def __init__(
        self, connection: Connection, deadline: Deadline, retried: frozenset[StatusCode]
    ) -> None:
        self._connection = connection
        self._deadline = deadline
        self._retried = retried
        self._pauses = Pauses(connection.bounds.first_pause, connection.bounds.longest_pause)
        self._token = ""
        self._refused = ""

    async def begin(self) -> dict[str, Any]:
        """Return what the next attempt is made with. Raises StoreUnavailable."""
        bounds, left = self._connection.bounds, self._deadline.left()
        await self._connection.until_ready(min(bounds.connect, left))
        self._token = await self._connection.token(self._deadline.left(), self._refused)
        return self._connection.options(self._token, min(bounds.attempt, self._deadline.left()))

    async def failed(self, error: grpc.aio.AioRpcError) -> None:
        """Return when another attempt is due. Raises StoreError when none is."""
        code = error.code()
        if code is StatusCode.UNAUTHENTICATED and not self._refused:
            self._refused = self._token
            return
        pause = self._pauses.next()
        if code not in self._retried or pause >= self._deadline.left():
            raise store_error(code, error.details() or code.name) from error
        await asyncio.sleep(pause)
