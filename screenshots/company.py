"""The demo company's documents: its phones' own history, translated and ingested in process."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bridge.ingest.applier import Applier
from bridge.ingest.ingest import Ingest
from bridge.ingest.notes import Notes
from bridge.ingest.places import Places
from bridge.ingest.sent_ids import SentIds
from bridge.journal import Journal
from bridge.outbox.settle import Settler
from bridge.search_indexer import SearchIndexer
from bridge.simulator.demo import build_company, load_company
from bridge.simulator.history import make_chunk, queue_history
from bridge.simulator.simulator import Simulator
from bridge.whatsapp.addresses import OwnJids
from core.model.documents import Account, SyncState, to_data
from core.model.ids import Jid, account_path
from core.paths import DataFolder
from core.search.index import SearchIndex
from core.store.capabilities import ChangeFeed
from core.store.open import open_store
from core.store.port import Set, Store

NOW = datetime(2026, 1, 19, 12, 30, tzinfo=UTC)
"""The moment of every picture: a Monday, half past two in Bucharest."""
SEED = 1
_PAST = timedelta(minutes=50)
"""How long before that moment the phones were paired."""
_NEW = {
    "WA-01": (
        (43, "+40700010001", "Și dacă se poate, încă o mascotă Elsa pentru surioara lui 👑"),
        (31, "+40700010010", "請問星期六下午還有空嗎？六歲生日 🎂"),
        (30, "+40700010010", "Or Sunday at 16:00, if Saturday is taken."),
        (9, "+40700010004", "Am trimis avansul, 200 lei. Confirmați vă rog 🙏"),
    ),
    "WA-02": (
        (17, "+40700010028", "Hi! Could the magician stay for one more hour?"),
        (2, "+40700010034", "Mai vreau și baloane modelate pentru 20 de copii, se poate?"),
    ),
}
"""What came in since, unread: minutes ago, from whom, what; by account."""


class _Time:
    """The simulator's clock, moved on by hand."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def clock() -> datetime:
    """Return the moment of the pictures."""
    return NOW


async def build_company_folder(root: Path) -> None:
    """Make a data folder in which both accounts are paired and their history has come."""
    folder = DataFolder(root)
    folder.prepare()
    company = load_company()
    time = _Time(NOW - _PAST)
    simulator = Simulator.open(root / "simulator", clock=time, seed=SEED, personas=company.personas)
    try:
        build_company(simulator, company, seed=SEED)
        async with open_store(folder, clock=clock) as store:
            for account in company.accounts:
                jid = Jid.of_phone(account.phone)
                document = Account(
                    account_id=account.id,
                    name=account.name,
                    status="connected",
                    phone_e164=account.phone,
                    jid=str(jid),
                    last_connected_at=NOW - timedelta(hours=5),
                    last_history_sync_at=NOW - timedelta(hours=5),
                    created_at=NOW - timedelta(days=40),
                    updated_at=NOW - _PAST,
                )
                await store.commit([Set(account_path(account.id), to_data(document))])
                await _take_in(
                    store, folder, account.id, OwnJids(phone=jid), simulator=simulator, time=time
                )
            await _index_words(store, folder)
    finally:
        await simulator.close()


async def _index_words(store: Store, folder: DataFolder) -> None:
    assert isinstance(store, ChangeFeed)
    index = SearchIndex.open(folder.search_file)
    await SearchIndexer(store, folder.search_file, 1).catch_up(index)
    index.close()


async def _take_in(
    store: Store, folder: DataFolder, account_id: str, own: OwnJids, *,
    simulator: Simulator, time: "_Time",
) -> None:  # fmt: skip
    """Bring a phone's history and news through journal and ingest, as a linked device would."""
    place = folder.account(account_id)
    place.mkdir(parents=True, mode=0o700)
    journal, notes = Journal.open(place / "journal.db"), Notes.open(place / "notes.db")
    sent, places = SentIds(store, account_id), Places(store, account_id, notes)
    applier = Applier(store, account_id, notes, places, sent)
    ingest = Ingest(
        account_id,
        journal=journal,
        notes=notes,
        applier=applier,
        settler=Settler(store, account_id, notes=notes, places=places, sent=sent, applier=applier),
        own=lambda: own,
        sync=SyncState(),
        synced=lambda _: None,
        clock=clock,
    )
    state = simulator.state
    assert own.phone is not None
    token = state.devices.link(account_id, own.phone.user).token
    queue_history(state, state.people.phone(own.phone.user), token)
    for minutes, sender, text in _NEW[account_id]:
        time.now = NOW - timedelta(minutes=minutes)
        simulator.customers.write(sender, {"kind": "text", "text": text}, to=own.phone.user)
    time.now = NOW
    for row in state.devices.waiting(token, 0, 1000):
        payload = row["payload"] or make_chunk(state, json.loads(row["recipe"]))
        journal.append(row["code"], payload, NOW)
    working = asyncio.create_task(ingest.run(), name="ingest")
    try:
        await ingest.drained()
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        notes.close()
        journal.close()
