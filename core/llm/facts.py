"""Takes over what the model quoted, if the quotation stands and code can read a value from it."""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from core.crm.catalogue import Catalogue, Entry
from core.crm.draft import Reason, ReasonCode
from core.crm.extract.rules.acceptance import accepts
from core.crm.extract.rules.ledger import Fact, Ledger, Removal, Service, clock
from core.crm.extract.rules.mentions import same
from core.crm.extract.rules.payments import read_payment
from core.crm.extract.rules.removals import cut_down
from core.crm.extract.rules.services import drop, keep_only, left_alone
from core.crm.extract.rules.turns import Turn
from core.crm.resolve.roles import RoleMention
from core.llm import values
from core.llm.quotes import find_quote
from core.llm.schemas import MAX_FACTS, QuotedFact
from core.llm.values import Span, Value

_ACCEPTED, _UNSURE, _DOUBTED = 0.85, 0.65, 0.6
"""Confidence in what the company said and the customer answered with a plain yes or otherwise, and
in words about money sent that the rules do not understand so."""
_SHOWN = {
    "service": "rolesBySlot", "droppedService": "rolesBySlot", "price": "payment.amount",
    "depositSum": "payment.deposit", "depositSent": "payment.status",
    "paidInFull": "payment.status",
}  # fmt: skip


@dataclass(slots=True)
class Evidence:
    """A quotation that stands: the message, where in it, and who says it."""

    turn: Turn
    spans: list[Span]
    ids: tuple[str, ...]
    ceiling: float
    """The most that a value from it can be relied on."""


