"""The outbox: taken over once, sent once, and honest where nobody can know."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import pytest

from bridge.outbox.accept import accept
from bridge.outbox.resolve import resolve
from bridge.outbox.sender import Sender
from bridge.staff.directory import Staff
from bridge.whatsapp.facts import Chat
from bridge.whatsapp.protocol import Command, FailureCode, Reply, Send
from core.model.documents import OutboxItem, StaffProfile, from_document
from core.service.callables import ResolveRequest, SendAnswer, SendRequest
from core.service.errors import CallRefused
from core.settings import Sending
from core.store.embedded import EmbeddedStore
from core.store.errors import OutcomeUnknown
from core.store.port import Query, Store, Transaction, Update
from tests.support.accounts import (
    LID,
    NOW,
    PHONE,
    THREAD,
    Desk,
    a_desk,
    at,
    desk_on,
    message,
    receipt,
    with_account,
)
from tests.support.fake_worker import FakeWorker
from tests.support.leases import held_alone
from tests.support.staff import a_profile

T = TypeVar("T")
PACE = Sending(seconds_between_messages=0.0, reply_timeout_seconds=0.05)


class Line:
    """A connection that a test switches on and off."""

    def __init__(self, worker: FakeWorker | None) -> None:
        self.worker = worker
        self.replaced = 0

    @property
    def is_connected(self) -> bool:
        return self.worker is not None

    async def replace_worker(self) -> None:
        self.replaced += 1


class Phone:
    """What arrived at the customer's phone, and how WhatsApp answers."""

    def __init__(self) -> None:
        self.arrived: list[str] = []
        self.failures: list[FailureCode | None] = []
        self.worker = FakeWorker()
        self.worker.answers = self._answer

    def _answer(self, command: Command) -> Reply | None:
        assert isinstance(command, Send)
        failure = self.failures.pop(0) if self.failures else None
        if failure in (None, "outcome_unknown"):
            self.arrived.append(command.body)
        wa_id = "" if failure else f"WA{len(self.arrived)}"
        return Reply(command_id=0, value=wa_id, failure=failure)


def a_request(text: str = "Bună", number: str = "1", **fields: Any) -> SendRequest:
    values = {"thread_id": THREAD, "account_id": "WA-01", "to_jid": str(PHONE)}
    return SendRequest(**(values | fields), text=text, client_message_id=number)


def a_sender(desk: Desk, line: Line) -> Sender:
    return Sender(
        desk.store,
        "WA-01",
        line,
        desk.settler,
        held=held_alone(desk.store),
        pace=PACE,
        clock=lambda: NOW,
    )


@asynccontextmanager
async def a_thread(folder: Path) -> AsyncIterator[Desk]:
    async with a_desk(folder) as desk:
        await with_account(desk.store)
        await desk.tell(message("A", "Salut", seconds=-60))
        yield desk


@asynccontextmanager
async def sending(sender: Sender) -> AsyncIterator[None]:
    task = asyncio.create_task(sender.run())
    try:
        yield
    finally:
        await sender.stop()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def item(desk: Desk, request_id: str) -> dict[str, Any]:
    document = await desk.store.get(f"outbox/{request_id}")
    assert document is not None
    from_document(document, OutboxItem)
    return dict(document.data)


async def becomes(desk: Desk, request_id: str, *statuses: str) -> dict[str, Any]:
    for _ in range(500):
        if (found := await item(desk, request_id))["status"] in statuses:
            return found
        await asyncio.sleep(0.005)
    raise AssertionError(f"stayed {found['status']}")


ANA = a_profile("ana", "WA-01")


async def taken_over(desk: Desk, request: SendRequest, writer: StaffProfile = ANA) -> SendAnswer:
    return await accept(desk.store, Staff(desk.store), request, writer, lambda: NOW)


async def send(desk: Desk, text: str = "Bună", number: str = "1") -> str:
    return (await taken_over(desk, a_request(text, number))).request_id


async def test_taking_over_is_one_commit_and_can_be_repeated(tmp_path: Path) -> None:
    async with a_thread(tmp_path) as desk:
        first = await taken_over(desk, a_request())
        again = await taken_over(desk, a_request())
        assert (first.duplicate, again.duplicate) == (False, True)
        assert first.request_id == again.request_id
        thread = await desk.thread()
        assert (thread["ownerUid"], thread["unreadCount"]) == ("ana", 0)
        assert (thread["lastMessageText"], thread["lastMessageStatus"]) == ("Bună", "queued")
        shown = (await desk.messages())[first.request_id]
        assert (shown["status"], shown["direction"], shown["tsClient"]) == (
            "queued",
            "outbound",
            NOW,
        )


