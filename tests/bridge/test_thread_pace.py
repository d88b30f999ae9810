"""In the cloud no document is written faster than it bears, and nothing is lost for that."""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import pytest

from bridge.outbox.thread_shower import ThreadShower
from bridge.thread_pace import ThreadPace
from core.model.ids import messages_path, thread_path
from core.service.callables import MarkReadRequest, ResolveRequest, SendRequest
from core.store.port import DOCUMENT_ID, Query, Store, Update
from tests.support.firm import DELIVERED, READ, Firm, Local, a_firm, settle
from tests.support.firm_documents import ACCOUNT, a_message, a_thread, jid_of, thread_of
from tests.support.virtual_time import run_hours, run_virtually


def in_a_firm(work: Callable[[Firm], Awaitable[None]]) -> None:
    async def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with a_firm(Path(folder), threads=5) as firm:
                await work(firm)

    run_hours(run())


async def thread(firm: Firm, number: int) -> dict[str, Any]:
    document = await firm.plain.get(thread_path(thread_of(number)))
    assert document is not None
    return dict(document.data)


async def send(firm: Firm, number: int, text: str) -> str:
    request = SendRequest(
        thread_id=thread_of(number), account_id=ACCOUNT, to_jid=jid_of(number), text=text,
        client_message_id=text,
    )  # fmt: skip
    return (await Local(firm, "ana").call(request)).request_id


def test_turns_of_one_thread_lie_apart() -> None:
    async def check() -> list[tuple[str, float]]:
        pace = ThreadPace(1.0)
        loop = asyncio.get_running_loop()
        begun: list[tuple[str, float]] = []

        async def write(name: str, *threads: str) -> None:
            await pace.turn(*threads)
            begun.append((name, loop.time()))

        await asyncio.gather(
            write("a", "1"), write("b", "1"), write("c", "2"), write("d", "1", "2")
        )
        await asyncio.sleep(5)
        await write("e", "1")
        await write("f")
        return begun

    assert run_virtually(check()) == [
        ("a", 0.0), ("c", 0.0), ("b", 1.0), ("d", 2.0), ("e", 7.0), ("f", 7.0)
    ]  # fmt: skip


def test_without_a_pace_nobody_waits() -> None:
    async def check() -> float:
        pace = ThreadPace()
        for _number in range(10):
            await pace.turn("1")
        return asyncio.get_running_loop().time()

    assert run_virtually(check()) == 0.0


def test_many_threads_are_forgotten_again() -> None:
    async def check() -> int:
        pace = ThreadPace(1.0)
        for number in range(3000):
            await pace.turn(str(number))
            await asyncio.sleep(0.01)
        return len(pace._free_at)

    assert run_virtually(check()) <= 1001


def test_a_burst_of_messages_shares_the_threads_writes() -> None:
    async def check(firm: Firm) -> None:
        for number in range(40):
            firm.arrives_from(3, f"nr {number:02}")
            await asyncio.sleep(0.1)
        await settle()
        messages = await firm.plain.query(Query(messages_path(thread_of(3))).order_by("tsClient"))
        assert [one.data["body"] for one in messages] == [f"nr {n:02}" for n in range(40)]
        found = await thread(firm, 3)
        assert (found["unreadCount"], found["lastMessageText"]) == (40, "nr 39")
        assert firm.handle.most_in_a_second("threads/") == 1
        writes = Counter(path.count("/") for _moment, path in firm.handle.written)
        assert writes[1] < 12  # the thread, and the account's lease
        assert writes[3] == 40

    in_a_firm(check)


def test_a_burst_holds_up_other_conversations_by_a_second_at_most() -> None:
    async def check(firm: Firm) -> None:
        loop = asyncio.get_running_loop()
        for number in range(20):
            firm.arrives_from(3, f"nr {number}")
            if number == 10:
                asked = loop.time()
                firm.arrives_from(4, "și eu")
            await asyncio.sleep(0.1)
        await settle()
        path = messages_path(thread_of(4))
        moments = [moment for moment, written in firm.handle.written if written.startswith(path)]
        assert len(moments) == 1
        assert moments[0] - asked <= 2.0

    in_a_firm(check)


def test_from_sending_to_read_the_thread_tells_the_truth_at_its_pace() -> None:
    async def check(firm: Firm) -> None:
        for text in ("unu", "doi", "trei"):
            await send(firm, 2, text)
        await asyncio.sleep(0.2)
        for wa_id, _command in list(firm.phone.sent):
            firm.arrives_receipt(DELIVERED, wa_id, 2)
        await settle(6)
        found = await thread(firm, 2)
        assert (found["lastMessageText"], found["lastMessageStatus"]) == ("trei", "delivered")
        assert found["ownerUid"] == "ana"
        for wa_id, _command in firm.phone.sent:
            firm.arrives_receipt(DELIVERED, wa_id, 2)
            firm.arrives_receipt(READ, wa_id, 2)
        await settle(6)
        assert [command.body for _wa_id, command in firm.phone.sent] == ["unu", "doi", "trei"]
        assert (await thread(firm, 2))["lastMessageStatus"] == "read"
        assert firm.handle.most_in_a_second("threads/") == 1
        items = await firm.plain.query(Query("outbox"))
        assert {item.data["status"] for item in items} == {"read"}

    in_a_firm(check)


