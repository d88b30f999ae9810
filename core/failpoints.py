"""Named places between two writes where a test has this process die, or its disk fill up.

A process is armed by the environment it was started with, for example
`CAPCOADA_FAILPOINTS="store.commit.end:3:kill,journal.append.begin:1:full"`: the third commit is the
last thing that the process does, and the journal finds the disk full once. Unarmed, as always
outside of tests, a failpoint is a call of a function that does nothing.
"""

import os
import signal
import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final, Literal

import msgspec

VARIABLE: Final = "CAPCOADA_FAILPOINTS"

Action = Literal["kill", "full"]
"""`kill` ends the process by SIGKILL; `full` is what SQLite says when the disk is full."""

NAMES: Final = (
    "store.commit.begin",  # a commit is about to begin
    "store.commit.end",  # everything is written, SQLite's COMMIT comes next
    "store.commit.answer",  # the commit is on the disk, nobody was told
    "journal.append.begin",  # WhatsApp's event is in memory only
    "journal.append.end",  # the event is in the journal, WhatsApp was not told
    "journal.done",  # documents and notes are durable, the entry does not count as done
    "journal.compact",  # between two steps of a compaction
    "ingest.commit",  # documents are written, the notes are not saved
    "ingest.noted",  # the notes are saved, the entry does not count as done
    "notes.save",  # the notes are about to become durable
    "outbox.accepted",  # the outbox has the message, the console was not told
    "outbox.claimed",  # `sending` is durable, the worker was not asked
    "outbox.asked",  # the worker was asked, no answer came yet
    "outbox.answered",  # WhatsApp's id is known, `sent` is not written
    "outbox.sent",  # `sent` is written, receipts that overtook it are not applied
    "triggers.settle",  # an event changed, nothing that follows from it is written
    "triggers.settled",  # what follows is written, the cursor is where it was
    "account.write",  # the account's document is about to be written
)  # fmt: skip
"""Every failpoint, by the part of the program that it is in."""


class FailpointsUnclear(ValueError):
    """The environment variable cannot be understood."""


_ACTIONS: Final[Mapping[str, Action]] = {"kill": "kill", "full": "full"}


class Armed(msgspec.Struct, frozen=True):
    """What happens at one failpoint."""

    count: int
    """At which passage it happens; the first is 1."""
    action: Action


def parse(text: str) -> Mapping[str, Armed]:
    """Return what `name:count:action,…` asks for. Raises FailpointsUnclear."""
    armed: dict[str, Armed] = {}
    for part in filter(None, text.split(",")):
        name, _, rest = part.strip().partition(":")
        count, _, action = rest.partition(":")
        if name not in NAMES or not count.isdigit() or action not in _ACTIONS:
            raise FailpointsUnclear(f"{VARIABLE}: {part!r} is not name:count:action")
        armed[name] = Armed(int(count), _ACTIONS[action])
    return armed


def armed_by(text: str) -> Callable[[str], None]:
    """Return the `reach` of a process that was started with this. Raises FailpointsUnclear."""
    armed = parse(text)
    passages: Counter[str] = Counter()

    def pass_by(name: str) -> None:
        passages[name] += 1
        if (found := armed.get(name)) is None or found.count != passages[name]:
            return
        if found.action == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error

    return pass_by if armed else _pass


def _pass(_name: str) -> None:
    """Go on: nothing is armed."""


reach: Callable[[str], None] = armed_by(os.environ.get(VARIABLE, ""))
"""Tell that a failpoint was reached; the name is one of `NAMES`."""
