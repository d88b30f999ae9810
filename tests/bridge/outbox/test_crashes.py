"""A process that dies, or loses an answer, between any two writes."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest

from core.store.port import Query, Store
from tests.support.accounts import (
    NOW,
    THREAD,
    Desk,
    a_desk,
    desk_on,
    receipt,
)
from tests.support.outbox import (
    Crash,
    CrashingStore,
    ForgetfulStore,
    Line,
    Phone,
    a_sender,
    a_thread,
    becomes,
    item,
    send,
    sending,
)
from tests.support.waiting import until, until_found


@pytest.mark.parametrize("answer", range(1, 4))
async def test_a_lost_answer_of_the_store_neither_stops_nor_doubles_a_message(
    tmp_path: Path, answer: int
) -> None:
    async with a_thread(tmp_path) as desk:
        request_id = await send(desk)
    phone = Phone()
    async with ForgetfulStore.open(tmp_path / "store.db", clock=lambda: NOW) as store:
        store.answers_left = answer
        desk = desk_on(store, tmp_path)
        async with sending(a_sender(desk, Line(phone.worker))):
            await becomes(desk, request_id, "sent")
        desk.notes.close()
    assert phone.arrived == ["Bună"]


@pytest.mark.parametrize("dies_before", [True, False])
@pytest.mark.parametrize("commits", range(1, 5))
async def test_killed_between_any_two_writes_it_arrives_once_or_is_uncertain(
    tmp_path: Path, commits: int, dies_before: bool
) -> None:
    async with a_thread(tmp_path) as desk:
        request_id = await send(desk)
    phone = Phone()
    async with CrashingStore.open(tmp_path / "store.db", clock=lambda: NOW) as store:
        store.commits_left, store.dies_before = commits, dies_before
        desk = desk_on(store, tmp_path)
        sender = a_sender(desk, Line(phone.worker))
        task = asyncio.create_task(sender.run())
        await until(lambda: task.done() or sender.is_free, "it dies, or has nothing to do")
        task.cancel()
        with suppress(Crash, asyncio.CancelledError):
            await task
        desk.notes.close()
    await _after_the_crash(tmp_path, phone, request_id)


async def test_killed_before_it_heeds_a_receipt_that_overtook_the_answer_it_does_later(
    tmp_path: Path,
) -> None:
    async with a_thread(tmp_path) as desk:
        request_id = await send(desk)
        await desk.tell(receipt("delivered", "WA1"), receipt("delivered", "PHONE"))
        desk.notes.save()
    phone = Phone()
    async with CrashingStore.open(tmp_path / "store.db", clock=lambda: NOW) as store:
        claim, sent = 1, 1
        store.commits_left, store.dies_before = claim + sent, False
        desk = desk_on(store, tmp_path)
        with pytest.raises(Crash):
            await a_sender(desk, Line(phone.worker)).run()
        assert (await item(desk, request_id))["status"] == "sent"
        desk.notes.close()
    async with a_desk(tmp_path) as desk:
        async with sending(a_sender(desk, Line(phone.worker))):
            await becomes(desk, request_id, "delivered")
            await until_found(_none_early(desk, "WA1"), "the receipt is heeded once and for all")
        assert len(desk.notes.early(THREAD, "PHONE")) == 1
    assert phone.arrived == ["Bună"]


def _none_early(desk: Desk, wa_id: str) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        return not desk.notes.early(THREAD, wa_id)

    return look


async def _after_the_crash(folder: Path, phone: Phone, request_id: str) -> None:
    async with a_desk(folder) as desk:
        before = len(phone.arrived)
        async with sending(a_sender(desk, Line(phone.worker))):
            found = await becomes(desk, request_id, "sent", "uncertain")
        assert len(phone.arrived) <= 1
        if found["status"] == "sent":
            assert phone.arrived == ["Bună"]
            assert found["waMessageId"] == "WA1"
        else:
            assert len(phone.arrived) == before
        shown = await desk.messages()
        assert set(shown) == {"A", request_id}
        assert shown[request_id]["status"] == found["status"]
        store: Store = desk.store
        assert len(await store.query(Query("outbox"))) == 1
