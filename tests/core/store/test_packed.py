"""Documents that were encoded ahead are stored as the mapping that they stand for."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.store.embedded import EmbeddedStore
from core.store.embedded.codec import decode, encode
from core.store.embedded.packed import (
    Packed,
    PackedCreates,
    checked,
    ready_keys,
    with_room,
    without_room,
)
from core.store.embedded.pieces import CUT, NAME, Pieces
from core.store.errors import AlreadyExists, InvalidRequest, NotFound
from core.store.indexes import IndexSet
from core.store.port import (
    SERVER_TIMESTAMP,
    Create,
    Creates,
    Delete,
    Query,
    Set,
    Transaction,
    Update,
    Write,
)

_NAMES = st.text("abcdef", min_size=1, max_size=3)
_VALUES = st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3) | st.datetimes(
    timezones=st.just(UTC)
)  # fmt: skip


@given(data=st.dictionaries(_NAMES, _VALUES, max_size=40), stamps=st.sets(st.just("zz")))
def test_it_is_the_mapping_that_it_was_made_of(data: dict[str, Any], stamps: set[str]) -> None:
    half = len(data) // 2
    first, second = dict(list(data.items())[:half]), dict(list(data.items())[half:])
    packed = Packed.of(first).joined(Packed.of(second), tuple(stamps))
    assert packed == {**data, **dict.fromkeys(stamps, SERVER_TIMESTAMP)}
    assert len(packed) == len(data) + len(stamps)


@pytest.mark.parametrize("count", [0, 13, 14, 15, 16, 70_000])
async def test_it_is_stored_and_indexed_like_plain_data(tmp_path: Path, count: int) -> None:
    data = {f"n{number}": number for number in range(count)} | {"tsClient": datetime.now(UTC)}
    packed = Packed.of(data)
    async with EmbeddedStore.open(tmp_path / "store.db") as store:
        await store.commit(
            [
                Create("threads/t/messages/plain", {**data, "createdAt": SERVER_TIMESTAMP}),
                Create("threads/t/messages/x", packed.joined(Packed.of({}), ("createdAt",))),
                Set("threads/t/messages/y", packed),
                Update("threads/t/messages/y", {"more": 1}),
            ]
        )
        found = await store.query(Query("threads/t/messages").order_by("tsClient"))
        plain, stamped, changed = found
        assert plain.data == stamped.data
        assert changed.data == {**data, "more": 1}
        with pytest.raises(AlreadyExists):
            await store.commit([Create("threads/t/messages/x", Packed.of({}))])


async def test_what_no_document_may_hold_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest):
        Packed.of({"at": datetime.now()})
    with pytest.raises(InvalidRequest):
        Packed.of({"__x__": 1})
    half, other = Packed.of({"a": "x" * 600_000}), Packed.of({"b": "x" * 600_000})
    whole = Create("things/one", half.joined(other, ()))
    async with EmbeddedStore.open(tmp_path / "store.db") as store:
        with pytest.raises(InvalidRequest, match="things/one"):
            await store.commit([whole])


class Line(msgspec.Struct, rename="camel", omit_defaults=True):
    """A record of texts, truths and moments."""

    written_at: datetime
    body: str
    is_ours: bool = False
    answers: "Line | None" = None


def test_a_record_is_encoded_as_its_data_are() -> None:
    line = Line(at(1), "da", answers=Line(at(0), "vineți?", is_ours=True))
    data = msgspec.to_builtins(line, builtin_types=(datetime,))
    assert encode("", line) == checked(data)
    assert decode(encode("", line)) == data
    with pytest.raises(InvalidRequest, match="half a character"):
        encode("", Line(at(1), "\ud83d"))


def test_room_is_made_for_few_fields_only() -> None:
    few = checked({str(number): number for number in range(13)})
    assert without_room(with_room(few, 2), 2) == few
    for count in (14, 15, 16, 70_000):
        with pytest.raises(InvalidRequest):
            with_room(checked({f"f{number}": 0 for number in range(count)}), 2)


# -- many at once ---------------------------------------------------------------------------------

MESSAGES = "threads/t/messages"


def many(
    *ids: str, collection: str = MESSAGES, group: str = "messages", **fields: Any
) -> PackedCreates:
    """New messages, each with a time of its own, and what they have in common."""
    docs = [{"body": name, "tsClient": at(number)} | fields for number, name in enumerate(ids)]
    return PackedCreates(
        collection,
        ids,
        Pieces.of(ids, [with_room(checked(doc), 2) for doc in docs]),
        ready_keys(group, ids, docs),
        shared=Packed.of({"clientJid": "c"}),
        stamps=("createdAt",),
    )


def at(number: int) -> datetime:
    return datetime(2026, 2, 3, 9, number // 60, number % 60, tzinfo=UTC)


async def write(store: EmbeddedStore, *writes: Write | Creates) -> None:
    async def body(transaction: Transaction) -> None:
        transaction.write(*writes)

    await store.transact(body, attempts=1)


async def contents(store: EmbeddedStore, collection: str = MESSAGES) -> dict[str, Any]:
    """Everything that can be seen of a collection's documents, by every index of it."""
    query = Query(collection)
    rising = await store.query(query.order_by("tsClient"))
    falling = await store.query(query.order_by("tsClient", "desc"))
    assert falling == rising[::-1]
    assert sorted(rising, key=lambda one: one.id) == await store.query(query)
    changes = await store.changes_since(collection, 0, 1000)
    feed = [one.document for one in changes if one.document is not None]
    assert sorted(rising, key=lambda one: one.id) == sorted(feed, key=lambda one: one.id)
    assert all(one.create_time == one.data["createdAt"] for one in rising)
    return {one.id: {**one.data, "createdAt": None} for one in feed}


