"""Sends what is in the outbox of one account: one message at a time, in the order of writing.

Every change is made only while the account's lease is held, so a bridge that lost it can neither
send nor tell. `sending` is durable before WhatsApp is called. A message whose fate is unknown
becomes `uncertain` and is never sent again on its own; the messages after it go on, because it may
well have arrived and the customer should not wait for the operator. Order within a thread is
therefore the order of writing, save for what is uncertain or sent again by hand.

A message that a console hands over while nothing is to be done is taken over and claimed in one
commit. Dying before it leaves nothing, and the console knows of no answer; dying after it leaves
`sending`, as dying after a claim does.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Protocol, TypeVar

from bridge.errors import LeaseLost
from bridge.ingest.messages import Doc
from bridge.leases import Held
from bridge.metrics import Metrics, label
from bridge.outbox.changes import changed_from, has_fields, of_attempt, released, sent, unsure
from bridge.outbox.items import change_item
from bridge.outbox.offer import Offer, Taken, WriteMessage
from bridge.outbox.settle import Settler
from bridge.outbox.thread_shower import ThreadShower
from bridge.tasks import cancel_all
from bridge.whatsapp.protocol import Reply, Send
from bridge.worker_port import Worker
from core.clock import Clock
from core.failpoints import reach
from core.model.documents import to_data
from core.model.ids import OUTBOX, message_path
from core.service.kinds import kind_name
from core.settings import Sending
from core.store.errors import StoreUnavailable
from core.store.port import Document, Query, Store, Transaction

_log = logging.getLogger(__name__)

_POLL_SECONDS = 300.0
"""Safety net: the outbox is looked at this often without being told to."""
_RETRY_SECONDS = 1.0
_TIMEOUTS_TO_REPLACE = 2
_FINISH_SECONDS = 3.0
"""How long a stopping bridge waits for the answer to a message that is on its way."""

T = TypeVar("T")


class Link(Protocol):
    """What the sender needs of the account's runner."""

    @property
    def worker(self) -> Worker | None:
        """The running worker, when there is one."""
        ...

    @property
    def is_connected(self) -> bool:
        """Whether messages can be sent right now."""
        ...

    async def replace_worker(self) -> None:
        """Have a worker that does not answer replaced."""
        ...


