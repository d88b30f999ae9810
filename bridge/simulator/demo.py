"""The demo company: two accounts, some forty customers, their past weeks, and their lives."""

import importlib.resources
import random
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from bridge.simulator.people import digits
from bridge.simulator.personas import Persona
from bridge.simulator.simulator import Simulator
from bridge.simulator.talk import Line, fill_in_dates, parse_talk

_BUILT = "company"
_ZONE = ZoneInfo("Europe/Bucharest")
_MARGIN_SECONDS = 40
"""The newest message of the past is at least this old."""


class Account(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A phone of the company and the account that it lets link."""

    id: str
    name: str
    phone: str


class Customer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A customer and what was said so far."""

    phone: str
    name: str
    persona: str
    talk: str
    account: str
    also: str = ""
    """A second account that this customer writes to, with the talk there in `also_talk`."""
    also_talk: str = ""
    contact: str = ""
    """The name in the company's address book."""
    addressing: str = "phone"


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A group with the company in it."""

    subject: str
    account: str
    members: dict[str, str]
    """Short name, as in the talk, to phone number."""
    talk: str


class Company(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything in company.toml."""

    opens_every: float
    """About how many seconds pass between talks that customers begin."""
    accounts: list[Account]
    personas: dict[str, Persona]
    customers: list[Customer]
    groups: list[Group]


def load_company() -> Company:
    """Read the demo company that comes with the program."""
    text = importlib.resources.files("bridge.simulator").joinpath("company.toml").read_bytes()
    return msgspec.convert(tomllib.loads(text.decode()), Company)


def build_company(simulator: Simulator, company: Company, *, seed: int) -> None:
    """Fill a new state with the company; does nothing to a state that has it already.

    The past is relative to the simulator's clock; the same seed and clock give the same company.
    """
    state = simulator.state
    if state.db.meta(_BUILT):
        return
    now = state.clock()
    with state.db.change():
        for account in company.accounts:
            changes = {"name": account.name, "account": account.id, "willing": 1}
            state.people.put(account.phone, "business", changes)
        phones = {account.id: digits(account.phone) for account in company.accounts}
        remembered: list[_Remembered] = []
        for customer in company.customers:
            remembered += _introduce(simulator, customer, phones, now, seed)
        for group in company.groups:
            remembered += _gather(simulator, group, phones, now, seed)
        remembered.sort(key=lambda one: (one.seconds, one.owner, one.chat, one.place))
        _Notebook(simulator).write(remembered)
        for account in company.accounts:
            phone = phones[account.id]
            delay = random.Random(f"{seed}|{phone}").uniform(0.1, 0.4)  # noqa: S311
            simulator.personas.plan(
                company.opens_every * delay, "open", to=phone, every=company.opens_every
            )
        state.db.set_meta(_BUILT, "built")


@dataclass(frozen=True, slots=True)
class _Remembered:
    """One line of a talk with its time and place."""

    owner: str
    chat: str
    place: int
    """Its number within the talk."""
    seconds: int
    sender: str
    line: Line
    is_read: bool


def _introduce(
    simulator: Simulator, customer: Customer, phones: dict[str, str], now: datetime, seed: int
) -> list[_Remembered]:
    people = simulator.state.people
    owner = phones[customer.account]
    phone = people.put(
        customer.phone,
        "customer",
        {
            "name": customer.name,
            "addressing": customer.addressing,
            "persona": customer.persona,
            "account": "" if customer.also else owner,
        },
    )
    talks = [(owner, customer.talk)]
    if customer.also:
        talks.append((phones[customer.also], customer.also_talk))
    found: list[_Remembered] = []
    for one, talk in talks:
        if customer.contact:
            people.put_contact(one, phone.number, customer.contact)
        found += _place(one, phone.number, {"": phone.number}, talk, now=now, seed=seed)
    return found


def _gather(
    simulator: Simulator, group: Group, phones: dict[str, str], now: datetime, seed: int
) -> list[_Remembered]:
    people = simulator.state.people
    owner = phones[group.account]
    for name, number in group.members.items():
        if people.find(number) is None:
            people.put(number, "customer", {"name": name})
    members = {name: digits(number) for name, number in group.members.items()}
    jid = people.put_group("", group.subject, [owner, *members.values()])
    return _place(owner, jid, members, group.talk, now=now, seed=seed)


def _place(
    owner: str, chat: str, members: dict[str, str], talk: str, *, now: datetime, seed: int
) -> list[_Remembered]:
    lines = list(parse_talk(fill_in_dates(talk, now.astimezone(_ZONE).date())))
    times = list(_times(lines, now, random.Random(f"{seed}|{owner}|{chat}")))  # noqa: S311
    answered = max((n for n, line in enumerate(lines) if line.from_me), default=-1)
    return [
        _Remembered(
            owner, chat, number, seconds, owner if line.from_me else members[line.who], line,
            is_read=number < answered or line.from_me,
        )
        for number, (line, seconds) in enumerate(zip(lines, times, strict=True))
    ]  # fmt: skip


def _times(lines: list[Line], now: datetime, dice: random.Random) -> Iterator[int]:
    """Yield when each line was written: rising, and all of it before `now`."""
    latest = int(now.timestamp()) - _MARGIN_SECONDS
    today = now.astimezone(_ZONE).date()
    found: list[int] = []
    moment = latest - 3600
    for line in lines:
        if line.day is not None and line.clock:
            at = datetime.combine(
                today + timedelta(days=line.day), time.fromisoformat(line.clock), _ZONE
            )
            moment = int(at.astimezone(UTC).timestamp())
        else:
            moment += dice.randint(25, 400)
        found.append(moment)
    # What would lie in the future happened just now instead, in the same order.
    for number in range(len(found) - 1, -1, -1):
        latest = found[number] = min(found[number], latest)
        latest -= dice.randint(15, 90)
    yield from found


class _Notebook:
    """Writes remembered lines into the phones' own history."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._last: dict[tuple[str, str, bool], str] = {}
        """The newest message id of each side of each chat."""

    def write(self, remembered: list[_Remembered]) -> None:
        """Write them in the order given."""
        for one in remembered:
            line, key = one.line, (one.owner, one.chat, one.line.from_me)
            other = self._last.get((one.owner, one.chat, not line.from_me), "")
            if line.reaction:
                self._react(one, other)
                continue
            content: dict[str, Any] = dict(line.content)
            if line.is_reply and other:
                content["quoted"] = dict(self._simulator.state.quoted(one.owner, other))
            entry: dict[str, Any] = {
                "chat": one.chat, "seconds": one.seconds, "content": content,
                "from_me": line.from_me, "sender": one.sender, "is_read": one.is_read,
            }  # fmt: skip
            (self._last[key],) = self._simulator.remember(one.owner, [entry])

    def _react(self, one: _Remembered, target: str) -> None:
        state = self._simulator.state
        row = state.message(one.owner, target)
        jid = state.people.phone(one.sender).jid
        reactions = msgspec.json.decode(row["reactions"]) | {jid: one.line.reaction}
        state.db.run(
            "UPDATE message SET reactions = ? WHERE seq = ?",
            msgspec.json.encode(reactions).decode(), row["seq"],
        )  # fmt: skip
