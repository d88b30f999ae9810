"""Whatever is asked, engines agree with the plain model; whatever is written, watches keep up."""

import asyncio
import itertools
from datetime import UTC, datetime
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from core.store.errors import IndexMissing
from core.store.port import Delete, Direction, Operator, Query, Set, Store, Watch, Write
from tests.contract import model
from tests.contract.engines import Engine
from tests.support.waiting import PATIENCE_SECONDS

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 3),
    st.sampled_from([0.5, 1.0, -0.0, 2.5]),
    st.sampled_from(["", "a", "ab", "b"]),
    st.just(datetime(2026, 1, 1, tzinfo=UTC)),
    st.sampled_from([b"", b"a"]),
)
VALUES = st.one_of(
    SCALARS, st.lists(SCALARS, max_size=2), st.dictionaries(st.sampled_from("ab"), SCALARS)
)
FIELDS = ["kind", "rank", "size", "tags", "place.city", "free"]


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for field in draw(st.sets(st.sampled_from(FIELDS), min_size=2)):
        value = draw(st.lists(SCALARS, max_size=3) if field == "tags" else VALUES)
        if field == "place.city":
            data["place"] = {"city": value}
        else:
            data[field] = value
    return data


DIRECTIONS: st.SearchStrategy[Direction] = st.sampled_from(["asc", "desc"])
INEQUALITIES: list[Operator] = ["<", "<=", ">", ">=", "!="]
OPERATORS: st.SearchStrategy[Operator] = st.sampled_from(["==", "==", "in", *INEQUALITIES])
SERVED: st.SearchStrategy[tuple[list[str], list[tuple[str, Direction]]]] = st.sampled_from(
    [
        (["kind"], [("rank", "desc")]),
        (["kind"], [("rank", "asc")]),
        (["place.city"], [("rank", "asc")]),
        (["kind", "place.city"], [("rank", "asc")]),
        (["tags"], [("rank", "desc")]),
        ([], [("rank", "desc"), ("size", "asc")]),
        ([], [("rank", "desc")]),
        ([], [("free", "desc")]),
        (["kind", "free"], []),
    ]
)
"""Equalities and orders that an index serves; at random, most queries would only be refused."""


@st.composite
def queries(draw: st.DrawFn) -> Query:
    query = Query("items")
    for field in draw(st.lists(st.sampled_from(FIELDS), max_size=2, unique=True)):
        operator = draw(OPERATORS)
        value = st.lists(VALUES, min_size=1, max_size=3) if operator == "in" else VALUES
        query = query.where(field, operator, draw(value))
    if draw(st.integers(0, 4)) == 0:
        query = query.where("tags", "array_contains", draw(SCALARS))
    for field in draw(st.lists(st.sampled_from(FIELDS), max_size=2, unique=True)):
        query = query.order_by(field, draw(DIRECTIONS))
    return _with_cursors(draw, query)


def _with_cursors(draw: st.DrawFn, query: Query) -> Query:
    places = st.lists(VALUES, min_size=1, max_size=len(query.orders)) if query.orders else None
    for method in (Query.start_at, Query.start_after, Query.end_at, Query.end_before):
        if places is not None and draw(st.integers(0, 5)) == 0:
            query = method(query, *draw(places))
    return query.limit(draw(st.integers(1, 9))) if draw(st.booleans()) else query


@st.composite
def served(draw: st.DrawFn) -> Query:
    query = Query("items")
    equal, orders = draw(SERVED)
    for field in equal:
        if field == "tags":
            query = query.where(field, "array_contains", draw(SCALARS))
        elif draw(st.booleans()):
            query = query.where(field, "in", draw(st.lists(VALUES, min_size=1, max_size=4)))
        else:
            query = query.where(field, "==", draw(VALUES))
    if draw(st.booleans()) and orders:
        operator = draw(st.sampled_from(INEQUALITIES))
        query = query.where(orders[0][0], operator, draw(SCALARS))
    for field, direction in orders:
        query = query.order_by(field, direction)
    return _with_cursors(draw, query)


