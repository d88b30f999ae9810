"""What a call can end with instead of an answer, worded as Google words it."""

import base64
import json
from typing import Any, Final

from grpc import StatusCode

from core.store.errors import (
    AlreadyExists,
    IndexMissing,
    InvalidRequest,
    NotFound,
    PermissionDenied,
    PreconditionFailed,
    StoreError,
    StoreUnavailable,
)
from core.store.port import Query, field_path
from core.store.shape import Shape
from tests.support.firestore_server.messages import Index, Pb

_CONSOLE: Final = "https://console.firebase.google.com/v1/r/project"
_CODES: Final = {
    NotFound: StatusCode.NOT_FOUND,
    AlreadyExists: StatusCode.ALREADY_EXISTS,
    PreconditionFailed: StatusCode.FAILED_PRECONDITION,
    PermissionDenied: StatusCode.PERMISSION_DENIED,
    InvalidRequest: StatusCode.INVALID_ARGUMENT,
    StoreUnavailable: StatusCode.UNAVAILABLE,
}


class Refusal(Exception):
    """The status that ends a call."""

    def __init__(self, code: StatusCode, message: str) -> None:
        super().__init__(f"{code.name}: {message}")
        self.code = code
        self.message = message

    @property
    def number(self) -> int:
        """The code as google.rpc.Status holds it."""
        return int(self.code.value[0])


def invalid(message: str) -> Refusal:
    """Return the refusal of a request that makes no sense."""
    return Refusal(StatusCode.INVALID_ARGUMENT, message)


def unimplemented(what: str) -> Refusal:
    """Return the refusal of what the real service can do and this server cannot."""
    return Refusal(StatusCode.UNIMPLEMENTED, f"This test server does not do {what}.")


def contention() -> Refusal:
    """Return the refusal of a transaction that lost against another."""
    return Refusal(StatusCode.ABORTED, "Too much contention on these documents. Please try again.")


def refusal_of(error: StoreError) -> Refusal:
    """Return the status for an error of the engine."""
    for kind, code in _CODES.items():
        if isinstance(error, kind):
            return Refusal(code, str(error))
    return Refusal(StatusCode.INTERNAL, str(error))


def index_refusal(error: IndexMissing, query: Query, parent: str) -> Refusal:
    """Return the refusal of a query without its index, with the link that would make it.

    `parent` is the resource name that the query is below.
    """
    _projects, project, _databases, database = parent.split("/")[:4]
    root = f"projects/{project}/databases/{database}/collectionGroups"
    found: dict[str, Any] = json.JSONDecoder().raw_decode(error.hint[error.hint.index("{") :])[0]
    indexes = f"{_CONSOLE}/{project}/firestore/indexes"
    if "fields" in found:
        index = Index(
            name=f"{root}/{found['collectionGroup']}/indexes/_",
            query_scope=Index.QueryScope.Value(found["queryScope"]),
            fields=[_index_field(one) for one in found["fields"]],
        )
        link = f"{indexes}?create_composite={_encoded(index)}"
        return Refusal(
            StatusCode.FAILED_PRECONDITION,
            f"The query requires an index. You can create it here: {link}",
        )
    shape = Shape(query)
    field = _field_of(error, shape)
    index = Index(
        name=f"{root}/{shape.group}/fields/{field}",
        query_scope=Index.QueryScope.Value(found["queryScope"]),
        fields=[_index_field({"fieldPath": field} | found)],
    )
    mode = {"ASCENDING": "ASC", "DESCENDING": "DESC"}.get(found.get("order", ""), "CONTAINS")
    return Refusal(
        StatusCode.FAILED_PRECONDITION,
        f"The query requires a {found['queryScope']}_{mode} index for collection {shape.group}"
        f" and field {field}. You can create it here:"
        f" {indexes}?create_exemption={_encoded(index)}",
    )


def _field_of(error: IndexMissing, shape: Shape) -> str:
    """Return the field that the engine's sentence names."""
    paths = [*shape.equalities, *(one.path for one in shape.orders)]
    named = [path for path in paths if ".".join(path) in str(error)]
    return field_path(*max(named, key=lambda path: len(".".join(path))))


def _index_field(one: dict[str, str]) -> Pb:
    field = Index.IndexField(field_path=one["fieldPath"])
    if "arrayConfig" in one:
        field.array_config = Index.IndexField.ArrayConfig.Value(one["arrayConfig"])
    else:
        field.order = Index.IndexField.Order.Value(one["order"])
    return field


def _encoded(index: Pb) -> str:
    return base64.urlsafe_b64encode(index.SerializeToString()).decode().rstrip("=")
