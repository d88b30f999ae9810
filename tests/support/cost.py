"""What a firm's doings cost in documents read and written, measured on the real components."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path

from core.model.collections import EVENT_CURSOR
from core.model.ids import EVENTS
from core.service.callables import AskRequest
from core.store.counting import Usage
from core.store.port import Query
from tests.support.firm import (
    DELIVERED,
    READ,
    Desk,
    Firm,
    Local,
    a_firm,
    settle,
)
from tests.support.virtual_time import run_hours

THREADS, UNREAD, MESSAGES = 250, 20, 100
"""The firm that is measured: conversations, unread ones, messages of each of the first five."""
HISTORY_MESSAGES, HISTORY_THREADS = 900, 10
IDLE_SECONDS = 1200
"""A part of an hour in which everything that is done again and again has its turn."""
BOOKING = "Vreau pe 10 feb la 18:00, Str. X nr 3, Spiderman + Elsa, buget 1200"


@dataclass(frozen=True)
class Cost:
    """Documents read and written by the bridge, and by one console."""

    bridge_reads: int = 0
    bridge_writes: int = 0
    console_reads: int = 0
    console_writes: int = 0


@dataclass
class Measures:
    """Everything measured."""

    costs: dict[str, Cost] = field(default_factory=dict)
    most_in_a_commit: int = 0
    most_thread_writes_a_second: int = 0
    most_account_writes_a_second: int = 0
    written: set[str] = field(default_factory=set)
    """The documents that the bridge wrote."""
    hour: dict[str, int] = field(default_factory=dict)
    """What happened in the operator's hour."""


class Meter:
    """Measures one doing after the other."""

    def __init__(self, firm: Firm, measures: Measures) -> None:
        self._firm = firm
        self._measures = measures
        self.desk: Desk | None = None

    async def measure(self, name: str, work: Callable[[], Awaitable[object]]) -> None:
        """Note what some work uses, until everything has settled."""
        bridge = self._firm.usage.copy()
        console = self.desk.usage.copy() if self.desk else Usage()
        begin = len(self._firm.handle.written)
        await work()
        await settle()
        used = self._firm.usage.since(bridge)
        written = self._firm.handle.written[begin:]
        used.writes["counters"] -= sum(path == EVENT_CURSOR for _moment, path in written)
        shown = self.desk.usage.since(console) if self.desk else Usage()
        self.note(name, _without_leases(used), _without_leases(shown))

    def note(self, name: str, bridge: Usage, console: Usage, *, times: int = 1) -> None:
        """Note what was used, a number of times over."""
        counts = (bridge.reads, bridge.writes, console.reads, console.writes)
        self._measures.costs[name] = Cost(*(times * one.total() for one in counts))


def _only(usage: Usage, *collections: str) -> Usage:
    """Return what was used of some collections."""
    some = Usage()
    for name in collections:
        some.reads[name] = usage.reads[name]
        some.writes[name] = usage.writes[name]
    return some


def _without_leases(usage: Usage) -> Usage:
    """Leave out the account documents: their leases are renewed whatever else happens."""
    del usage.reads["accounts"], usage.writes["accounts"]
    return usage


def measure() -> Measures:
    """Measure everything; the same every time."""
    measures = Measures()
    run_hours(_measure(measures))
    return measures


async def _measure(measures: Measures) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with _a_firm(folder, "a") as firm:
            meter = Meter(firm, measures)
            await _without_console(firm, meter)
            await _with_console(firm, meter)
            _note_pace(firm, measures)
        async with _a_firm(folder, "b") as firm:
            await _operator_hour(firm, measures)
            _note_pace(firm, measures)
        async with _a_firm(folder, "c", operators=2) as firm:
            await _open_chat_beside_a_colleague(firm, measures)


def _a_firm(folder: str, name: str, operators: int = 1) -> AbstractAsyncContextManager[Firm]:
    return a_firm(
        Path(folder) / name,
        threads=THREADS,
        unread=UNREAD,
        messages=MESSAGES,
        operators=operators,
    )


def _note_pace(firm: Firm, measures: Measures) -> None:
    handle = firm.handle
    measures.written.update(path for _moment, path in handle.written)
    measures.most_in_a_commit = max(measures.most_in_a_commit, *handle.commits)
    measures.most_thread_writes_a_second = max(
        measures.most_thread_writes_a_second, handle.most_in_a_second("threads/")
    )
    measures.most_account_writes_a_second = max(
        measures.most_account_writes_a_second, handle.most_in_a_second("accounts/")
    )


