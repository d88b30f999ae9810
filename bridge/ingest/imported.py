"""Recognises messages that came before, without an id, by the import of an exported chat.

Such a message keeps its document, and what refers to it; it gets WhatsApp's id, time and whatever
else only WhatsApp tells, and `aliases/{WhatsApp id}` beside the messages says which one it is. The
rules are the import's own, so that it does not matter which came first. Only threads with imported
messages look, and only for messages of the times that their exports can tell of.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from bridge.chat_import.matching import (
    IMPORTED_FROM,
    IMPORTED_UNTIL,
    QUEUE_TIME,
    Known,
    comparable,
    slot,
)
from bridge.ingest.adopt import pair, placed_anew
from bridge.ingest.messages import Doc
from bridge.ingest.working import Working
from bridge.whatsapp.facts import MessageSeen
from core.model.ids import alias_path, message_path, messages_path, thread_path
from core.store.port import Document, Query, Reader

T = TypeVar("T")
_REACH = timedelta(minutes=1) + QUEUE_TIME
"""Around a message, within which its imported one lies."""
_LATEST = 30
"""Messages among which the last one is that is shown in a list of threads."""
_GAP = timedelta(hours=6)
"""Messages further apart than that are looked for by themselves, not with all that lie between."""


@dataclass(slots=True)
class Recognised:
    """Which WhatsApp ids are those of imported messages."""

    ids: dict[tuple[str, str], str] = field(default_factory=dict)
    """By thread and WhatsApp id, the id of the imported message."""
    new: set[tuple[str, str]] = field(default_factory=set)
    """Those that were just recognised."""
    touched: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """By thread, the ids of the messages whose times changed."""


class Unknown:
    """Messages that facts are about and that the store does not hold under their own ids."""

    def __init__(self, working: Working) -> None:
        self._working = working
        self.told: defaultdict[str, dict[str, MessageSeen]] = defaultdict(dict)
        """By thread and WhatsApp id, those that are told now."""
        self.asked: dict[tuple[str, str], None] = {}
        """Thread and WhatsApp id of those, and of others that are spoken about."""

    def is_sought_in(self, thread_id: str) -> bool:
        """Whether any messages of a thread came by an import."""
        return self._range(thread_id) is not None

    def tell(self, thread_id: str, fact: MessageSeen) -> None:
        """Look for a message that is told, if an export can have told it too."""
        times = self._range(thread_id)
        if times is None or not times[0] <= fact.ts_client <= times[1]:
            return
        if self.speak_of(thread_id, fact.message_id):
            self.told[thread_id].setdefault(fact.message_id, fact)

    def speak_of(self, thread_id: str, wa_id: str) -> bool:
        """Look for a message that something happened to; return whether it is unknown."""
        if self._working.get(message_path(thread_id, wa_id)) is not None:
            return False
        self.asked[thread_id, wa_id] = None
        return True

    def _range(self, thread_id: str) -> tuple[datetime, datetime] | None:
        thread = self._working.get(thread_path(thread_id))
        if thread is None or IMPORTED_FROM not in thread:
            return None
        return thread[IMPORTED_FROM] - _REACH, thread[IMPORTED_UNTIL] + _REACH


async def recognise(reader: Reader, working: Working, unknown: Unknown) -> Recognised:
    """Find the imported messages that are meant, and have their documents in `working`."""
    recognised = Recognised()
    await working.load(reader, [alias_path(*one) for one in unknown.asked])
    for one in unknown.asked:
        if (alias := working.get(alias_path(*one))) is not None:
            recognised.ids[one] = alias["messageId"]
    for thread_id, facts in unknown.told.items():
        left = [fact for wa_id, fact in facts.items() if (thread_id, wa_id) not in recognised.ids]
        for near in neighbours(left, lambda fact: fact.ts_client):
            await _adopt(reader, working, thread_id, near, recognised)
    paths = [message_path(thread_id, own) for (thread_id, _), own in recognised.ids.items()]
    await working.load(reader, paths)
    return recognised


async def _adopt(
    reader: Reader,
    working: Working,
    thread_id: str,
    facts: Sequence[MessageSeen],
    recognised: Recognised,
) -> None:
    around = await read_around(reader, thread_id, facts[0].ts_client, facts[-1].ts_client)
    if not (pairs := pair(around, [(_known(fact), fact.is_history) for fact in facts])):
        return
    working.note(around)
    moments: dict[str, datetime] = {}
    for fact in facts:
        if (own := pairs.get(fact.message_id)) is not None:
            one = (thread_id, fact.message_id)
            recognised.ids[one] = own
            recognised.new.add(one)
            working.put(alias_path(*one), {"waMessageId": fact.message_id, "messageId": own})
            moments[own] = fact.ts_client
    recognised.touched[thread_id] |= moments.keys()
    for own, at in placed_anew(around, moments):
        path = message_path(thread_id, own)
        working.put(path, {**(working.get(path) or {}), "tsClient": at})
        recognised.touched[thread_id].add(own)


async def read_around(
    reader: Reader, thread_id: str, first: datetime, last: datetime
) -> list[Document]:
    """Return in order all messages that may be the same as some from `first` to `last`.

    Those are whole minutes, because what was said within one is looked at together.
    """
    minute = timedelta(minutes=1)
    return await reader.query(
        Query(messages_path(thread_id))
        .where("tsClient", ">=", slot(first - _REACH, minute))
        .where("tsClient", "<", slot(last + _REACH + minute, minute))
        .order_by("tsClient")
    )


async def read_latest(reader: Reader, working: Working, thread_id: str) -> list[Doc]:
    """Return the newest messages of a thread as they will be, in no order."""
    path = messages_path(thread_id)
    newest = Query(path).order_by("tsClient", "desc").limit(_LATEST)
    found = {document.path: dict(document.data) for document in await reader.query(newest)}
    found |= {at: doc for at, doc in working.changed() if at.startswith(f"{path}/")}
    return list(found.values())


def _known(fact: MessageSeen) -> Known:
    return Known(
        fact.message_id,
        fact.ts_client,
        "outbound" if fact.from_me else "inbound",
        fact.type,
        comparable(fact.body),
        is_imported=False,
        is_queued_here=False,
        is_placeholder=fact.is_placeholder,
        size=(fact.media.size if fact.media else 0) or 0,
    )


def neighbours(things: Iterable[T], moment: Callable[[T], datetime]) -> list[list[T]]:
    """Return things in the order of time, parted where much time lies between."""
    parts: list[list[T]] = []
    for thing in sorted(things, key=moment):
        if parts and moment(thing) - moment(parts[-1][-1]) <= _GAP:
            parts[-1].append(thing)
        else:
            parts.append([thing])
    return parts
