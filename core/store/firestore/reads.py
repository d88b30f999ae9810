"""Reads: requests made of paths and queries, and documents made of the answers."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from core.store.errors import PreconditionFailed, StoreError, StoreUnusable
from core.store.firestore import messages
from core.store.firestore.connection import Connection, Method
from core.store.firestore.messages import Message
from core.store.firestore.missing_index import index_missing, is_about_an_index
from core.store.firestore.queries import ANSWER, put_aggregation, put_query
from core.store.firestore.statuses import details_of
from core.store.firestore.values import document_of, value_of
from core.store.paths import split_document
from core.store.port import Aggregate, Document, Query
from core.store.shape import Shape

Ask = Callable[[Method, Message], Awaitable[list[Message]]]
"""Makes a call that reads. Raises StoreError."""


class Reads:
    """Reads as `core.store.port.Reader` has them, each asked by `ask`."""

    def __init__(self, connection: Connection, ask: Ask) -> None:
        self._connection = connection
        self._names = connection.names
        self._ask = ask

    async def get(self, path: str) -> Document | None:
        """Return a document, or None if there is none."""
        return (await self.get_all([path]))[0]

    async def get_all(self, paths: Sequence[str]) -> list[Document | None]:
        """Return documents in the order of `paths`, all from one moment."""
        for path in paths:
            split_document(path)
        if not paths:
            return []
        request = messages.BatchGetRequest(database=self._names.database)
        request.documents.extend(self._names.document(path) for path in dict.fromkeys(paths))
        found: dict[str, Document] = {}
        for answer in await self._ask(self._connection.batch_get, request):
            if answer.HasField("found"):
                document = document_of(self._names, answer.found)
                found[document.path] = document
        return [found.get(path) for path in paths]

    async def query(self, query: Query) -> list[Document]:
        """Return what matches, in order."""
        shape = Shape(query)
        request = messages.QueryRequest()
        put_query(self._names, shape, request)
        answers = await self._ask_shape(shape, self._connection.run_query, request)
        return [
            document_of(self._names, answer.document)
            for answer in answers
            if answer.HasField("document")
        ]

    async def aggregate(self, query: Query, *, sums: Sequence[str] = ()) -> Aggregate:
        """Count what matches, and add up fields.

        Each in a call of its own: several together leave out the documents that lack one field
        (https://firebase.google.com/docs/firestore/query-data/aggregation-queries).
        """
        shape = Shape(query)
        totals = {text: await self._aggregated(shape, text) for text in sums}
        return Aggregate(await self._aggregated(shape, None), totals)

    async def _aggregated(self, shape: Shape, summed: str | None) -> Any:
        request = messages.AggregationRequest()
        put_aggregation(self._names, shape, summed, request)
        answers = await self._ask_shape(shape, self._connection.run_aggregation, request)
        for answer in answers:
            if ANSWER in answer.result.aggregate_fields:
                return value_of(answer.result.aggregate_fields[ANSWER])
        return 0

    async def _ask_shape(self, shape: Shape, method: Method, request: Message) -> list[Message]:
        try:
            return await self._ask(method, request)
        except PreconditionFailed as error:
            raise query_refused(details_of(error), shape) from error


def query_refused(details: str, shape: Shape | None) -> StoreError:
    """Return the error for a query or watch that fails a precondition: an index, nearly always."""
    if shape is not None and is_about_an_index(details):
        return index_missing(details, shape)
    return StoreUnusable(details)
