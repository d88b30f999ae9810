"""The queries of the console and the bridge read an index, not a whole collection."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.store.embedded import EmbeddedStore, execute
from core.store.embedded.catalogue import Catalogue, reconcile
from core.store.embedded.codec import decode
from core.store.embedded.database import _SCHEMA
from core.store.embedded.plan import IndexScan, plan
from core.store.indexes import IndexSet
from core.store.port import Data, Query, Set
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
        Query("threads")
        .where("accountId", "in", ["WA-01", "WA-02"])
        .where("unreadCount", ">", 0)
        .order_by("unreadCount", "desc"),
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


@pytest.mark.parametrize("is_turned", [False, True])
def test_of_two_indexes_the_one_with_fewer_places_is_read(
    catalogue: Catalogue, is_turned: bool
) -> None:
    accounts = ("accountId", "in", ["WA-01", "WA-02"])
    phone = ("phoneE164", "==", "+407")
    query = Query("threads")
    for field, operator, value in (phone, accounts) if is_turned else (accounts, phone):
        query = query.where(field, operator, value)  # type: ignore[arg-type]
    chosen = plan(Shape(query), INDEXES, catalogue)
    assert isinstance(chosen, IndexScan)
    assert chosen.entries.index.fields[0].path == ("phoneE164",)


async def test_several_values_cost_no_more_documents_than_the_result_holds(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = [f"WA-{number:02}" for number in range(30)]
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    decoded = 0

    def counting(blob: bytes) -> Data:
        nonlocal decoded
        decoded += 1
        return decode(blob)

    async with EmbeddedStore.open(folder / "store.db") as store:
        await store.commit([
            Set(f"threads/{account}-{n}", {"accountId": account,
                "lastMessageAt": moment + timedelta(seconds=n)})
            for n in range(16) for account in accounts
        ])  # fmt: skip
        monkeypatch.setattr(execute, "decode", counting)
        query = Query("threads").where("accountId", "in", accounts)
        found = await store.query(query.order_by("lastMessageAt", "desc").limit(40))
    assert [each.data["lastMessageAt"] for each in found] == sorted(
        (moment + timedelta(seconds=n) for n in (14, 15) for _account in accounts), reverse=True
    )[:40]
    assert decoded <= 40 + len(accounts)
