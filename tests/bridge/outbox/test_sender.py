"""Sending: in order, once, and honest about what went wrong."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bridge.outbox.resolve import resolve
from bridge.whatsapp.facts import Chat
from bridge.whatsapp.protocol import Command, FailureCode, Reply, Send
from core.service.callables import ResolveRequest
from core.store.counting import CountingStore, Usage
from tests.support.accounts import (
    LID,
    NOW,
    PHONE,
    THREAD,
    Desk,
    at,
    message,
    receipt,
)
from tests.support.fake_worker import FakeWorker
from tests.support.outbox import (
    Line,
    Phone,
    a_request,
    a_sender,
    a_thread,
    becomes,
    item,
    send,
    sending,
    taken_over,
)
from tests.support.waiting import document_where, until


async def test_messages_go_out_in_order_with_their_receipts(tmp_path: Path) -> None:
    async with a_thread(tmp_path) as desk:
        phone = Phone()
        ids = [await send(desk, f"nr {number}", str(number)) for number in range(5)]
        async with sending(a_sender(desk, Line(phone.worker))):
            await becomes(desk, ids[-1], "sent")
        assert phone.arrived == [f"nr {number}" for number in range(5)]
        await desk.tell(receipt("delivered", "WA1", "WA2", seconds=5))
        await desk.tell(receipt("read", "WA1", seconds=6), receipt("delivered", "WA1", seconds=7))
        found = await item(desk, ids[0])
        assert (found["status"], found["deliveredAt"], found["readAt"]) == ("read", at(5), at(6))
        assert (await item(desk, ids[1]))["status"] == "delivered"
        shown = (await desk.messages())[ids[0]]
        assert (shown["status"], shown["waMessageId"]) == ("read", "WA1")
        assert set(await desk.messages()) == {"A", *ids}


async def test_a_reply_to_a_photo_quotes_it_as_a_photo(tmp_path: Path) -> None:
    async with a_thread(tmp_path) as desk:
        await desk.tell(message("P", "", type="image"))
        phone = Phone()
        reply = (await taken_over(desk, a_request("Superb!", quoted_message_id="P"))).request_id
        async with sending(a_sender(desk, Line(phone.worker))):
            await becomes(desk, reply, "sent")
        (command,) = phone.worker.asked
        assert isinstance(command, Send)
        assert (command.quoted_message_id, command.quoted_body) == ("P", "Photo")
        quoted = (await desk.messages())[reply]["quoted"]
        assert (quoted["type"], quoted["body"], quoted["direction"]) == ("image", "", "inbound")


async def test_a_receipt_through_the_hidden_identity_counts(tmp_path: Path) -> None:
    async with a_thread(tmp_path) as desk:
        phone = Phone()
        request_id = await send(desk)
        async with sending(a_sender(desk, Line(phone.worker))):
            await becomes(desk, request_id, "sent")
        await desk.tell(receipt("read", "WA1", chat=Chat(jid=LID, other_jid=PHONE)))
        assert (await item(desk, request_id))["status"] == "read"
        assert (await desk.thread())["lastMessageStatus"] == "read"


async def test_a_receipt_that_overtakes_the_answer_is_not_lost(tmp_path: Path) -> None:
    async with a_thread(tmp_path) as desk:
        request_id = await send(desk)
        await desk.tell(receipt("delivered", "WA1"), receipt("read", "WA1", seconds=1))
        async with sending(a_sender(desk, Line(Phone().worker))):
            await becomes(desk, request_id, "read")
        assert desk.notes.early(THREAD, "WA1") == []


async def test_nothing_is_used_up_while_the_account_is_away(tmp_path: Path) -> None:
    async with a_thread(tmp_path) as desk:
        line = Line(None)
        request_id = await send(desk)
        sender = a_sender(desk, line)
        async with sending(sender):
            await until(lambda: sender.is_free, "it has looked")
            assert (await item(desk, request_id))["attemptCount"] == 0
            phone = Phone()
            phone.failures = ["not_connected"]
            line.worker = phone.worker
            sender.wake()
            found = await becomes(desk, request_id, "sent")
        assert found["attemptCount"] == 1
        assert phone.arrived == ["Bună"]


@pytest.mark.parametrize("code", ["refused", "not_on_whatsapp", "reach_out_limited"])
async def test_a_refusal_is_said_and_not_tried_again(tmp_path: Path, code: FailureCode) -> None:
    async with a_thread(tmp_path) as desk:
        phone = Phone()
        phone.failures = [code]
        first, second = await send(desk), await send(desk, "mai departe", "2")
        async with sending(a_sender(desk, Line(phone.worker))):
            await becomes(desk, second, "sent")
        found = await item(desk, first)
        assert found["status"] == "failed"
        assert found["error"] == code
        assert (await desk.messages())[first]["error"] == found["error"]
        assert phone.arrived == ["mai departe"]


async def test_an_unknown_outcome_is_never_sent_again_and_others_go_on(tmp_path: Path) -> None:
    async with a_thread(tmp_path) as desk:
        phone = Phone()
        phone.failures = ["outcome_unknown"]
        first, second = await send(desk), await send(desk, "mai departe", "2")
        async with sending(a_sender(desk, Line(phone.worker))):
            await becomes(desk, second, "sent")
        assert (await item(desk, first))["status"] == "uncertain"
        assert phone.arrived == ["Bună", "mai departe"]


async def test_a_late_answer_still_settles(tmp_path: Path) -> None:
    async with a_thread(tmp_path) as desk:
        worker, line = FakeWorker(), Line(None)
        line.worker = worker
        request_id = await send(desk)
        async with sending(a_sender(desk, line)):
            await becomes(desk, request_id, "uncertain")
            worker.replies[0].set_result(Reply(command_id=1, value="LATE"))
            found = await becomes(desk, request_id, "sent")
        assert found["waMessageId"] == "LATE"


async def test_a_late_word_that_it_was_not_sent_leaves_it_to_the_operator(tmp_path: Path) -> None:
    async with a_thread(tmp_path) as desk:
        worker, line = FakeWorker(), Line(None)
        line.worker = worker
        request_id = await send(desk)
        async with sending(a_sender(desk, line)):
            await becomes(desk, request_id, "uncertain")
            worker.replies[0].set_result(Reply(command_id=1, failure="not_connected"))
            found = await becomes(desk, request_id, "failed", "queued")
        assert (found["status"], found["error"]) == ("failed", "not_connected")


async def _resolve(desk: Desk, request_id: str, action: Any) -> None:
    request = ResolveRequest(request_id=request_id, action=action)
    await resolve(desk.store, request, lambda: NOW)


@pytest.mark.parametrize("code", ["not_connected", "refused"])
async def test_what_became_of_an_earlier_attempt_does_not_end_a_later_one(
    tmp_path: Path, code: FailureCode
) -> None:
    async with a_thread(tmp_path) as desk:
        worker = FakeWorker()
        sender = a_sender(desk, Line(worker))

        def answer(_command: Command) -> Reply | None:
            if len(worker.asked) == 2:
                worker.replies[0].set_result(Reply(command_id=1, failure=code))
            return None

        worker.answers = answer
        request_id = await send(desk)
        async with sending(sender):
            await becomes(desk, request_id, "uncertain")
            await _resolve(desk, request_id, "retry")
            sender.wake()
            await until(lambda: len(worker.asked) == 2, "it is sent again")
            await becomes(desk, request_id, "uncertain")
            worker.replies[1].set_result(Reply(command_id=2, value="SECOND"))
            assert (await becomes(desk, request_id, "sent"))["waMessageId"] == "SECOND"
        assert len(worker.asked) == 2


@pytest.mark.parametrize("action", ["cancel", "mark_sent", "retry"])
async def test_a_late_answer_settles_what_an_operator_settled_otherwise(
    tmp_path: Path, action: str
) -> None:
    async with a_thread(tmp_path) as desk:
        worker, line = FakeWorker(), Line(None)
        line.worker = worker
        request_id = await send(desk)
        async with sending(a_sender(desk, line)):
            await becomes(desk, request_id, "uncertain")
            line.worker = None
            await _resolve(desk, request_id, action)
            worker.replies[0].set_result(Reply(command_id=1, value="LATE"))
            path = f"outbox/{request_id}"
            await document_where(desk.store, path, lambda found: bool(found["waMessageId"]))
        found, shown = await item(desk, request_id), (await desk.messages())[request_id]
        assert (found["status"], found["waMessageId"], found["error"]) == ("sent", "LATE", None)
        assert (shown["status"], shown["waMessageId"], shown["error"]) == ("sent", "LATE", None)


async def test_a_worker_that_never_answers_is_replaced(tmp_path: Path) -> None:
    async with a_thread(tmp_path) as desk:
        line = Line(FakeWorker())
        ids = [await send(desk, "a", "1"), await send(desk, "b", "2")]
        async with sending(a_sender(desk, line)):
            await becomes(desk, ids[1], "uncertain")
            for _ in range(100):
                await asyncio.sleep(0)
        assert line.replaced == 1


async def test_a_long_outbox_costs_no_more_reads_a_message(tmp_path: Path) -> None:
    async with a_thread(tmp_path) as desk:
        ids = [await send(desk, f"nr {number}", str(number)) for number in range(10)]
        usage = Usage()
        counted = replace(desk, store=CountingStore(desk.store, usage))
        sender = a_sender(counted, Line(Phone().worker))
        async with sending(sender):
            await becomes(desk, ids[-1], "sent")
            await until(lambda: sender.is_free, "it has looked for more")
        assert usage.reads["outbox"] <= 3 * len(ids) + 5
