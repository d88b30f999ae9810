"""Cloud Firestore's gRPC service in front of the embedded engine, with faults on request.

It judges the Firestore engine over the real wire. What it cannot do that the service can is
refused with UNIMPLEMENTED: OR, NOT_IN, ARRAY_CONTAINS_ANY, references and geo points as values,
reads of the past, vector searches, pipelines and the Write stream.
"""

from tests.support.firestore_server.calls import Call, Judge, Operation
from tests.support.firestore_server.server import FirestoreServer
from tests.support.firestore_server.status import Refusal

__all__ = ["Call", "FirestoreServer", "Judge", "Operation", "Refusal"]
