"""What a stream tells becomes results of single moments, in the query's order."""

from datetime import UTC, datetime
from typing import Any

import pytest

from core.store.errors import InvalidRequest
from core.store.firestore import messages
from core.store.firestore.names import Names
from core.store.firestore.target import TARGET, Target, TargetMismatch, TargetRemoved
from core.store.firestore.values import put_value
from core.store.port import Query

NAMES = Names("demo")
ITEMS = Query("runs/1/items")


def document(name: str, *, at: int = 1, **fields: Any) -> Any:
    stamp = {"seconds": 1_700_000_000 + at}
    message = messages.Document(
        name=NAMES.document(f"runs/1/items/{name}"), create_time=stamp, update_time=stamp
    )
    for field, value in fields.items():
        put_value(message.fields[field], value)
    return message


def changed(name: str, **fields: Any) -> Any:
    change = {"document": document(name, **fields), "target_ids": [TARGET]}
    return messages.ListenResponse(document_change=change)


def gone(name: str) -> Any:
    path = NAMES.document(f"runs/1/items/{name}")
    return messages.ListenResponse(document_delete={"document": path})


def told(kind: str, token: str = "", **more: Any) -> Any:
    return messages.ListenResponse(
        target_change={"target_change_type": kind, "resume_token": token.encode()} | more
    )


def moment(token: str = "") -> Any:
    return told("NO_CHANGE", token, read_time={"seconds": 1})


def ids(target: Target) -> str:
    return " ".join(path.rpartition("/")[2] for path in target.result())


def fed(target: Target, *responses: Any) -> list[bool]:
    return [target.feed(response) for response in responses]


def opened(query: Query | str = ITEMS, *responses: Any) -> Target:
    target = Target(NAMES, query)
    target.begin()
    fed(target, told("ADD"), *responses, told("CURRENT"), moment("one"))
    return target


def test_a_query_is_asked_for_under_its_parent() -> None:
    request = Target(NAMES, ITEMS.where("a", "==", 1).limit(3)).begin()
    query = request.add_target.query
    assert query.parent == NAMES.document("runs/1")
    assert query.structured_query.from_[0].collection_id == "items"
    assert query.structured_query.limit.value == 3
    assert not request.add_target.resume_token


def test_a_document_is_asked_for_by_name() -> None:
    request = Target(NAMES, "runs/1").begin()
    assert list(request.add_target.documents.documents) == [NAMES.document("runs/1")]


@pytest.mark.parametrize("nonsense", ["runs", ITEMS.limit(0), Query("runs/1")])
def test_nonsense_is_refused(nonsense: Query | str) -> None:
    with pytest.raises(InvalidRequest):
        Target(NAMES, nonsense)


def test_nothing_is_a_result_before_the_first_moment() -> None:
    target = Target(NAMES, ITEMS)
    target.begin()
    assert fed(target, told("ADD"), changed("a"), moment(), told("CURRENT")) == [False] * 4
    assert target.feed(moment())
    assert ids(target) == "a"


def test_what_is_current_at_a_moment_is_a_result_too() -> None:
    target = Target(NAMES, ITEMS)
    target.begin()
    fed(target, changed("a"))
    assert target.feed(told("CURRENT", read_time={"seconds": 1}))
    assert ids(target) == "a"


def test_a_moment_comes_whole() -> None:
    target = opened(ITEMS, changed("a"))
    assert fed(target, changed("b"), gone("a"), told("NO_CHANGE")) == [False] * 3
    assert ids(target) == "a"
    assert target.feed(moment())
    assert ids(target) == "b"


def test_the_order_is_the_querys() -> None:
    target = opened(
        ITEMS.order_by("rank", "desc"),
        changed("a", rank=1), changed("b", rank=3), changed("c", rank=3), changed("d", rank="x"),
    )  # fmt: skip
    assert ids(target) == "d c b a"
    fed(target, changed("a", rank=4, at=2), moment())
    assert ids(target) == "d a c b"


def test_documents_everywhere_are_ordered_by_their_path() -> None:
    target = opened(Query("items", all_descendants=True), changed("b"), changed("a"))
    assert ids(target) == "a b"


def test_a_document_leaves_when_it_matches_no_more() -> None:
    target = opened(ITEMS, changed("a"), changed("b"))
    left = {"document": document("a"), "removed_target_ids": [TARGET]}
    name = NAMES.document("runs/1/items/b")
    removed = messages.ListenResponse(document_remove={"document": name})
    fed(target, messages.ListenResponse(document_change=left), removed, moment())
    assert ids(target) == ""


def test_a_document_told_again_stays_the_same_object() -> None:
    target = opened(ITEMS, changed("a", at=1))
    (before,) = target.result().values()
    fed(target, changed("a", at=1), moment())
    assert next(iter(target.result().values())) is before


def test_what_concerns_others_is_left_alone() -> None:
    target = opened(ITEMS, changed("a"))
    assert not target.feed(told("REMOVE", target_ids=[TARGET + 1]))
    other = {"document": document("b"), "target_ids": [TARGET + 1]}
    fed(target, messages.ListenResponse(document_change=other), moment())
    assert ids(target) == "a"


def test_the_next_stream_goes_on_from_the_last_moment() -> None:
    target = opened(ITEMS, changed("a"))
    fed(target, changed("b"), told("NO_CHANGE", "half"))
    assert target.begin().add_target.resume_token == b"one"
    fed(target, told("ADD"), changed("c"), told("CURRENT"), moment("two"))
    assert ids(target) == "a c"
    assert target.begin().add_target.resume_token == b"two"


def test_a_reset_begins_anew() -> None:
    target = opened(ITEMS, changed("a"), changed("b"))
    fed(target, changed("x"), told("RESET"), changed("b"), changed("c"))
    assert ids(target) == "a b"
    fed(target, told("CURRENT"), moment())
    assert ids(target) == "b c"


@pytest.mark.parametrize(("count", "fits"), [(1, False), (2, True), (3, False)])
def test_another_count_of_documents_is_noticed(count: int, fits: bool) -> None:
    target = opened(ITEMS, changed("a"), changed("b"))
    fed(target, gone("a"), gone("none"), changed("c"), changed("b", at=2))
    filtered = messages.ListenResponse(filter={"target_id": TARGET, "count": count})
    if fits:
        assert not target.feed(filtered)
        return
    with pytest.raises(TargetMismatch):
        target.feed(filtered)
    target.forget()
    assert not target.begin().add_target.resume_token
    fed(target, changed("z"), told("CURRENT"), moment())
    assert ids(target) == "z"


def test_the_end_of_the_target_says_why() -> None:
    target = opened()
    with pytest.raises(TargetRemoved) as caught:
        target.feed(told("REMOVE", cause={"code": 7, "message": "not yours"}))
    assert (caught.value.code, caught.value.details) == (7, "not yours")


def test_moments_are_in_utc() -> None:
    (found,) = (
        opened(ITEMS, changed("a", at=0, when=datetime(2026, 1, 1, tzinfo=UTC))).result().values()
    )
    assert found.data["when"] == datetime(2026, 1, 1, tzinfo=UTC)
