"""Sends what is in the outbox of one account: one message at a time, in the order of writing.

Every change is made only while the account's lease is held, so a bridge that lost it can neither
send nor tell. `sending` is durable before WhatsApp is called. A message whose fate is unknown
becomes `uncertain` and is never sent again on its own; the messages after it go on, because it may
well have arrived and the customer should not wait for the operator. Order within a thread is
therefore the order of writing, save for what is uncertain or sent again by hand.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from bridge.errors import LeaseLost
from bridge.ingest.messages import Doc
from bridge.leases import Held
from bridge.metrics import Metrics, label
from bridge.outbox.items import change_item
from bridge.outbox.settle import Settler
from bridge.outbox.thread_shower import ThreadShower
from bridge.tasks import cancel_all
from bridge.whatsapp.protocol import FailureCode, Reply, Send
from bridge.worker_port import Worker
from core.clock import Clock
from core.failpoints import reach
from core.i18n import _
from core.model.documents import to_data
from core.model.ids import OUTBOX, message_path
from core.settings import Sending
from core.store.errors import StoreUnavailable
from core.store.port import Document, Query, Store

_log = logging.getLogger(__name__)

_POLL_SECONDS = 300.0
"""Safety net: the outbox is looked at this often without being told to."""
_RETRY_SECONDS = 1.0
_LOOK_AT_ONCE = 50
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
        self._woken = asyncio.Event()
        self._stopping = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._late: set[asyncio.Task[None]] = set()
        self._timeouts = 0

    def wake(self) -> None:
        """Have the outbox looked at now: something was written, or the connection changed."""
        self._woken.set()

    async def run(self) -> None:
        """Send until stopped or cancelled, or until the lease is lost."""
        try:
            await self._persistently(self.recover)
            while not self._stopping.is_set():
                self._woken.clear()
                item = await self._persistently(self._next)
                if item is None:
                    await self._wait()
                    continue
                self._idle.clear()
                try:
                    await self._send(item)
                finally:
                    self._idle.set()
                await self._pause(self._pace.seconds_between_messages)
        except LeaseLost as error:
            _log.warning("%s: nothing more is sent: %s", self._account_id, error)

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

        Raises LeaseLost, StoreError.
        """
        if self._shower is not None:
            await self._shower.recover()
        for item in await self._store.query(self._query("sending")):
            _log.warning("%s: a message's fate is unknown after a stop", self._account_id)
            await self._change(item.id, _unsure)
            await self._settler.by_receipts(item.data["threadId"])

    # -- one message --------------------------------------------------------------------------

    async def _next(self) -> Document | None:
        """Return the message to send now: the oldest that is due, in its thread and account."""
        if not self._is_able:
            return None
        blocked: set[str] = set()
        for item in await self._store.query(self._query("queued").limit(_LOOK_AT_ONCE)):
            due = item.data.get("nextAttemptAt")
            if item.data["threadId"] in blocked:
                continue
            if due is None or due <= self._clock():
                return item
            blocked.add(item.data["threadId"])
        return None

    async def _send(self, queued: Document) -> None:
        request_id = queued.id
        claim = self._claim()
        item = await self._persistently(lambda: self._change(request_id, claim, with_thread=False))
        if item is None:
            return
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

    def _claim(self) -> Callable[[Doc], Doc | None]:
        """Return a claim that knows itself again where the answer to its commit was lost."""
        fields = {
            "status": "sending",
            "sendingAt": self._clock(),
            "lease": to_data(self._held.lease),
        }

        def claim(item: Doc) -> Doc | None:
            if item["status"] == "queued":
                return {**fields, "attemptCount": item.get("attemptCount", 0) + 1}
            is_ours = all(item.get(name) == value for name, value in fields.items())
            return {} if is_ours else None

        return claim

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
            quoted_body=data.get("body") or "",
        )

    async def _answered(self, request_id: str, item: Doc, reply: Reply) -> None:
        """Write down what became of a message; does not give up while the store is away."""
        thread_id = item["threadId"]
        reach("outbox.answered")
        result = reply.failure or ("sent" if reply.value else "outcome_unknown")
        self._metrics.sent.labels(label(self._account_id), result).inc()
        if reply.failure is None and reply.value:
            await self._persistently(lambda: self._change(request_id, self._sent(reply.value)))
            reach("outbox.sent")
            await self._persistently(
                lambda: self._settler.was_sent(thread_id, request_id, reply.value)
            )
        elif reply.failure == "not_connected":
            await self._persistently(lambda: self._change(request_id, _release))
            await self._pause(_RETRY_SECONDS)
        elif reply.failure is None or reply.failure == "outcome_unknown":
            await self._persistently(lambda: self._change(request_id, _unsure))
            await self._persistently(lambda: self._settler.by_receipts(thread_id))
        else:
            _log.warning("%s: a message was refused: %s", self._account_id, reply.failure)
            failed = {"status": "failed", "error": refusal(reply.failure), "lease": None}
            await self._persistently(
                lambda: self._change(request_id, _from("sending", "uncertain", to=failed))
            )
        if reply.failure is None:
            await self._persistently(lambda: self._settler.by_receipts(thread_id))

    def _sent(self, wa_id: str) -> Callable[[Doc], Doc | None]:
        fields = {
            "status": "sent",
            "waMessageId": wa_id,
            "sentAt": self._clock(),
            "error": None,
            "lease": None,
        }
        return _from("sending", "uncertain", to=fields)

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
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_POLL_SECONDS):
                await self._woken.wait()

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


def refusal(code: FailureCode) -> str:
    """Return why a message was not sent, as a sentence for the operator."""
    sentences = {
        "not_on_whatsapp": _("This number has no WhatsApp."),
        "reach_out_limited": _(
            "WhatsApp limits messages to new contacts for now; it was not sent. Try again later,"
            " or wait until the customer writes."
        ),
        "refused": _("WhatsApp refused the message."),
        "unsupported": _("This kind of message cannot be sent from here."),
    }
    return sentences.get(code, _("The message was not sent."))


def _from(*statuses: str, to: Doc) -> Callable[[Doc], Doc | None]:
    """Return a change that applies only to items in one of these statuses."""
    return lambda item: to if item["status"] in statuses else None


def _release(item: Doc) -> Doc | None:
    """Nothing was sent: back into the queue, and the attempt does not count.

    What was called uncertain meanwhile is left to the operator, who may have written it anew.
    """
    if item["status"] == "uncertain":
        return {"status": "failed", "error": refusal("not_connected"), "lease": None}
    if item["status"] != "sending":
        return None
    attempts = max(item.get("attemptCount", 1) - 1, 0)
    return {"status": "queued", "attemptCount": attempts, "lease": None, "error": None}


def _unsure(item: Doc) -> Doc | None:
    if item["status"] != "sending":
        return None
    error = _("Nobody knows whether it was sent. Look at the phone, then decide.")
    return {"status": "uncertain", "error": error, "lease": None}
