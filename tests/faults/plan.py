"""What happens in a run, made from one seed before it starts: the same seed, the same plan."""

import random
from dataclasses import dataclass, field
from typing import Any, Final

ACCOUNT: Final = "WA-01"
PHONE: Final = "40700000001"
CUSTOMERS: Final = tuple(f"4071200000{number}" for number in range(6))
PAST_CHATS: Final = tuple(f"4071300000{number}" for number in range(8))
"""People who are only in the phone's history."""
GROUP: Final = "group"
"""Stands for the one group in deeds."""

Detail = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that somebody does."""

    kind: str
    detail: Detail = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kill:
    """How a round ends."""

    kind: str
    """`instant`, `startup`, `failpoint`, `worker failpoint`, or `worker`: that process alone."""
    seconds: float = 0.0
    """After how long, for what has no failpoint."""
    failpoint: str = ""
    """As in `CAPCOADA_FAILPOINTS`."""


@dataclass(frozen=True, slots=True)
class Round:
    """From the start of a bridge, or where the last round left it, to the next kill."""

    number: int
    kill: Kill
    deeds: tuple[Deed, ...]
    faults: tuple[Deed, ...] = ()
    """Of the simulator."""
    outage: Deed | None = None
    """Of the store or the disk, over before the round is."""
    full: str = ""
    """A failpoint at which the disk is full."""
    clock: str = ""
    """How wrong the clock of the bridge and its workers is, as in `CAPCOADA_CLOCK`."""
    is_eager: bool = False
    """Whether people act while the bridge starts, or once it is connected."""

    @property
    def ends_bridge(self) -> bool:
        """Whether no bridge runs when the round is over."""
        return self.kill.kind != "worker"

    def __str__(self) -> str:
        parts = [f"{self.number}: {self.kill.kind}"]
        parts.append(self.kill.failpoint or f"{self.kill.seconds:.3f}s")
        parts += [f"fault {one.kind}" for one in self.faults]
        parts += [f"outage {self.outage.kind}"] if self.outage else []
        parts += [f"full {self.full}"] if self.full else []
        parts += [f"clock {self.clock}"] if self.clock else []
        return " · ".join([*parts, " ".join(one.kind for one in self.deeds)])


_BRIDGE_FAILPOINTS: Final = {
    "store.commit.begin": 12,
    "store.commit.end": 12,
    "store.commit.answer": 12,
    "journal.done": 4,
    "ingest.commit": 4,
    "ingest.noted": 4,
    "notes.save": 2,
    "outbox.accepted": 3,
    "outbox.claimed": 3,
    "outbox.asked": 3,
    "outbox.answered": 3,
    "outbox.sent": 3,
    "triggers.settle": 3,
    "triggers.settled": 2,
    "account.write": 3,
}
"""Failpoints of the bridge, and the latest passage at which one is tried."""
_WORKER_FAILPOINTS: Final = {"journal.append.begin": 6, "journal.append.end": 6}
_FULL: Final = {
    "store.commit.begin": 20,
    "store.commit.end": 20,
    "journal.append.begin": 3,
    "journal.done": 2,
    "notes.save": 2,
}
_FAULTS: Final = (
    "disconnect", "slow", "lost_answer", "error_after_delivery", "duplicate", "reorder",
    "ack_lost", "undecryptable", "keepalive_timeout", "error_before_send",
    "refuse_connections",
)  # fmt: skip
_LONGER_THAN_PATIENCE: Final = 6.0
"""Seconds; for five of them a writer waits for the store's lock."""
_CLOCKS: Final = ("+3600", "-3600", "+86400@0.8", "-7200@1.2", "+90", "-90@0.5")
_DEEDS: Final = {
    "write": 10, "send": 10, "media": 2, "quote": 2, "edit": 2, "revoke": 1, "react": 2,
    "read": 4, "offline": 1, "online": 2, "owner_writes": 1, "owner_reads": 1, "mark_read": 2,
    "event": 4, "event_change": 3, "event_archive": 1, "resolve": 1,
}  # fmt: skip
"""What people do, and how often."""


