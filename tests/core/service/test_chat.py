"""What an open chat holds when answers of the store come late."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.model.ids import message_path
from core.service.chat import HEAD_ROWS, Chat
from core.store.embedded import EmbeddedStore
from core.store.port import Document, Query, Set

NOON = datetime(2026, 1, 19, 12, 0, tzinfo=UTC)
T = "WA-01__40711@s.whatsapp.net"
MESSAGES = 400


class Late:
    """A store whose answers are on their way until they may come."""

    def __init__(self, store: EmbeddedStore) -> None:
        self._store = store
        self.may_come, self.is_under_way = asyncio.Event(), asyncio.Event()

    async def query(self, query: Query) -> list[Document]:
        found = await self._store.query(query)
        self.is_under_way.set()
        await self.may_come.wait()
        return found


async def test_a_page_that_comes_after_the_way_to_the_newest_leaves_no_gap(tmp_path: Path) -> None:
    async with EmbeddedStore.open(tmp_path / "store.db") as store:
        await store.commit(
            [
                Set(message_path(T, f"M{n}"), {"tsClient": NOON + timedelta(minutes=n)})
                for n in range(MESSAGES)
            ]
        )
        chat, late = Chat(T), Late(store)
        await chat.read_around(store, NOON + timedelta(minutes=100))
        page = asyncio.create_task(chat.read_newer(late))  # type: ignore[arg-type]
        await late.is_under_way.wait()
        await chat.read_newest(store)
        late.may_come.set()
        assert not await page
        newest = [f"M{n}" for n in range(MESSAGES - HEAD_ROWS, MESSAGES)]
        assert [row.id for row in chat.rows()] == newest
