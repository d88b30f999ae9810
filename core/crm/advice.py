"""What the operator should look at before saving: nothing is wrong, but something may be."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta, tzinfo

from core.crm.events import Event, EventPayment
from core.crm.words import show_date, show_field
from core.i18n import _
from core.text import clean_line


def advise(
    event: Event,
    *,
    today: date,
    zone: tzinfo,
    clashes: Iterable[Event] = (),
    before: Event | None = None,
) -> dict[str, str]:
    """Return field to sentence for what is past, missing, never comes, or clashes with others.

    `zone` is the business's and `today` the date in it; `clashes` comes from `core.crm.agenda`;
    `before` is the stored event that is changed.
    """
    advice = {}
    if event.date is None:
        advice["date"] = _("There is no date yet.")
    elif event.date < today.isoformat():
        advice["date"] = _("{day} has passed.").format(day=show_date(event.date))
    if event.start_time is None:
        advice["startTime"] = _("There is no start time yet.")
    elif event.date is not None and _is_left_out(event.date, event.start_time, zone):
        text = _("The clocks are set forward that night: {time} does not come.")
        advice["startTime"] = text.format(time=event.start_time)
    elif names := [_name(other) for other in clashes]:
        advice["startTime"] = _("At the same time: {events}.").format(events="; ".join(names))
    if event.address is None:
        advice["address"] = _("There is no address yet.")
    if event.payment.amount is None:
        advice["payment.amount"] = _("There is no amount yet.")
    if before is not None and _costs_other_than_paid(before.payment, event.payment):
        paid = _("{amount} was paid: see whether the new amount is, too.")
        advice["payment.status"] = paid.format(amount=show_field(before, "payment.amount"))
    if not event.roles_by_slot:
        advice["rolesBySlot"] = _("There is no service yet.")
    return advice


def _is_left_out(day: str, clock: str, zone: tzinfo) -> bool:
    """Whether no clock shows an hour, as `HH:MM`, on an ISO day, as it is set forward over it.

    The second reading of an hour is then further ahead of UTC (PEP 495); of one that comes twice,
    less far.
    """
    shown = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=zone)
    first, second = (shown.replace(fold=fold).utcoffset() or timedelta() for fold in (0, 1))
    return first < second


def _costs_other_than_paid(before: EventPayment, after: EventPayment) -> bool:
    """Whether what was paid in full costs something else now and still counts as paid in full."""
    sums = [(payment.amount, payment.currency) for payment in (before, after)]
    return before.status == after.status == "PAID" and sums[0] != sums[1]


def _name(event: Event) -> str:
    number = f"#{event.event_short_id}" if event.event_short_id else ""
    parts = (number, event.start_time, event.parent_name or event.child_name, event.address)
    return clean_line(" ".join(part for part in parts if part))
