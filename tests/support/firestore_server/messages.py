"""The messages of google.firestore.v1, as raw protobuf classes: typed by nobody, so Any here."""

from typing import Any, Final

from google.cloud.firestore_admin_v1.types import Index as AdminIndex
from google.cloud.firestore_v1 import types

Pb = Any
"""A protobuf message."""

SERVICE: Final = "google.firestore.v1.Firestore"

Document: Final[Any] = types.Document.pb()
Value: Final[Any] = types.Value.pb()
Write: Final[Any] = types.Write.pb()
WriteResult: Final[Any] = types.WriteResult.pb()
Transform: Final[Any] = types.DocumentTransform.FieldTransform.pb()
Precondition: Final[Any] = types.Precondition.pb()
StructuredQuery: Final[Any] = types.StructuredQuery.pb()
FieldFilter: Final[Any] = types.StructuredQuery.FieldFilter.pb()
UnaryFilter: Final[Any] = types.StructuredQuery.UnaryFilter.pb()
CompositeFilter: Final[Any] = types.StructuredQuery.CompositeFilter.pb()
Direction: Final[Any] = types.StructuredQuery.Direction
TargetChange: Final[Any] = types.TargetChange.pb()
TargetChangeType: Final[Any] = types.TargetChange.TargetChangeType
ListenRequest: Final[Any] = types.ListenRequest.pb()
ListenResponse: Final[Any] = types.ListenResponse.pb()
CommitResponse: Final[Any] = types.CommitResponse.pb()
BatchGetResponse: Final[Any] = types.BatchGetDocumentsResponse.pb()
BatchWriteResponse: Final[Any] = types.BatchWriteResponse.pb()
BeginTransactionResponse: Final[Any] = types.BeginTransactionResponse.pb()
RunQueryResponse: Final[Any] = types.RunQueryResponse.pb()
RunAggregationResponse: Final[Any] = types.RunAggregationQueryResponse.pb()
ListDocumentsResponse: Final[Any] = types.ListDocumentsResponse.pb()
Index: Final[Any] = AdminIndex.pb()
ListCollectionIdsResponse: Final[Any] = types.ListCollectionIdsResponse.pb()


def request_of(method: str) -> Pb:
    """Return the class of a method's request."""
    return getattr(types, f"{method}Request").pb()
