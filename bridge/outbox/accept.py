"""Takes a message over from the console: one commit, repeatable, before anything is sent."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

from bridge.ingest import threads
from bridge.ingest.messages import Doc
from bridge.ingest.working import Working
from bridge.outbox.offer import Taken, WriteMessage
from bridge.staff.directory import Staff
from bridge.staff.writers import check_writer, current_thread
from core.clock import Clock
from core.failpoints import reach
from core.i18n import _
from core.model.documents import StaffProfile
from core.model.ids import (
    Jid,
    account_path,
    make_request_id,
    message_path,
    outbox_path,
    thread_path,
)
from core.service.callables import SendAnswer, SendRequest
from core.service.errors import CallRefused
from core.store.port import SERVER_TIMESTAMP, Store, Transaction

_STEP = timedelta(milliseconds=1)


class Taker(Protocol):
    """Who sends the account's messages."""

    async def take(self, request_id: str, write: WriteMessage) -> Taken | None:
        """Have a message written and sent at once; None when it has to wait for its turn."""
        ...


async def accept(
    store: Store,
    staff: Staff,
    request: SendRequest,
    caller: StaffProfile,
    clock: Clock,
    *,
    sender: Taker | None = None,
) -> SendAnswer:
    """Put a message into the outbox and the chat; the first sender becomes the thread's owner.

    With `sender`, a message that need not wait is claimed by the same commit. Raises CallRefused
    for a thread, account, address or quote that does not fit, and for whoever is neither owner,
    co-writer nor admin.
    """
    _check_text(request.text)
    request_id = make_request_id(request.thread_id, caller.uid, request.client_message_id)

    async def write(transaction: Transaction, claim: Doc) -> Taken:
        working = Working()
        item_at = outbox_path(request_id)
        account_at = account_path(request.account_id)
        await working.load(transaction, [item_at, account_at, thread_path(request.thread_id)])
        if working.get(item_at) is not None:
            return Taken(SendAnswer(request_id=request_id, duplicate=True), None)
        thread = await current_thread(working, transaction, request.thread_id)
        _check(request, thread, working.get(account_at))
        check_writer(staff, thread, caller)
        message_at = message_path(thread["threadId"], request_id)
        working.assume_new(message_at)  # It is named by the item, and written with it.
        quoted = await _quoted(working, transaction, thread["threadId"], request)
        item = _item(request, request_id, thread["threadId"], caller.uid) | claim
        message = _message(request, request_id, thread, working.get(account_at) or {}, clock())
        message["status"] = item["status"]
        if quoted:
            message["quoted"] = quoted
        working.put(item_at, item)
        working.put(message_at, message)
        working.put(thread_path(thread["threadId"]), _owned(thread, message, caller.uid))
        transaction.write(*working.writes())
        return Taken(SendAnswer(request_id=request_id, duplicate=False), item)

    taken = None if sender is None else await sender.take(request_id, write)
    if taken is None:
        taken = await store.transact(partial(write, claim={}))
        reach("outbox.accepted")
    return taken.answer


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise CallRefused(
            "INVALID_ARGUMENT", _("The text holds characters that cannot be sent."), field="text"
        ) from error
    if not text.strip():
        raise CallRefused("INVALID_ARGUMENT", _("The text is empty."), field="text")


def _check(request: SendRequest, thread: Doc, account: Doc | None) -> None:
    if thread["accountId"] != request.account_id:
        raise CallRefused(
            "PERMISSION_DENIED",
            _("The conversation belongs to another account."),
            field="accountId",
        )
    if account is None:
        raise CallRefused("NOT_FOUND", _("There is no such account."), field="accountId")
    if account.get("isArchived"):
        raise CallRefused("FAILED_PRECONDITION", _("The account is archived."), field="accountId")
    addresses = {thread["clientJid"], thread.get("lidJid")}
    if thread.get("phoneE164"):
        addresses.add(str(Jid.of_phone(thread["phoneE164"])))
    if request.to_jid not in addresses:
        raise CallRefused(
            "INVALID_ARGUMENT", _("The address is not the conversation's."), field="toJid"
        )


async def _quoted(
    working: Working, transaction: Transaction, thread_id: str, request: SendRequest
) -> dict[str, Any] | None:
    if request.quoted_message_id is None:
        return None
    path = message_path(thread_id, request.quoted_message_id)
    await working.load(transaction, [path])
    message = working.get(path)
    if message is None:
        raise CallRefused(
            "INVALID_ARGUMENT",
            _("The message to reply to is not in this conversation."),
            field="quotedMessageId",
        )
    return {
        "messageId": request.quoted_message_id,
        "type": message.get("type") or "text",
        "heading": threads.heading(message),
        "body": threads.preview(message),
        "direction": message["direction"],
        "senderName": message.get("senderName") or "",
    }


def _message(
    request: SendRequest, request_id: str, thread: Doc, account: Doc, now: datetime
) -> Doc:
    """Return the message as the chat shows it at once; it never sorts above what it answers."""
    last = thread.get("lastMessageAt")
    return {
        "messageId": request_id,
        "waMessageId": None,
        "accountId": request.account_id,
        "clientJid": thread["clientJid"],
        "senderJid": account.get("jid") or "",
        "direction": "outbound",
        "type": "text",
        "body": request.text,
        "tsClient": now if last is None or last < now else last + _STEP,
        "createdAt": SERVER_TIMESTAMP,
    }


def _item(request: SendRequest, request_id: str, thread_id: str, uid: str) -> Doc:
    return {
        "requestId": request_id,
        "threadId": thread_id,
        "accountId": request.account_id,
        "toJid": request.to_jid,
        "body": request.text,
        "quotedMessageId": request.quoted_message_id,
        "status": "queued",
        "attemptCount": 0,
        "nextAttemptAt": None,
        "lease": None,
        "waMessageId": None,
        "error": None,
        "createdAt": SERVER_TIMESTAMP,
        "createdByUid": uid,
        "clientMessageId": request.client_message_id,
        "sentAt": None,
        "deliveredAt": None,
        "readAt": None,
    }


def _owned(thread: Doc, message: Doc, uid: str) -> Doc:
    """Return the thread with its new last message, read so far, and with an owner."""
    after = threads.with_message(thread, message, was_live=True)
    after = threads.read_up_to(after, thread.get("lastInboundAt"))
    after["unreadCount"] = 0
    after["ownerUid"] = thread.get("ownerUid") or uid
    return after
