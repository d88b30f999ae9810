"""Writes docs/cost.md from a measurement of the real components: `make docs`."""

from dataclasses import dataclass
from pathlib import Path
from textwrap import fill, indent

from tests.support.cost import (
    HISTORY_MESSAGES,
    HISTORY_THREADS,
    THREADS,
    UNREAD,
    Cost,
    Measures,
    measure,
)

COST_FILE = Path(__file__).resolve().parents[1] / "docs" / "cost.md"


@dataclass(frozen=True)
class Prices:
    """US dollars for 100,000 documents."""

    stated: str = "November 2026"
    reads: float = 0.06
    writes: float = 0.18

    def of(self, reads: float, writes: float) -> float:
        """Return what these documents cost in dollars."""
        return (reads * self.reads + writes * self.writes) / 100_000


PRICES = Prices()
"""Google's list price of a multi-region location; single regions cost about half."""
_WIDTH = 105
_FREE_READS, _FREE_WRITES = 50_000, 20_000

_ACCOUNTS, _CONSOLES, _HOURS, _DAYS = 3, 2, 8, 22
_MESSAGES, _ANSWERS, _CHATS, _EVENTS = 200, 120, 100, 6

_ROWS = (
    ("a customer's message", "a message of a customer"),
    ("a customer's first message", "the first message of a new customer"),
    ("a message, seen in the inbox", "the same, on a console that shows the inbox"),
    ("a message, seen in its open chat", "the same, on a console that has the chat open: read"),
    ("an answer until it is read", "an answer: written, sent, delivered, read"),
    ("opening a conversation", "opening a conversation with an unread message"),
    ("a draft from the chat", "a draft of an event from a chat (`ctrl+e`)"),
    ("saving it as an event", "saving it, with all that follows"),
    ("a client's page", "a client's page (`F5`)"),
    ("a question about a client", "a question about a client"),
    ("the agenda", "the agenda (`F6`), without its events"),
    ("opening the console", f"opening the console ({THREADS} conversations, {UNREAD} unread)"),
    ("an hour of an open chat", "an hour of an open chat that colleagues may see"),
    ("an idle hour of a console", "an hour in which nothing happens: a console"),
    ("an idle hour of an account", "an hour in which nothing happens: each account"),
    (
        "an idle hour of a bridge",
        "an hour in which nothing happens: the bridge beside its accounts",
    ),
    ("an operator's hour", "an operator's busy hour, see below"),
)


def cost_page(measures: Measures) -> str:
    """Return the page."""
    costs = measures.costs
    return "\n\n".join(
        [
            "# What Cloud Firestore costs",
            _text(
                "Made by `make docs`: the numbers are measured by a test that runs the bridge and "
                "consoles on a store that counts as Google bills. On one machine nothing of this "
                "costs anything."
            ),
            "## How it is counted",
            _text(
                "A read is a document that is asked for, there or not; that a query returns, at "
                "least one a query; or that a watch delivers. Counting is a read a thousand. "
                "A write is a document in a commit. What a transaction reads counts each time it "
                "is tried."
            ),
            _text(
                "Not in the numbers: each request of an operator is judged by the rules, which "
                "look up the operator's staff profile. That is one read more for each query, watch "
                "or save of a console, and none for the bridge."
            ),
            "## Measured",
            _table(costs),
            *_below_the_table(measures),
            "## Pace",
            *_pace(measures),
            "## In money",
            *_in_money(costs),
            _example(costs),
            "",
        ]
    )


def _below_the_table(measures: Measures) -> list[str]:
    idle, history = (measures.costs[name] for name in ("an idle hour of an account", "history"))
    hour = measures.hour
    return [
        _text(
            f"A day in which nothing happens is {24 * idle.bridge_reads:,} reads and "
            f"{24 * idle.bridge_writes:,} writes for each account, and about as many writes for "
            "the bridge beside them: the leases are renewed, by which another bridge sees that "
            "this one lives. `lease_seconds` under `[bridge]` in "
            "`settings.toml` sets how long it lasts; a longer one costs less, and a takeover waits "
            "longer."
        ),
        _text(
            f"A phone's history of {HISTORY_MESSAGES:,} messages in {HISTORY_THREADS} "
            f"conversations is {history.bridge_writes:,} writes and {history.bridge_reads:,} "
            "reads: one write a message and one a conversation; the reads find each conversation's "
            "place. "
            f"The largest commit had {measures.most_in_a_commit} writes; Firestore takes 500."
        ),
        _text(
            f"In the operator's hour {hour['messages']} messages of 6 customers arrived, "
            f"{hour['chats']} times a conversation was opened, and {hour['answers']} answers were "
            "sent and read. Leases are in it."
        ),
    ]


def _pace(measures: Measures) -> list[str]:
    return [
        _text(
            "A document should not be written more than about once a second for long. Threads and "
            "accounts are not: what happens to a thread within a second of its last write waits "
            "for its next turn, and shares it. In all of the above no thread was written more than "
            f"{_times(measures.most_thread_writes_a_second)} in a second, and no account more than "
            f"{_times(measures.most_account_writes_a_second)}."
        ),
        "\n".join(
            [
                _item(
                    "Messages that arrive together are stored together, each with its own write "
                    "and the thread with one; what arrives in other conversations of the account "
                    "meanwhile waits with them, a second at most."
                ),
                _item(
                    "A message is stored as sent the moment WhatsApp says so; its thread's tick in "
                    "the inbox may follow a second later. A bridge that ends in between finds such "
                    "threads when it starts."
                ),
                _item(
                    "Several writers at once (an answer, a receipt, a chat being read) take turns "
                    "in the order of asking."
                ),
            ]
        ),
        _text(
            "The pace is kept where a Google project is set, within each bridge. On one machine "
            "nobody waits."
        ),
    ]


