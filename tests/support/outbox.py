"""One account's outbox on a real store, with a phone that says what arrived."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from bridge.outbox.accept import accept
from bridge.outbox.sender import Sender
from bridge.staff.directory import Staff
from bridge.whatsapp.protocol import Command, FailureCode, Reply, Send
from core.model.documents import OutboxItem, StaffProfile, from_document
from core.service.callables import SendAnswer, SendRequest
from core.settings import Sending
from core.store.embedded import EmbeddedStore
from core.store.errors import OutcomeUnknown
from core.store.port import Transaction
from tests.support.accounts import (
    NOW,
    PHONE,
    THREAD,
    Desk,
    a_desk,
    message,
    with_account,
)
from tests.support.fake_worker import FakeWorker
from tests.support.leases import held_alone
from tests.support.staff import a_profile
from tests.support.waiting import document_where

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
    path = f"outbox/{request_id}"
    await document_where(desk.store, path, lambda found: found["status"] in statuses)
    return await item(desk, request_id)


ANA = a_profile("ana", "WA-01")


async def taken_over(desk: Desk, request: SendRequest, writer: StaffProfile = ANA) -> SendAnswer:
    return await accept(desk.store, Staff(desk.store), request, writer, lambda: NOW)


async def send(desk: Desk, text: str = "Bună", number: str = "1") -> str:
    return (await taken_over(desk, a_request(text, number))).request_id


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