def make_plan(seed: int, kills: int) -> list[Round]:
    """Return rounds of at least this many kills."""
    chance = random.Random(seed)
    rounds: list[Round] = []
    done = serial = 0
    runs = False
    while done < kills:
        number = len(rounds) + 1
        kill = _kill(chance, runs)
        deeds = []
        for _ in range(chance.randint(5, 12)):
            serial += 1
            deeds.append(make_deed(chance, serial))
        if number % 25 == 12:
            deeds.append(Deed("unlink"))
        rounds.append(_round(chance, number, kill, tuple(deeds), runs))
        done += 2 if kill.kind == "worker failpoint" else 1
        runs = not rounds[-1].ends_bridge
    return rounds


def _kill(chance: random.Random, runs: bool) -> Kill:
    kinds = {"instant": 4, "worker": 4}
    if not runs:  # A running process cannot be armed any more.
        kinds |= {"startup": 2, "failpoint": 9, "worker failpoint": 1}
    kind = chance.choices(list(kinds), list(kinds.values()))[0]
    if kind == "failpoint":
        name, latest = chance.choice(sorted(_BRIDGE_FAILPOINTS.items()))
        return Kill(kind, failpoint=f"{name}:{chance.randint(1, latest)}:kill")
    if kind == "worker failpoint":
        name, latest = chance.choice(sorted(_WORKER_FAILPOINTS.items()))
        return Kill(kind, failpoint=f"{name}:{chance.randint(1, latest)}:kill")
    return Kill(kind, seconds=round(chance.uniform(0.0, 1.0), 3))


def _round(
    chance: random.Random, number: int, kill: Kill, deeds: tuple[Deed, ...], runs: bool
) -> Round:
    faults = [Deed(chance.choice(_FAULTS)) for _ in range(chance.choice((0, 0, 1, 1, 2)))]
    faults = [
        Deed(one.kind, {"seconds": round(chance.uniform(0.05, 0.6), 2)})
        if one.kind in ("slow", "keepalive_timeout")
        else one
        for one in faults
    ]
    outage = None
    if kill.kind in ("instant", "worker") and chance.random() < 0.4:
        kind = chance.choice(("locked", "moved away", "full disk"))
        is_long = kind == "locked" and chance.random() < 0.1
        seconds = _LONGER_THAN_PATIENCE if is_long else chance.uniform(0.2, 0.8)
        outage = Deed(kind, {"seconds": round(seconds, 2)})
    full = clock = ""
    if not runs and chance.random() < 0.2:
        name, latest = chance.choice(sorted(_FULL.items()))
        full = f"{name}:{chance.randint(1, latest)}:full"
    if full.partition(":")[0] == kill.failpoint.partition(":")[0]:
        full = ""
    if not runs and chance.random() < 0.2:
        clock = chance.choice(_CLOCKS)
    return Round(
        number, kill, deeds, tuple(faults), outage, full, clock, is_eager=chance.random() < 0.3
    )


def make_deed(chance: random.Random, serial: int) -> Deed:
    kind = chance.choices(list(_DEEDS), list(_DEEDS.values()))[0]
    detail: Detail = {"serial": serial, "pick": chance.random()}
    if kind in ("write", "send", "media", "quote", "mark_read"):
        detail["chat"] = chance.choice((*CUSTOMERS, *CUSTOMERS, GROUP))
    elif kind in ("read", "offline", "online", "owner_writes", "owner_reads"):
        detail["chat"] = chance.choice(CUSTOMERS)
    elif kind == "event":
        detail["chat"] = chance.choice(CUSTOMERS)
        detail["amount"] = str(chance.choice(("0.10", "0.20", "1200", "899.99", "450.50")))
        detail["status"] = chance.choice(("UNPAID", "DEPOSIT", "PAID", "CANCELLED"))
        detail["day"] = chance.randint(1, 28)
    elif kind == "event_change":
        detail["status"] = chance.choice(("UNPAID", "DEPOSIT", "PAID", "CANCELLED"))
    elif kind == "react":
        detail["emoji"] = chance.choice(("👍", "❤️", ""))
    elif kind == "resolve":
        detail["action"] = chance.choice(("cancel", "mark_sent"))
    if kind == "media":
        detail["content"] = chance.choice(("image", "document", "voice", "location"))
    return Deed(kind, detail)
