"""Customers that live by themselves: they read, answer after a while, and begin new talks.

Time is their own: it runs with the settings' speed, stands still at speed 0, and can be moved on by
hand. What they will do is in the agenda, durable, so that a restart forgets nothing; every choice
follows from the seed.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from bridge.errors import SimulatorError
from bridge.simulator.business import Sent
from bridge.simulator.customers import Customers
from bridge.simulator.manners import load_settings
from bridge.simulator.people import Phone
from bridge.simulator.state import State

_LOG = logging.getLogger(__name__)
_NOW = "agenda_now"
_TURNS = "agenda_turns"
_LONGEST_NAP = 1.0


class Persona(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How one kind of customer behaves."""

    reads_after: tuple[float, float]
    """Seconds from a message's arrival to its being read: least and most."""
    answers_after: tuple[float, float]
    """Seconds from reading to answering."""
    answers: list[str]
    """What it says, in turn; each begins anew at the end."""
    openers: list[str] = []
    """How it begins a talk by itself."""
    patience: float = 1.0
    """Chance that a message is answered at all."""
    emoji: list[str] = []
    """Reactions that it gives now and then."""


class Personas:
    """The lives of the customers that have a persona."""

    def __init__(self, state: State, customers: Customers, personas: Mapping[str, Persona]) -> None:
        self._state = state
        self._customers = customers
        self._personas = dict(personas)
        self._elapsed: Callable[[], float] = lambda: 0.0
        self._mark = 0.0
        self._changed = asyncio.Event()

    # -- time ------------------------------------------------------------------------------------

    def now(self) -> float:
        """Return the personas' own time in seconds."""
        return float(self._state.db.meta(_NOW, "0"))

    def _catch_up(self) -> float:
        """Move their time on by what has passed, and return it."""
        elapsed = self._elapsed()
        passed = (elapsed - self._mark) * load_settings(self._state.db).speed
        self._mark = elapsed
        now = self.now() + passed
        if passed:
            self._state.db.set_meta(_NOW, repr(now))
        return now

    async def run(self) -> None:
        """Do what is on the agenda when its time comes, until cancelled."""
        self._elapsed = asyncio.get_running_loop().time
        self._mark = self._elapsed()
        while True:
            self._changed.clear()
            self.do_due(self._catch_up())
            row = self._state.db.row("SELECT min(due) AS due FROM agenda")
            speed = load_settings(self._state.db).speed
            nap = _LONGEST_NAP
            if row is not None and row["due"] is not None and speed:
                nap = min(nap, max(0.01, (row["due"] - self.now()) / speed))
            idle = row is None or row["due"] is None or not speed
            try:
                async with asyncio.timeout(None if idle else nap):
                    await self._changed.wait()
            except TimeoutError:
                continue
            if idle:
                self._mark = self._elapsed()

    def advance(self, seconds: float) -> int:
        """Move their time on at once; returns how many things they did meanwhile."""
        if seconds < 0:
            raise SimulatorError("Time does not go back.")
        until = self.now() + seconds
        done = self.do_due(until)
        self._state.db.set_meta(_NOW, repr(until))
        return done

    def poke(self) -> None:
        """The settings or the agenda changed."""
        self._changed.set()

    # -- agenda ----------------------------------------------------------------------------------

    def plan(self, delay: float, action: str, **detail: Any) -> None:
        """Put something on the agenda, `delay` of their seconds from now."""
        with self._state.db.change():
            self._state.db.run(
                "INSERT INTO agenda (due, action, detail) VALUES (?,?,?)",
                self.now() + delay, action, msgspec.json.encode(detail).decode(),
            )  # fmt: skip
        self.poke()

    def do_due(self, until: float) -> int:
        """Do everything due by then, in order; returns how many things."""
        done = 0
        db = self._state.db
        while (row := db.row("SELECT * FROM agenda ORDER BY due, seq LIMIT 1")) is not None:
            if row["due"] > until:
                break
            try:
                with db.change():
                    db.run("DELETE FROM agenda WHERE seq = ?", row["seq"])
                    db.set_meta(_NOW, repr(max(self.now(), row["due"])))
                    self._do(row["action"], msgspec.json.decode(row["detail"]))
            except SimulatorError as error:  # what it was about is no longer there
                _LOG.warning("a persona could not %s: %s", row["action"], error.message)
                with db.change():
                    db.run("DELETE FROM agenda WHERE seq = ?", row["seq"])
            done += 1
        return done

    def _do(self, action: str, detail: dict[str, Any]) -> None:
        if action == "read":
            self._customers.read(
                detail["phone"],
                message_ids=detail["ids"],
                to=detail["to"],
                group=detail["group"],
            )
        elif action == "type":
            self._customers.type_in(detail["phone"], to=detail["to"])
        elif action == "react":
            self._customers.react(detail["phone"], detail["id"], detail["emoji"])
        elif action == "write":
            content = {"kind": "text", "text": detail["text"]}
            self._customers.write(detail["phone"], content, to=detail["to"])
        elif action == "open":
            self._open_talk(detail["to"], detail["every"])

    # -- behaviour -------------------------------------------------------------------------------

    def _dice(self) -> random.Random:
        """Return fresh dice that fall the same in every run with one seed."""
        turn = int(self._state.db.meta(_TURNS, "0")) + 1
        self._state.db.set_meta(_TURNS, str(turn))
        return random.Random(f"{self._state.db.meta('seed', '0')}|{turn}")  # noqa: S311 - not secret

    def on_sent(self, owner: str, sent: Sent) -> None:
        """The operator wrote: whoever got it will read it and perhaps answer."""
        for number in sent.recipients:
            phone = self._state.people.phone(number)
            persona = self._personas.get(phone.persona)
            if persona is not None and phone.delivers:
                with self._state.db.change():
                    self._plan_answer(owner, phone, persona, sent)

    def _plan_answer(self, owner: str, phone: Phone, persona: Persona, sent: Sent) -> None:
        dice = self._dice()
        delay = dice.uniform(*persona.reads_after)
        ids = [sent.message_id] if sent.group else []
        self.plan(delay, "read", phone=phone.number, to=owner, group=sent.group, ids=ids)
        if persona.emoji and dice.random() < 0.25:
            emoji = dice.choice(persona.emoji)
            self.plan(delay + 1, "react", phone=phone.number, id=sent.message_id, emoji=emoji)
        if sent.group or dice.random() > persona.patience or not persona.answers:
            return
        thinking = dice.uniform(*persona.answers_after)
        self.plan(delay + thinking * 0.4, "type", phone=phone.number, to=owner)
        text = persona.answers[self._next_line(phone) % len(persona.answers)]
        self.plan(delay + thinking, "write", phone=phone.number, to=owner, text=text)

    def _next_line(self, phone: Phone) -> int:
        key = f"line:{phone.number}"
        line = int(self._state.db.meta(key, "0"))
        self._state.db.set_meta(key, str(line + 1))
        return line

    def _open_talk(self, owner: str, every: float) -> None:
        """Let some customer begin a talk, and plan the next one."""
        dice = self._dice()
        lively = [
            phone
            for phone in self._state.people.all("customer")
            if phone.persona in self._personas
            and self._personas[phone.persona].openers
            and phone.account in ("", owner)
        ]
        if lively:
            phone = dice.choice(lively)
            openers = self._personas[phone.persona].openers
            text = openers[self._next_line(phone) % len(openers)]
            self._customers.write(phone.number, {"kind": "text", "text": text}, to=owner)
        self.plan(dice.uniform(0.6, 1.4) * every, "open", to=owner, every=every)