@dataclass(slots=True)
class FactReader:
    """Fills a ledger from a model's facts, message by message in the chat's own order."""

    turns: dict[str, Turn]
    """By the id that the model knows the message by."""
    catalogue: Catalogue
    currency: str
    ledger: Ledger = field(default_factory=Ledger)
    dropped: list[Reason] = field(default_factory=list)
    """What was left out and why, for the operator."""
    _month: tuple[int, int, tuple[str, ...]] | None = None
    """Year and month that the customer named last, with their messages."""

    def read(self, facts: list[QuotedFact]) -> None:
        """Take over all facts: of several about one field, the newest message counts."""
        known = [fact for fact in facts[:MAX_FACTS] if fact.message_id in self.turns]
        for _fact in range(min(len(facts), MAX_FACTS) - len(known)):
            self.dropped.append(Reason("unknown_message"))
        for fact in sorted(known, key=self._order):
            self._take(fact)

    def _order(self, fact: QuotedFact) -> tuple[int, bool]:
        """Return when a fact counts: by its message, and there after what the message drops."""
        return self._newest(fact), fact.field != "droppedService"

    def _newest(self, fact: QuotedFact) -> int:
        """Return the place of the message that makes a fact count."""
        turn = self.turns[fact.message_id]
        accepted = None if turn.inbound else self.turns.get(fact.accepted_in or "")
        return max(turn.index, accepted.index if accepted is not None else -1)

    def _drop(self, fact: QuotedFact, why: ReasonCode) -> None:
        self.dropped.append(Reason(why, (_SHOWN.get(fact.field, fact.field),)))

    def _take(self, fact: QuotedFact) -> None:
        evidence = self._evidence(fact)
        if evidence is None:
            return
        found = (self._value(fact, evidence.turn, span) for span in evidence.spans)
        said = {one.value: one for one in found if one is not None}
        if len(said) == 1:
            self._store(fact, next(iter(said.values())), evidence)
        else:
            self._drop(fact, "not_one_value")

    def _evidence(self, fact: QuotedFact) -> Evidence | None:
        turn = self.turns[fact.message_id]
        spans = find_quote(turn, fact.quote)
        if not spans:
            self._drop(fact, "not_in_message")
            return None
        if turn.inbound:
            return Evidence(turn, spans, (turn.id,), 1.0)
        answer = self.turns.get(fact.accepted_in or "")
        if answer is None or not answer.inbound or answer.index <= turn.index:
            self._drop(fact, "not_accepted")
            return None
        ceiling = _ACCEPTED if accepts(answer) else _UNSURE
        self.ledger.accepted = True
        return Evidence(turn, spans, (turn.id, answer.id), ceiling)

    def _value(self, fact: QuotedFact, turn: Turn, span: Span) -> Value[Any] | None:
        """Return what the words at one place say; None when that is nothing, or not one thing."""
        match fact.field:
            case "date":
                return values.read_date(turn, span) or values.read_month(turn, span)
            case "startTime":
                return values.read_time(turn, span)
            case "durationMin":
                return values.read_minutes(turn, span)
            case "address":
                return values.read_address(turn, span)
            case "parentName" | "childName":
                return values.read_name(turn, span)
            case "childAge":
                return values.read_age(turn, span)
            case "numChildren":
                return values.read_children(turn, span)
            case "service" | "droppedService":
                return values.read_services(turn, span, fact.service, self.catalogue)
            case "price" | "depositSum":
                return values.read_sum(turn, span, self.currency)
            case _:
                return self._paid(fact, turn, span)

    def _paid(self, fact: QuotedFact, turn: Turn, span: Span) -> Value[Any] | None:
        """Return the status that a customer's words give, and the sum that they name, if any."""
        if not turn.inbound:
            return None
        status = "PAID" if fact.field == "paidInFull" else "DEPOSIT"
        told = Ledger()
        read_payment(turn, told, self.currency)
        money = values.read_sum(turn, span, self.currency)
        sure = told.value("payment.status") == status
        amount = money.value[0] if money is not None else None
        return Value((status, amount), values.SURE if sure else _DOUBTED)

    def _store(self, fact: QuotedFact, value: Value[Any], found: Evidence) -> None:
        """Set what a fact says; of a span of hours the length too."""
        match fact.field:
            case "date":
                self._store_day(value, found)
            case "startTime":
                begin, minutes = value.value
                self._set("startTime", clock(begin), value.confidence, found)
                if minutes is not None:
                    self._set("durationMin", minutes, value.confidence, found)
            case "service":
                for entry in value.value:
                    self._add(entry, found.ids)
            case "droppedService":
                self._take_out(value.value, found)
            case "price":
                self._set("payment.amount", value.value[0], value.confidence, found)
                self._set("payment.currency", value.value[1], value.confidence, found)
            case "depositSum":
                self._set("payment.deposit", value.value[0], value.confidence, found)
            case "depositSent" | "paidInFull":
                status, amount = value.value
                self._set("payment.status", status, value.confidence, found)
                if status == "DEPOSIT" and amount and self.ledger.value("payment.deposit") is None:
                    self._set("payment.deposit", amount, value.confidence, found)
            case name:
                self._set(name, value.value, value.confidence, found)

    def _set(self, name: str, value: object, confidence: float, found: Evidence) -> None:
        self.ledger.facts[name] = Fact(value, found.ids, min(confidence, found.ceiling))

    def _store_day(self, value: Value[Any], found: Evidence) -> None:
        """Set the date; a month alone is remembered, a day alone belongs to the month before."""
        day = value.value
        if isinstance(day, int):
            year = found.turn.day.year + (day < found.turn.day.month)
            self._month = (year, day, found.ids)
            return
        if value.partial and self._month is not None:
            year, month, ids = self._month
            moved = _in_month(year, month, day.day)
            if moved is not None and moved >= found.turn.day:
                day = moved
                found = replace(found, ids=tuple(dict.fromkeys((*ids, *found.ids))))
        self._month = (day.year, day.month, found.ids[-1:])
        if found.turn.inbound:
            self.ledger.mentioned_days.append((day, found.turn.id))
        self._set("date", day, value.confidence, found)

    def _take_out(self, entries: tuple[Entry, ...], found: Evidence) -> None:
        """Note services that go, whether they were asked for earlier or are stored.

        Of "only Elsa" those go that are not named.
        """
        left = left_alone(found.turn, _touched(found))
        if left:
            keep_only(self.ledger, [mention.entry for mention in left])
            cut_down(found.turn, self.ledger, left, asked=True)
            return
        for entry in entries:
            drop(self.ledger, entry)
            self.ledger.removals.append(Removal(entry, found.ids, asked=True))

    def _add(self, entry: Entry, ids: tuple[str, ...]) -> None:
        """Add a service; a variant takes the place of its kind, as the same thing said again."""
        self.ledger.removals = [one for one in self.ledger.removals if not same(one.entry, entry)]
        for number, service in enumerate(self.ledger.services):
            old = service.entry
            if same(old, entry):
                return
            if old.role_type != entry.role_type or entry.role_type == "OTHER":
                continue
            if entry.label is None:
                return
            if old.label is None:
                self.ledger.services[number] = Service(entry, ids, asked=True)
                return
        self.ledger.services.append(Service(entry, ids, asked=True))


def _touched(found: Evidence) -> list[RoleMention]:
    """Return the services of a message that a quotation touches."""
    return [
        mention
        for mention in found.turn.roles
        if any(mention.start < end and start < mention.end for start, end in found.spans)
    ]


def _in_month(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
