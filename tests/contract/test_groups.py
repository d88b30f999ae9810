"""All collections of one id, wherever they lie, can be gone through page by page."""

import pytest

from core.store.port import DOCUMENT_ID, Delete, Query, Set, Store

EVERYWHERE = Query("items", all_descendants=True).order_by(DOCUMENT_ID)
PATHS = sorted(
    [
        f"runs/{run}/items/{item}"
        for run in ("1", "1-0", "1.0", "10", "a", "ă", "z@s.whatsapp.net")
        for item in ("1", "2", "a b", "é", "🎈")
    ]
    + ["items/0", "items/z", "runs/1/more/x/items/deep"],
    key=lambda path: [segment.encode() for segment in path.split("/")],
)


@pytest.fixture(autouse=True)
async def content(store: Store) -> None:
    """Write the documents, and some of other collections beside them."""
    others = ["runs/1", "runs/1/notes/1", "items2/1"]
    await store.commit([Set(path, {"n": 1}) for path in (*reversed(PATHS), *others)])
    await store.commit([Set("runs/1/items/gone", {}), Delete("runs/1/items/gone")])


@pytest.mark.parametrize("size", [1, 4, 7, 100])
async def test_pages_join_without_gap_or_repeat(store: Store, size: int) -> None:
    found: list[str] = []
    query = EVERYWHERE.limit(size)
    while page := await store.query(query):
        assert len(page) <= size
        found += [document.path for document in page]
        query = EVERYWHERE.limit(size).start_after(page[-1].path)
    assert found == PATHS


@pytest.mark.parametrize("place", [0, 11, len(PATHS) - 1])
async def test_a_walk_begins_and_ends_at_any_place(store: Store, place: int) -> None:
    at = PATHS[place]
    assert [one.path for one in await store.query(EVERYWHERE.start_at(at))] == PATHS[place:]
    assert [one.path for one in await store.query(EVERYWHERE.end_before(at))] == PATHS[:place]


async def test_a_place_need_not_be_there(store: Store) -> None:
    gone = "runs/1-0/items/gone"
    after = [one.path for one in await store.query(EVERYWHERE.start_after(gone))]
    assert after == [path for path in PATHS if path.split("/") > gone.split("/")]


async def test_they_are_counted(store: Store) -> None:
    everywhere = Query("items", all_descendants=True)
    assert (await store.aggregate(everywhere)).count == len(PATHS)
