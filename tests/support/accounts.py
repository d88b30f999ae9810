"""One account's inbound and outbound side on a real store, without processes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bridge.ingest.applier import Applier
from bridge.ingest.notes import Notes
from bridge.ingest.places import Places
from bridge.ingest.sent_ids import SentIds
from bridge.ingest.told import Applied, Told
from bridge.outbox.settle import Settler
from bridge.whatsapp.facts import Chat, Fact, MessageSeen, ReceiptSeen
from core.model.ids import Jid, messages_path
from core.store.embedded import EmbeddedStore
from core.store.port import SERVER_TIMESTAMP, Create, Query, Store

NOW = datetime(2026, 2, 3, 9, 0, tzinfo=UTC)
PHONE = Jid("40712345678", "s.whatsapp.net")
LID = Jid("111222333444", "lid")
OWN = Jid("40700000001", "s.whatsapp.net")
THREAD = f"WA-01__{PHONE}"
LID_THREAD = f"WA-01__{LID}"


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def message(
    message_id: str = "M1",
    body: str = "Salut",
    *,
    seconds: float = 0,
    chat: Chat | None = None,
    from_me: bool = False,
    **fields: Any,
) -> MessageSeen:
    """A text message from the customer, or from our phone."""
    chat = chat or Chat(jid=PHONE)
    return MessageSeen(
        chat=chat,
        message_id=message_id,
        sender_jid=OWN if from_me else chat.jid,
        sender_name="",
        from_me=from_me,
        ts_client=at(seconds),
        body=body,
        **({"type": "text"} | fields),
    )


def receipt(kind: Any, *ids: str, seconds: float = 0, chat: Chat | None = None) -> ReceiptSeen:
    return ReceiptSeen(chat=chat or Chat(jid=PHONE), message_ids=ids, kind=kind, at=at(seconds))


@dataclass
class Desk:
    """The parts of one account."""

    store: Store
    notes: Notes
    places: Places
    sent: SentIds
    applier: Applier
    settler: Settler

    async def tell(self, *facts: Fact, received_at: datetime = NOW) -> Applied:
        return await self.applier.apply([Told(fact, received_at) for fact in facts])

    async def thread(self, thread_id: str = THREAD) -> dict[str, Any]:
        document = await self.store.get(f"threads/{thread_id}")
        assert document is not None
        return dict(document.data)

    async def threads(self) -> list[str]:
        return [document.id for document in await self.store.query(Query("threads"))]

    async def messages(self, thread_id: str = THREAD) -> dict[str, dict[str, Any]]:
        found = await self.store.query(Query(messages_path(thread_id)))
        return {document.id: dict(document.data) for document in found}


def desk_on(store: Store, folder: Path) -> Desk:
    """Set up an account's parts on a store."""
    notes = Notes.open(folder / "notes.db")
    places = Places(store, "WA-01", notes)
    sent = SentIds(store, "WA-01")
    applier = Applier(store, "WA-01", notes, places, sent)
    settler = Settler(store, "WA-01", notes=notes, places=places, sent=sent, applier=applier)
    return Desk(store, notes, places, sent, applier, settler)


@asynccontextmanager
async def a_desk(folder: Path) -> AsyncIterator[Desk]:
    """Open a store and an account's parts in a folder."""
    async with EmbeddedStore.open(folder / "store.db", clock=lambda: NOW) as store:
        desk = desk_on(store, folder)
        try:
            yield desk
        finally:
            desk.notes.close()


async def with_account(store: Store) -> None:
    """Write the account document that sending needs."""
    await store.commit(
        [
            Create(
                "accounts/WA-01",
                {
                    "accountId": "WA-01",
                    "name": "Principal",
                    "status": "connected",
                    "jid": str(OWN),
                    "isArchived": False,
                    "createdAt": SERVER_TIMESTAMP,
                },
            )
        ]
    )
