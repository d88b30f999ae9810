"""Changes of outbox items: the item, its message and its thread move in one commit."""

from collections.abc import Awaitable, Callable

from bridge.ingest import threads
from bridge.ingest.messages import Doc
from bridge.ingest.working import Working
from core.model.ids import message_path, outbox_path, thread_path
from core.store.port import Store, Transaction

_MIRRORED = ("waMessageId", "error", "deliveredAt", "readAt")
"""Fields that the message has in common with its outbox item."""


async def change_item(
    store: Store,
    request_id: str,
    change: Callable[[Doc], Doc | None],
    *,
    guard: Callable[[Transaction], Awaitable[None]] | None = None,
    with_thread: bool = True,
) -> Doc | None:
    """Change an outbox item and what it is shown by; return it as it now is.

    `change` gets the item and returns the fields to set, or None to leave it alone; it may be
    called several times. `guard` may look at more and raise. Without `with_thread`, the thread is
    left for somebody else to tell. Returns None when there is no such item or it was left alone.
    """

    async def body(transaction: Transaction) -> Doc | None:
        if guard is not None:
            await guard(transaction)
        working = Working()
        path = outbox_path(request_id)
        await working.load(transaction, [path])
        item = working.get(path)
        fields = None if item is None else change(item)
        if item is None or fields is None:
            return None
        after = {**item, **fields}
        working.put(path, after)
        await show_item(working, transaction, request_id, after, with_thread=with_thread)
        transaction.write(*working.writes())
        return after

    return await store.transact(body)


async def show_item(
    working: Working,
    transaction: Transaction,
    request_id: str,
    item: Doc,
    *,
    with_thread: bool = True,
) -> None:
    """Have the message say what an outbox item says, and the thread what the message says."""
    message_at = message_path(item["threadId"], request_id)
    thread_at = thread_path(item["threadId"])
    await working.load(transaction, [message_at, *([thread_at] if with_thread else [])])
    message = working.get(message_at)
    if message is None:
        return
    message = {**message, **{name: item.get(name) for name in _MIRRORED}}
    message["status"] = "failed" if item["status"] == "cancelled" else item["status"]
    working.put(message_at, message)
    if with_thread and (thread := working.get(thread_at)) is not None:
        working.put(thread_at, threads.with_message(thread, message, was_live=True))
