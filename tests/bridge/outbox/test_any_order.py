"""Whatever happens in whatever order: a message arrives once, and no status goes back."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.model.documents import moves_forward
from core.store.port import Query
from tests.support.accounts import Desk, receipt
from tests.support.outbox import (
    Line,
    Phone,
    a_request,
    a_sender,
    a_thread,
    sending,
    taken_over,
)
from tests.support.waiting import until

NUMBERS = st.integers(0, 3)
STEPS = st.one_of(
    st.tuples(st.just("send"), NUMBERS),
    st.tuples(st.just("fail"), st.sampled_from([None, "not_connected", "refused"])),
    st.tuples(st.just("work"), st.none()),
    st.tuples(st.just("away"), st.none()),
    st.tuples(st.sampled_from(["delivered", "read"]), NUMBERS),
)
SETTLED = {"sent", "delivered", "read", "failed", "uncertain"}


class Office:
    """An outbox, its phone, and every status that was ever seen."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.phone = Phone()
        self.line = Line(self.phone.worker)
        self.requests: dict[int, str] = {}
        self._seen: dict[str, str] = {}

    async def do(self, what: str, value: Any) -> None:
        """Take one step."""
        if what == "send":
            answer = await taken_over(self.desk, a_request(f"text {value}", str(value)))
            assert answer.duplicate == (value in self.requests)
            self.requests[value] = answer.request_id
        elif what == "fail":
            self.phone.failures.append(value)
        elif what == "away":
            self.line.worker = None if self.line.worker else self.phone.worker
        elif what == "work":
            await self._work()
        elif value < len(self.phone.arrived):
            await self.desk.tell(receipt(what, f"WA{value + 1}"))
        await self._look()

    async def _work(self) -> None:
        """Let the sender run until nothing is left that it could do."""
        sender = a_sender(self.desk, self.line)
        async with sending(sender):
            await until(lambda: sender.is_free, "it has nothing to do")
        if self.line.is_connected:
            items = await self.desk.store.query(Query("outbox"))
            assert {one.data["status"] for one in items} <= SETTLED

    async def _look(self) -> None:
        for one in await self.desk.store.query(Query("outbox")):
            status, before = one.data["status"], self._seen.get(one.id)
            assert before in (None, status) or moves_forward(before, status), (before, status)
            self._seen[one.id] = status


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STEPS, max_size=14))
def test_a_message_arrives_once_and_no_status_goes_back(steps: list[tuple[str, Any]]) -> None:
    async def live() -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with a_thread(Path(folder)) as desk:
                office = Office(desk)
                for what, value in steps:
                    await office.do(what, value)
                office.phone.failures.clear()
                office.line.worker = office.phone.worker
                await office.do("work", None)
                items = await desk.store.query(Query("outbox"))
                arrived = office.phone.arrived
                assert len(arrived) == len(set(arrived))
                assert {one.data["status"] for one in items} <= SETTLED
                sent = {one.data["body"] for one in items if one.data["status"] != "failed"}
                assert sent == set(arrived)
                assert len(items) == len(office.requests)

    asyncio.run(live())
