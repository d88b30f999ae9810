"""The operator has seen a conversation: the count goes down, and the customer may be told."""

import logging
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from bridge.ingest import threads
from bridge.ingest.messages import Doc
from bridge.ingest.unread import count_unread
from bridge.ingest.working import Working
from bridge.whatsapp.protocol import MarkRead
from bridge.worker_port import Worker
from core.i18n import _
from core.model.ids import message_path, messages_path, thread_path
from core.service.callables import MarkReadRequest
from core.service.errors import CallRefused
from core.store.port import Query, Store, Transaction

_log = logging.getLogger(__name__)

_MOST = 200
"""Messages that one call marks; older ones count as read with them."""
_BESIDES = 10
"""Messages of other kinds that may lie between the unread ones."""


@dataclass(frozen=True, slots=True)
class Marked:
    """What was marked, for telling WhatsApp."""

    account_id: str
    chat_jid: str
    by_sender: dict[str, list[str]] = field(default_factory=dict)
    """WhatsApp ids by who wrote them."""

    @property
    def count(self) -> int:
        """How many messages were marked."""
        return sum(len(ids) for ids in self.by_sender.values())


async def mark_read(store: Store, request: MarkReadRequest) -> Marked:
    """Note that a conversation was read up to a message, or up to its last one.

    Raises CallRefused when there is no such thread or message.
    """

    async def body(transaction: Transaction) -> Marked:
        working = Working()
        path = thread_path(request.thread_id)
        await working.load(transaction, [path])
        thread = working.get(path)
        if thread is None:
            raise CallRefused("NOT_FOUND", _("There is no such conversation."), field="threadId")
        up_to = await _moment(working, transaction, thread, request)
        after = threads.read_up_to(thread, up_to)
        if after is thread or up_to is None:
            return Marked(thread["accountId"], thread["clientJid"])
        marked = await _newly_read(transaction, thread, up_to)
        last = thread.get("lastInboundAt")
        is_all = last is None or up_to >= last  # As nearly always: nothing newer to be counted.
        count = 0 if is_all else await count_unread(transaction, request.thread_id, up_to)
        working.put(path, {**after, "unreadCount": count})
        transaction.write(*working.writes())
        return marked

    return await store.transact(body)


async def tell_whatsapp(worker: Worker, marked: Marked) -> None:
    """Let the senders see that their messages were read; a failure is only logged."""
    for sender, ids in marked.by_sender.items():
        command = MarkRead(
            command_id=0, chat_jid=marked.chat_jid, sender_jid=sender, message_ids=ids
        )
        reply = await worker.ask(command)
        if reply.failure:
            _log.info("%s: marking as read failed: %s", marked.account_id, reply.failure)


async def _moment(
    working: Working, transaction: Transaction, thread: Doc, request: MarkReadRequest
) -> datetime | None:
    """Return up to when the conversation was read."""
    if request.up_to_message_id is None:
        return thread.get("lastInboundAt")
    path = message_path(request.thread_id, request.up_to_message_id)
    await working.load(transaction, [path])
    message = working.get(path)
    if message is None:
        raise CallRefused("NOT_FOUND", _("There is no such message."), field="upToMessageId")
    moment: datetime = message["tsClient"]
    return moment


async def _newly_read(transaction: Transaction, thread: Doc, up_to: datetime) -> Marked:
    by_sender: defaultdict[str, list[str]] = defaultdict(list)
    if not (unread := thread.get("unreadCount") or 0):
        return Marked(thread["accountId"], thread["clientJid"])
    query = Query(messages_path(thread["threadId"])).where("tsClient", "<=", up_to)
    if thread.get("readUpTo") is not None:
        query = query.where("tsClient", ">", thread["readUpTo"])
    most = min(unread + _BESIDES, _MOST)
    for message in await transaction.query(query.order_by("tsClient", "desc").limit(most)):
        if message.data.get("isLive"):
            by_sender[message.data["senderJid"]].append(message.data["waMessageId"])
    return Marked(thread["accountId"], thread["clientJid"], dict(by_sender))
