"""What a client is called: as their conversation is, else as the newest event names the parent."""

from collections.abc import Sequence

from core.crm.events import Event
from core.model.ids import THREADS, thread_path
from core.store.port import Document, Query, Store
from core.text import clean_line


async def find_display_name(store: Store, phone_e164: str, events: Sequence[Event]) -> str:
    """Return a client's name; empty when nothing tells it.

    Threads are read outside any transaction: a message that arrives meanwhile must not make the
    caller begin anew. Raises StoreError.
    """
    newest = sorted(events, key=lambda event: (event.date or "", event.event_id), reverse=True)
    told = dict.fromkeys(event.source.thread_id for event in newest)
    for thread_id in (one for one in told if one and "/" not in one):
        if name := _name(await store.get(thread_path(thread_id)), phone_e164):
            return name
    query = Query(THREADS).where("phoneE164", "==", phone_e164).limit(5)
    for thread in await store.query(query):
        if name := _name(thread, phone_e164):
            return name
    return next((clean_line(event.parent_name) for event in newest if event.parent_name), "")


def _name(thread: Document | None, phone_e164: str) -> str:
    """Return the name of a client's own conversation, unless it is only the number."""
    if thread is None or thread.data.get("phoneE164") != phone_e164 or thread.data.get("isGroup"):
        return ""
    name = thread.data.get("displayName")
    return clean_line(name) if isinstance(name, str) and any(map(str.isalpha, name)) else ""
