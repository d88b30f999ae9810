"""The calls that write documents and that read them by name."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from google.protobuf.empty_pb2 import Empty
from grpc import StatusCode

from core.store import port
from core.store.embedded.execute import read_documents
from core.store.embedded.transaction import EmbeddedTransaction
from core.store.embedded.writer import Stale
from core.store.errors import StoreError
from core.store.paths import split_document
from tests.support.firestore_server.calls import Call, Calls, Operation
from tests.support.firestore_server.drafts import Draft, apply, written_path
from tests.support.firestore_server.engine import Engine
from tests.support.firestore_server.messages import (
    BatchGetResponse,
    BatchWriteResponse,
    BeginTransactionResponse,
    CommitResponse,
    Pb,
    WriteResult,
)
from tests.support.firestore_server.status import Refusal, contention, invalid, refusal_of
from tests.support.firestore_server.transactions import OpenTransaction, Transactions
from tests.support.firestore_server.values import (
    document_message,
    encode_into,
    mask_of,
    path_of,
    root_of,
    set_time,
)

LARGEST_REQUEST: Final = 11_534_336
"""Bytes of a commit, as the service's own refusal names them."""
_ATTEMPTS: Final = 20
"""For a commit that meets those of other processes."""


@dataclass(slots=True)
class _Committed:
    moment: datetime
    drafts: dict[str, Draft]
    results: list[list[Any]]


