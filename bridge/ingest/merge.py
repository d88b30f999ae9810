"""Merges two threads of one customer or group into one, and can be done again."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

from bridge.chat_import.matching import (
    EXPORT_PRECISION,
    IMPORTED_FROM,
    Known,
    is_from_export,
    known_from,
)
from bridge.ingest import messages, threads
from bridge.ingest.adopt import adopted, pair, placed_anew
from bridge.ingest.imported import neighbours, read_around, read_latest
from bridge.ingest.messages import Doc
from bridge.ingest.notes import Notes
from bridge.ingest.unread import count_unread
from bridge.ingest.working import Working
from core.clock import EPOCH
from core.model.ids import OUTBOX, alias_path, message_path, messages_path, thread_path
from core.store.port import DOCUMENT_ID, Document, Query, Reader, Store, Transaction, Update

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
        thread = working.get(thread_path(target_id)) or {}
        told = {
            document.id: {**document.data, "clientJid": thread.get("clientJid")}
            for document in page
        }
        await working.load(
            transaction,
            [
                alias_path(target_id, str(doc["waMessageId"]))
                for doc in told.values()
                if doc.get("waMessageId")
            ],
        )
        for message_id in await _united(transaction, working, target_id, told):
            del told[message_id]
        for message_id, doc in told.items():
            wa_id = doc.get("waMessageId")
            alias = working.get(alias_path(target_id, wa_id)) if wa_id else None
            path = message_path(target_id, alias["messageId"] if alias else message_id)
            working.put(path, messages.merged(working.get(path), doc))
            if EXPORT_PRECISION in doc and wa_id and alias is None:
                _put_alias(working, target_id, wa_id, message_id)
        transaction.write(*working.writes())

    await store.transact(body)


async def _united(
    reader: Reader, working: Working, thread_id: str, told: Mapping[str, Doc]
) -> list[str]:
    """Make one of messages that were imported in one of the threads and told in the other.

    Returns the ids of those of `told` that the thread has thereby.
    """
    is_concerned = IMPORTED_FROM in (working.get(thread_path(thread_id)) or {})
    if not is_concerned and not any(is_from_export(doc) for doc in told.values()):
        return []
    done: list[str] = []
    for near in neighbours(told, lambda message_id: _moment(told[message_id])):
        here = await read_around(reader, thread_id, _moment(told[near[0]]), _moment(told[near[-1]]))
        working.note(here)
        known_here = {one.id: dict(one.data) for one in here}
        there = [Document(one, told[one], EPOCH, EPOCH) for one in near if one not in known_here]
        told_there = [one for one in there if one.data.get("waMessageId") == one.id]
        pairs = pair(here, _tellings(told_there))
        for wa_id, own in pairs.items():
            working.put(message_path(thread_id, own), adopted(known_here[own], told[wa_id]))
            _put_alias(working, thread_id, wa_id, own)
        moments = {own: _moment(told[wa_id]) for wa_id, own in pairs.items()}
        for own, at in placed_anew(here, moments):
            working.put(message_path(thread_id, own), {**known_here[own], "tsClient": at})
        done += pairs
        for wa_id, own in pair(there, _tellings(here)).items():
            same = adopted(told[own], known_here[wa_id]) | {"messageId": wa_id}
            working.put(message_path(thread_id, wa_id), same)
            done.append(own)
    return done


def _tellings(documents: Sequence[Document]) -> list[tuple[Known, bool]]:
    known = [known_from(one) for one in documents if not is_from_export(one.data)]
    return [(each, True) for each in known if each is not None]


def _moment(message: Doc) -> datetime:
    moment: datetime = message["tsClient"]
    return moment


def _put_alias(working: Working, thread_id: str, wa_id: str, message_id: str) -> None:
    alias = {"waMessageId": wa_id, "messageId": message_id}
    working.put(alias_path(thread_id, wa_id), alias)


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
        is_same = other.get("lastMessageId") == into.get("lastMessageId")
        if is_same or IMPORTED_FROM in after:  # It may say more here, or have another id.
            after = threads.with_last(after, await read_latest(transaction, working, target_id))
        after["unreadCount"] = await count_unread(transaction, target_id, after.get("readUpTo"))
        working.put(target, after)
        closed = {"isArchived": True, "mergedInto": target_id, "unreadCount": 0}
        working.put(source, {**other, **closed})
        transaction.write(*working.writes())

    await store.transact(body)
