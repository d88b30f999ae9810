"""The rules engine: reads a chat turn by turn and proposes what it says, never more."""

import re
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from core.crm.catalogue import Catalogue, load_catalogue
from core.crm.draft import EventDraft, Extraction, ExtractionInput, Payment, Role
from core.crm.extract.rules import lexicon, offers, payments, schedule, services
from core.crm.extract.rules.intents import Verdict, judge
from core.crm.extract.rules.ledger import Ledger
from core.crm.extract.rules.people import read_people
from core.crm.extract.rules.places import find_address
from core.crm.extract.rules.turns import Turn, read_turns
from core.i18n import _

ENGINE = "rules"


def extract(
    chat: ExtractionInput, *, catalogue: Catalogue | None = None, currency: str = "RON"
) -> Extraction:
    """Return what a chat proposes: intent, action, event draft, evidence and reasons.

    `currency` is the business's own, which a bare price is in. Raises ZoneInfoNotFoundError for an
    unknown time zone.
    """
    words = catalogue or load_catalogue()
    turns = read_turns(chat.messages, ZoneInfo(chat.timezone), words)
    begin = _latest_party(turns, chat)
    ledger = Ledger()
    for turn in turns[begin:]:
        if not turn.folded.strip():
            continue
        if turn.inbound:
            _hear(turn, ledger, words, currency)
        else:
            if turn.index == 0 or turns[turn.index - 1].inbound:
                ledger.asked = set()
            offers.read_outbound(turn, ledger, currency)
            ledger.last_outbound = turn.folded
    verdict = judge(turns[begin:], ledger, chat.existing_events, every=turns)
    return _result(verdict, ledger, any(turn.shielded for turn in turns))


def _hear(turn: Turn, ledger: Ledger, catalogue: Catalogue, currency: str) -> None:
    """Take in one message of the customer."""
    offered = list(ledger.offer.services)
    names = read_people(turn, ledger, catalogue)
    place = find_address(turn, ledger, names)
    if place is not None:
        ledger.put("address", place[0], turn.id, confidence=place[1], weak=place[1] < 0.7)
        at = turn.text.find(place[0])
        names += [(at, at + len(place[0]))] if at >= 0 else []
    services.adopt_character(turn, ledger, offered)
    payments.read_payment(turn, ledger, currency)
    priced = ledger.value("payment.amount")
    accepted = offers.read_acceptance(turn, ledger)
    schedule.read_day(turn, ledger)
    schedule.read_hour(turn, ledger)
    schedule.read_length(turn, ledger)
    payments.read_price(turn, ledger, currency)
    services.read_services(turn, ledger, names)
    if accepted:
        agreed = ledger.value("payment.amount") != priced
        services.accept_services(turn, ledger, offered, agreed=agreed)


def _latest_party(turns: list[Turn], chat: ExtractionInput) -> int:
    """Return the index of the turn where the talk about the party asked about last begins."""
    open_days = {e.date for e in chat.existing_events if not e.is_archived}
    begin = 0
    current: str | None = None
    for turn in turns:
        if not turn.inbound:
            continue
        days = [m for m in turn.dates if m.value is not None and not turn.is_past(m.start)]
        values = [m.value.isoformat() for m in days if m.value is not None]
        other = lexicon.OTHER_PARTY.search(turn.folded)
        if other and turn.index > begin and (current is not None or _started(turns, begin, turn)):
            begin, current = turn.index, None
        moving = lexicon.MOVE.search(turn.folded) or lexicon.CORRECTION.search(turn.folded)
        for value in values:
            switched = current in open_days and value != current
            about = re.search(
                r"petrecer|botez|party|eveniment|rezerv|vreau|vrem|aniversar|event", turn.folded
            )
            if switched and about and turn.index > begin and (not moving or value in open_days):
                begin = turn.index
            current = value
    return begin


def _started(turns: list[Turn], begin: int, now: Turn) -> bool:
    """Whether an earlier party was already talked about in detail."""
    earlier = [t for t in turns if begin <= t.index < now.index]
    return any(t.dates for t in earlier if t.inbound) and any(not t.inbound for t in earlier)


