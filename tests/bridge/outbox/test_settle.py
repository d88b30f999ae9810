"""A message of which nobody knows whether it arrived is settled by what tells it surely."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bridge.outbox.resolve import resolve
from core.service.callables import ResolveRequest
from core.service.errors import CallRefused
from core.store.embedded import EmbeddedStore
from core.store.port import Document, Query, Update
from tests.support.accounts import (
    NOW,
    THREAD,
    Desk,
    at,
    desk_on,
    message,
    receipt,
    with_account,
)
from tests.support.outbox import Line, Phone, a_sender, a_thread, becomes, item, send, sending


async def _uncertain(desk: Desk) -> str:
    phone = Phone()
    phone.failures = ["outcome_unknown"]
    request_id = await send(desk)
    async with sending(a_sender(desk, Line(phone.worker))):
        await becomes(desk, request_id, "uncertain")
    return request_id


async def _tell_and_settle(desk: Desk, *facts: Any) -> None:
    await desk.tell(*facts, received_at=at(1))
    await desk.settler.by_receipts(THREAD)


async def test_a_delivery_for_an_unknown_id_settles_the_uncertain_one(tmp_path: Path) -> None:
    async with a_thread(tmp_path) as desk:
        request_id = await _uncertain(desk)
        await _tell_and_settle(desk, receipt("read", "OLD", seconds=3))
        assert (await item(desk, request_id))["status"] == "uncertain"
        await _tell_and_settle(desk, receipt("delivered", "NEW", seconds=4))
        await _tell_and_settle(desk, receipt("read", "NEW", seconds=5))
        found = await item(desk, request_id)
        assert (found["status"], found["waMessageId"], found["error"]) == ("read", "NEW", None)


class BusyStore(EmbeddedStore):
    """A store beside which something happens once, while it is asked for the first time."""

    meanwhile: Callable[[], Awaitable[None]] | None = None

    async def query(self, query: Query) -> list[Document]:
        found = await super().query(query)
        happens, self.meanwhile = self.meanwhile, None
        if happens is not None:
            await happens()
        return found


async def test_the_receipt_of_a_message_that_is_sent_meanwhile_settles_no_other(
    tmp_path: Path,
) -> None:
    async with BusyStore.open(tmp_path / "store.db", clock=lambda: NOW) as store:
        desk = desk_on(store, tmp_path)
        await with_account(store)
        await desk.tell(message("A", "Salut", seconds=-60))
        request_id = await _uncertain(desk)
        await desk.tell(receipt("delivered", "OLD", seconds=-50), received_at=at(-50))
        other = await send(desk, "apoi", "2")

        async def sends_another() -> None:
            begun = {"status": "sending", "sendingAt": at(2)}
            await store.commit([Update(f"outbox/{other}", begun)])
            await desk.tell(receipt("delivered", "NEW", seconds=4), received_at=at(4))

        store.meanwhile = sends_another
        await desk.settler.by_receipts(THREAD)
        assert (await item(desk, request_id))["status"] == "uncertain"
        desk.notes.close()


async def _two_uncertain(desk: Desk) -> list[str]:
    phone = Phone()
    phone.failures = ["outcome_unknown", "outcome_unknown"]
    ids = [await send(desk, "întâi", "1"), await send(desk, "apoi", "2")]
    async with sending(a_sender(desk, Line(phone.worker))):
        for request_id in ids:
            await becomes(desk, request_id, "uncertain")
    return ids


async def test_one_receipt_for_two_uncertain_messages_settles_neither(tmp_path: Path) -> None:
    async with a_thread(tmp_path) as desk:
        ids = await _two_uncertain(desk)
        await _tell_and_settle(desk, receipt("delivered", "NEW", seconds=4))
        assert [(await item(desk, one))["status"] for one in ids] == ["uncertain"] * 2
        await resolve(desk.store, ResolveRequest(request_id=ids[0], action="cancel"), lambda: NOW)
        await desk.settler.by_receipts(THREAD)
        assert (await item(desk, ids[1]))["status"] == "uncertain"


async def test_receipts_do_not_say_which_of_two_uncertain_messages_is_whose(
    tmp_path: Path,
) -> None:
    async with a_thread(tmp_path) as desk:
        ids = await _two_uncertain(desk)
        await desk.tell(receipt("delivered", "NEW1", seconds=4), received_at=at(1))
        await _tell_and_settle(desk, receipt("delivered", "NEW2", seconds=5))
        found = [await item(desk, one) for one in ids]
        assert [one["waMessageId"] for one in found] == [None, None]
        assert {one["status"] for one in found} == {"uncertain"}


async def test_the_phone_telling_of_the_message_settles_it(tmp_path: Path) -> None:
    from bridge.ingest.told import Told

    async with a_thread(tmp_path) as desk:
        request_id = await _uncertain(desk)
        told = [Told(message("H", "Bună", seconds=1, from_me=True, is_history=True), at(9))]
        await desk.settler.by_telling(told)
        await desk.applier.apply(told)
        assert (await item(desk, request_id))["waMessageId"] == "H"
        assert set(await desk.messages()) == {"A", request_id}


async def test_the_same_words_written_on_the_phone_are_another_message(tmp_path: Path) -> None:
    from bridge.ingest.told import Told

    async with a_thread(tmp_path) as desk:
        request_id = await _uncertain(desk)
        told = [Told(message("H", "Bună", seconds=1, from_me=True), at(9))]
        await desk.settler.by_telling(told)
        await desk.applier.apply(told)
        assert (await item(desk, request_id))["status"] == "uncertain"
        assert set(await desk.messages()) == {"A", "H", request_id}


async def test_a_history_that_says_read_says_so_in_the_outbox_too(tmp_path: Path) -> None:
    from bridge.ingest.told import Told

    async with a_thread(tmp_path) as desk:
        request_id = await _uncertain(desk)
        fact = message("H", "Bună", seconds=1, from_me=True, is_history=True, status="read")
        await desk.settler.by_telling([Told(fact, at(9))])
        await desk.applier.apply([Told(fact, at(9))])
        assert (await item(desk, request_id))["status"] == "read"
        assert (await desk.messages())[request_id]["status"] == "read"


async def test_the_phones_telling_counts_though_the_clock_jumped_ahead_in_between(
    tmp_path: Path,
) -> None:
    from bridge.ingest.told import Told

    async with a_thread(tmp_path) as desk:
        request_id = await _uncertain(desk)
        ahead = Update(f"outbox/{request_id}", {"sendingAt": at(3600)})
        await desk.store.commit([ahead])
        told = [Told(message("H", "Bună", seconds=1, from_me=True, is_history=True), at(9))]
        await desk.settler.by_telling(told)
        assert (await item(desk, request_id))["waMessageId"] == "H"


@pytest.mark.parametrize("action", ["cancel", "mark_sent"])
async def test_what_was_settled_by_hand_is_not_shown_twice_when_the_phone_tells_it(
    tmp_path: Path, action: Any
) -> None:
    from bridge.ingest.told import Told

    async with a_thread(tmp_path) as desk:
        request_id = await _uncertain(desk)
        request = ResolveRequest(request_id=request_id, action=action)
        await resolve(desk.store, request, lambda: NOW)
        told = [Told(message("H", "Bună", seconds=1, from_me=True, is_history=True), at(9))]
        await desk.settler.by_telling(told)
        await desk.applier.apply(told)
        found = await item(desk, request_id)
        assert (found["status"], found["waMessageId"]) == ("sent", "H")
        assert set(await desk.messages()) == {"A", request_id}


@pytest.mark.parametrize(
    ("action", "status"), [("retry", "queued"), ("mark_sent", "sent"), ("cancel", "cancelled")]
)
async def test_the_operator_settles(tmp_path: Path, action: Any, status: str) -> None:
    async with a_thread(tmp_path) as desk:
        request_id = await _uncertain(desk)
        request = ResolveRequest(request_id=request_id, action=action)
        assert (await resolve(desk.store, request, lambda: NOW)).status == status
        shown = (await desk.messages())[request_id]
        assert shown["status"] == ("failed" if status == "cancelled" else status)
        if action != "retry":
            again = ResolveRequest(request_id=request_id, action="mark_sent")
            with pytest.raises(CallRefused):
                await resolve(desk.store, again, lambda: NOW)
