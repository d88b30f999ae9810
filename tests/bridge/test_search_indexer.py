"""The index of words keeps in step with the store, from any place where it was stopped."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bridge.search_indexer import SearchIndexer
from core.model.ids import message_path, thread_path
from core.search.errors import SearchUnusable
from core.search.index import Progress, SearchIndex, Text
from core.search.words import wanted_words
from core.service import search as search_service
from core.service.search import MOST_ROWS, MessageSearch
from core.store.counting import CountingStore, Usage
from core.store.embedded import EmbeddedStore
from core.store.port import Delete, Document, Set, Update
from tests.support.waiting import PATIENCE_SECONDS, until_found

NOON = datetime(2026, 1, 19, 12, 0, tzinfo=UTC)
MARIA, ANDREI = "WA-01__40711@s.whatsapp.net", "WA-02__40722@s.whatsapp.net"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[EmbeddedStore]:
    async with EmbeddedStore.open(tmp_path / "store.db") as store:
        await store.commit(
            [
                Set(thread_path(MARIA), {"displayName": "Maria"}),
                Set(thread_path(ANDREI), {"displayName": "", "phoneE164": "+40722"}),
            ]
        )
        yield store


def message(thread: str, number: int, body: object, **fields: object) -> Set:
    moment = NOON + timedelta(minutes=number)
    data = {"body": body, "tsClient": moment, "direction": "inbound", **fields}
    return Set(message_path(thread, f"M{number}"), data)


async def found(store: EmbeddedStore, folder: Path, asked: str, *accounts: str) -> list[str]:
    search = MessageSearch(store, folder / "search.db")
    answer = await search.find(asked, lambda account: account in (accounts or ("WA-01", "WA-02")))
    search.close()
    assert answer is not None
    return [f"{row.name}: {row.body}" for row in answer.rows]


async def test_what_was_written_edited_and_taken_back_is_found_as_it_is_now(
    store: EmbeddedStore, tmp_path: Path
) -> None:
    indexer = SearchIndexer(store, tmp_path / "search.db", 1)
    index = SearchIndex.open(tmp_path / "search.db")
    await store.commit(
        [
            message(MARIA, 1, "vreau baloane roz"),
            message(ANDREI, 2, "și eu baloane\nși mascote"),
            message(MARIA, 3, None),
            message(MARIA, 4, "baloane greșite"),
        ]
    )
    assert await indexer.catch_up(index) == 4
    assert await found(store, tmp_path, "baloane") == [
        "Maria: baloane greșite",
        "+40722: și eu baloane și mascote",
        "Maria: vreau baloane roz",
    ]
    assert await found(store, tmp_path, "balo", "WA-02") == ["+40722: și eu baloane și mascote"]
    await store.commit(
        [
            Update(message_path(MARIA, "M1"), {"body": "vreau confetti"}),
            Update(message_path(MARIA, "M4"), {"isRevoked": True}),
            Delete(message_path(ANDREI, "M2")),
        ]
    )
    assert await found(store, tmp_path, "baloane") == []
    assert await indexer.catch_up(index) == 3
    assert await found(store, tmp_path, "confe") == ["Maria: vreau confetti"]
    assert await indexer.catch_up(index) == 0
    index.close()


async def test_what_became_part_of_another_conversation_is_found_there_alone(
    store: EmbeddedStore, tmp_path: Path
) -> None:
    hidden = "WA-01__9@lid"
    index = SearchIndex.open(tmp_path / "search.db")
    await store.commit(
        [
            Set(thread_path(hidden), {"displayName": "?", "mergedInto": MARIA}),
            message(hidden, 1, "vreau baloane"),
            message(MARIA, 1, "vreau baloane"),
        ]
    )
    await SearchIndexer(store, tmp_path / "search.db", 1).catch_up(index)
    assert await found(store, tmp_path, "baloane") == ["Maria: vreau baloane"]
    index.close()


async def test_it_goes_on_wherever_it_was_stopped(store: EmbeddedStore, tmp_path: Path) -> None:
    writes = [message(f"WA-01__{n}@lid", n, f"cuvântul {n}") for n in range(50)]
    await store.commit(writes)
    target = await store.last_seq()

    class Stopped(Exception):
        pass

    class Fragile(SearchIndexer):
        left = 0

        async def _add(self, index: SearchIndex, texts: list[Text], progress: Progress) -> None:
            if self.left == 0:
                raise Stopped
            self.left -= 1
            await super()._add(index, texts, progress)

    indexer = Fragile(store, tmp_path / "search.db", 1)
    index = SearchIndex.open(tmp_path / "search.db")
    for left in range(4):
        indexer.left = left
        try:
            await indexer.catch_up(index)
        except Stopped:
            continue
    assert index.progress() == Progress(1, target, target, "")
    hits = list(index.search(wanted_words("cuvantul"), goes_on=lambda: True))
    assert len(hits) == len({hit.message_id for hit in hits}) == 50
    index.close()


async def test_another_store_is_read_from_its_beginning(
    store: EmbeddedStore, tmp_path: Path
) -> None:
    index = SearchIndex.open(tmp_path / "search.db")
    index.add([], Progress(store=1, seq=10**6, target=10**6))
    await store.commit([message(MARIA, 1, "altă bază")])
    assert await SearchIndexer(store, tmp_path / "search.db", 2).catch_up(index) == 1
    index.close()


async def test_a_newer_search_makes_an_older_one_give_up(
    store: EmbeddedStore, tmp_path: Path
) -> None:
    index = SearchIndex.open(tmp_path / "search.db")
    await store.commit([message(MARIA, 1, "unu doi")])
    await SearchIndexer(store, tmp_path / "search.db", 1).catch_up(index)
    search = MessageSearch(store, tmp_path / "search.db")
    answers = await asyncio.gather(
        *(search.find(asked, lambda _: True) for asked in ("unu", "un", "doi"))
    )
    assert [answer is not None for answer in answers] == [False, False, True]
    search.close()
    index.close()


async def test_without_an_index_nothing_is_found_and_that_is_said(
    store: EmbeddedStore, tmp_path: Path
) -> None:
    answer = await MessageSearch(store, tmp_path / "search.db").find("unu", lambda _: True)
    assert answer is not None
    assert not answer.rows
    assert not answer.is_complete


async def test_what_is_still_there_is_found_behind_much_that_is_not(
    store: EmbeddedStore, tmp_path: Path
) -> None:
    writes = [message(MARIA, number, f"baloane {number}") for number in range(3 * MOST_ROWS)]
    await store.commit(writes)
    index = SearchIndex.open(tmp_path / "search.db")
    await SearchIndexer(store, tmp_path / "search.db", 1).catch_up(index)
    gone = [
        Update(message_path(MARIA, f"M{number}"), {"isRevoked": True})
        for number in range(2, 3 * MOST_ROWS)
    ]
    await store.commit(gone)
    assert await found(store, tmp_path, "baloane") == ["Maria: baloane 1", "Maria: baloane 0"]
    index.close()


async def test_a_slow_store_does_not_make_a_search_look_cut_short(
    store: EmbeddedStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    monkeypatch.setattr(search_service, "monotonic", lambda: now)

    class Slow(CountingStore):
        async def get_all(self, paths: Sequence[str]) -> list[Document | None]:
            nonlocal now
            now += 60
            return await super().get_all(paths)

    await store.commit([message(MARIA, 1, "unu")])
    index = SearchIndex.open(tmp_path / "search.db")
    await SearchIndexer(store, tmp_path / "search.db", 1).catch_up(index)
    search = MessageSearch(Slow(store, Usage()), tmp_path / "search.db")
    answer = await search.find("unu", lambda _: True)
    assert answer is not None
    assert (len(answer.rows), answer.has_more) == (1, False)
    search.close()
    index.close()


async def test_a_search_that_is_closed_while_it_looks_gives_up(
    store: EmbeddedStore, tmp_path: Path
) -> None:
    index = SearchIndex.open(tmp_path / "search.db")
    await store.commit([message(MARIA, number, "unu") for number in range(200)])
    await SearchIndexer(store, tmp_path / "search.db", 1).catch_up(index)
    search = MessageSearch(store, tmp_path / "search.db")
    loop, closes = asyncio.get_running_loop(), threading.Event()

    def close() -> None:
        closes.set()
        search.close()

    def allows(_account_id: str) -> bool:
        if not closes.is_set():
            loop.call_soon_threadsafe(close)
        return not closes.wait(PATIENCE_SECONDS)

    assert await search.find("unu", allows) is None
    index.close()


async def test_an_index_that_is_closed_lets_whoever_writes_end_first(tmp_path: Path) -> None:
    index = SearchIndex.open(tmp_path / "search.db")
    begun = threading.Event()

    def texts() -> Iterator[Text]:
        begun.set()
        for number in range(2000):
            yield Text("WA-01__1@lid", f"M{number}", NOON, "unu")

    adding = asyncio.create_task(asyncio.to_thread(index.add, texts(), Progress(1, 9, 9, "")))
    await asyncio.to_thread(begun.wait, PATIENCE_SECONDS)
    await asyncio.to_thread(index.close)
    with contextlib.suppress(SearchUnusable):  # it was closed before that began
        await adding
    after = SearchIndex.open(tmp_path / "search.db")
    hits = list(after.search(wanted_words("unu"), goes_on=lambda: True))
    assert len(hits) in {0, 2000}
    after.close()


async def test_who_searches_notices_an_index_that_was_made_anew(
    store: EmbeddedStore, tmp_path: Path
) -> None:
    path = tmp_path / "search.db"
    SearchIndex.open(path).close()
    search = MessageSearch(store, path)
    before = await search.find("unu", lambda _: True)
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    await store.commit([message(MARIA, 1, "unu")])
    index = SearchIndex.open(path)
    await SearchIndexer(store, path, 1).catch_up(index)
    after = await search.find("unu", lambda _: True)
    assert before is not None
    assert after is not None
    assert (len(before.rows), len(after.rows)) == (0, 1)
    search.close()
    index.close()


async def test_an_index_that_is_damaged_while_it_is_used_is_made_anew(
    store: EmbeddedStore, tmp_path: Path
) -> None:
    path = tmp_path / "search.db"
    index = SearchIndex.open(path)
    indexer = SearchIndexer(store, path, 1)
    await store.commit(
        [message(MARIA, number, f"unu {number} " + "x" * 90) for number in range(400)]
    )
    await indexer.catch_up(index)
    index.close()
    damaged = bytearray(path.read_bytes())
    damaged[8192:] = b"\xff" * (len(damaged) - 8192)  # all but the schema, and how far it came
    path.write_bytes(damaged)
    await store.commit([message(MARIA, 999, "doi")])
    with pytest.raises(SearchUnusable):
        await indexer.run()
    following = asyncio.create_task(indexer.run())

    async def is_there() -> bool:
        return bool(await found(store, tmp_path, "doi")) and bool(
            await found(store, tmp_path, "unu")
        )

    await until_found(is_there, "the index was made anew")
    following.cancel()
    await asyncio.wait([following])