def _whole(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.normalize() + 0


def _result(verdict: Verdict, ledger: Ledger, shielded: bool) -> Extraction:
    reasons = [verdict.reason]
    if shielded:
        reasons.append(_("Instructions inside the customer's messages were left out."))
    if verdict.intent not in {"BOOKING", "UPDATE"}:
        confidence = 0.7 if verdict.intent == "QUESTION" else 0.8
        return Extraction(intent=verdict.intent, action="NOOP", confidence=confidence,
                          reasons=reasons, engine=ENGINE)  # fmt: skip
    updating = verdict.intent == "UPDATE"
    if ledger.third_party:
        ledger.facts.pop("parentName", None)
    _settle_payment(ledger)
    chosen = services.final_services(ledger, asked_only=updating)
    event = _event(ledger, [Role(role_type=s.entry.role_type, label=s.entry.label) for s in chosen])
    evidence, sure = _evidence(ledger)
    if chosen:
        ids = [message_id for service in chosen for message_id in service.ids]
        evidence["roles"] = sorted(set(ids), key=ids.index)
        sure["roles"] = 0.9 if all(service.asked for service in chosen) else 0.6
    if "days" in ledger.notes and event.date is None:
        reasons.append(_("The customer names several days: ask which."))
    reasons += _doubts(event, updating)
    known = list(sure.values())
    return Extraction(
        intent=verdict.intent,
        action="UPDATE_EVENT" if updating else "CREATE_EVENT",
        target_event_id=verdict.target.event_id if verdict.target else None,
        event=event,
        evidence=evidence,
        confidence=round(
            (sum(known) / len(known) if known else 0.5) * (0.6 if verdict.ambiguous else 1), 2
        ),
        field_confidence=sure,
        reasons=reasons,
        engine=ENGINE,
    )


def _settle_payment(ledger: Ledger) -> None:
    """Keep the parts of the payment that belong together."""
    if ledger.value("payment.status") != "DEPOSIT":
        ledger.facts.pop("payment.deposit", None)
    if ledger.value("payment.amount") is None:
        ledger.facts.pop("payment.currency", None)


def _event(ledger: Ledger, roles: list[Role]) -> EventDraft:
    day: date | None = ledger.value("date")
    return EventDraft(
        date=day.isoformat() if day else None,
        start_time=ledger.value("startTime"),
        duration_min=ledger.value("durationMin"),
        address=ledger.value("address"),
        parent_name=ledger.value("parentName"),
        child_name=ledger.value("childName"),
        child_age=ledger.value("childAge"),
        num_children=ledger.value("numChildren"),
        roles=roles,
        payment=Payment(
            amount=_whole(ledger.value("payment.amount")),
            currency=ledger.value("payment.currency"),
            status=ledger.value("payment.status") or "UNPAID",
            deposit=_whole(ledger.value("payment.deposit")),
        ),
    )


_ORDER = (
    "date", "startTime", "durationMin", "address", "parentName", "childName", "childAge",
    "numChildren",
    "payment.amount", "payment.currency", "payment.status", "payment.deposit",
)  # fmt: skip


def _evidence(ledger: Ledger) -> tuple[dict[str, list[str]], dict[str, float]]:
    evidence: dict[str, list[str]] = {}
    sure: dict[str, float] = {}
    for name in _ORDER:
        fact = ledger.facts.get(name)
        if fact is not None:
            evidence[name] = list(fact.ids)
            sure[name] = fact.confidence
    return evidence, sure


def _doubts(event: EventDraft, updating: bool) -> list[str]:
    """Return what the operator should still ask for."""
    if updating:
        return []
    missing = {
        _("The date is not known yet."): event.date is None,
        _("The hour is not known yet."): event.start_time is None,
        _("The address is not known yet."): event.address is None,
        _("No service was asked for yet."): not event.roles,
    }
    return [sentence for sentence, lacks in missing.items() if lacks]