class Documents:
    """Commit and its kin."""

    def __init__(self, engine: Engine, transactions: Transactions, calls: Calls) -> None:
        self._engine = engine
        self._transactions = transactions
        self._calls = calls
        self._turn = asyncio.Lock()
        """Held from reading to committing: one commit at a time."""

    # -- transactions --

    async def begin_transaction(self, request: Pb, _call: Call) -> Pb:
        """Begin a transaction."""
        return BeginTransactionResponse(transaction=self._transactions.begin(request.options).id)

    async def rollback(self, request: Pb, _call: Call) -> Pb:
        """End a transaction without writing."""
        self._transactions.forget(self._transactions.find(request.transaction).id)
        return Empty()

    # -- writes --

    async def commit(self, request: Pb, call: Call) -> Pb:
        """Do all writes, or none."""
        if request.ByteSize() > LARGEST_REQUEST:
            raise invalid(f"Request payload size exceeds the limit: {LARGEST_REQUEST} bytes.")
        transaction = None
        if request.transaction:
            transaction = self._transactions.get(request.transaction)
        try:
            done = await self._commit(list(request.writes), transaction, call)
        except Refusal as refusal:
            if transaction is not None and refusal.code is StatusCode.ABORTED:
                transaction.lose()
            raise
        self._transactions.forget(request.transaction)
        response = CommitResponse()
        set_time(response.commit_time, done.moment)
        paths = [written_path(write) for write in request.writes]
        for write, path, results in zip(request.writes, paths, done.results, strict=True):
            is_delete = write.WhichOneof("operation") == "delete"
            response.write_results.append(_result(done, path, results, is_delete=is_delete))
        return response

    async def batch_write(self, request: Pb, call: Call) -> Pb:
        """Do each write by itself."""
        response = BatchWriteResponse()
        if len({written_path(write) for write in request.writes}) < len(request.writes):
            raise invalid("Cannot write to the same document multiple times in a batch.")
        for write in request.writes:
            try:
                done = await self._commit([write], None, call)
            except (Refusal, StoreError) as error:
                refusal = error if isinstance(error, Refusal) else refusal_of(error)
                response.write_results.append(WriteResult())
                response.status.add(code=refusal.number, message=refusal.message)
                continue
            is_delete = write.WhichOneof("operation") == "delete"
            result = _result(done, written_path(write), done.results[0], is_delete=is_delete)
            response.write_results.append(result)
            response.status.add()
        return response

    async def _commit(
        self, writes: Sequence[Pb], transaction: OpenTransaction | None, call: Call
    ) -> _Committed:
        if transaction is not None and transaction.is_read_only:
            if writes:
                raise invalid("Cannot modify entities in a read-only transaction.")
            with self._engine.moment() as connection:
                return _Committed(self._engine.read_time(connection), {}, [])
        paths = [written_path(write) for write in writes]
        for path in paths:
            split_document(path)
        async with self._turn:
            for _number in range(_ATTEMPTS):
                if transaction is not None and not transaction.is_current(self._engine):
                    break
                try:
                    return await self._attempt(writes, paths, transaction, call)
                except Stale:
                    continue
        raise contention()

    async def _attempt(
        self,
        writes: Sequence[Pb],
        paths: Sequence[str],
        transaction: OpenTransaction | None,
        call: Call,
    ) -> _Committed:
        view = EmbeddedTransaction(self._engine.moment, self._engine.reader)
        unique = list(dict.fromkeys(paths))
        drafts = {
            path: Draft(path, stored, None if stored is None else dict(stored.data))
            for path, stored in zip(unique, await view.get_all(unique), strict=True)
        }
        results = [apply(write, drafts[path]) for write, path in zip(writes, paths, strict=True)]
        operations = [_operation(draft) for draft in drafts.values()]

        def read_after(path: str) -> port.Document | None:
            return drafts[path].document if path in drafts else self._engine.read(path)

        await self._calls.check(call, operations, self._engine.read, read_after)
        checks = [*view.checks, *(transaction.reads.checks if transaction is not None else ())]
        changed = [draft.write() for draft in drafts.values() if draft.is_changed]
        moment = await self._engine.commit(changed, checks)
        return _Committed(moment, drafts, results)

    # -- reads --

    async def batch_get(self, request: Pb, call: Call) -> list[Pb]:
        """Return documents in an order of the server's, each once."""
        transaction, new = self._transactions.chosen(request)
        root = root_of(request.database)
        paths = sorted({path_of(name) for name in request.documents})
        found, read_time = await self._read(paths, transaction, call)
        mask = mask_of(request.mask.field_paths) if request.HasField("mask") else None
        responses = [BatchGetResponse(transaction=new)] if new else []
        for path, document in zip(paths, found, strict=True):
            response = BatchGetResponse()
            if document is None:
                response.missing = f"{root}/{path}"
            else:
                response.found.CopyFrom(document_message(root, document, mask))
            responses.append(response)
        for response in responses:
            set_time(response.read_time, read_time)
        return responses

    async def get(self, request: Pb, call: Call) -> Pb:
        """Return one document."""
        transaction, _new = self._transactions.chosen(request)
        path = path_of(request.name)
        (document,), _read_time = await self._read([path], transaction, call)
        if document is None:
            raise Refusal(StatusCode.NOT_FOUND, f'Document "{request.name}" not found.')
        mask = mask_of(request.mask.field_paths) if request.HasField("mask") else None
        return document_message(root_of(request.name), document, mask)

    async def _read(
        self, paths: list[str], transaction: OpenTransaction | None, call: Call
    ) -> tuple[list[port.Document | None], datetime]:
        with self._engine.moment() as connection:
            if transaction is None:
                found = read_documents(connection, paths)
            else:
                found = await transaction.reads.get_all(paths)
            read_time = self._engine.read_time(connection)
        await self._calls.check(
            call,
            [Operation("get", path, one) for path, one in zip(paths, found, strict=True)],
            self._engine.read,
        )
        return found, read_time


def _operation(draft: Draft) -> Operation:
    kind: Any = "update"
    if draft.data is None:
        kind = "delete"
    elif draft.stored is None:
        kind = "create"
    return Operation(kind, draft.path, draft.stored, draft.data)


def _result(done: _Committed, path: str, results: list[Any], *, is_delete: bool) -> Pb:
    """Return what a write left; a document that did not change keeps its time."""
    message = WriteResult()
    draft = done.drafts[path]
    if not is_delete:
        was_left = draft.stored is not None and not draft.is_changed
        set_time(
            message.update_time,
            draft.stored.update_time if draft.stored and was_left else done.moment,
        )
    for one in results:
        value = done.moment if one is port.SERVER_TIMESTAMP else one
        encode_into(message.transform_results.add(), value)
    return message
