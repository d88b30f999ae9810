"""Exports and imports of stores without a command line, and documents to move."""

import json
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from bridge.moving.export import Wanted, counts, write_export
from bridge.moving.load import Load, Policy
from bridge.moving.put import Tally
from bridge.moving.read import examine
from bridge.moving.walk import pages, still
from core.clock import from_microseconds
from core.model.collections import COLLECTIONS
from core.store.embedded import EmbeddedStore
from core.store.port import CommitResult, Reader, Set, Store, Write

WITHOUT_TIMES = Wanted(with_times=False)
MOMENT = datetime(2026, 2, 3, 9, 0, 0, 123456, tzinfo=UTC)
THREAD = "WA-01__40712345678@s.whatsapp.net"
OTHER = "WA-02__40712345678@s.whatsapp.net"

_LETTERS = st.characters(exclude_categories=["C", "Zl", "Zp", "Zs"], exclude_characters="/._")
_NAMES = st.text(_LETTERS, min_size=1, max_size=6)
_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.sampled_from([2**53 + 1, -(2**63), 2**63 - 1, 0, 1]),
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([1.0, -0.0, float("nan"), float("inf"), float("-inf"), 1e16, 5e-324]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.binary(max_size=8),
    st.integers(-62_135_596_800_000_000, 253_402_300_799_999_999).map(from_microseconds),
)
_FIELDS = st.one_of(
    _NAMES, st.sampled_from(["$time", "$map", "$bytes", "$float", "$", "$x", "a.b"])
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    _SCALARS | st.lists(_SCALARS, max_size=3),
    lambda part: (
        st.dictionaries(_FIELDS, part, max_size=3)
        | st.lists(st.dictionaries(_FIELDS, part, max_size=2) | _SCALARS, max_size=3)
    ),
    max_leaves=8,
)
"""Every kind of value that a document can hold."""

DATA = st.dictionaries(_FIELDS, VALUES, max_size=4)
_IDS = st.sampled_from(["1", "1-0", "10", "a", "WA-01", THREAD, OTHER]) | _NAMES


@st.composite
def stores(draw: st.DrawFn) -> dict[str, dict[str, Any]]:
    """Documents of any collections of the model, by path, some below documents that are not."""
    content: dict[str, dict[str, Any]] = {}
    for _number in range(draw(st.integers(0, 12))):
        collection = draw(st.sampled_from(COLLECTIONS))
        content[f"{collection.path(draw(_IDS))}/{draw(_IDS)}"] = draw(DATA)
    return content


@asynccontextmanager
async def a_store(content: dict[str, dict[str, Any]] | None = None) -> AsyncIterator[EmbeddedStore]:
    """A store of its own with these documents."""
    with tempfile.TemporaryDirectory() as folder:
        async with EmbeddedStore.open(Path(folder) / "store.db") as store:
            if content:
                await store.commit([Set(path, data) for path, data in content.items()])
            yield store


async def exported(store: Store, wanted: Wanted = WITHOUT_TIMES) -> bytes:
    """Return the export of a store."""
    output = BytesIO()
    async with still(store) as reader:
        expected = await counts(reader, wanted)
        await write_export(reader, wanted, output, is_one_moment=True, expected=expected)
    return output.getvalue()


async def imported(store: Store, content: bytes, policy: Policy = "refuse") -> Tally:
    """Import an export into a store."""
    file = BytesIO(content)
    load = Load(store, file, "file", examine(file, "file"), policy)
    await load.check()
    return await load.write()


async def paths_of(reader: Reader) -> list[str]:
    """Return the paths of all documents that move, in order."""
    return [
        document.path
        for collection in COLLECTIONS
        async for page in pages(reader, collection.query)
        for document in page
    ]


def lines_of(content: bytes) -> list[dict[str, Any]]:
    """Return the lines of an export as any JSON reader sees them."""
    return [json.loads(line) for line in content.decode().split("\n") if line]


def small_company() -> dict[str, dict[str, Any]]:
    """Return documents of every collection, with every kind of value."""
    message = {
        "messageId": "M1", "accountId": "WA-01", "clientJid": "40712345678@s.whatsapp.net",
        "direction": "inbound", "type": "text", "body": "Salut", "tsClient": MOMENT,
        "reactions": {"40712345678@s.whatsapp.net": "❤️"},
    }  # fmt: skip
    return {
        "accounts/WA-01": {"accountId": "WA-01", "name": "Petreceri", "status": "disconnected",
                           "sync": {"progress": 100, "threads": 2, "messages": 2}, "lease": None},
        "staffProfiles/ana": {"uid": "ana", "role": "admin", "allowedAccountIds": ["WA-01"]},
        "app_config/ai_prompts": {"system": "line\nline\u2028line", "weights": [1, 1.0, -0.0]},
        "counters/evenimente": {"value": 2**53 + 1},
        "counters/eventTriggers": {"seq": 1234},
        "clients/+40712345678": {"phoneE164": "+40712345678", "lifetimeSpendAll": 1200},
        f"threads/{THREAD}": {"threadId": THREAD, "accountId": "WA-01", "displayName": "Ana Pop",
                              "clientJid": "40712345678@s.whatsapp.net", "isGroup": False,
                              "phoneE164": "+40712345678", "lastMessageAt": MOMENT},
        f"threads/{OTHER}": {"threadId": OTHER, "accountId": "WA-02", "displayName": "Ana Pop",
                             "clientJid": "40712345678@s.whatsapp.net", "isGroup": False,
                             "phoneE164": "+40712345678"},
        f"threads/{THREAD}/messages/M1": message,
        f"threads/{OTHER}/messages/M1": {**message, "accountId": "WA-02", "body": "Bună"},
        f"threads/{THREAD}/extractions/M1": {"status": "success", "confidence": 0.9,
                                             "raw": b"\x00\xff", "odd": {"$time": "no time"}},
        "outbox/r1": {"requestId": "r1", "status": "queued", "body": "Da", "threadId": THREAD},
        "evenimente/e1": {"eventId": "e1", "schemaVersion": 3, "payment": {"amount": 1200.5}},
        "evenimente/e1/history/h1": {"historyId": "h1", "at": MOMENT},
    }  # fmt: skip


class Breaking:
    """A store whose commits end after a while, some without an answer."""

    def __init__(self, store: Any, commits: int, *, is_done: bool) -> None:
        self._store = store
        self._left = commits
        self._is_done = is_done

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def commit(self, writes: Sequence[Write]) -> CommitResult:
        self._left -= 1
        if self._left < 0:
            if self._is_done:
                await self._store.commit(writes)
            raise ConnectionAbortedError
        result: CommitResult = await self._store.commit(writes)
        return result