async def _without_console(firm: Firm, meter: Meter) -> None:
    async def arrives(number: int, text: str = "Bună") -> None:
        firm.arrives_from(number, text)

    await meter.measure("a customer's first message", lambda: arrives(900))
    await arrives(7)
    await settle()
    await meter.measure("a customer's message", lambda: arrives(7))
    each = HISTORY_MESSAGES // HISTORY_THREADS
    chats = {1000 + number: each for number in range(HISTORY_THREADS)}
    await meter.measure("history", lambda: firm.history(chats))
    before = firm.usage.copy()
    await asyncio.sleep(IDLE_SECONDS)
    idle = firm.usage.since(before)
    hour = 3600 // IDLE_SECONDS
    meter.note("an idle hour of an account", _only(idle, "accounts", "outbox"), Usage(), times=hour)
    meter.note(
        "an idle hour of a bridge", _only(idle, "counters", "evenimente"), Usage(), times=hour
    )
    assert not {*idle.reads, *idle.writes} - {"accounts", "outbox", "counters", "evenimente"}


async def _with_console(firm: Firm, meter: Meter) -> None:
    async def arrives(number: int, text: str = "Bună") -> None:
        firm.arrives_from(number, text)

    async with firm.console() as desk:
        meter.note("opening the console", Usage(), desk.usage)
        meter.desk = desk
        await meter.measure("a message, seen in the inbox", lambda: arrives(2))
        await arrives(3)
        await settle()
        await meter.measure("opening a conversation", lambda: desk.press("home", "enter"))
        await meter.measure("a message, seen in its open chat", lambda: arrives(3))
        await arrives(3, BOOKING)
        await settle()

        async def answer() -> None:
            await desk.write("da")
            await desk.press("enter")
            wa_id = firm.phone.sent[-1][0]
            await settle(2)
            firm.arrives_receipt(DELIVERED, wa_id, 3)
            await settle(2)
            firm.arrives_receipt(READ, wa_id, 3)

        await meter.measure("an answer until it is read", answer)
        await meter.measure("a draft from the chat", lambda: desk.press("ctrl+e"))

        await meter.measure("saving it as an event", lambda: desk.press("ctrl+s"))
        assert len(await firm.plain.query(Query(EVENTS))) == 1
        await meter.measure("a client's page", lambda: desk.press("f5"))
        question = AskRequest(phone_e164="+40700000003", question="Cât a cheltuit?")
        await meter.measure("a question about a client", lambda: Local(firm, "ana").call(question))
        await desk.press("escape")
        await meter.measure("the agenda", lambda: desk.press("f6"))
        await desk.press("f3")
        before = desk.usage.copy()
        await asyncio.sleep(IDLE_SECONDS)
        idle = desk.usage.since(before)
        meter.note("an idle hour of a console", Usage(), idle, times=3600 // IDLE_SECONDS)


async def _open_chat_beside_a_colleague(firm: Firm, measures: Measures) -> None:
    """An hour in which a chat is open whose readers see each other."""
    async with firm.console() as desk:
        await desk.press("enter")
        bridge, console = firm.usage.copy(), desk.usage.copy()
        await asyncio.sleep(IDLE_SECONDS)
        used = _only(firm.usage.since(bridge), "presence")
        shown = _only(desk.usage.since(console), "presence")
    Meter(firm, measures).note("an hour of an open chat", used, shown, times=3600 // IDLE_SECONDS)


async def _operator_hour(firm: Firm, measures: Measures) -> None:
    """A busy hour: six customers write four times each, and get two answers each."""
    customers, rounds = range(6), 4
    happened = {"messages": 0, "answers": 0, "chats": 0}
    async with firm.console() as desk:
        bridge, console = firm.usage.copy(), desk.usage.copy()
        begin = asyncio.get_running_loop().time()
        for turn in range(rounds):
            for number in customers:
                firm.arrives_from(number, f"mesaj {turn}")
                happened["messages"] += 1
                await settle(60)
                if turn % 2:
                    await desk.press("home", "enter")  # who wrote last stands at the top
                    happened["chats"] += 1
                    await desk.write("da")
                    await desk.press("enter")
                    happened["answers"] += 1
                    wa_id = firm.phone.sent[-1][0]
                    await settle(3)
                    firm.arrives_receipt(DELIVERED, wa_id, number)
                    await settle(20)
                    firm.arrives_receipt(READ, wa_id, number)
                    await settle(3)
                    await desk.press("escape")
        await asyncio.sleep(begin + 3600 - asyncio.get_running_loop().time())
        used, shown = firm.usage.since(bridge), desk.usage.since(console)
    measures.hour = happened
    Meter(firm, measures).note("an operator's hour", used, shown)
