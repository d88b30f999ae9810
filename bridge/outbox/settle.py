"""Settles uncertain messages by evidence that WhatsApp brings later.

The library cannot tell a message's id before it was sent, so a crash in between leaves a message
uncertain. Two things prove that it went out: delivery receipts in that chat for ids that nobody
knows, which came after the attempt began, if it can be about one message only;
and the phone's own telling of the message (history). A read receipt alone proves nothing: people
read old messages late.
"""

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from bridge.ingest.applier import Applier
from bridge.ingest.messages import Doc
from bridge.ingest.notes import EarlyFact, Notes
from bridge.ingest.places import Places
from bridge.ingest.runs import Run, Tellable
from bridge.ingest.sent_ids import SentIds, SentMessage
from bridge.ingest.told import Told
from bridge.outbox.items import change_item
from bridge.thread_pace import ThreadPace
from bridge.whatsapp.facts import MessageSeen, ReceiptSeen
from core.model.ids import OUTBOX, alias_path, message_path
from core.store.port import Data, Document, Query, Store

_log = logging.getLogger(__name__)

_MAY_HAVE_GONE_OUT = ("uncertain", "cancelled", "sent")
"""Statuses of messages without an id of WhatsApp's that may have left all the same."""
_CLOCKS_APART = timedelta(minutes=2)
"""How far this machine's clock and WhatsApp's may differ."""


class Settler:
    """Finds out about the messages of one account whose ids are unknown."""

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

    async def recover(self) -> None:
        """Apply the receipts that overtook an answer, where a run was cut short in between."""
        await self._applier.replay_made_known()

    async def look_again(self) -> None:
        """Have another look at what came early: more is known of the messages by now.

        What receipts alone say of uncertain ones may lie in the notes of a bridge that does not
        have the account any more.
        """
        await self._applier.replay_made_known()
        uncertain = await self._store.query(self._with_status("uncertain"))
        for thread_id in dict.fromkeys(item.data["threadId"] for item in uncertain):
            await self.by_receipts(thread_id)

    async def by_receipts(self, thread_id: str) -> None:
        """Settle the one uncertain message of a thread by the one unclaimed delivery receipt.

        Waits while a message of the thread is on its way: the receipt may be that one's. Of several
        messages or receipts nobody can tell which is whose, as receipts come in any order; the
        phone's own telling settles them, or the operator does.
        """
        # Taken first: what comes while the store is asked may be of a message sent only now.
        receipts = self._unclaimed(thread_id)
        if not receipts or await self._items(thread_id, "sending"):
            return
        if not await self._items(thread_id, "uncertain"):
            return
        attempts = [one for one in await self._attempts() if one.data["threadId"] == thread_id]
        if not attempts:  # settled in between
            return
        since = min(item.data["sendingAt"] for item in attempts)
        wa_ids = {one.message_id for one in receipts if one.received_at >= since}
        if len(attempts) != 1 or len(wa_ids) != 1 or await self._sent.find(wa_ids):
            return
        (item,), (wa_id,) = attempts, wa_ids
        if await self._settle(thread_id, item.id, wa_id):
            await self.was_sent(thread_id, item.id, wa_id)

    async def by_telling(self, batch: Sequence[Told]) -> None:
        """Settle messages without an id that the phone tells about, before the batch is applied."""
        if not any(_may_tell(one.fact) for one in batch) or await self._sent.is_empty():
            return
        attempts = await self._attempts()
        for fact in _tellings(batch) if attempts else ():
            thread_id = (await self._places.find(fact.chat)).thread_id
            for item in attempts:
                if item.data["threadId"] == thread_id and _is_telling_of(fact, item.data):
                    await self._settle_by(fact, thread_id, item.id)

    async def _settle_by(self, fact: MessageSeen, thread_id: str, request_id: str) -> None:
        paths = [at(thread_id, fact.message_id) for at in (message_path, alias_path)]
        if any(await self._store.get_all(paths)) or await self._sent.find([fact.message_id]):
            return
        if await self._settle(thread_id, request_id, fact.message_id):
            self._sent.note(fact.message_id, SentMessage(thread_id, request_id))

    async def _items(self, thread_id: str, status: str) -> list[Document]:
        """Return items of a thread in a status, the oldest first."""
        found = await self._store.query(self._with_status(status))
        return [one for one in found if one.data["threadId"] == thread_id]

    def _with_status(self, status: str) -> Query:
        query = Query(OUTBOX).where("accountId", "==", self._account_id)
        return query.where("status", "==", status).order_by("createdAt")

    async def _attempts(self) -> list[Document]:
        """Return the account's messages that were tried and whose ids are unknown, in order.

        Those that an operator settled by hand are among them: a receipt may be theirs.
        """
        found = await self._store.query(Query(OUTBOX).where("waMessageId", "==", None))
        tried = [
            item
            for item in found
            if item.data["accountId"] == self._account_id
            and item.data["status"] in _MAY_HAVE_GONE_OUT
            and item.data.get("sendingAt")
        ]
        return sorted(tried, key=lambda item: item.data["createdAt"])

    def _unclaimed(self, thread_id: str) -> list[EarlyFact]:
        """Return the delivery receipts of a thread whose messages are unknown."""
        return [
            early
            for early in self._notes.early_in(thread_id)
            if isinstance(early.fact, ReceiptSeen) and early.fact.kind == "delivered"
        ]

    async def _settle(self, thread_id: str, request_id: str, wa_id: str) -> bool:
        def change(item: Doc) -> Doc | None:
            if item["waMessageId"] is not None or item["status"] not in _MAY_HAVE_GONE_OUT:
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
            _log.info("%s: a message turned out to be sent", self._account_id)
        return settled


def _may_tell(fact: Tellable) -> bool:
    """Whether a fact tells of messages of ours that this device may have sent.

    Live, WhatsApp tells a device of what the others wrote, and never of its own.
    """
    if isinstance(fact, Run):
        return any(fact.from_me)
    return isinstance(fact, MessageSeen) and fact.from_me and fact.is_history


def _tellings(batch: Sequence[Told]) -> Iterator[MessageSeen]:
    """Yield the texts of ours that a batch tells of."""
    for told in batch:
        facts = told.fact.facts() if isinstance(told.fact, Run) else (told.fact,)
        for fact in facts:
            if isinstance(fact, MessageSeen) and _may_tell(fact) and fact.body:
                yield fact


def _is_telling_of(fact: MessageSeen, item: Data) -> bool:
    """Whether the phone's telling of a message can be about an uncertain one."""
    # Whichever is earlier: the clock may have been wrong at one of them.
    since: datetime = min(item.get("sendingAt") or item["createdAt"], item["createdAt"])
    return fact.body == item["body"] and fact.ts_client >= since - _CLOCKS_APART