def test_queries_agree_with_the_model(engine: Engine) -> None:
    runs = itertools.count()

    async def check(store: Store, data: list[dict[str, Any]], asked: list[Query]) -> None:
        path = f"runs/{next(runs)}/items"
        content = {f"{number:x}": one for number, one in enumerate(data)}
        await store.commit([Set(f"{path}/{name}", one) for name, one in content.items()])
        for shape in asked:
            query = msgspec.structs.replace(shape, collection=path)
            try:
                found = await store.query(query)
            except IndexMissing:
                continue
            expected = model.answer(content, query)
            assert [one.id for one in found] == expected
            assert (await store.aggregate(query)).count == len(expected)

    with asyncio.Runner() as runner:
        store = runner.run(_opened(engine))

        @settings(max_examples=150, deadline=None)
        @given(
            st.lists(documents(), max_size=24),
            st.lists(st.one_of(served(), served(), queries()), min_size=3, max_size=8),
        )
        def agree(data: list[dict[str, Any]], asked: list[Query]) -> None:
            runner.run(check(store, data, asked))

        try:
            agree()
        finally:
            runner.run(store.close())


async def _opened(engine: Engine) -> Store:
    return engine.open()


@st.composite
def writes(draw: st.DrawFn) -> tuple[str, str, dict[str, Any]]:
    name = draw(st.sampled_from("abcdefg"))
    kind = draw(st.sampled_from(["set", "set", "merge", "delete", "rank"]))
    return kind, name, {"rank": draw(st.integers(0, 5)), "kind": draw(st.sampled_from("xy"))}


def test_watches_keep_up_with_any_order_of_writes(engine: Engine) -> None:
    runs = itertools.count()
    with asyncio.Runner() as runner:
        store, other = runner.run(_opened(engine)), runner.run(_opened(engine))

        @settings(max_examples=25, deadline=None)
        @given(
            st.lists(st.lists(writes(), min_size=1, max_size=4), min_size=1, max_size=8),
            st.sets(st.integers(0, 7)),
        )
        def keep_up(commits: list[list[tuple[str, str, dict[str, Any]]]], pauses: set[int]) -> None:
            path = f"runs/{next(runs)}/items"
            runner.run(_follow(store, other, path, commits, pauses))

        try:
            keep_up()
        finally:
            runner.run(store.close())
            runner.run(other.close())


async def _follow(
    store: Store,
    other: Store,
    path: str,
    commits: list[list[tuple[str, str, dict[str, Any]]]],
    pauses: set[int],
) -> None:
    """Write; at some points see that what the watches told adds up to what a query finds."""
    queries = [
        Query(path),
        Query(path).order_by("rank").limit(3),
        Query(path).where("kind", "==", "x").order_by("rank", "desc"),
    ]
    watches = [store.watch(query) for query in queries]
    told: list[dict[str, Any]] = [{} for _ in queries]
    for watch, state in zip(watches, told, strict=True):
        _take(state, await anext(watch))
    for turn, commit in enumerate(commits):
        made = [_write(path, *one) for one in commit]
        await (store if turn % 2 else other).commit(made)
        if turn in pauses or turn == len(commits) - 1:
            for query, watch, state in zip(queries, watches, told, strict=True):
                await _catch_up(store, query, watch, state)
    for watch in watches:
        await watch.close()


def _write(path: str, kind: str, name: str, data: dict[str, Any]) -> Write:
    place = f"{path}/{name}"
    if kind == "delete":
        return Delete(place)
    if kind == "rank":
        return Set(place, {"rank": data["rank"]}, merge=True)
    return Set(place, data, merge=kind == "merge")


def _take(state: dict[str, Any], snapshot: Any) -> None:
    """Apply a snapshot's changes, which must lead to its documents."""
    for change in snapshot.changes:
        key = change.document.path
        assert (key in state) == (change.kind != "added")
        if change.kind == "removed":
            assert state.pop(key).data == change.document.data
        else:
            state[key] = change.document
    assert state == {document.path: document for document in snapshot.documents}


async def _catch_up(store: Store, query: Query, watch: Watch, state: dict[str, Any]) -> None:
    expected = await store.query(query)
    while state != {document.path: document for document in expected}:
        snapshot = await asyncio.wait_for(anext(watch), PATIENCE_SECONDS)
        _take(state, snapshot)
        if state == {document.path: document for document in expected}:
            assert list(snapshot.documents) == expected
