"""Events in words for the operator: names of fields, and their values as one line of text."""

from datetime import date
from typing import Any

from core.crm.events import Event, EventRole
from core.crm.money import show_amount
from core.i18n import N_, _

LABELS = {
    "date": N_("Date"),
    "startTime": N_("Start"),
    "durationMin": N_("Duration"),
    "address": N_("Address"),
    "phoneE164": N_("Phone"),
    "parentName": N_("Parent"),
    "childName": N_("Child"),
    "childAge": N_("Age"),
    "childDob": N_("Born"),
    "numChildren": N_("Children"),
    "rolesBySlot": N_("Services"),
    "payment.amount": N_("Amount"),
    "payment.currency": N_("Currency"),
    "payment.status": N_("Payment"),
    "payment.deposit": N_("Deposit"),
    "payment.method": N_("Paid by"),
    "notes": N_("Notes"),
    "isArchived": N_("Archived"),
    "archiveReason": N_("Reason"),
}
"""Field of the document to its name in English, in the order in which they are shown."""
_PAYMENT = {
    "UNPAID": N_("unpaid"),
    "DEPOSIT": N_("deposit paid"),
    "PAID": N_("paid"),
    "CANCELLED": N_("cancelled"),
}
_SERVICES = {
    "ANIMATOR": N_("Animator"),
    "URSITOARE": N_("Fate fairies"),
    "ARCADE": N_("Arcade games"),
    "BALLOONS": N_("Balloons"),
    "HELIUM_BALLOONS": N_("Helium balloons"),
    "COTTON_CANDY": N_("Cotton candy"),
    "POPCORN": N_("Popcorn"),
    "DECORATIONS": N_("Decorations"),
    "SANTA_CLAUS": N_("Santa Claus"),
    "DRY_ICE": N_("Dry ice"),
    "OTHER": N_("Other"),
}
_DAYS = (
    N_("Monday"),
    N_("Tuesday"),
    N_("Wednesday"),
    N_("Thursday"),
    N_("Friday"),
    N_("Saturday"),
    N_("Sunday"),
)


def label_of(field: str) -> str:
    """Return the name of a field in the operator's language."""
    return _(LABELS[field]) if field in LABELS else field


def show_date(iso: str | None) -> str:
    """Return a date with its weekday, `Tuesday 2026-02-10`; the text itself when it is no date."""
    if not iso:
        return ""
    try:
        return f"{_(_DAYS[date.fromisoformat(iso).weekday()])} {iso}"
    except ValueError:
        return iso


def show_payment_status(status: str) -> str:
    """Return a payment status in the operator's language."""
    return _(_PAYMENT[status]) if status in _PAYMENT else status


def show_kind(role_type: str) -> str:
    """Return the name of a kind of service in the operator's language."""
    return _(_SERVICES[role_type]) if role_type in _SERVICES else role_type


def show_role(role: EventRole) -> str:
    """Return a role as one line: `Animator Elsa 18:00 (90 min)`."""
    kind = show_kind(role.role_type)
    length = _("({count} min)").format(count=role.duration_min) if role.duration_min else ""
    parts = (kind, role.label, role.start_time, length, role.details, role.note)
    return " ".join(part for part in parts if part)


def show_field(event: Event, field: str) -> str:
    """Return what an event holds in a field of `LABELS`, for people; empty for unknown."""
    value = value_of(event, field)
    if field in ("date", "childDob"):
        return show_date(value)
    if field == "rolesBySlot":
        return " · ".join(show_role(role) for role in event.roles)
    if field in ("payment.amount", "payment.deposit"):
        return "" if value is None else show_amount(value, event.payment.currency or "")
    if field == "payment.status":
        return show_payment_status(value)
    if field == "durationMin" and value is not None:
        return _("{count} min").format(count=value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "" if value is None else str(value)


_ATTRIBUTES = {
    "phoneE164": "phone_e164",
    "parentName": "parent_name",
    "childName": "child_name",
    "childAge": "child_age",
    "childDob": "child_dob",
    "numChildren": "num_children",
    "startTime": "start_time",
    "durationMin": "duration_min",
    "rolesBySlot": "roles_by_slot",
    "isArchived": "is_archived",
    "archiveReason": "archive_reason",
}


def attribute_of(field: str) -> str:
    """Return the attribute of Event (or, after a dot, of its payment) that holds a field."""
    name = field.rpartition(".")[2]
    return _ATTRIBUTES.get(name, name)


def value_of(event: Event, field: str) -> Any:
    """Return what an event holds in a field named as in the document."""
    return getattr(event.payment if "." in field else event, attribute_of(field))