async def test_many_at_once_are_as_if_each_was_created(tmp_path: Path) -> None:
    ids = [f"M{number}" for number in range(130)]
    async with EmbeddedStore.open(tmp_path / "one.db") as store:
        await write(store, many(*ids[:100]))
        await write(store, many(*ids[100:]), Set("threads/t", {"n": 1}))
        at_once = await contents(store)
    async with EmbeddedStore.open(tmp_path / "other.db") as store:
        await write(store, *many(*ids[:100]).each())
        await write(store, *many(*ids[100:]).each(), Set("threads/t", {"n": 1}))
        one_by_one = await contents(store)
    assert list(at_once) == list(one_by_one) == ids
    assert at_once == one_by_one


async def test_many_that_are_new_are_written_without_being_read(tmp_path: Path) -> None:
    async with EmbeddedStore.open(tmp_path / "store.db") as store:
        await write(store, Set("threads/t", {"n": 1}))
        assert store._writer is not None
        connection = store._writer._connection
        assert connection is not None
        statements: list[str] = []
        connection.set_trace_callback(statements.append)
        await write(store, many(*(f"M{number}" for number in range(250))))
        connection.set_trace_callback(None)
        reads = [one for one in statements if one.startswith("SELECT") and "documents" in one]
        inserts = [one for one in statements if one.startswith("INSERT")]
        assert reads == []
        assert len(inserts) == 3, "the collection, the documents and their keys"


async def test_one_that_is_there_spoils_all_of_them(tmp_path: Path) -> None:
    async with EmbeddedStore.open(tmp_path / "store.db") as store:
        await write(store, many("B"))
        before = await contents(store)
        with pytest.raises(AlreadyExists):
            await write(store, Set("threads/t", {"n": 1}), many("A", "B", "C"))
        assert await contents(store) == before
        assert await store.get("threads/t") is None


async def test_what_was_deleted_may_be_there_again(tmp_path: Path) -> None:
    async with EmbeddedStore.open(tmp_path / "store.db") as store:
        await write(store, many("A", "B"))
        await store.commit([Delete(f"{MESSAGES}/A")])
        await write(store, many("A", "C"))
        found = {one.id for one in await store.query(Query(MESSAGES).order_by("tsClient"))}
        assert found == {"A", "B", "C"}


