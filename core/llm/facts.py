"""Takes over what the model quoted, if the quotation stands and code can read a value from it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from core.crm.catalogue import Catalogue, Entry
from core.crm.extract.rules.ledger import Fact, Ledger, Service, clock
from core.crm.extract.rules.offers import accepts
from core.crm.extract.rules.payments import read_payment
from core.crm.extract.rules.people import spelled
from core.crm.extract.rules.services import same
from core.crm.extract.rules.turns import Turn
from core.crm.words import label_of
from core.i18n import _
from core.llm import values
from core.llm.quotes import find_quote
from core.llm.schemas import MAX_FACTS, QuotedFact
from core.llm.values import Span, Value

_ACCEPTED, _UNSURE = 0.85, 0.65
"""Confidence in what the company said and the customer answered with a plain yes, or otherwise."""
_SHOWN = {
    "service": "rolesBySlot", "price": "payment.amount", "depositSum": "payment.deposit",
    "depositSent": "payment.status", "paidInFull": "payment.status",
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
    dropped: list[str] = field(default_factory=list)
    """What was left out and why, for the operator."""
    _month: tuple[int, int, tuple[str, ...]] | None = None
    """Year and month that the customer named last, with their messages."""

    def read(self, facts: list[QuotedFact]) -> None:
        """Take over all facts: of several about one field, the newest message counts."""
        known = [fact for fact in facts[:MAX_FACTS] if fact.message_id in self.turns]
        for _fact in range(min(len(facts), MAX_FACTS) - len(known)):
            self.dropped.append(_("A fact was left out: the message that it cites does not exist."))
        for fact in sorted(known, key=self._newest):
            self._take(fact)

    def _newest(self, fact: QuotedFact) -> int:
        accepted = self.turns.get(fact.accepted_in or "")
        return max(self.turns[fact.message_id].index, accepted.index if accepted else -1)

    def _drop(self, fact: QuotedFact, why: str) -> None:
        name = label_of(_SHOWN.get(fact.field, fact.field))
        self.dropped.append(_("{field} was left out: {why}.").format(field=name, why=why))

    def _take(self, fact: QuotedFact) -> None:
        evidence = self._evidence(fact)
        if evidence is None:
            return
        taken = any(self._put(fact, evidence, span) for span in evidence.spans)
        if not taken:
            self._drop(fact, _("the quoted words do not say one value"))

    def _evidence(self, fact: QuotedFact) -> Evidence | None:
        turn = self.turns[fact.message_id]
        spans = find_quote(turn, fact.quote)
        if not spans:
            self._drop(fact, _("the quoted words are not in the message"))
            return None
        if turn.inbound:
            return Evidence(turn, spans, (turn.id,), 1.0)
        answer = self.turns.get(fact.accepted_in or "")
        if answer is None or not answer.inbound or answer.index <= turn.index:
            self._drop(fact, _("only the company said it, and the customer did not accept"))
            return None
        ceiling = _ACCEPTED if accepts(answer) else _UNSURE
        self.ledger.accepted = True
        return Evidence(turn, spans, (turn.id, answer.id), ceiling)

    def _put(self, fact: QuotedFact, found: Evidence, span: Span) -> bool:
        """Set the field from one place of a quotation; whether the words there gave a value."""
        turn = found.turn
        match fact.field:
            case "date":
                return self._date(found, span)
            case "startTime":
                return self._time(found, span)
            case "durationMin":
                return self._set("durationMin", values.read_minutes(turn, span), found)
            case "address":
                return self._set("address", values.read_address(turn, span), found)
            case "parentName" | "childName":
                return self._set(fact.field, values.read_name(turn, span), found, spelled)
            case "childAge":
                return self._set("childAge", values.read_age(turn, span), found)
            case "numChildren":
                return self._set("numChildren", values.read_children(turn, span), found)
            case "service":
                return self._services(fact, found, span)
            case _:
                return self._payment(fact, found, span)

    def _set(
        self,
        name: str,
        value: Value[Any] | None,
        found: Evidence,
        shape: Callable[[Any], Any] = lambda plain: plain,
    ) -> bool:
        if value is None:
            return False
        confidence = min(value.confidence, found.ceiling)
        self.ledger.facts[name] = Fact(shape(value.value), found.ids, confidence)
        return True

    def _date(self, found: Evidence, span: Span) -> bool:
        day = values.read_date(found.turn, span)
        if day is None:
            month = values.read_month(found.turn, span)
            if month is not None:
                year = found.turn.day.year + (month < found.turn.day.month)
                self._month = (year, month, found.ids)
            return month is not None
        ids = found.ids
        if day.partial and self._month is not None:
            moved = _in_month(self._month[0], self._month[1], day.value.day)
            if moved is not None and moved >= found.turn.day:
                day = Value(moved, day.confidence)
                ids = tuple(dict.fromkeys((*self._month[2], *ids)))
        self._month = (day.value.year, day.value.month, ids[-1:])
        if found.turn.inbound:
            self.ledger.mentioned_days.append((day.value, found.turn.id))
        return self._set("date", day, Evidence(found.turn, found.spans, ids, found.ceiling))

    def _time(self, found: Evidence, span: Span) -> bool:
        hour = values.read_time(found.turn, span)
        if hour is None:
            return False
        begin, minutes = hour.value
        if minutes is not None:
            self._set("durationMin", Value(minutes, hour.confidence), found)
        return self._set("startTime", Value(clock(begin), hour.confidence), found)

    def _services(self, fact: QuotedFact, found: Evidence, span: Span) -> bool:
        named = values.read_services(found.turn, span, fact.service, self.catalogue)
        for entry in named.value if named is not None else ():
            self._add(entry, found.ids)
        return named is not None

    def _add(self, entry: Entry, ids: tuple[str, ...]) -> None:
        """Add a service; a variant takes the place of its kind, as the same thing said again."""
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

    def _payment(self, fact: QuotedFact, found: Evidence, span: Span) -> bool:
        money = values.read_sum(found.turn, span, self.currency)
        if fact.field == "price":
            if money is None:
                return False
            amount, currency = money.value
            self._set("payment.amount", Value(amount, money.confidence), found)
            return self._set("payment.currency", Value(currency, money.confidence), found)
        if fact.field == "depositSum":
            if money is None:
                return False
            return self._set("payment.deposit", Value(money.value[0], money.confidence), found)
        if not found.turn.inbound:
            return False
        status = "PAID" if fact.field == "paidInFull" else "DEPOSIT"
        told = Ledger()
        read_payment(found.turn, told, self.currency)
        sure = told.value("payment.status") == status
        if status == "DEPOSIT" and money is not None and "payment.deposit" not in self.ledger.facts:
            self._set("payment.deposit", Value(money.value[0], money.confidence), found)
        return self._set("payment.status", Value(status, values.SURE if sure else 0.6), found)


def _in_month(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
