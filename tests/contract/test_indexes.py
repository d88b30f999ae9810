"""A query that the cloud would refuse for want of an index is refused by every engine."""

import pytest

from core.store.errors import IndexMissing
from core.store.port import DOCUMENT_ID, Query, Set, Store

ITEMS = Query("runs/1/items")
EVERYWHERE = Query("items", all_descendants=True)


@pytest.mark.parametrize(
    "query",
    [
        ITEMS.where("a", "==", 1).order_by("b"),
        ITEMS.where("a", "==", 1).where("b", ">", 1),
        ITEMS.where("kind", "==", 1).order_by("size"),
        ITEMS.where("a", "!=", 1).order_by("b"),
        ITEMS.order_by("a").order_by("b"),
        ITEMS.order_by("rank").order_by("size"),
        ITEMS.where("place.city", "==", 1).order_by("rank", "desc"),
        ITEMS.where("kind", "==", 1).where("a", "==", 1).order_by("rank"),
        ITEMS.where("tags", "array_contains", 1).order_by("rank"),
        ITEMS.where("tags", "==", 1).order_by("rank", "desc"),
        ITEMS.where("kind", "==", 1).order_by("rank").order_by(DOCUMENT_ID, "desc"),
        ITEMS.order_by(DOCUMENT_ID, "desc"),
        EVERYWHERE.where("kind", "==", 1).order_by("rank"),
    ],
)
async def test_a_query_over_several_fields_needs_a_composite_index(
    store: Store, query: Query
) -> None:
    with pytest.raises(IndexMissing) as caught:
        await store.query(query)
    assert '"collectionGroup": "items"' in caught.value.hint
    with pytest.raises(IndexMissing):
        await store.aggregate(query)


@pytest.mark.parametrize(
    "query",
    [
        ITEMS.where("secret", "==", 1),
        ITEMS.order_by("secret"),
        ITEMS.where("a", "==", 1).where("secret", "==", 1),
        ITEMS.where("rank", "array_contains", 1),
        ITEMS.where("marks", "==", 1),
        ITEMS.order_by("label", "desc"),
        EVERYWHERE.where("a", "==", 1),
        EVERYWHERE.order_by("rank", "desc"),
        EVERYWHERE.order_by("label"),
    ],
)
async def test_a_field_that_is_exempt_cannot_be_asked_for(store: Store, query: Query) -> None:
    with pytest.raises(IndexMissing):
        await store.query(query)


@pytest.mark.parametrize(
    "query",
    [
        ITEMS,
        EVERYWHERE,
        ITEMS.where("a", "==", 1).where("b", "in", [1, 2]).where("c", "array_contains", 1),
        ITEMS.order_by("a", "desc"),
        ITEMS.where("a", ">", 1).where("a", "<", 5).order_by("a", "desc"),
        ITEMS.where("a", "!=", 1),
        ITEMS.where("label", "==", 1),
        ITEMS.where("marks", "array_contains", 1),
        ITEMS.where("a", "==", 1).order_by(DOCUMENT_ID),
        ITEMS.where("kind", "==", 1).where("place.city", "==", 1).order_by("rank"),
        ITEMS.where("a", "==", 1).order_by("a", "desc"),
        EVERYWHERE.where("rank", "==", 1),
    ],
)
async def test_these_need_no_further_index(store: Store, query: Query) -> None:
    await store.commit([Set("runs/1/items/a", {"a": 0})])
    await store.query(query)


async def test_a_watch_says_that_an_index_is_missing(store: Store) -> None:
    watch = store.watch(ITEMS.where("a", "==", 1).order_by("b"))
    with pytest.raises(IndexMissing):
        await anext(watch)
    with pytest.raises(StopAsyncIteration):
        await anext(watch)