class Sender:
    """The sending loop of one account."""

    def __init__(
        self,
        store: Store,
        account_id: str,
        link: Link,
        settler: Settler,
        *,
        held: Held,
        pace: Sending,
        clock: Clock,
        shower: ThreadShower | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        """Send by the pace of the settings; with a `shower`, threads are told at their own."""
        self._store = store
        self._account_id = account_id
        self._link = link
        self._settler = settler
        self._shower = shower
        self._held = held
        self._pace = pace
        self._clock = clock
        self._metrics = metrics or Metrics()
        self.has_recovered = asyncio.Event()
        """Set once nothing is on its way any more that somebody else, or an earlier run, sent."""
        self._woken = asyncio.Event()
        self._is_waiting = False
        self._offer: Offer | None = None
        self._stopping = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._late: set[asyncio.Task[None]] = set()
        self._timeouts = 0

    def wake(self) -> None:
        """Have the outbox looked at now: something was written, or the connection changed."""
        self._woken.set()

    @property
    def is_free(self) -> bool:
        """Whether it waits for something to do."""
        return self._is_waiting and not self._woken.is_set()

    async def take(self, request_id: str, write: WriteMessage) -> Taken | None:
        """Have a message written and sent at once; None when it has to wait for its turn.

        It is sent although the caller is cancelled. Raises what `write` raises, and StoreError.
        """
        if not self.is_free or not self._is_able:
            return None
        self._offer = offer = Offer(request_id, write)
        self._woken.set()
        return await offer.taken

    async def run(self) -> None:
        """Send until stopped or cancelled, or until the lease is lost."""
        try:
            await self._persistently(self.recover)
            self.has_recovered.set()
            while not self._stopping.is_set():
                self._woken.clear()
                claim = await self._due()
                if claim is None:
                    await self._wait()
                    continue
                self._idle.clear()
                try:
                    item = await claim()
                    if item is not None:
                        await self._send(item)
                finally:
                    self._idle.set()
                if item is not None:
                    await self._pause(self._pace.seconds_between_messages)
        except LeaseLost as error:
            _log.warning("%s: nothing more is sent: %s", self._account_id, error)
        finally:
            offer, self._offer = self._offer, None
            if offer is not None:
                offer.settle(None)

    async def stop(self) -> None:
        """Let the message on its way be answered, within bounds; then nothing more is sent."""
        self._stopping.set()
        self._woken.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_FINISH_SECONDS):
                await self._idle.wait()
        await self.forget_late()

    async def forget_late(self) -> None:
        """Wait no longer for answers that took too long."""
        await cancel_all(self._late)

    async def recover(self) -> None:
        """Call uncertain what an earlier holder of the lease, or a cut short run, left on its way.

        What receipts said of a message that was just sent is told now. Raises LeaseLost,
        StoreError.
        """
        await self._settler.recover()
        if self._shower is not None:
            await self._shower.recover()
        for item in await self._store.query(self._query("sending")):
            _log.warning("%s: a message's fate is unknown after a stop", self._account_id)
            await self._change(item.id, unsure)
            await self._settler.by_receipts(item.data["threadId"])

    # -- one message --------------------------------------------------------------------------

    async def _due(self) -> Callable[[], Awaitable[Doc | None]] | None:
        """Return what claims the message to send now: the one just offered, or the oldest due."""
        offer, self._offer = self._offer, None
        if offer is not None:
            return partial(self._write, offer)
        queued = await self._persistently(self._next)
        return None if queued is None else partial(self._claim, queued.id)

    async def _next(self) -> Document | None:
        """Return the message to send now: the oldest of the account that waits."""
        if not self._is_able:
            return None
        waiting = await self._store.query(self._query("queued").limit(1))
        return waiting[0] if waiting else None

    async def _claim(self, request_id: str) -> Doc | None:
        """Make `sending` durable; return the item, None when it is not to be sent any more."""
        fields = self._claim_fields()

        def claim(item: Doc) -> Doc | None:
            if item["status"] == "queued":
                return {**fields, "attemptCount": item.get("attemptCount", 0) + 1}
            # It knows itself again where the answer to its commit was lost.
            return {} if has_fields(item, fields) else None

        return await self._persistently(lambda: self._change(request_id, claim, with_thread=False))

    async def _write(self, offer: Offer) -> Doc | None:
        """Write an offered message as claimed and tell its console; return the item to send.

        Returns None when others wait before it, or when it could not be written. Raises LeaseLost.
        """
        fields = {**self._claim_fields(), "attemptCount": 1}

        def release(item: Doc) -> Doc | None:
            return released(item) if has_fields(item, fields) else None

        async def body(transaction: Transaction) -> Taken | None:
            await self._held.guard(transaction)
            if await transaction.query(self._query("queued").limit(1)):
                return None
            return await offer.write(transaction, fields)

        try:
            taken = await self._store.transact(body)
        except LeaseLost:
            raise
        except Exception as error:  # Handed on: its console gets the answer to its own message.
            offer.fail(error)
            if isinstance(error, StoreUnavailable):
                # It may have been written all the same, and was not sent.
                await self._persistently(lambda: self._change(offer.request_id, release))
            return None
        else:
            if taken is None:
                return None
            reach("outbox.accepted")
            offer.settle(taken)
            return taken.item
        finally:
            offer.settle(None)

    async def _send(self, item: Doc) -> None:
        """Hand a claimed message to WhatsApp and write down what became of it."""
        request_id = item["requestId"]
        reach("outbox.claimed")
        command = await self._persistently(lambda: self._command(item))
        worker = self._link.worker
        if worker is None or not self._is_able:
            await self._answered(request_id, item, Reply(command_id=0, failure="not_connected"))
            return
        reply = worker.ask(command)
        reach("outbox.asked")
        await asyncio.wait({reply}, timeout=self._pace.reply_timeout_seconds)
        if reply.done():
            self._timeouts = 0
            await self._answered(request_id, item, reply.result())
            return
        await self._answered(request_id, item, Reply(command_id=0, failure="outcome_unknown"))
        self._follow_late(request_id, item, reply)
        self._timeouts += 1
        if self._timeouts >= _TIMEOUTS_TO_REPLACE:
            self._timeouts = 0
            await self._link.replace_worker()

    def _claim_fields(self) -> Doc:
        return {
            "status": "sending",
            "sendingAt": self._clock(),
            "lease": to_data(self._held.lease),
        }

    async def _command(self, item: Doc) -> Send:
        """Return the command, with what the worker needs to show the quoted message."""
        quoted = None
        if item.get("quotedMessageId"):
            path = message_path(item["threadId"], item["quotedMessageId"])
            quoted = await self._store.get(path)
        data = quoted.data if quoted is not None else {}
        return Send(
            command_id=0,
            to_jid=item["toJid"],
            body=item["body"],
            quoted_message_id=data.get("waMessageId") or "",
            quoted_sender_jid=data.get("senderJid") or "",
            quoted_body=data.get("body") or kind_name(data.get("type") or "text"),
        )

    async def _answered(self, request_id: str, item: Doc, reply: Reply) -> None:
        """Write down what became of a message; does not give up while the store is away."""
        thread_id = item["threadId"]
        reach("outbox.answered")
        result = reply.failure or ("sent" if reply.value else "outcome_unknown")
        self._metrics.sent.labels(label(self._account_id), result).inc()
        if reply.failure is None and reply.value:
            await self._persistently(
                lambda: self._change(request_id, sent(reply.value, self._clock()))
            )
            reach("outbox.sent")
            await self._persistently(
                lambda: self._settler.was_sent(thread_id, request_id, reply.value)
            )
        elif reply.failure == "not_connected":
            await self._persistently(lambda: self._change(request_id, of_attempt(item, released)))
            await self._pause(_RETRY_SECONDS)
        elif reply.failure is None or reply.failure == "outcome_unknown":
            await self._persistently(lambda: self._change(request_id, of_attempt(item, unsure)))
            await self._persistently(lambda: self._settler.by_receipts(thread_id))
        else:
            _log.warning("%s: a message was refused: %s", self._account_id, reply.failure)
            failed = {"status": "failed", "error": reply.failure, "lease": None}
            refused = of_attempt(item, changed_from("sending", "uncertain", to=failed))
            await self._persistently(lambda: self._change(request_id, refused))
        if reply.failure is None:
            await self._persistently(lambda: self._settler.by_receipts(thread_id))

    def _follow_late(self, request_id: str, item: Doc, reply: asyncio.Future[Reply]) -> None:
        """Keep listening for an answer that took too long: it still settles the message."""

        async def follow() -> None:
            answer = await reply
            if answer.failure != "outcome_unknown":
                with contextlib.suppress(LeaseLost):  # told by whoever has it now, by receipts
                    await self._answered(request_id, item, answer)

        task = asyncio.create_task(follow(), name=f"late answer {self._account_id}")
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    # -- waiting ------------------------------------------------------------------------------

    async def _wait(self) -> None:
        """Wait until there may be something to do."""
        self._is_waiting = True
        try:
            async with asyncio.timeout(_POLL_SECONDS):
                await self._woken.wait()
        except TimeoutError:
            return
        finally:
            self._is_waiting = False

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()

    async def _persistently(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do something with the store, again and again while it is away."""
        while True:
            try:
                return await work()
            except StoreUnavailable:
                await asyncio.sleep(_RETRY_SECONDS)

    async def _change(
        self, request_id: str, change: Callable[[Doc], Doc | None], *, with_thread: bool = True
    ) -> Doc | None:
        after = await change_item(
            self._store,
            request_id,
            change,
            guard=self._held.guard,
            with_thread=with_thread and self._shower is None,
        )
        if after is not None and with_thread and self._shower is not None:
            self._shower.show(after["threadId"], request_id)
        return after

    @property
    def _is_able(self) -> bool:
        """Whether a message may be handed to WhatsApp now."""
        return self._link.is_connected and self._held.is_sure

    def _query(self, status: str) -> Query:
        query = Query(OUTBOX).where("accountId", "==", self._account_id)
        return query.where("status", "==", status).order_by("createdAt")
