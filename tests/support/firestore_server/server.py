"""The server: the service's methods, its port, its store, and what a test may do to it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import grpc

from core.clock import Clock, system_clock
from core.store.errors import StoreError
from core.store.indexes import IndexSet
from tests.support.firestore_server.calls import Call, Calls
from tests.support.firestore_server.control import Control
from tests.support.firestore_server.databases import Database, Databases
from tests.support.firestore_server.engine import Engine
from tests.support.firestore_server.faults import Faults
from tests.support.firestore_server.listen import Listeners, ListenStream
from tests.support.firestore_server.messages import SERVICE, Pb, request_of
from tests.support.firestore_server.status import Refusal, refusal_of
from tests.support.firestore_server.tls import Certificate

_LARGEST_MESSAGE: Final = 16 * 1024 * 1024
Context = grpc.aio.ServicerContext[Any, Any]
Method = Callable[[Pb, Call], Awaitable[Any]]
"""Answers a request with a message, or with all messages of a stream."""


class FirestoreServer:
    """Cloud Firestore's gRPC service on loopback, in front of a store's file.

    At a folder, it keeps a file for each project and database there, as an emulator keeps them
    apart. `calls` holds who called what and may judge it, `faults` what calls meet, `listeners` the
    open streams and what may happen to them. It lives in the event loop that started it; `stop` and
    `start` again are a restart on the same port.
    """

    def __init__(
        self,
        path: Path,
        *,
        indexes: IndexSet | None = None,
        port: int = 0,
        clock: Clock = system_clock,
        doorbells: Path | None = None,
        certificate: Certificate | None = None,
    ) -> None:
        self._path = path
        self._indexes = IndexSet.packaged() if indexes is None else indexes
        self._clock = clock
        self._doorbells = doorbells
        self.certificate = certificate
        """With one, the port speaks TLS, and clients have to trust it."""
        self._server: grpc.aio.Server | None = None
        self._databases: Databases | None = None
        self.port = port
        """The TCP port; once started, the one in use."""
        self.calls = Calls()
        self.faults = Faults()
        self.listeners = Listeners()

    @property
    def address(self) -> str:
        """Host and port, as FIRESTORE_EMULATOR_HOST wants them."""
        return f"127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Open the store and the port. Raises StoreError, RuntimeError when the port is taken."""
        databases = self._databases = Databases(self._path, self._opened, self.calls)
        server = grpc.aio.server(
            options=[
                ("grpc.so_reuseport", 0),
                ("grpc.max_receive_message_length", _LARGEST_MESSAGE),
            ]
        )
        handlers = self._methods(databases)
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
        server.add_generic_rpc_handlers(
            (Control(self.calls, self.faults, self.listeners).handler(),)
        )
        if self.certificate is None:
            self.port = server.add_insecure_port(self.address)
        else:
            pair = (self.certificate.key, self.certificate.certificate)
            self.port = server.add_secure_port(self.address, grpc.ssl_server_credentials([pair]))
        await server.start()
        self._server = server

    async def stop(self) -> None:
        """Cut every call off, and release the port and the store."""
        if self._server is not None:
            await self._server.stop(None)
            self._server = None
        if self._databases is not None:
            await self._databases.close()
            self._databases = None

    def _opened(self, path: Path) -> Engine:
        return Engine(path, self._indexes, self._clock, self.listeners.notify, self._doorbells)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    # -- the methods --

    def _methods(self, databases: Databases) -> dict[str, Any]:
        unary: dict[str, Callable[[Database], Method]] = {
            "BatchWrite": lambda database: database.documents.batch_write,
            "BeginTransaction": lambda database: database.documents.begin_transaction,
            "Commit": lambda database: database.documents.commit,
            "GetDocument": lambda database: database.documents.get,
            "ListCollectionIds": lambda database: database.listing.list_collection_ids,
            "ListDocuments": lambda database: database.listing.list_documents,
            "Rollback": lambda database: database.documents.rollback,
        }
        streamed: dict[str, Callable[[Database], Method]] = {
            "BatchGetDocuments": lambda database: database.documents.batch_get,
            "RunAggregationQuery": lambda database: database.listing.run_aggregation,
            "RunQuery": lambda database: database.listing.run_query,
        }

        def done_by(choose: Callable[[Database], Method]) -> Method:
            async def do(request: Pb, call: Call) -> Any:
                return await choose(databases.asked(request))(request, call)

            return do

        return (
            {name: self._unary(name, done_by(method)) for name, method in unary.items()}
            | {name: self._streamed(name, done_by(method)) for name, method in streamed.items()}
            | {"Listen": self._listen(databases)}
        )

    def _unary(self, name: str, method: Method) -> Any:
        async def serve(request: Pb, context: Context) -> Pb:
            try:
                return await self._do(name, method, request, context)
            except Refusal as refusal:
                await context.abort(refusal.code, refusal.message)

        return grpc.unary_unary_rpc_method_handler(serve, *_codec(name))

    def _streamed(self, name: str, method: Method) -> Any:
        async def serve(request: Pb, context: Context) -> AsyncIterator[Pb]:
            try:
                responses = await self._do(name, method, request, context)
            except Refusal as refusal:
                await context.abort(refusal.code, refusal.message)
            end = self.faults.broken_off(name)
            for response in responses if end is None else responses[: end[0]]:
                yield response
            if end is not None:
                await context.abort(end[1].code, end[1].message)

        return grpc.unary_stream_rpc_method_handler(serve, *_codec(name))

    def _listen(self, databases: Databases) -> Any:
        async def serve(requests: AsyncIterator[Pb], context: Context) -> None:
            call = self.calls.record("Listen", tuple(context.invocation_metadata() or ()))
            try:
                await self.faults.before("Listen")
                stream = ListenStream(databases, self.calls, self.listeners, call)
                await stream.run(requests, context)
            except Refusal as refusal:
                await context.abort(refusal.code, refusal.message)

        return grpc.stream_stream_rpc_method_handler(serve, *_codec("Listen"))

    async def _do(self, name: str, method: Method, request: Pb, context: Context) -> Any:
        """Do a call between its faults. Raises Refusal."""
        call = self.calls.record(name, tuple(context.invocation_metadata() or ()))
        try:
            await self.faults.before(name)
            answer = await method(request, call)
        except StoreError as error:
            raise refusal_of(error) from error
        self.faults.after(name)
        return answer


def _codec(name: str) -> tuple[Callable[[bytes], Pb], Callable[[Pb], bytes]]:
    """Return what reads a method's request, and what writes its responses."""
    return request_of(name).FromString, _serialized


def _serialized(message: Pb) -> bytes:
    data: bytes = message.SerializeToString()
    return data
