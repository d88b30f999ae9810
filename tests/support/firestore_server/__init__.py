"""Cloud Firestore's gRPC service in front of the embedded engine, with faults on request.

It judges the Firestore engine over the real wire. `FirestoreServer` lives in a test's own loop,
`serving` in a thread, and `tests.support.processes.start_firestore_server` in a process.

What it cannot do that the service can is refused with UNIMPLEMENTED: OR, NOT_IN,
ARRAY_CONTAINS_ANY, references and geo points as values, reads of the past, vector searches,
pipelines and the Write stream. Transactions are those of a database with optimistic concurrency.
"""

from tests.support.firestore_server.calls import Asked, Call, Judge
from tests.support.firestore_server.server import FirestoreServer
from tests.support.firestore_server.status import Refusal
from tests.support.firestore_server.threaded import ThreadedServer, serving

__all__ = ["Asked", "Call", "FirestoreServer", "Judge", "Refusal", "ThreadedServer", "serving"]
