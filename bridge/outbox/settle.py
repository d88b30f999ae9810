"""Settles uncertain messages by evidence that WhatsApp brings later.

The library cannot tell a message's id before it was sent, so a crash in between leaves a message
uncertain. Two things prove that it went out: a delivery receipt in that chat for an id that nobody
knows, which came after the attempt began; and the phone's own telling of the message (history).
A read receipt alone proves nothing: people read old messages late.
"""

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from bridge.ingest.applier import Applier, Told
from bridge.ingest.messages import Doc
from bridge.ingest.notes import Notes
from bridge.ingest.places import Places
from bridge.ingest.runs import Run, Tellable
from bridge.ingest.sent_ids import SentIds, SentMessage
from bridge.outbox.items import change_item
from bridge.thread_pace import ThreadPace
from bridge.whatsapp.facts import MessageSeen, ReceiptSeen
from core.model.ids import OUTBOX, message_path
from core.store.port import Data, Document, Query, Store

_log = logging.getLogger(__name__)

_CLOCKS_APART = timedelta(minutes=2)
"""How far this machine's clock and WhatsApp's may differ."""


class Settler:
    """Finds out about the uncertain messages of one account."""

    def __init__(
        self,
        store: Store,
        account_id: str,
        *,
        notes: Notes,
        places: Places,
        sent: SentIds,
        applier: Applier,
        pace: ThreadPace | None = None,
    ) -> None:
        self._store = store
        self._account_id = account_id
        self._notes = notes
        self._places = places
        self._sent = sent
        self._applier = applier
        self._pace = pace or ThreadPace()

    async def was_sent(self, thread_id: str, request_id: str, wa_id: str) -> None:
        """Note which id a message got, and apply the receipts that overtook the answer."""
        self._sent.note(wa_id, SentMessage(thread_id, request_id))
        await self._applier.replay_early(thread_id, wa_id)

    async def by_receipts(self, thread_id: str) -> None:
        """Settle the oldest uncertain messages of a thread by unclaimed delivery receipts.

        Waits while a message of the thread is on its way: the receipt may be that one's.
        """
        if self._unclaimed(thread_id, None) is None or await self._items(thread_id, "sending"):
            return
        for item in await self._items(thread_id, "uncertain"):
            wa_id = self._unclaimed(thread_id, item.data.get("sendingAt"))
            if wa_id is None or await self._sent.find([wa_id]):
                return
            if await self._settle(thread_id, item.id, wa_id):
                await self.was_sent(thread_id, item.id, wa_id)

    async def by_telling(self, batch: Sequence[Told]) -> None:
        """Settle uncertain messages that the phone tells about, before the batch is applied."""
        if not any(_may_tell(one.fact) for one in batch):
            return
        uncertain = await self._items(None, "uncertain")
        for fact in _tellings(batch) if uncertain else ():
            thread_id = (await self._places.find(fact.chat)).thread_id
            for item in uncertain:
                if item.data["threadId"] == thread_id and _is_telling_of(fact, item.data):
                    await self._settle_by(fact, thread_id, item.id)

    async def _settle_by(self, fact: MessageSeen, thread_id: str, request_id: str) -> None:
        known = await self._store.get(message_path(thread_id, fact.message_id))
        if known is not None or await self._sent.find([fact.message_id]):
            return
        if await self._settle(thread_id, request_id, fact.message_id):
            self._sent.note(fact.message_id, SentMessage(thread_id, request_id))

    async def _items(self, thread_id: str | None, status: str) -> list[Document]:
        """Return items of the account in a status, the oldest first."""
        query = (
            Query(OUTBOX)
            .where("accountId", "==", self._account_id)
            .where("status", "==", status)
            .order_by("createdAt")
        )
        found = await self._store.query(query)
        return [one for one in found if thread_id in (None, one.data["threadId"])]

    def _unclaimed(self, thread_id: str, since: datetime | None) -> str | None:
        """Return the id of the first delivery receipt after a moment whose message is unknown."""
        for early in self._notes.early_in(thread_id):
            fact = early.fact
            is_delivery = isinstance(fact, ReceiptSeen) and fact.kind == "delivered"
            if is_delivery and (since is None or early.received_at >= since):
                return early.message_id
        return None

    async def _settle(self, thread_id: str, request_id: str, wa_id: str) -> bool:
        def change(item: Doc) -> Doc | None:
            if item["status"] != "uncertain":
                return None
            return {
                "status": "sent",
                "waMessageId": wa_id,
                "sentAt": item.get("sendingAt"),
                "error": None,
                "lease": None,
            }

        await self._pace.turn(thread_id)
        settled = await change_item(self._store, request_id, change) is not None
        if settled:
            _log.info("%s: an uncertain message turned out to be sent", self._account_id)
        return settled


def _may_tell(fact: Tellable) -> bool:
    """Whether a fact tells of messages of ours."""
    if isinstance(fact, Run):
        return any(line.from_me for line in fact.lines)
    return isinstance(fact, MessageSeen) and fact.from_me


def _tellings(batch: Sequence[Told]) -> Iterator[MessageSeen]:
    """Yield the texts of ours that a batch tells of."""
    for told in batch:
        facts = told.fact.facts() if isinstance(told.fact, Run) else (told.fact,)
        for fact in facts:
            if isinstance(fact, MessageSeen) and fact.from_me and fact.body:
                yield fact


def _is_telling_of(fact: MessageSeen, item: Data) -> bool:
    """Whether the phone's telling of a message can be about an uncertain one."""
    since: datetime = item.get("sendingAt") or item["createdAt"]
    return fact.body == item["body"] and fact.ts_client >= since - _CLOCKS_APART
