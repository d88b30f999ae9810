"""Every status becomes an error of the store's, said in words that may be shown."""

import pytest
from grpc import StatusCode

from core.store import errors
from core.store.errors import StoreError
from core.store.firestore.missing_index import index_missing
from core.store.firestore.reads import query_refused
from core.store.firestore.statuses import code_of, store_error
from core.store.port import Query
from core.store.shape import Shape

NAME = "projects/demo/databases/(default)/documents/things/one two"


@pytest.mark.parametrize(
    ("code", "details", "kind"),
    [
        (StatusCode.INVALID_ARGUMENT, "bad", errors.InvalidRequest),
        (StatusCode.OUT_OF_RANGE, "bad", errors.InvalidRequest),
        (StatusCode.NOT_FOUND, f"No document to update: {NAME}", errors.NotFound),
        (
            StatusCode.NOT_FOUND,
            "The database (default) does not exist for project demo",
            errors.StoreUnusable,
        ),
        (StatusCode.ALREADY_EXISTS, f"Document already exists: {NAME}", errors.AlreadyExists),
        (StatusCode.FAILED_PRECONDITION, "other version", errors.PreconditionFailed),
        (StatusCode.PERMISSION_DENIED, "Missing permissions", errors.PermissionDenied),
        (StatusCode.UNAUTHENTICATED, "token expired", errors.Unauthenticated),
        (StatusCode.ABORTED, "contention", errors.Contention),
        (StatusCode.RESOURCE_EXHAUSTED, "quota", errors.StoreUnavailable),
        (StatusCode.UNAVAILABLE, "gone", errors.StoreUnavailable),
        (StatusCode.DEADLINE_EXCEEDED, "late", errors.StoreUnavailable),
        (StatusCode.INTERNAL, "broken", errors.StoreUnavailable),
        (StatusCode.UNKNOWN, "", errors.StoreUnavailable),
        (StatusCode.CANCELLED, "", errors.StoreUnavailable),
        (StatusCode.UNIMPLEMENTED, "not here", errors.StoreUnusable),
        (StatusCode.DATA_LOSS, "lost", errors.StoreUnusable),
    ],
)
def test_a_status_is_an_error(code: StatusCode, details: str, kind: type[StoreError]) -> None:
    assert type(store_error(code, details)) is kind


def test_the_document_is_named() -> None:
    error = store_error(StatusCode.ALREADY_EXISTS, f"Document already exists: {NAME}")
    assert "things/one two" in error.message


def test_the_services_words_are_made_fit_to_be_shown() -> None:
    error = store_error(StatusCode.UNAVAILABLE, "no\x1b[31m way\n" + "x" * 1000)
    assert "\x1b" not in error.message
    assert "\n" not in error.message
    assert len(error.message) < 400


def test_numbers_are_codes() -> None:
    assert code_of(7) is StatusCode.PERMISSION_DENIED
    assert code_of(99) is StatusCode.UNKNOWN


ITEMS = Query("runs/1/items")
COMPOSITE = ITEMS.where("kind", "==", 1).order_by("rank", "desc")
LINK = (
    "The query requires an index. You can create it here: https://console.firebase.google.com/"
    "v1/r/project/demo/firestore/indexes?create_composite="
    "CkJwcm9qZWN0cy9kZW1vL2RhdGFiYXNlcy8oZGVmYXVsdCkvY29sbGVjdGlvbkdyb3Vwcy9pdGVtcy9pbmRleGVzL18Q"
    "ARoICgRraW5kEAEaCAoEcmFuaxACGgwKCF9fbmFtZV9fEAI"
)


def test_the_missing_index_is_the_one_of_the_link() -> None:
    error = index_missing(LINK, Shape(ITEMS.order_by("other").order_by("x")))
    assert (
        '{"collectionGroup": "items", "queryScope": "COLLECTION", "fields": [{"fieldPath": "kind",'
        ' "order": "ASCENDING"}, {"fieldPath": "rank", "order": "DESCENDING"}]}'
    ) in error.hint


@pytest.mark.parametrize(
    "details",
    ["The query requires an index.", "index: create_composite=AAAA", "index create_composite=!"],
)
def test_without_a_link_it_is_the_one_that_the_query_needs(details: str) -> None:
    error = index_missing(details, Shape(COMPOSITE))
    assert '"fieldPath": "rank", "order": "DESCENDING"' in error.hint
    single = index_missing(details, Shape(ITEMS.order_by("rank", "desc")))
    assert '{"order": "DESCENDING", "queryScope": "COLLECTION"}' in single.hint
    by_id = index_missing(details, Shape(ITEMS.order_by("__name__", "desc")))
    assert '"collectionGroup": "items"' in by_id.hint


def test_another_failed_precondition_of_a_query_is_no_index() -> None:
    details = "The Cloud Firestore API is not available for Datastore Mode"
    assert type(query_refused(details, Shape(ITEMS))) is errors.StoreUnusable
    assert type(query_refused("an index", None)) is errors.StoreUnusable
