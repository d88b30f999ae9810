"""Merges the thread of a hidden identity into the phone number's, and can be done again."""

import logging
from collections.abc import Sequence

from bridge.ingest import messages, threads
from bridge.ingest.notes import Notes
from bridge.ingest.unread import count_unread
from bridge.ingest.working import Working
from core.model.ids import OUTBOX, message_path, messages_path, thread_path
from core.store.port import DOCUMENT_ID, Document, Query, Store, Transaction, Update

_log = logging.getLogger(__name__)

_BATCH = 200


async def merge_into(store: Store, notes: Notes, source_id: str, target_id: str) -> None:
    """Copy the messages of a thread into another, then archive it; idempotent, nothing is lost."""
    _log.info("two threads of one customer are merged")
    page: Sequence[Document] = ()
    while True:
        query = Query(messages_path(source_id)).order_by(DOCUMENT_ID).limit(_BATCH)
        page = await store.query(query.start_after(page[-1].id) if page else query)
        if not page:
            break
        await _copy(store, page, target_id)
    await _redirect_outbox(store, source_id, target_id)
    notes.move_early(source_id, target_id)
    await _close(store, source_id, target_id)


async def _copy(store: Store, page: Sequence[Document], target_id: str) -> None:
    async def body(transaction: Transaction) -> None:
        working = Working()
        paths = [message_path(target_id, document.id) for document in page]
        await working.load(transaction, [*paths, thread_path(target_id)])
        client_jid = (working.get(thread_path(target_id)) or {}).get("clientJid")
        for path, document in zip(paths, page, strict=True):
            told = dict(document.data) | {"clientJid": client_jid}
            working.put(path, messages.merged(working.get(path), told))
        transaction.write(*working.writes())

    await store.transact(body)


async def _redirect_outbox(store: Store, source_id: str, target_id: str) -> None:
    """Let what is still to be sent, or to be acknowledged, count for the other thread."""
    for document in await store.query(Query(OUTBOX).where("threadId", "==", source_id)):
        await store.commit([Update(document.path, {"threadId": target_id})])


async def _close(store: Store, source_id: str, target_id: str) -> None:
    async def body(transaction: Transaction) -> None:
        working = Working()
        source, target = thread_path(source_id), thread_path(target_id)
        await working.load(transaction, [source, target])
        other, into = working.get(source), working.get(target)
        assert other is not None
        assert into is not None
        if other.get("mergedInto") == target_id:
            return
        after = threads.merge_threads(into, other)
        after["unreadCount"] = await count_unread(transaction, target_id, after.get("readUpTo"))
        working.put(target, after)
        closed = {"isArchived": True, "mergedInto": target_id, "unreadCount": 0}
        working.put(source, {**other, **closed})
        transaction.write(*working.writes())

    await store.transact(body)
