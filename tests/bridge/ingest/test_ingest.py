"""The ingest as the bridge runs it: from a journal on disk to the documents."""

import asyncio
from asyncio import FIRST_COMPLETED
from collections.abc import Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest

from bridge.errors import JournalError
from bridge.inbound import Inbound
from bridge.ingest import ingest
from bridge.journal import JOURNAL_NAME, Journal
from bridge.thread_pace import ThreadPace
from bridge.whatsapp.addresses import OwnJids, jid_of_text
from core.model.documents import SyncState
from core.store.embedded import EmbeddedStore
from core.store.port import CommitResult, Query, Write
from tests.support.neonize_events import (
    CUSTOMER,
    OWN_LID,
    OWN_PHONE,
    code_of,
    history,
    message,
    past,
    receipt,
    revoked,
)

NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
OWN = OwnJids(jid_of_text(OWN_PHONE), jid_of_text(OWN_LID))
READ = 4


async def stored_after(
    folder: Path,
    *events: Any,
    engine: type[EmbeddedStore] = EmbeddedStore,
    store_folder: Path | None = None,
) -> dict[str, dict[str, Any]]:
    """Let an ingest work off events; return the messages by id."""
    journal = Journal.open(folder / JOURNAL_NAME)
    for event in events:
        journal.append(code_of(event), event.SerializeToString(), NOW)
    journal.close()
    file = (store_folder or folder) / "store.db"
    async with engine.open(file, clock=lambda: NOW) as store:
        inbound = Inbound(
            store,
            "WA-01",
            folder,
            own=lambda: OWN,
            sync=SyncState(),
            synced=lambda _sync: None,
            clock=lambda: NOW,
            threads=ThreadPace(),
        )
        inbound.ingest.look_at_early()
        task = asyncio.create_task(inbound.ingest.run())
        try:
            drained = asyncio.create_task(inbound.ingest.drained())
            await asyncio.wait({task, drained}, timeout=60, return_when=FIRST_COMPLETED)
            drained.cancel()
            await asyncio.wait({drained})
            if task.done():
                task.result()
            assert inbound.ingest.backlog() == 0
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            inbound.close()
        found = await store.query(Query(f"threads/WA-01__{CUSTOMER}/messages"))
        return {one.id: dict(one.data) for one in found}


class Disk(EmbeddedStore):
    """A store that says when what was committed has reached the disk."""

    told: ClassVar[list[str]] = []

    async def transact(self, body: Any, *, attempts: int = 10, durable: bool = True) -> Any:
        result = await super().transact(body, attempts=attempts, durable=durable)
        self.told.append("durable" if durable else "in memory")
        return result

    async def commit(self, writes: Sequence[Write]) -> CommitResult:
        result = await super().commit(writes)
        self.told.append("durable")
        return result


async def test_a_history_is_on_the_disk_before_its_entry_counts_as_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(Disk, "told", told)
    mark_done = Journal.mark_done

    def marked(self: Journal, seq: int) -> None:
        told.append("done")
        mark_done(self, seq)

    monkeypatch.setattr(Journal, "mark_done", marked)
    lines = [past(f"M{number}", "x") for number in range(900)]
    stored = await stored_after(tmp_path, history((CUSTOMER, lines, {})), engine=Disk)
    assert len(stored) == 900
    assert told.count("in memory") >= 2
    assert told.count("durable") == 1  # all of it waits for the disk together
    assert told[-2:] == ["durable", "done"]
    assert told.count("done") == 1


async def test_a_history_told_twice_is_there_once(tmp_path: Path) -> None:
    lines = [past(f"M{number}", "x") for number in range(600)]
    for _again in range(2):
        stored = await stored_after(tmp_path, history((CUSTOMER, lines, {})))
        assert len(stored) == 600