async def test_others_than_owner_co_writers_and_admins_are_refused(tmp_path: Path) -> None:
    async with a_thread(tmp_path) as desk:
        await taken_over(desk, a_request())
        before = await desk.thread()
        with pytest.raises(CallRefused) as caught:
            await taken_over(desk, a_request(number="2"), a_profile("bob", "WA-01"))
        assert (caught.value.status, caught.value.reason) == (
            "PERMISSION_DENIED",
            "not_owner_or_cowriter",
        )
        assert "ana" in caught.value.message
        assert caught.value.hint
        assert await desk.thread() == before
        assert len(await desk.store.query(Query("outbox"))) == 1
        await taken_over(desk, a_request(number="3"), a_profile("zoe", role="admin"))
        await desk.store.commit([Update(f"threads/{THREAD}", {"coWriterUids": ["bob"]})])
        await taken_over(desk, a_request(number="4"), a_profile("bob", "WA-01"))
        thread = await desk.thread()
        assert (thread["ownerUid"], thread["coWriterUids"]) == ("ana", ["bob"])


async def test_of_two_who_write_first_at_once_one_becomes_owner(tmp_path: Path) -> None:
    async with a_thread(tmp_path) as desk:
        people = [a_profile(uid, "WA-01") for uid in ("ana", "bob", "dan")]
        outcomes = await asyncio.gather(
            *(taken_over(desk, a_request(number=each.uid), each) for each in people),
            return_exceptions=True,
        )
        taken = [each for each in outcomes if not isinstance(each, BaseException)]
        refused = [each for each in outcomes if isinstance(each, CallRefused)]
        assert (len(taken), len(refused)) == (1, 2)
        items = await desk.store.query(Query("outbox"))
        assert [each.data["createdByUid"] for each in items] == [(await desk.thread())["ownerUid"]]


@pytest.mark.parametrize(
    ("fields", "status", "field"),
    [
        ({"text": "  \n"}, "INVALID_ARGUMENT", "text"),
        ({"thread_id": "WA-01__nobody@lid"}, "NOT_FOUND", "threadId"),
        ({"account_id": "WA-02"}, "PERMISSION_DENIED", "accountId"),
        ({"to_jid": "40799@s.whatsapp.net"}, "INVALID_ARGUMENT", "toJid"),
        ({"quoted_message_id": "nope"}, "INVALID_ARGUMENT", "quotedMessageId"),
    ],
)
async def test_what_does_not_fit_is_refused(
    tmp_path: Path, fields: dict[str, Any], status: str, field: str
) -> None:
    async with a_thread(tmp_path) as desk:
        with pytest.raises(CallRefused) as caught:
            await taken_over(desk, a_request(**fields))
        assert (caught.value.status, caught.value.field) == (status, field)
        assert len(await desk.messages()) == 1


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
            await asyncio.sleep(0.01)
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
        assert found["error"]
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
        assert (found["status"], found["error"]) == ("failed", "The message was not sent.")


async def test_a_worker_that_never_answers_is_replaced(tmp_path: Path) -> None:
    async with a_thread(tmp_path) as desk:
        line = Line(FakeWorker())
        ids = [await send(desk, "a", "1"), await send(desk, "b", "2")]
        async with sending(a_sender(desk, line)):
            await becomes(desk, ids[1], "uncertain")
            for _ in range(100):
                await asyncio.sleep(0)
        assert line.replaced == 1


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


# -- crashes --------------------------------------------------------------------------------------


class Crash(BaseException):
    """The process ends here."""


class CrashingStore(EmbeddedStore):
    """A store in a process that dies at the nth commit, just before it or just after."""

    commits_left = 0
    dies_before = True

    async def transact(
        self,
        body: Callable[[Transaction], Awaitable[T]],
        *,
        attempts: int = 10,
        durable: bool = True,
    ) -> T:
        self.commits_left -= 1
        if self.commits_left == 0 and self.dies_before:
            raise Crash
        result = await super().transact(body, attempts=attempts, durable=durable)
        if self.commits_left == 0:
            raise Crash
        return result


class ForgetfulStore(EmbeddedStore):
    """A store whose nth transaction is done, but its answer lost."""

    answers_left = 0

    async def transact(
        self,
        body: Callable[[Transaction], Awaitable[T]],
        *,
        attempts: int = 10,
        durable: bool = True,
    ) -> T:
        result = await super().transact(body, attempts=attempts, durable=durable)
        self.answers_left -= 1
        if self.answers_left == 0:
            raise OutcomeUnknown("The answer was lost.")
        return result


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
        task = asyncio.create_task(a_sender(desk, Line(phone.worker)).run())
        await asyncio.wait({task}, timeout=0.2)
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
        assert desk.notes.early(THREAD, "WA1") == []
        assert len(desk.notes.early(THREAD, "PHONE")) == 1
    assert phone.arrived == ["Bună"]


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
