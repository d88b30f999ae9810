"""Google's own client finds, counts and adds up documents as it does in the cloud."""

import math
from typing import Any

import pytest
from google.api_core.exceptions import (
    FailedPrecondition,
)
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter


async def fill(client: Any, **documents: dict[str, Any]) -> None:
    for name, data in documents.items():
        await client.document(f"runs/1/items/{name}").set(data)


async def ids(query: Any) -> str:
    return " ".join([one.id async for one in query.stream()])


async def test_queries(client: Any) -> None:
    await fill(
        client,
        a={"kind": "x", "rank": 1, "tags": ["t"], "null": None},
        b={"kind": "x", "rank": 2.0, "tags": ["u"], "nan": math.nan},
        c={"kind": "y", "rank": 2, "tags": ["t", "u"], "nan": 1},
        d={"kind": "y", "rank": 4},
        e={"rank": "4"},
    )
    items = client.collection("runs/1/items")

    def where(query: Any, field: str, operator: str, value: Any) -> Any:
        return query.where(filter=FieldFilter(field, operator, value))

    assert await ids(items) == "a b c d e"
    assert await ids(where(items, "rank", "==", 2)) == "b c"
    assert await ids(where(items, "rank", "!=", 2)) == "a d e"
    assert await ids(where(items, "rank", ">", 1)) == "b c d"
    assert await ids(where(items, "kind", "in", ["y", "z"])) == "c d"
    assert await ids(where(items, "tags", "array_contains", "t")) == "a c"
    assert await ids(where(items, "null", "==", None)) == "a"
    assert await ids(where(items, "nan", "==", math.nan)) == "b"
    assert await ids(where(items, "nan", "!=", math.nan)) == "c"
    kind = where(items, "kind", "==", "x")
    assert await ids(where(kind, "rank", ">=", 2)) == "b"
    ranked = items.order_by("rank", direction=firestore.Query.DESCENDING)
    assert await ids(ranked) == "e d c b a"
    assert await ids(ranked.limit(2)) == "e d"
    assert await ids(ranked.offset(1).limit(2)) == "d c"
    assert " ".join(one.id for one in await ranked.limit_to_last(2).get()) == "b a"
    assert await ids(ranked.limit(0)) == ""
    only = [one.to_dict() async for one in kind.select(["rank"]).stream()]
    assert only == [{"rank": 1}, {"rank": 2.0}]
    names = [one.to_dict() async for one in kind.select(["__name__"]).stream()]
    assert names == [{}, {}]
    assert await ids(client.collection("nothing")) == ""


async def test_cursors(client: Any) -> None:
    await fill(client, **{name: {"rank": at // 2} for at, name in enumerate("abcdef")})
    items = client.collection("runs/1/items")
    ranked = items.order_by("rank")
    assert await ids(ranked.start_at({"rank": 1})) == "c d e f"
    assert await ids(ranked.start_after({"rank": 1})) == "e f"
    assert await ids(ranked.end_at({"rank": 1})) == "a b c d"
    assert await ids(ranked.end_before({"rank": 1})) == "a b"
    snapshot = await items.document("c").get()
    assert await ids(ranked.start_after(snapshot)) == "d e f"
    back = items.order_by("rank", direction=firestore.Query.DESCENDING)
    assert await ids(back.start_after(snapshot)) == "b a"
    named = items.order_by("__name__")
    assert await ids(named.start_after({"__name__": items.document("d")})) == "e f"
    by_name = items.where(filter=FieldFilter("__name__", ">=", items.document("e")))
    assert await ids(by_name) == "e f"


async def test_collection_groups(client: Any) -> None:
    await fill(client, a={"kind": "x", "rank": 1})
    await client.document("runs/2/items/b").set({"kind": "x", "rank": 3})
    await client.document("items/c").set({"kind": "y", "rank": 2})
    await client.document("runs/1/others/d").set({"kind": "x", "rank": 2})
    group = client.collection_group("items")
    assert await ids(group) == "c a b"
    assert await ids(group.order_by("rank")) == "a c b"
    snapshot = await client.document("runs/1/items/a").get()
    assert await ids(group.order_by("rank").start_after(snapshot)) == "c b"
    assert [one.id async for one in client.collections()] == ["items", "runs"]
    assert [one.id async for one in client.document("runs/1").collections()] == ["items", "others"]
    assert [one.id async for one in client.collection("runs").list_documents()] == ["1", "2"]


async def test_aggregates(client: Any) -> None:
    await fill(client, a={"rank": 1, "size": 2}, b={"rank": 2.5, "size": "2"}, c={"rank": 3})

    async def values(query: Any) -> dict[str, Any]:
        return {one.alias: one.value for one in (await query.get())[0]}

    items = client.collection("runs/1/items")
    assert await values(items.count(alias="n")) == {"n": 3}
    assert await values(items.limit(2).count(alias="n")) == {"n": 2}
    assert await values(items.sum("rank", alias="s").avg("rank", alias="m")) == {
        "s": 6.5, "m": 6.5 / 3,
    }  # fmt: skip
    # As in the service: one request is about the documents that have every field of it.
    assert await values(items.sum("size", alias="s").count(alias="n")) == {"s": 2, "n": 2}
    assert await values(client.collection("nothing").sum("x", alias="s")) == {"s": 0}


async def test_a_query_without_its_index_is_refused_with_the_link(client: Any) -> None:
    items = client.collection("runs/1/items")
    query = items.where(filter=FieldFilter("a", "==", 1)).order_by("b")
    with pytest.raises(FailedPrecondition, match=r"create_composite=[A-Za-z0-9_-]+$") as caught:
        await ids(query)
    assert "The query requires an index" in str(caught.value)
    with pytest.raises(FailedPrecondition, match=r"_ASC index for .* field secret.*create_exemp"):
        await ids(items.order_by("secret"))
    with pytest.raises(FailedPrecondition):
        await query.count().get()