def test_reading_answering_and_receiving_at_once_keep_the_pace() -> None:
    async def check(firm: Firm) -> None:
        local = Local(firm, "ana")
        for number in range(6):
            firm.arrives_from(1, f"nr {number}")
            await asyncio.sleep(0.05)
            await asyncio.gather(
                local.call(MarkReadRequest(thread_id=thread_of(1))),
                send(firm, 1, f"răspuns {number}"),
            )
        await settle(20)
        assert firm.handle.most_in_a_second("threads/") == 1
        assert firm.handle.most_in_a_second("accounts/") == 1
        found = await thread(firm, 1)
        assert found["unreadCount"] == 0
        assert found["lastMessageStatus"] == "sent"

    in_a_firm(check)


def test_a_message_that_was_not_sent_is_told_and_settled() -> None:
    async def check(firm: Firm) -> None:
        firm.phone.answers = lambda _command: None
        request_id = await send(firm, 2, "unde ești?")
        await settle(200)
        assert (await thread(firm, 2))["lastMessageStatus"] == "uncertain"
        local = Local(firm, "ana")
        await local.call(ResolveRequest(request_id=request_id, action="mark_sent"))
        assert (await thread(firm, 2))["lastMessageStatus"] == "sent"
        assert firm.handle.most_in_a_second("threads/") == 1

    in_a_firm(check)


def test_the_history_of_a_phone_writes_each_message_and_thread_once() -> None:
    async def check(firm: Firm) -> None:
        before = firm.usage.copy()
        await firm.history({10: 700, 11: 40, 12: 1})
        used = firm.usage.since(before)
        assert used.writes["messages"] == 741
        assert used.writes["threads"] == 3
        assert max(firm.handle.commits) <= 500
        assert used.reads["messages"] == 0
        before = firm.usage.copy()
        await firm.history({10: 700, 11: 40, 12: 1})
        again = firm.usage.since(before)
        assert (again.writes["messages"], again.writes["threads"]) == (0, 0)

    in_a_firm(check)


@pytest.mark.parametrize("status", ["queued", "sending", "uncertain"])
async def test_threads_that_an_earlier_run_left_untold_are_found(
    tmp_path: Path, status: str
) -> None:
    from core.store.embedded import EmbeddedStore

    async with EmbeddedStore.open(tmp_path / "store.db") as store:
        await store.commit(
            [a_thread(0), a_thread(1), a_thread(2), a_message(0, 0), a_message(1, 0)]
        )
        sent = {"direction": "outbound", "status": "delivered"}
        untold = {"lastMessageStatus": status, "lastMessageDirection": "outbound"}
        for number in (0, 1):
            await store.commit(
                [
                    Update(f"{messages_path(thread_of(number))}/M0", sent),
                    Update(thread_path(thread_of(number)), untold),
                ]
            )
        await store.commit([Update(thread_path(thread_of(1)), {"accountId": "WA-02"})])
        shower = ThreadShower(store, ACCOUNT, ThreadPace())
        await shower.recover()
        await shower.finish()
        statuses = [
            one.data["lastMessageStatus"]
            for one in await store.query(Query("threads").order_by(DOCUMENT_ID))
        ]
        assert statuses == ["delivered", status, None]
        await shower.close()


async def test_what_is_shown_as_a_task_ends_is_told_too() -> None:
    told = 0

    class Told:
        async def transact(self, _body: object) -> None:
            nonlocal told
            told += 1
            if told == 1:  # It comes when the task has ended, before anybody is told that it has.
                asyncio.get_running_loop().call_soon(shower.show, thread_of(0), "M1")

    shower = ThreadShower(cast(Store, Told()), ACCOUNT, ThreadPace())
    shower.show(thread_of(0), "M0")
    for _turn in range(10):
        await asyncio.sleep(0)
    assert told == 2
    await shower.close()


@pytest.mark.parametrize("messages", [1, 3])
def test_the_bridge_ends_with_every_thread_told(messages: int) -> None:
    async def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with a_firm(Path(folder), threads=3) as firm:
                for number in range(messages):
                    await send(firm, 0, f"nr {number}")
                await asyncio.sleep(0.1 + 2 * messages)
                assert len(firm.phone.sent) == messages
                await firm.stop()
                assert (await thread(firm, 0))["lastMessageStatus"] == "sent"

    run_hours(run())
