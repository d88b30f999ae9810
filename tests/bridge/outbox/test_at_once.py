"""A message handed over while nothing is to be done: one commit, then it is sent; or its turn."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest

from bridge.errors import LeaseLost
from bridge.leases import Leases, lease_of
from bridge.outbox.accept import accept
from bridge.outbox.sender import Sender
from bridge.staff.directory import Staff
from bridge.whatsapp.protocol import Reply
from core.model.documents import StaffProfile, to_data
from core.model.ids import account_path
from core.service.callables import SendAnswer
from core.service.errors import CallRefused
from core.settings import Sending
from core.store.embedded import EmbeddedStore
from core.store.errors import OutcomeUnknown, StoreUnavailable
from core.store.port import Query, Transaction, Update
from tests.support.accounts import NOW, Desk, desk_on
from tests.support.fake_worker import FakeWorker
from tests.support.leases import held_alone
from tests.support.outbox import (
    ANA,
    PACE,
    ForgetfulStore,
    Line,
    Phone,
    a_request,
    a_sender,
    a_thread,
    becomes,
    item,
    send,
    sending,
)
from tests.support.staff import a_profile
from tests.support.waiting import until

T = TypeVar("T")


class CountingStore(EmbeddedStore):
    """A store that counts its transactions, and whose next ones a test can spoil."""

    done = 0
    fails: Exception | None = None
    """What the next transaction ends with, undone."""
    held: asyncio.Event | None = None
    """What transactions wait for before they begin."""

    async def transact(
        self,
        body: Callable[[Transaction], Awaitable[T]],
        *,
        attempts: int = 10,
        durable: bool = True,
    ) -> T:
        if self.held is not None:
            await self.held.wait()
        if self.fails is not None:
            error, self.fails = self.fails, None
            raise error
        result = await super().transact(body, attempts=attempts, durable=durable)
        self.done += 1
        return result


@asynccontextmanager
async def counted(folder: Path) -> AsyncIterator[tuple[CountingStore, Desk]]:
    """A thread in a store that counts."""
    async with a_thread(folder):
        pass
    async with CountingStore.open(folder / "store.db", clock=lambda: NOW) as store:
        desk = desk_on(store, folder)
        yield store, desk
        desk.notes.close()


async def handed_over(
    desk: Desk, sender: Sender, text: str = "Bună", number: str = "1", writer: StaffProfile = ANA
) -> SendAnswer:
    return await accept(
        desk.store, Staff(desk.store), a_request(text, number), writer, lambda: NOW, sender=sender
    )


async def at_rest(sender: Sender) -> None:
    """Wait until the sender would take a message at once."""
    await until(lambda: sender.is_free)


def patient(desk: Desk, worker: FakeWorker) -> Sender:
    """A sender that waits for its answers however slow the machine is."""
    pace = Sending(seconds_between_messages=0.0, reply_timeout_seconds=600.0)
    held = held_alone(desk.store)
    return Sender(
        desk.store, "WA-01", Line(worker), desk.settler, held=held, pace=pace, clock=lambda: NOW
    )


async def test_it_is_claimed_by_the_commit_that_takes_it_over(tmp_path: Path) -> None:
    async with counted(tmp_path) as (store, desk):
        worker = FakeWorker()
        sender = patient(desk, worker)
        async with sending(sender):
            await at_rest(sender)
            before = store.done
            answer = await handed_over(desk, sender)
            assert store.done == before + 1
            assert len(worker.asked) == 1
            found = await item(desk, answer.request_id)
            assert (found["status"], found["attemptCount"]) == ("sending", 1)
            assert found["sendingAt"] == NOW
            assert (await desk.messages())[answer.request_id]["status"] == "sending"
            assert (await desk.thread())["lastMessageStatus"] == "sending"
            worker.replies[0].set_result(Reply(command_id=1, value="WA1"))
            assert (await becomes(desk, answer.request_id, "sent"))["waMessageId"] == "WA1"


async def test_what_waits_goes_first(tmp_path: Path) -> None:
    async with a_thread(tmp_path) as desk:
        phone = Phone()
        sender = a_sender(desk, Line(phone.worker))
        async with sending(sender):
            await at_rest(sender)
            # Another bridge has written it, and this one was not woken yet.
            first = await send(desk, "întâi", "1")
            second = (await handed_over(desk, sender, "apoi", "2")).request_id
            sender.wake()
            await becomes(desk, first, "sent")
            await becomes(desk, second, "sent")
        assert phone.arrived == ["întâi", "apoi"]


async def test_while_another_is_on_its_way_it_waits_for_its_turn(tmp_path: Path) -> None:
    async with a_thread(tmp_path) as desk:
        worker = FakeWorker()
        sender = patient(desk, worker)
        async with sending(sender):
            await at_rest(sender)
            await handed_over(desk, sender, "întâi", "1")
            second = (await handed_over(desk, sender, "apoi", "2")).request_id
            assert (await item(desk, second))["status"] == "queued"
            assert len(worker.asked) == 1
            worker.answers = lambda _command: Reply(command_id=2, value="WA2")
            worker.replies[0].set_result(Reply(command_id=1, value="WA1"))
            sender.wake()
            await becomes(desk, second, "sent")


@pytest.mark.parametrize("is_there", [False, True])
async def test_without_a_connection_or_a_sender_it_is_queued(
    tmp_path: Path, is_there: bool
) -> None:
    async with a_thread(tmp_path) as desk:
        sender = a_sender(desk, Line(None))
        if is_there:
            async with sending(sender):
                answer = await handed_over(desk, sender)
        else:
            answer = await handed_over(desk, sender)
        found = await item(desk, answer.request_id)
        assert (found["status"], found["attemptCount"]) == ("queued", 0)


async def test_a_repeated_call_sends_nothing_more(tmp_path: Path) -> None:
    async with a_thread(tmp_path) as desk:
        phone = Phone()
        sender = a_sender(desk, Line(phone.worker))
        async with sending(sender):
            await at_rest(sender)
            first = await handed_over(desk, sender)
            await becomes(desk, first.request_id, "sent")
            await at_rest(sender)
            again = await handed_over(desk, sender)
            assert (again.request_id, again.duplicate) == (first.request_id, True)
            await at_rest(sender)
        assert phone.arrived == ["Bună"]


async def test_a_refusal_is_told_and_the_sender_goes_on(tmp_path: Path) -> None:
    async with a_thread(tmp_path) as desk:
        phone = Phone()
        sender = a_sender(desk, Line(phone.worker))
        async with sending(sender):
            await at_rest(sender)
            first = await handed_over(desk, sender, "a", "1")
            await becomes(desk, first.request_id, "sent")
            await at_rest(sender)
            with pytest.raises(CallRefused):
                await handed_over(desk, sender, "b", "2", a_profile("bob", "WA-01"))
            await at_rest(sender)
            third = await handed_over(desk, sender, "c", "3")
            await becomes(desk, third.request_id, "sent")
        assert phone.arrived == ["a", "c"]


async def test_it_is_sent_though_its_console_is_gone(tmp_path: Path) -> None:
    async with counted(tmp_path) as (store, desk):
        phone = Phone()
        sender = a_sender(desk, Line(phone.worker))
        async with sending(sender):
            await at_rest(sender)
            store.held = asyncio.Event()
            call = asyncio.create_task(handed_over(desk, sender))
            await asyncio.sleep(0)  # until it waits for the sender
            call.cancel()
            await asyncio.wait({call})
            store.held.set()
            await until(lambda: phone.arrived)
            (found,) = await desk.store.query(Query("outbox"))
            await becomes(desk, found.id, "sent")
        assert phone.arrived == ["Bună"]


async def test_a_store_that_is_away_is_told_to_the_console(tmp_path: Path) -> None:
    async with counted(tmp_path) as (store, desk):
        phone = Phone()
        sender = a_sender(desk, Line(phone.worker))
        async with sending(sender):
            await at_rest(sender)
            store.fails = StoreUnavailable("It is away.")
            with pytest.raises(StoreUnavailable):
                await handed_over(desk, sender)
            await at_rest(sender)
        assert phone.arrived == []
        assert await desk.store.query(Query("outbox")) == []


async def test_when_the_answer_of_the_store_is_lost_it_is_sent_once(tmp_path: Path) -> None:
    async with a_thread(tmp_path):
        pass
    async with ForgetfulStore.open(tmp_path / "store.db", clock=lambda: NOW) as store:
        desk = desk_on(store, tmp_path)
        phone = Phone()
        sender = a_sender(desk, Line(phone.worker))
        async with sending(sender):
            await at_rest(sender)
            store.answers_left = 1
            with pytest.raises(OutcomeUnknown):
                await handed_over(desk, sender)
            (found,) = await desk.store.query(Query("outbox"))
            assert (await becomes(desk, found.id, "sent"))["attemptCount"] == 1
            again = await handed_over(desk, sender)  # as a console does that got no answer
            assert again.duplicate
        desk.notes.close()
    assert phone.arrived == ["Bună"]


async def test_a_lost_answer_changes_nothing_about_an_earlier_attempt(tmp_path: Path) -> None:
    async with counted(tmp_path) as (store, desk):
        phone = Phone()
        phone.failures = ["outcome_unknown"]
        sender = a_sender(desk, Line(phone.worker))
        async with sending(sender):
            await at_rest(sender)
            first = await handed_over(desk, sender)
            await becomes(desk, first.request_id, "uncertain")
            await at_rest(sender)
            store.fails = OutcomeUnknown("The answer was lost.")
            with pytest.raises(OutcomeUnknown):
                await handed_over(desk, sender)
            await at_rest(sender)
            assert (await item(desk, first.request_id))["status"] == "uncertain"


async def test_a_bridge_that_lost_the_account_leaves_it_to_the_other(tmp_path: Path) -> None:
    async with a_thread(tmp_path) as desk:
        leases = Leases(desk.store, "ours", is_shared=True, seconds=60)
        held = await leases.claim(account_path("WA-01"))
        assert held is not None
        phone = Phone()
        sender = Sender(
            desk.store, "WA-01", Line(phone.worker), desk.settler,
            held=held, pace=PACE, clock=lambda: NOW,
        )  # fmt: skip
        async with sending(sender):
            await at_rest(sender)
            theirs = to_data(Leases(desk.store, "theirs", is_shared=True).fresh())
            await desk.store.commit([Update(account_path("WA-01"), {"lease": theirs})])
            answer = await handed_over(desk, sender)
            found = await item(desk, answer.request_id)
            assert (found["status"], found["lease"]) == ("queued", None)
        document = await desk.store.get(account_path("WA-01"))
        assert document is not None
        lease = lease_of(document)
        assert lease is not None
        assert lease.owner == "theirs"
        with pytest.raises(LeaseLost):
            await desk.store.transact(held.guard)
        assert phone.arrived == []


class Ends(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("is_written", [False, True])
async def test_killed_at_its_commit_it_is_not_there_or_uncertain(
    tmp_path: Path, is_written: bool
) -> None:
    class Dying(CountingStore):
        dies = False

        async def transact(self, body: Any, **options: Any) -> Any:
            if self.dies and not is_written:
                raise Ends
            result = await super().transact(body, **options)
            if self.dies:
                raise Ends
            return result

    async with a_thread(tmp_path):
        pass
    phone = Phone()
    async with Dying.open(tmp_path / "store.db", clock=lambda: NOW) as store:
        desk = desk_on(store, tmp_path)
        sender = a_sender(desk, Line(phone.worker))
        task = asyncio.create_task(sender.run())
        await at_rest(sender)
        store.dies = True
        call = asyncio.create_task(handed_over(desk, sender))
        await asyncio.wait({task})
        call.cancel()
        await asyncio.wait({call, task})
        assert isinstance(task.exception(), Ends)
        desk.notes.close()
    async with a_thread_again(tmp_path) as desk:
        sender = a_sender(desk, Line(phone.worker))
        async with sending(sender):
            await at_rest(sender)
            statuses = [one.data["status"] for one in await desk.store.query(Query("outbox"))]
        assert statuses == (["uncertain"] if is_written else [])
        assert phone.arrived == []


@asynccontextmanager
async def a_thread_again(folder: Path) -> AsyncIterator[Desk]:
    async with EmbeddedStore.open(folder / "store.db", clock=lambda: NOW) as store:
        desk = desk_on(store, folder)
        yield desk
        desk.notes.close()
