"""The ingest as the bridge runs it: from a journal on disk to the documents."""

import asyncio
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bridge.inbound import JOURNAL_NAME, Inbound
from bridge.ingest import ingest
from bridge.journal import Journal
from bridge.thread_pace import ThreadPace
from bridge.whatsapp.addresses import OwnJids, jid_of_text
from core.model.documents import SyncState
from core.store.embedded import EmbeddedStore
from core.store.port import Query
from tests.support.neonize_events import CUSTOMER, OWN_LID, OWN_PHONE, code_of, message, receipt

NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
OWN = OwnJids(jid_of_text(OWN_PHONE), jid_of_text(OWN_LID))
READ = 4


async def stored_after(folder: Path, *events: Any) -> dict[str, dict[str, Any]]:
    """Let an ingest work off events; return the messages by id."""
    journal = Journal.open(folder / JOURNAL_NAME)
    for event in events:
        journal.append(code_of(event), event.SerializeToString(), NOW)
    journal.close()
    async with EmbeddedStore.open(folder / "store.db", clock=lambda: NOW) as store:
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
        task = asyncio.create_task(inbound.ingest.run())
        try:
            async with asyncio.timeout(20):
                await inbound.ingest.drained()
            assert inbound.ingest.backlog() == 0
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            inbound.close()
        found = await store.query(Query(f"threads/WA-01__{CUSTOMER}/messages"))
        return {one.id: dict(one.data) for one in found}


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
