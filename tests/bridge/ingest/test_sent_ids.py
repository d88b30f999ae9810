"""Which WhatsApp ids belong to messages of the console, and when nobody needs to ask."""

from pathlib import Path

from bridge.ingest.sent_ids import SentIds, SentMessage
from core.store.counting import CountingStore, Usage
from core.store.port import Create
from tests.support.accounts import THREAD, a_desk

OURS = SentMessage(THREAD, "r1")


def an_item(wa_id: str | None) -> Create:
    data = {"accountId": "WA-01", "threadId": THREAD, "waMessageId": wa_id}
    return Create("outbox/r1", data)


async def test_an_empty_outbox_is_looked_at_once_for_all_that_came_before(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as plain:
        usage = Usage()
        sent = SentIds(CountingStore(plain.store, usage), "WA-01")
        for _again in range(3):
            assert await sent.is_empty()
        assert usage.reads["outbox"] == 1


async def test_what_was_queued_since_is_found_by_looking_anew(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        assert await desk.sent.is_empty()
        await desk.store.commit([an_item(None)])
        assert await desk.sent.is_empty()
        desk.applier.begin()
        assert not await desk.sent.is_empty()


async def test_what_this_bridge_has_just_sent_is_known_without_looking(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        assert await desk.sent.is_empty()
        desk.sent.note("W1", OURS)
        assert not await desk.sent.is_empty()
        assert await desk.sent.find(["W1", "W2"]) == {"W1": OURS}
