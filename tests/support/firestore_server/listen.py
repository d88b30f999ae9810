"""Listen: streams of what changes in the targets that clients add, and the faults of it."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import grpc
from grpc import StatusCode

from core.store.errors import StoreError
from tests.support.firestore_server.calls import Call, Calls
from tests.support.firestore_server.databases import Databases
from tests.support.firestore_server.engine import Engine
from tests.support.firestore_server.messages import ListenResponse, Pb, TargetChangeType
from tests.support.firestore_server.status import Refusal, invalid, refusal_of
from tests.support.firestore_server.targets import Delta, Moment, Target, since_of, target_of
from tests.support.firestore_server.values import document_message, root_of, set_time

_HEARTBEAT_SECONDS: Final = 30.0
_MOST_KEPT: Final = 10_000


@dataclass(frozen=True, slots=True)
class Added:
    """A target that a client added."""

    target_id: int
    is_resumed: bool
    """Whether the client brought a resume token."""


class Ended(Exception):
    """The stream is to end cleanly."""


class Listeners:
    """All streams of a server, and what a test may do to them."""

    def __init__(self) -> None:
        self.streams: set[ListenStream] = set()
        self.added: deque[Added] = deque(maxlen=_MOST_KEPT)
        """The latest targets, the oldest first."""
        self.heartbeat_seconds = _HEARTBEAT_SECONDS
        self.refused_tokens = 0
        """So many resume tokens are still to be refused."""
        self.wrong_filters = 0
        """So many resumed targets are still to be told a wrong count."""
        self.torn: StatusCode | None = None
        """The status that ends the next stream that has news, before these are complete."""
        self.is_stalled = False

    def notify(self) -> None:
        """Have every stream look for news."""
        for stream in self.streams:
            stream.wake.set()

    def kill(self, code: StatusCode, message: str = "as asked") -> None:
        """End all streams with a status."""
        self._order(lambda _stream: _raise(Refusal(code, message)))

    def end(self) -> None:
        """End all streams cleanly."""
        self._order(lambda _stream: _raise(Ended()))

    def remove_targets(self, code: StatusCode, message: str = "as asked") -> None:
        """Remove all targets for a cause; the streams stay open."""
        self._order(lambda stream: stream.remove_all(Refusal(code, message)))

    def reset_targets(self) -> None:
        """Have all clients forget what they know, and tell them everything again."""
        self._order(lambda stream: stream.reset_all())

    def repeat(self) -> None:
        """Tell the documents of all targets once more, which a server may do at any time."""
        self._order(lambda stream: stream.repeat_all())

    def send_filters(self, *, too_many: int = 0) -> None:
        """Tell how many documents each target has, or a number that is off by so many."""
        self._order(lambda stream: stream.filter_all(too_many))

    def beat(self) -> None:
        """Send a heartbeat now."""
        self._order(lambda stream: stream.heartbeat())

    def tear(self, code: StatusCode) -> None:
        """End a stream between the documents that changed and the word that these are all."""
        self.torn = code

    def stall(self) -> None:
        """Send nothing any more, and keep the streams open; until `go_on`."""
        self.is_stalled = True

    def go_on(self) -> None:
        """Send again."""
        self.is_stalled = False
        self.notify()

    def _order(self, order: "Callable[[ListenStream], list[Pb]]") -> None:
        for stream in self.streams:
            stream.orders.append(order)
        self.notify()


def _raise(error: Exception) -> list[Pb]:
    raise error


class ListenStream:
    """One stream: its targets, in one client's view of the store."""

    def __init__(
        self, databases: Databases, calls: Calls, listeners: Listeners, call: Call
    ) -> None:
        self._databases = databases
        self._calls = calls
        self._listeners = listeners
        self._call = call
        self._root = ""
        self._targets: dict[int, Target] = {}
        self._requests: deque[Pb] = deque()
        self._is_half_closed = False
        self._end: Refusal | None = None
        """What ends the stream once all is sent that came before."""
        self.wake = asyncio.Event()
        self.orders: deque[Callable[[ListenStream], list[Pb]]] = deque()
        """What a test asks for."""

    async def run(
        self, requests: AsyncIterator[Pb], context: grpc.aio.ServicerContext[Any, Any]
    ) -> None:
        """Serve the stream until the client leaves. Raises Refusal."""
        reading = asyncio.create_task(self._read(requests), name="firestore-server-listen")
        self._listeners.streams.add(self)
        try:
            await self._serve(context)
        except Ended:
            return
        finally:
            self._listeners.streams.discard(self)
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def _read(self, requests: AsyncIterator[Pb]) -> None:
        async for request in requests:
            self._requests.append(request)
            self.wake.set()
        self._is_half_closed = True
        self.wake.set()

    async def _serve(self, context: grpc.aio.ServicerContext[Any, Any]) -> None:
        is_idle = False
        while not (self._is_half_closed and not self._requests):
            if not self._listeners.is_stalled:
                for response in await self._next(is_idle=is_idle):
                    await context.write(response)
            is_idle = False
            try:
                async with asyncio.timeout(self._listeners.heartbeat_seconds):
                    await self.wake.wait()
            except TimeoutError:
                is_idle = True
            self.wake.clear()

    async def _next(self, *, is_idle: bool) -> list[Pb]:
        if self._end is not None:
            raise self._end
        responses: list[Pb] = []
        while self._requests:
            responses += await self._take(self._requests.popleft())
        responses += await self._news()
        while self.orders:
            responses += self.orders.popleft()(self)
        return responses or (self.heartbeat() if is_idle else [])

    # -- what the client asks for --

    async def _take(self, request: Pb) -> list[Pb]:
        root = root_of(request.database)
        if self._root not in ("", root):
            raise invalid("A stream is about one database.")
        self._root = root
        match request.WhichOneof("target_change"):
            case "add_target":
                return await self._add(request.add_target)
            case "remove_target":
                if self._targets.pop(request.remove_target, None) is None:
                    return []
                return [_change(TargetChangeType.REMOVE, [request.remove_target])]
        raise invalid("A request must add or remove a target.")

    async def _add(self, message: Pb) -> list[Pb]:
        target_id = message.target_id or max(self._targets, default=0) + 1
        responses = [_change(TargetChangeType.ADD, [target_id])]
        is_resumed = bool(message.resume_token)
        self._listeners.added.append(Added(target_id, is_resumed))
        try:
            if is_resumed and self._listeners.refused_tokens:
                self._listeners.refused_tokens -= 1
                raise invalid("Invalid resume token.")
            target = target_of(target_id, message, self._engine.reader)
            with self._engine.moment() as connection:
                now = Moment.now(connection)
                since = since_of(message, now)
                delta = target.begin(connection, since)
                read_time = self._engine.read_time(connection)
            await self._check(target, delta)
        except (Refusal, StoreError) as error:
            refusal = error if isinstance(error, Refusal) else refusal_of(error)
            if refusal.code is StatusCode.UNAUTHENTICATED:
                raise refusal from error
            return [*responses, _change(TargetChangeType.REMOVE, [target_id], cause=refusal)]
        responses += self._told([(target, delta)], read_time)
        if since is not None:
            responses.append(self._filter(target))
        responses.append(_change(TargetChangeType.CURRENT, [target_id], now, read_time))
        responses.append(_change(TargetChangeType.NO_CHANGE, [], now, read_time))
        if message.once:
            responses.append(_change(TargetChangeType.REMOVE, [target_id]))
        else:
            self._targets[target_id] = target
        return responses

    @property
    def _engine(self) -> Engine:
        """The store of the database that the first request named."""
        return self._databases.of(self._root).engine

    async def _check(self, target: Target, delta: Delta) -> None:
        operations = target.operations(delta.changed)
        await self._calls.check(self._call, operations, self._engine.read)

    def _filter(self, target: Target, too_many: int = 0) -> Pb:
        if self._listeners.wrong_filters and not too_many:
            self._listeners.wrong_filters -= 1
            too_many = 1
        response = ListenResponse()
        response.filter.target_id = target.id
        response.filter.count = len(target.told) + too_many
        return response

    # -- what changes --

    async def _news(self) -> list[Pb]:
        removed: list[Pb] = []
        if not self._targets:
            return []
        with self._engine.moment() as connection:
            now, read_time = Moment.now(connection), self._engine.read_time(connection)
            deltas = [(one, one.advance(connection)) for one in self._targets.values()]
        for target, delta in list(deltas):
            try:
                if delta.changed:
                    await self._check(target, delta)
            except Refusal as refusal:
                deltas.remove((target, delta))
                del self._targets[target.id]
                removed.append(_change(TargetChangeType.REMOVE, [target.id], cause=refusal))
        told = self._told(deltas, read_time)
        if told and self._listeners.torn is not None:
            code, self._listeners.torn = self._listeners.torn, None
            self._end = Refusal(code, "torn as asked")
            self.wake.set()
            return removed + told
        if told:
            told.append(_change(TargetChangeType.NO_CHANGE, [], now, read_time))
        return removed + told

    def _told(self, deltas: Iterable[tuple[Target, Delta]], read_time: datetime) -> list[Pb]:
        """Return the responses for what changed, one for each document and set of fields."""
        resets: list[Pb] = []
        documents: dict[tuple[str, str], Pb] = {}
        gone: dict[tuple[str, str], Pb] = {}
        for target, delta in deltas:
            if delta.is_reset:
                resets.append(_change(TargetChangeType.RESET, [target.id]))
            for document in (*delta.changed, *delta.left):
                key = (document.path, str(target.mask))
                if key not in documents:
                    documents[key] = ListenResponse()
                    documents[key].document_change.document.CopyFrom(
                        document_message(self._root, document, target.mask)
                    )
            for document in delta.changed:
                key = (document.path, str(target.mask))
                documents[key].document_change.target_ids.append(target.id)
            for document in delta.left:
                key = (document.path, str(target.mask))
                documents[key].document_change.removed_target_ids.append(target.id)
            for kind, paths in (("delete", delta.deleted), ("remove", delta.dropped)):
                for path in paths:
                    response = gone.setdefault((kind, path), ListenResponse())
                    message = getattr(response, f"document_{kind}")
                    message.document = f"{self._root}/{path}"
                    message.removed_target_ids.append(target.id)
                    set_time(message.read_time, read_time)
        return [*resets, *documents.values(), *gone.values()]

    # -- what a test asks for --

    def heartbeat(self) -> list[Pb]:
        """Return the word that nothing changed."""
        if not self._root:
            return []
        with self._engine.moment() as connection:
            now, read_time = Moment.now(connection), self._engine.read_time(connection)
        return [_change(TargetChangeType.NO_CHANGE, [], now, read_time)]

    def remove_all(self, cause: Refusal) -> list[Pb]:
        """Remove all targets and return the word of it."""
        responses = [
            _change(TargetChangeType.REMOVE, [target_id], cause=cause)
            for target_id in self._targets
        ]
        self._targets.clear()
        return responses

    def reset_all(self) -> list[Pb]:
        """Return everything anew, after the word to forget what was told."""
        ids = list(self._targets)
        if not ids:
            return []
        told = self.repeat_all()
        now = self.heartbeat()[0]
        current = ListenResponse()
        current.CopyFrom(now)
        current.target_change.target_change_type = TargetChangeType.CURRENT
        current.target_change.target_ids.extend(ids)
        return [_change(TargetChangeType.RESET, ids), *told[:-1], current, now]

    def repeat_all(self) -> list[Pb]:
        """Return the documents of all targets once more."""
        if not self._targets:
            return []
        with self._engine.moment() as connection:
            now, read_time = Moment.now(connection), self._engine.read_time(connection)
            deltas = []
            for target in self._targets.values():
                delta = target.advance(connection)
                delta.changed = target.begin(connection, None).changed
                deltas.append((target, delta))
        told = self._told(deltas, read_time)
        return [*told, _change(TargetChangeType.NO_CHANGE, [], now, read_time)]

    def filter_all(self, too_many: int) -> list[Pb]:
        """Return the number of documents of each target, off by so many."""
        return [self._filter(target, too_many) for target in self._targets.values()]


def _change(
    kind: int,
    target_ids: Iterable[int],
    now: Moment | None = None,
    read_time: datetime | None = None,
    *,
    cause: Refusal | None = None,
) -> Pb:
    response = ListenResponse()
    change = response.target_change
    change.target_change_type = kind
    change.target_ids.extend(target_ids)
    if now is not None:
        change.resume_token = now.token
    if read_time is not None:
        set_time(change.read_time, read_time)
    if cause is not None:
        change.cause.code, change.cause.message = cause.number, cause.message
    response.SetInParent()
    return response
