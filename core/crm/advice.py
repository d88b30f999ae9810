"""What the operator should look at before saving: nothing is wrong, but something may be."""

from collections.abc import Iterable
from datetime import date

from core.crm.events import Event
from core.crm.words import show_date
from core.i18n import _
from core.text import clean_line


def advise(event: Event, *, today: date, clashes: Iterable[Event] = ()) -> dict[str, str]:
    """Return field to sentence for what is past, missing, or clashes with other events.

    `today` is the date in the business's time zone; `clashes` comes from `core.crm.agenda`.
    """
    advice = {}
    if event.date is None:
        advice["date"] = _("There is no date yet.")
    elif event.date < today.isoformat():
        advice["date"] = _("{day} has passed.").format(day=show_date(event.date))
    if event.start_time is None:
        advice["startTime"] = _("There is no start time yet.")
    elif names := [_name(other) for other in clashes]:
        advice["startTime"] = _("At the same time: {events}.").format(events="; ".join(names))
    if event.address is None:
        advice["address"] = _("There is no address yet.")
    if event.payment.amount is None:
        advice["payment.amount"] = _("There is no amount yet.")
    if not event.roles_by_slot:
        advice["rolesBySlot"] = _("There is no service yet.")
    return advice


def _name(event: Event) -> str:
    number = f"#{event.event_short_id}" if event.event_short_id else ""
    parts = (number, event.start_time, event.parent_name or event.child_name, event.address)
    return clean_line(" ".join(part for part in parts if part))
