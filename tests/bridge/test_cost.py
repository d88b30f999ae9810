"""What the cloud bills stays within bounds, and docs/cost.md says what it is."""

import pytest

from core.model.collections import COLLECTIONS, PASSING
from scripts.cost import COST_FILE, cost_page
from tests.support.cost import HISTORY_MESSAGES, HISTORY_THREADS, Measures, measure

pytestmark = pytest.mark.timeout(300)
"""All is measured within the first test that asks."""


@pytest.fixture(scope="module")
def measures() -> Measures:
    """Everything, measured once."""
    return measure()


def test_a_message_that_arrives_is_two_writes(measures: Measures) -> None:
    for name in ("a customer's message", "a customer's first message"):
        assert measures.costs[name].bridge_writes <= 2
    assert measures.costs["a customer's message"].bridge_reads <= 2
    assert measures.costs["a customer's first message"].bridge_reads <= 5


def test_history_is_a_write_a_message_and_one_a_conversation(measures: Measures) -> None:
    history = measures.costs["history"]
    assert history.bridge_writes == HISTORY_MESSAGES + HISTORY_THREADS
    assert history.bridge_reads <= 5 * HISTORY_THREADS
    assert measures.most_in_a_commit <= 500


def test_no_hot_document_is_written_twice_in_a_second(measures: Measures) -> None:
    assert measures.most_thread_writes_a_second == 1
    assert measures.most_account_writes_a_second == 1


def test_everything_else_stays_within_its_bounds(measures: Measures) -> None:
    costs = measures.costs
    assert costs["an answer until it is read"].bridge_writes <= 12
    assert costs["an answer until it is read"].bridge_reads <= 18
    assert costs["opening the console"].console_reads <= 200
    assert costs["opening the console"].console_writes == 0
    assert costs["opening a conversation"].console_reads <= 90
    assert costs["opening a conversation"].bridge_writes == 1
    assert costs["a message, seen in its open chat"].bridge_writes <= 3
    assert costs["a draft from the chat"].bridge_writes <= 2
    assert costs["saving it as an event"].bridge_writes <= 4
    assert costs["saving it as an event"].console_writes == 1
    for name in ("an idle hour of an account", "an idle hour of a bridge"):
        assert costs[name].bridge_writes <= 150
        assert costs[name].bridge_reads <= 170
    assert costs["an idle hour of a console"].console_reads <= 150


def test_the_hour_was_as_busy_as_it_should_be(measures: Measures) -> None:
    assert measures.hour == {"messages": 24, "answers": 12, "chats": 12}
    hour = measures.costs["an operator's hour"]
    assert hour.bridge_writes <= 550
    assert hour.bridge_reads <= 700
    assert hour.console_reads <= 1300


def test_whatever_was_written_is_in_the_table_of_collections(measures: Measures) -> None:
    tables = (*COLLECTIONS, *PASSING)
    unknown = [path for path in measures.written if not any(one.holds(path) for one in tables)]
    assert unknown == []
    assert {one.name for one in tables for path in measures.written if one.holds(path)} >= {
        "accounts", "threads", "messages", "outbox", "extractions", "history", "clients",
    }  # fmt: skip


def test_the_page_is_in_step(measures: Measures) -> None:
    assert cost_page(measures) == COST_FILE.read_text(encoding="utf-8"), "run: make docs"
