"""The server: the service's methods, its port, its store, and what a test may do to it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import grpc
from google.protobuf.empty_pb2 import Empty

from core.clock import Clock, system_clock
from core.store.errors import StoreError
from core.store.indexes import IndexSet
from tests.support.firestore_server.calls import Call, Calls
from tests.support.firestore_server.control import Control
from tests.support.firestore_server.documents import Documents
from tests.support.firestore_server.engine import Engine
from tests.support.firestore_server.faults import Faults
from tests.support.firestore_server.listen import Listeners, ListenStream
from tests.support.firestore_server.listing import Listing
from tests.support.firestore_server.messages import SERVICE, Pb, request_of
from tests.support.firestore_server.status import Refusal, refusal_of
from tests.support.firestore_server.tls import Certificate
from tests.support.firestore_server.transactions import Transactions

_LARGEST_MESSAGE: Final = 16 * 1024 * 1024
Unary = Callable[[Pb, Call], Awaitable[Pb]]
Streamed = Callable[[Pb, Call], Awaitable[list[Pb]]]


class FirestoreServer:
    """Cloud Firestore's gRPC service on loopback, in front of one store file.

    `calls` holds who called what and may judge it, `faults` what calls meet, `listeners` the open
    streams and what may happen to them. It lives in the
    event loop that started it; `stop` and `start` again are a restart on the same port.
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
        self._engine: Engine | None = None
        self._transactions: Transactions | None = None
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
        engine = Engine(
            self._path, self._indexes, self._clock, self.listeners.notify, self._doorbells
        )
        self._engine = engine
        self._transactions = Transactions(engine)
        server = grpc.aio.server(
            options=[
                ("grpc.so_reuseport", 0),
                ("grpc.max_receive_message_length", _LARGEST_MESSAGE),
            ]
        )
        handlers = self._methods(engine, self._transactions)
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
        if self._transactions is not None:
            self._transactions.close()
        if self._engine is not None:
            await self._engine.close()
            self._engine = None

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

    def _methods(self, engine: Engine, transactions: Transactions) -> dict[str, Any]:
        documents = Documents(engine, transactions, self.calls)
        listing = Listing(engine, transactions, self.calls)
        unary: dict[str, Unary] = {
            "BatchWrite": documents.batch_write,
            "BeginTransaction": documents.begin_transaction,
            "Commit": documents.commit,
            "GetDocument": documents.get,
            "ListCollectionIds": listing.list_collection_ids,
            "ListDocuments": listing.list_documents,
        }
        streamed: dict[str, Streamed] = {
            "BatchGetDocuments": documents.batch_get,
            "RunAggregationQuery": listing.run_aggregation,
            "RunQuery": listing.run_query,
        }
        return (
            {name: self._unary(name, method) for name, method in unary.items()}
            | {name: self._streamed(name, method) for name, method in streamed.items()}
            | {"Rollback": self._unary("Rollback", _emptied(documents.rollback))}
            | {"Listen": self._listen(engine)}
        )

    def _unary(self, name: str, method: Unary) -> Any:
        async def serve(request: Pb, context: grpc.aio.ServicerContext[Any, Any]) -> Pb:
            try:
                return await self._do(name, method, request, context)
            except Refusal as refusal:
                await context.abort(refusal.code, refusal.message)

        return grpc.unary_unary_rpc_method_handler(
            serve,
            request_deserializer=request_of(name).FromString,
            response_serializer=_serialized,
        )

    def _streamed(self, name: str, method: Streamed) -> Any:
        async def serve(
            request: Pb, context: grpc.aio.ServicerContext[Any, Any]
        ) -> AsyncIterator[Pb]:
            try:
                responses = await self._do(name, method, request, context)
            except Refusal as refusal:
                await context.abort(refusal.code, refusal.message)
            end = self.faults.broken_off(name)
            for response in responses if end is None else responses[: end[0]]:
                yield response
            if end is not None:
                await context.abort(end[1].code, end[1].message)

        return grpc.unary_stream_rpc_method_handler(
            serve,
            request_deserializer=request_of(name).FromString,
            response_serializer=_serialized,
        )

    def _listen(self, engine: Engine) -> Any:
        async def serve(
            requests: AsyncIterator[Pb], context: grpc.aio.ServicerContext[Any, Any]
        ) -> None:
            call = self.calls.record("Listen", tuple(context.invocation_metadata() or ()))
            try:
                await self.faults.before("Listen")
                stream = ListenStream(engine, self.calls, self.listeners, call)
                await stream.run(requests, context)
            except Refusal as refusal:
                await context.abort(refusal.code, refusal.message)

        return grpc.stream_stream_rpc_method_handler(
            serve,
            request_deserializer=request_of("Listen").FromString,
            response_serializer=_serialized,
        )

    async def _do(
        self,
        name: str,
        method: Callable[[Pb, Call], Awaitable[Any]],
        request: Pb,
        context: grpc.aio.ServicerContext[Any, Any],
    ) -> Any:
        """Do a call between its faults. Raises Refusal."""
        call = self.calls.record(name, tuple(context.invocation_metadata() or ()))
        try:
            await self.faults.before(name)
            answer = await method(request, call)
        except StoreError as error:
            raise refusal_of(error) from error
        self.faults.after(name)
        return answer


def _emptied(method: Callable[[Pb, Call], Awaitable[None]]) -> Unary:
    """Return a method that answers with nothing as one that answers google.protobuf.Empty."""

    async def answered(request: Pb, call: Call) -> Pb:
        await method(request, call)
        return Empty()

    return answered


def _serialized(message: Pb) -> bytes:
    data: bytes = message.SerializeToString()
    return data
