"""The feed tells each changed document once, from any point on."""

from pathlib import Path

import pytest

from core.store.capabilities import ChangeFeed, StoredChange
from core.store.embedded import EmbeddedStore
from core.store.embedded import feed as feed_of_changes
from core.store.errors import InvalidRequest
from core.store.port import Delete, Set


async def test_the_feed_can_be_followed_from_any_point(tmp_path: Path) -> None:
    async with EmbeddedStore.open(tmp_path / "store.db") as store:
        feed: ChangeFeed = store
        assert await feed.last_seq() == 0
        await store.commit([Set("things/a", {"n": 1}), Set("things/b", {"n": 1})])
        await store.commit([Set("others/x", {}), Set("runs/1/things/c", {})])
        await store.commit([Set("things/a", {"n": 2}), Delete("things/b")])

        def told(changes: list[StoredChange]) -> list[tuple[str, object]]:
            return [(one.path, one.document and one.document.data.get("n")) for one in changes]

        changes = await feed.changes_since("things", 0, 10)
        assert told(changes) == [("things/a", 2), ("things/b", None)]
        assert changes[-1].seq == await feed.last_seq()
        assert told(await feed.changes_since("things", 0, 1)) == [("things/a", 2)]
        assert told(await feed.changes_since("things", changes[0].seq, 10)) == [("things/b", None)]
        assert await feed.changes_since("things", changes[-1].seq, 10) == []
        everywhere = await feed.changes_since("things", 0, 10, all_descendants=True)
        assert [one.path for one in everywhere] == ["runs/1/things/c", "things/a", "things/b"]
        with pytest.raises(InvalidRequest):
            await feed.changes_since("things", 0, 0)


@pytest.mark.parametrize("many", [2, 1000])
async def test_changed_collections_come_in_pages_however_many_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    monkeypatch.setattr(feed_of_changes, "_MANY", many)
    async with EmbeddedStore.open(tmp_path / "store.db") as store:
        names = [f"runs/{number:02}/things" for number in range(12)]
        for name in reversed(names):
            await store.commit([Set(f"{name}/a", {}), Set(f"{name}/a/others/b", {})])
        seq = await store.last_seq()
        pages: list[list[str]] = [[]]
        while page := await store.changed_collections(
            "things", 0, 5, after=pages[-1][-1] if pages[-1] else ""
        ):
            pages.append(page)
        assert [len(page) for page in pages] == [0, 5, 5, 2]
        assert [name for page in pages for name in page] == names
        assert await store.changed_collections("things", seq, 5) == []
        await store.commit([Set("runs/07/things/c", {}), Set("runs/03/things/c", {})])
        changed = await store.changed_collections("things", seq, 5)
        assert changed == ["runs/03/things", "runs/07/things"]
