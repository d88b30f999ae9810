"""Which WhatsApp ids belong to messages of the console, and when nobody needs to ask."""

from collections.abc import Coroutine, Generator
from pathlib import Path

from hypothesis import settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, rule

from bridge.ingest.sent_ids import SentIds, SentMessage
from core.store.counting import CountingStore, Usage
from core.store.port import Create, Query
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


class _SlowStore:
    """An outbox that says how it was when it was asked, whenever that arrives."""

    def __init__(self) -> None:
        self.items: list[str] = []

    async def query(self, _query: Query) -> list[str]:
        as_it_is = list(self.items)
        await _Later()
        return as_it_is


class _Later:
    def __await__(self) -> Generator[None, None, None]:
        yield


class _Question:
    """A call of `is_empty` that waits for the store."""

    def __init__(self, call: Coroutine[None, None, bool], *, must_find: bool) -> None:
        self._call = call
        self._must_find = must_find
        self._is_over = False

    def go_on(self) -> None:
        if self._is_over:
            return
        is_empty: bool | None = None
        try:
            self._call.send(None)
        except StopIteration as answer:
            self._is_over, is_empty = True, answer.value
        assert not (self._must_find and is_empty), "what was sent is not found"


class SentIdsMachine(RuleBasedStateMachine):
    """Messages are sent, and facts asked about, in every order in which the answers can come."""

    asked = Bundle("asked")

    def __init__(self) -> None:
        super().__init__()
        self.store = _SlowStore()
        self.sent = SentIds(self.store, "WA-01")  # type: ignore[arg-type]
        self.is_something_due = False
        """Whether facts that come now may be about what is in the outbox."""

    @rule()
    def somebody_sends(self) -> None:
        self.store.items.append("r1")

    @rule()
    def newer_facts_come(self) -> None:
        self.sent.look_anew()
        self.is_something_due = bool(self.store.items)

    @rule(target=asked)
    def ask(self) -> _Question:
        question = _Question(self.sent.is_empty(), must_find=self.is_something_due)
        question.go_on()
        return question

    @rule(question=asked)
    def an_answer_comes(self, question: _Question) -> None:
        question.go_on()


TestSentIds = SentIdsMachine.TestCase
TestSentIds.settings = settings(max_examples=400, stateful_step_count=8)