@pytest.mark.parametrize("is_first", [True, False])
async def test_what_else_is_written_there_keeps_its_order(tmp_path: Path, is_first: bool) -> None:
    async with EmbeddedStore.open(tmp_path / "store.db") as store:
        change = Update(f"{MESSAGES}/A", {"body": "new"})
        if is_first:
            with pytest.raises(NotFound):
                await write(store, change, many("A", "B"))
        else:
            await write(store, many("A", "B"), change, many("C"))
            found = await contents(store)
            assert {name: one["body"] for name, one in found.items()} == {
                "A": "new", "B": "B", "C": "C",
            }  # fmt: skip


async def test_an_index_that_nobody_knew_of_holds_them_as_well(tmp_path: Path) -> None:
    more = IndexSet.from_json(
        b'{"indexes": [{"collectionGroup": "messages", "queryScope": "COLLECTION_GROUP",'
        b' "fields": [{"fieldPath": "clientJid", "order": "ASCENDING"},'
        b' {"fieldPath": "body", "order": "DESCENDING"}]}], "fieldOverrides": []}'
    )
    async with EmbeddedStore.open(tmp_path / "store.db", indexes=more) as store:
        await write(store, many("A", "B"), many("C", collection="threads/u/messages"))
        everywhere = Query("messages", all_descendants=True)
        query = everywhere.where("clientJid", "==", "c").order_by("body", "desc")
        assert [one.id for one in await store.query(query)] == ["C", "B", "A"]


async def test_keys_are_made_ahead_only_where_each_document_has_one() -> None:
    docs: list[dict[str, Any]] = [{"tsClient": at(1)}, {"body": "no time"}]
    (none,) = ready_keys("messages", ["A", "B"], docs)
    assert len(none) == 0
    (keys,) = ready_keys("messages", ["A", "B"], [{"tsClient": at(1)}] * 2)
    assert len({key for _name, key in keys.each()}) == 2


@pytest.mark.parametrize("ids", [["A", "A"], ["a/b"], [""], ["."], ["__x__"], ["é" * 800]])
def test_ids_that_cannot_be_are_refused(ids: list[str]) -> None:
    with pytest.raises(InvalidRequest):
        many(*ids)


async def test_too_many_or_too_large_are_refused(tmp_path: Path) -> None:
    async with EmbeddedStore.open(tmp_path / "store.db") as store:
        with pytest.raises(InvalidRequest, match="501"):
            await write(store, many(*map(str, range(501))))
        with pytest.raises(InvalidRequest, match=f"{MESSAGES}/A would be"):
            await write(store, many("A", "B", more="x" * 1_048_530))
        assert await store.query(Query(MESSAGES)) == []


NAMES = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), max_size=9)


@given(names=NAMES, data=st.data())
def test_pieces_are_cut_where_they_were_joined(names: list[str], data: st.DataObject) -> None:
    size = len(names)
    parts = data.draw(st.lists(st.binary(min_size=1, max_size=300), min_size=size, max_size=size))
    pieces = Pieces.of(names, parts)
    assert list(pieces.each()) == list(zip(names, parts, strict=True))
    assert len(pieces) == size
    assert pieces.largest == max(map(len, parts), default=0)
    with closing(sqlite3.connect(":memory:")) as connection:
        cut = CUT.format(joined="?1")
        rows = connection.execute(
            f"SELECT {NAME}, {cut}, CAST({cut} || ?2 AS BLOB) FROM json_each(?3)",
            (pieces.joined, b"\x00\xff", pieces.places),
        ).fetchall()
    assert [name.partition("\x00")[0] for name, _part, _more in rows] == [
        name.partition("\x00")[0] for name in names
    ]
    assert [(part, more) for _name, part, more in rows] == [
        (part, part + b"\x00\xff") for part in parts
    ]
