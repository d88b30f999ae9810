"""The queries of the console and the bridge read an index, not a whole collection."""

import sqlite3
from collections.abc import Iterator

import pytest

from core.store.embedded.catalogue import Catalogue, reconcile
from core.store.embedded.database import _SCHEMA
from core.store.embedded.plan import IndexScan, plan
from core.store.indexes import IndexSet
from core.store.port import Query
from core.store.shape import Shape

INDEXES = IndexSet.packaged()


@pytest.fixture
def catalogue() -> Iterator[Catalogue]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(_SCHEMA)
    yield reconcile(connection, INDEXES)
    connection.close()


@pytest.mark.parametrize(
    "query",
    [
        Query("threads").order_by("lastMessageAt", "desc"),
        Query("threads").where("accountId", "==", "WA-01").order_by("lastMessageAt", "desc"),
        Query("threads")
        .where("accountId", "in", ["WA-01", "WA-02"])
        .order_by("lastMessageAt", "desc"),
        Query("threads").where("lidJid", "==", "1@lid"),
        Query("threads").where("lidJid", "==", "1@lid").where("accountId", "==", "WA-01"),
        Query("threads").where("accountId", "==", "WA-01"),
        Query("threads").where("phoneE164", "==", "+407"),
        Query("outbox").where("status", "==", "queued"),
        Query("outbox").where("waMessageId", ">", "").order_by("waMessageId"),
        Query("threads/t/messages").order_by("tsClient"),
        Query("threads/t/messages").order_by("tsClient", "desc").start_after(1, "x"),
        Query("threads/t/messages").where("tsClient", ">", 1).order_by("tsClient", "desc"),
        Query("outbox").where("waMessageId", "==", "3EB0"),
        Query("outbox")
        .where("accountId", "==", "WA-01")
        .where("status", "in", ["queued", "sending"])
        .order_by("createdAt"),
        Query("evenimente").where("phoneE164", "==", "+407").order_by("date", "desc"),
        Query("evenimente")
        .where("phoneE164", "==", "+407")
        .where("isArchived", "==", False)
        .order_by("date", "desc"),
    ],
)
def test_it_reads_an_index(catalogue: Catalogue, query: Query) -> None:
    chosen = plan(Shape(query), INDEXES, catalogue)
    assert isinstance(chosen, IndexScan)
    rest = {one.path for one in chosen.residual}
    assert rest <= {("accountId",)}


def test_both_directions_share_one_table(catalogue: Catalogue) -> None:
    up, down = INDEXES.overrides["messages", ("tsClient",)]
    assert catalogue.find(up) is catalogue.find(down)
