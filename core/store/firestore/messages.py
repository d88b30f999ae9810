"""The messages of google.firestore.v1 as protobuf makes them.

The library's own wrappers around them take ten times as long to fill. Protobuf makes the classes
while the program runs, so types end here.
"""

from typing import Any, Final

from google.cloud.firestore_v1 import types

Message = Any
"""Any protobuf message."""

Document: Final[Any] = types.Document.pb()
Value: Final[Any] = types.Value.pb()
Write: Final[Any] = types.Write.pb()
Target: Final[Any] = types.Target.pb()
TargetChange: Final[Any] = types.TargetChange.pb()
StructuredQuery: Final[Any] = types.StructuredQuery.pb()

BatchGetRequest: Final[Any] = types.BatchGetDocumentsRequest.pb()
BatchGetResponse: Final[Any] = types.BatchGetDocumentsResponse.pb()
QueryRequest: Final[Any] = types.RunQueryRequest.pb()
QueryResponse: Final[Any] = types.RunQueryResponse.pb()
AggregationRequest: Final[Any] = types.RunAggregationQueryRequest.pb()
AggregationResponse: Final[Any] = types.RunAggregationQueryResponse.pb()
CommitRequest: Final[Any] = types.CommitRequest.pb()
CommitResponse: Final[Any] = types.CommitResponse.pb()
RollbackRequest: Final[Any] = types.RollbackRequest.pb()
ListenRequest: Final[Any] = types.ListenRequest.pb()
ListenResponse: Final[Any] = types.ListenResponse.pb()

OPTIMISTIC: Final = int(types.TransactionOptions.ConcurrencyMode.OPTIMISTIC)
REQUEST_TIME: Final = int(types.DocumentTransform.FieldTransform.ServerValue.REQUEST_TIME)
