"""Counts what the operator has not seen: live messages of the customer after `readUpTo`."""

from collections.abc import Mapping
from datetime import datetime

from bridge.ingest.messages import Doc
from core.model.ids import messages_path
from core.store.port import Query, Reader

_MOST = 1000
"""Counting stops here: more unread messages than that are shown as that many."""


async def count_unread(
    reader: Reader,
    thread_id: str,
    read_up_to: datetime | None,
    newer: Mapping[str, Doc] | None = None,
) -> int:
    """Return the unread count of a thread; `newer` holds messages by id as they will be."""
    query = Query(messages_path(thread_id)).order_by("tsClient", "desc").limit(_MOST)
    if read_up_to is not None:
        query = query.where("tsClient", ">", read_up_to)
    found = {document.id: document.data for document in await reader.query(query)}
    for message_id, doc in (newer or {}).items():
        if read_up_to is None or doc["tsClient"] > read_up_to:
            found[message_id] = doc
    return sum(1 for doc in found.values() if doc.get("isLive"))
