"""The calls that query, and those that list what is below a document."""

from datetime import datetime
from typing import Final

from core.store import port
from core.store.embedded.execute import read_documents
from core.store.errors import IndexMissing
from core.store.paths import collection_group
from tests.support.firestore_server.calls import Call, Calls, Operation
from tests.support.firestore_server.engine import Engine
from tests.support.firestore_server.messages import (
    ListCollectionIdsResponse,
    ListDocumentsResponse,
    Pb,
    RunAggregationResponse,
    RunQueryResponse,
)
from tests.support.firestore_server.queries import (
    Translated,
    aggregate,
    aggregations_of,
    translate,
)
from tests.support.firestore_server.status import index_refusal, unimplemented
from tests.support.firestore_server.transactions import OpenTransaction, Transactions
from tests.support.firestore_server.values import (
    document_message,
    encode_into,
    mask_of,
    path_of,
    root_of,
    set_time,
)

_PAGE: Final = 300


class Listing:
    """RunQuery and its kin."""

    def __init__(self, engine: Engine, transactions: Transactions, calls: Calls) -> None:
        self._engine = engine
        self._transactions = transactions
        self._calls = calls

    async def run_query(self, request: Pb, call: Call) -> list[Pb]:
        """Return what a query matches; one answer without a document when that is nothing."""
        transaction, new = self._transactions.chosen(request)
        translated = translate(request.parent, request.structured_query)
        documents, read_time = await self._run(translated, request.parent, transaction, call)
        root = root_of(request.parent)
        responses = [RunQueryResponse(transaction=new)] if new else []
        for document in documents:
            response = RunQueryResponse()
            response.document.CopyFrom(document_message(root, document, translated.mask))
            responses.append(response)
        if not documents:
            responses.append(RunQueryResponse())
        for response in responses:
            set_time(response.read_time, read_time)
        return responses

    async def run_aggregation(self, request: Pb, call: Call) -> list[Pb]:
        """Return the aggregates of what a query matches."""
        transaction, new = self._transactions.chosen(request)
        message = request.structured_aggregation_query
        wanted = aggregations_of(message)
        translated = translate(request.parent, message.structured_query)
        documents, read_time = await self._run(translated, request.parent, transaction, call)
        response = RunAggregationResponse(transaction=new)
        set_time(response.read_time, read_time)
        for alias, value in aggregate(wanted, documents).items():
            encode_into(response.result.aggregate_fields[alias], value)
        return [response]

    async def _run(
        self,
        translated: Translated,
        parent: str,
        transaction: OpenTransaction | None,
        call: Call,
    ) -> tuple[list[port.Document], datetime]:
        query = translated.widened
        with self._engine.moment() as connection:
            try:
                if transaction is None:
                    documents = self._engine.reader.query(connection, query)
                else:
                    documents = await transaction.reads.query(query)
            except IndexMissing as error:
                raise index_refusal(error, query, parent) from error
            read_time = self._engine.read_time(connection)
        documents = [] if translated.is_empty else documents[translated.offset :]
        await self._calls.check(
            call,
            [Operation("list", query.collection, query=query, found=tuple(documents))],
            self._engine.read,
        )
        return documents, read_time

    async def list_documents(self, request: Pb, call: Call) -> Pb:
        """Return a page of a collection, in the order of the ids."""
        if request.order_by or not request.collection_id:
            raise unimplemented("this kind of listing")
        parent = path_of(request.parent)
        collection = f"{parent}/{request.collection_id}" if parent else request.collection_id
        if request.show_missing:
            return await self._list_with_missing(request, collection)
        size = request.page_size or _PAGE
        query = port.Query(collection).order_by(port.DOCUMENT_ID).limit(size)
        if request.page_token:
            query = query.start_after(request.page_token)
        translated = Translated(query, 0, is_empty=False, mask=None)
        documents, _read_time = await self._run(translated, request.parent, None, call)
        mask = mask_of(request.mask.field_paths) if request.HasField("mask") else None
        root = root_of(request.parent)
        response = ListDocumentsResponse(
            next_page_token=documents[-1].id if len(documents) == size else ""
        )
        response.documents.extend(document_message(root, one, mask) for one in documents)
        return response

    async def _list_with_missing(self, request: Pb, collection: str) -> Pb:
        """Return the names in a collection, also of what is missing but has documents below."""
        with self._engine.moment() as connection:
            rows = connection.execute(
                "SELECT c.path || '/' || d.id FROM collections c JOIN documents d ON d.col = c.no"
                " WHERE substr(c.path || '/', 1, ?) = ? AND d.data IS NOT NULL",
                (len(collection) + 1, f"{collection}/"),
            ).fetchall()
            depth = collection.count("/") + 2
            names = sorted({"/".join(path.split("/")[:depth]) for (path,) in rows})
            found = read_documents(connection, names)
        root = root_of(request.parent)
        response = ListDocumentsResponse()
        for name, document in zip(names, found, strict=True):
            if document is None:
                response.documents.add(name=f"{root}/{name}")
            else:
                response.documents.append(document_message(root, document, []))
        return response

    async def list_collection_ids(self, request: Pb, _call: Call) -> Pb:
        """Return the ids of the collections right below a document, or in the root."""
        parent = path_of(request.parent)
        prefix = f"{parent}/" if parent else ""
        with self._engine.moment() as connection:
            rows = connection.execute(
                "SELECT DISTINCT c.path FROM collections c JOIN documents d ON d.col = c.no"
                " WHERE substr(c.path, 1, ?) = ? AND d.data IS NOT NULL",
                (len(prefix), prefix),
            ).fetchall()
        ids = {path[len(prefix) :].split("/")[0] for (path,) in rows if collection_group(path)}
        return ListCollectionIdsResponse(collection_ids=sorted(ids))
