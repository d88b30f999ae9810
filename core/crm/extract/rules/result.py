"""What an engine proposes, composed from its verdict and what the conversation established."""

from datetime import date
from decimal import Decimal

from core.crm.draft import EventDraft, ExistingEvent, Extraction, Payment, Reason, Role
from core.crm.extract.rules import services
from core.crm.extract.rules.intents import Verdict
from core.crm.extract.rules.ledger import Ledger
from core.crm.extract.rules.removals import find_removed, name_removed

_TAKEN_OUT = 0.8
"""Confidence in what is taken out of a stored event."""


def _whole(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.normalize() + 0


def propose(verdict: Verdict, ledger: Ledger, *, shielded: bool, engine: str) -> Extraction:
    """Return the proposal; `shielded` says whether instructions were left out of the chat."""
    reasons = [Reason(verdict.reason)]
    if shielded:
        reasons.append(Reason("instructions_left_out"))
    if verdict.intent not in {"BOOKING", "UPDATE"}:
        confidence = 0.7 if verdict.intent == "QUESTION" else 0.8
        return Extraction(intent=verdict.intent, action="NOOP", confidence=confidence,
                          reasons=reasons, engine=engine)  # fmt: skip
    updating = verdict.intent == "UPDATE"
    if ledger.third_party:
        ledger.facts.pop("parentName", None)
    stored = verdict.target.roles if verdict.target is not None else []
    chosen = services.final_services(ledger, stored if updating else None)
    if updating and chosen and _is_extra(verdict.target, ledger):
        ledger.facts.pop("payment.amount", None)
    _settle_payment(ledger)
    removed: list[tuple[Role, tuple[str, ...]]] = []
    if updating:
        removed = find_removed(ledger, stored) if verdict.target else name_removed(ledger)
    event = _event(
        ledger,
        [Role(role_type=s.entry.role_type, label=s.entry.label) for s in chosen],
        [role for role, _ids in removed],
    )
    evidence, sure = _evidence(ledger)
    if chosen:
        ids = [message_id for service in chosen for message_id in service.ids]
        evidence["roles"] = sorted(set(ids), key=ids.index)
        sure["roles"] = 0.9 if all(service.asked for service in chosen) else 0.6
    if removed:
        evidence["droppedRoles"] = list(dict.fromkeys(i for _role, ids in removed for i in ids))
        sure["droppedRoles"] = _TAKEN_OUT
        names = tuple(role.label or role.role_type for role, _ids in removed)
        reasons.append(Reason("no_longer_wanted", names))
    if "days" in ledger.notes and event.date is None:
        reasons.append(Reason("several_days"))
    if "birthday" in ledger.notes:
        reasons.append(Reason("birthday_as_date"))
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
        engine=engine,
    )


def _is_extra(target: ExistingEvent | None, ledger: Ledger) -> bool:
    """Whether the price is that of the added services alone, not the event's new total."""
    amount = ledger.value("payment.amount")
    if target is None or amount is None or ledger.total_agreed:
        return False
    known = target.payment.amount
    return known is not None and amount <= known and ledger.value("payment.status") is None


def _settle_payment(ledger: Ledger) -> None:
    """Keep the parts of the payment that belong together."""
    if ledger.value("payment.status") != "DEPOSIT":
        ledger.facts.pop("payment.deposit", None)
    if ledger.value("payment.amount") is None:
        ledger.facts.pop("payment.currency", None)


def _event(ledger: Ledger, roles: list[Role], dropped: list[Role]) -> EventDraft:
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
        dropped_roles=dropped,
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


def _doubts(event: EventDraft, updating: bool) -> list[Reason]:
    """Return what the operator should still ask for."""
    if updating:
        return []
    missing = {
        Reason("no_date"): event.date is None,
        Reason("no_hour"): event.start_time is None,
        Reason("no_address"): event.address is None,
        Reason("no_service"): not event.roles,
    }
    return [reason for reason, lacks in missing.items() if lacks]
