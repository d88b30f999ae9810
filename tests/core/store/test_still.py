"""A reader that stands still sees the store as it was."""

from pathlib import Path

from core.store.capabilities import StillReads
from core.store.embedded import EmbeddedStore
from core.store.port import Delete, Query, Set


async def test_what_is_written_meanwhile_is_not_seen(folder: Path) -> None:
    path = folder / "store.db"
    async with EmbeddedStore.open(path) as store, EmbeddedStore.open(path) as other:
        assert isinstance(store, StillReads)
        await store.commit([Set("accounts/1", {"n": 1}), Set("accounts/2", {"n": 1})])
        async with store.stand_still() as still:
            await other.commit([Set("accounts/1", {"n": 2}), Delete("accounts/2")])
            await store.commit([Set("accounts/3", {"n": 1}), Set("threads/1", {})])
            first = await still.get("accounts/1")
            assert first is not None
            assert first.data == {"n": 1}
            both = await still.get_all(["accounts/2", "accounts/3"])
            assert [one is not None for one in both] == [True, False]
            assert [one.id for one in await still.query(Query("accounts"))] == ["1", "2"]
            assert (await still.aggregate(Query("threads"))).count == 0
        assert [one.id for one in await store.query(Query("accounts"))] == ["1", "3"]
        async with store.stand_still() as later:
            assert (await later.aggregate(Query("accounts"))).count == 2