async def test_a_history_that_was_cut_short_is_made_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Torn(EmbeddedStore):
        """A store that ends after the first run of a history."""

        commits: ClassVar[int] = 0

        async def transact(self, body: Any, *, attempts: int = 10, durable: bool = True) -> Any:
            result = await super().transact(body, attempts=attempts, durable=durable)
            Torn.commits += 1
            if Torn.commits == 1:
                raise RuntimeError("it ends here")
            return result

    lines = [past(f"M{number}", "x") for number in range(900)]
    with pytest.raises(RuntimeError):
        await stored_after(tmp_path, history((CUSTOMER, lines, {})), engine=Torn)
    async with EmbeddedStore.open(tmp_path / "store.db", clock=lambda: NOW) as store:
        before = await store.query(Query(f"threads/WA-01__{CUSTOMER}/messages"))
    assert 0 < len(before) < 900
    assert len(await stored_after(tmp_path)) == 900


async def test_a_receipt_for_more_messages_than_fit_a_commit_is_worked_off(tmp_path: Path) -> None:
    ids = [f"3EB0{number:04}" for number in range(100)]
    ours = [message("x", message_id=one, from_me=True) for one in ids]
    stored = await stored_after(tmp_path, *ours, receipt(READ, *ids))
    assert {stored[one]["status"] for one in ids} == {"read"}


async def test_a_bridge_that_is_often_started_compacts_its_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "_KEPT_ENTRIES", 10)
    for start in range(5):
        some = [message("x", message_id=f"3A{start}{number}") for number in range(8)]
        stored = await stored_after(tmp_path, *some)
        assert len(stored) == 8 * (start + 1)
        with closing(Journal.open(tmp_path / JOURNAL_NAME)) as journal:
            kept = [seq for seq in range(1, journal.last_seq() + 1) if journal.get(seq)]
        assert kept == list(range(max(1, 8 * (start + 1) - 9), 8 * (start + 1) + 1))


async def test_large_entries_are_forgotten_sooner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "_KEPT_ENTRIES", 10)
    monkeypatch.setattr(ingest, "_ENTRIES_AT_ONCE", 1)
    monkeypatch.setattr(ingest, "_COMPACT_BYTES", 20_000)
    await stored_after(tmp_path, *[message("x" * 4000, message_id=f"3A{n}") for n in range(40)])
    with closing(Journal.open(tmp_path / JOURNAL_NAME)) as journal:
        assert sum(journal.get(seq) is not None for seq in range(1, 41)) <= 10 + 5


async def test_what_came_early_is_looked_at_again(tmp_path: Path) -> None:
    assert await stored_after(tmp_path, revoked("M1")) == {}
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    stored = await stored_after(elsewhere, message("Bună!"), store_folder=tmp_path)
    assert "isRevoked" not in stored["M1"]
    stored = await stored_after(tmp_path)
    assert stored["M1"]["isRevoked"]


async def test_a_journal_that_cannot_be_read_is_told_and_keeps_nothing_else_from_being_told(
    tmp_path: Path,
) -> None:
    with closing(Journal.open(tmp_path / JOURNAL_NAME)) as journal:
        journal.append(code_of(message("A")), message("A").SerializeToString(), NOW)
    async with EmbeddedStore.open(tmp_path / "store.db") as store:
        inbound = Inbound(
            store,
            "WA-01",
            tmp_path,
            own=lambda: OWN,
            sync=SyncState(),
            synced=lambda _sync: None,
            clock=lambda: NOW,
            threads=ThreadPace(),
        )
        assert inbound.ingest.backlog() == 1
        (tmp_path / JOURNAL_NAME).rename(tmp_path / "elsewhere")
        with pytest.raises(JournalError):
            await inbound.ingest.run()
        assert "cannot be used" in inbound.ingest.journal_error
        assert (inbound.ingest.backlog(), inbound.ingest.oldest()) == (1, None)
        (tmp_path / "elsewhere").rename(tmp_path / JOURNAL_NAME)
        task = asyncio.create_task(inbound.ingest.run())
        await inbound.ingest.drained()
        assert (inbound.ingest.journal_error, inbound.ingest.backlog()) == ("", 0)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        inbound.close()