def _in_money(costs: dict[str, Cost]) -> list[str]:
    return [
        _text(
            "Reckoned with Firestore's list price for a multi-region location, stated in "
            f"{PRICES.stated}: ${PRICES.reads:.2f} for 100,000 reads, ${PRICES.writes:.2f} for "
            "100,000 writes. Single regions cost about half; look yours up at "
            f"<https://cloud.google.com/firestore/pricing>. Each day {_FREE_READS:,} reads and "
            f"{_FREE_WRITES:,} writes are free. Storage and traffic are not counted here."
        ),
        _text(
            "A thousand messages of customers cost "
            f"${_money(1000, costs['a message, seen in the inbox']):.3f} when one console shows "
            "its inbox; a thousand answers "
            f"${_money(1000, costs['an answer until it is read']):.3f}."
        ),
    ]


def _text(paragraph: str) -> str:
    return fill(paragraph, width=_WIDTH, break_long_words=False, break_on_hyphens=False)


def _item(paragraph: str) -> str:
    return indent(_text(paragraph), "  ").replace("  ", "- ", 1)


def _table(costs: dict[str, Cost]) -> str:
    rows = [
        "| what happens | bridge reads | bridge writes | console reads | console writes |",
        "|---|---:|---:|---:|---:|",
    ]
    for name, title in _ROWS:
        one = costs[name]
        counts = (one.bridge_reads, one.bridge_writes, one.console_reads, one.console_writes)
        rows.append(f"| {title} | " + " | ".join(f"{count:,}" for count in counts) + " |")
    return "\n".join(rows)


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _money(times: int, cost: Cost) -> float:
    reads = cost.bridge_reads + cost.console_reads
    return times * PRICES.of(reads, cost.bridge_writes + cost.console_writes)


def _example(costs: dict[str, Cost]) -> str:
    """Return a month of a small company, line by line."""
    seen = costs["a message, seen in the inbox"]
    each_seen = Cost(
        costs["a customer's message"].bridge_reads,
        costs["a customer's message"].bridge_writes,
        _CONSOLES * seen.console_reads,
    )
    parts = [
        (f"{_MESSAGES} messages a day, seen on {_CONSOLES} consoles", _MESSAGES * _DAYS, each_seen),
        (f"{_ANSWERS} answers a day", _ANSWERS * _DAYS, costs["an answer until it is read"]),
        (f"{_CHATS} conversations opened a day", _CHATS * _DAYS, costs["opening a conversation"]),
        (f"{_EVENTS} drafts a day", _EVENTS * _DAYS, costs["a draft from the chat"]),
        (f"{_EVENTS} events a day", _EVENTS * _DAYS, costs["saving it as an event"]),
        (f"{_CONSOLES} consoles opened a day", _CONSOLES * _DAYS, costs["opening the console"]),
        (
            f"{_CONSOLES} consoles for {_HOURS} hours a day",
            _CONSOLES * _HOURS * _DAYS,
            _for_accounts(costs["an idle hour of a console"]),
        ),
        (
            f"{_ACCOUNTS} accounts, day and night",
            24 * 30,
            _for_accounts(costs["an idle hour of an account"]),
        ),
        ("the bridge beside them", 24 * 30, costs["an idle hour of a bridge"]),
    ]
    reads = writes = 0
    lines = [
        f"A month of a company with {_ACCOUNTS} accounts and {_CONSOLES} operators, {_DAYS} days of"
        f" {_HOURS} hours:",
        "",
        "| | reads | writes | US$ |",
        "|---|---:|---:|---:|",
    ]
    for title, times, cost in parts:
        some_reads = times * (cost.bridge_reads + cost.console_reads)
        some_writes = times * (cost.bridge_writes + cost.console_writes)
        reads, writes = reads + some_reads, writes + some_writes
        price = PRICES.of(some_reads, some_writes)
        lines.append(f"| {title} | {some_reads:,} | {some_writes:,} | {price:.2f} |")
    total = PRICES.of(reads, writes)
    lines.append(f"| **together** | **{reads:,}** | **{writes:,}** | **{total:.2f}** |")
    fits = reads / 30 <= _FREE_READS and writes / 30 <= _FREE_WRITES
    verdict = "less than" if fits else "more than"
    lines += [
        "",
        f"That is {reads // 30:,} reads and {writes // 30:,} writes a day, {verdict} what is free.",
    ]
    return "\n".join(lines)


def _for_accounts(cost: Cost) -> Cost:
    return Cost(
        _ACCOUNTS * cost.bridge_reads, _ACCOUNTS * cost.bridge_writes,
        _ACCOUNTS * cost.console_reads, _ACCOUNTS * cost.console_writes,
    )  # fmt: skip


if __name__ == "__main__":
    COST_FILE.write_text(cost_page(measure()), encoding="utf-8")
