"""Events on one line, for lists: number, day, services, money."""

from datetime import date

from core.crm.events import Event
from core.crm.money import show_amount
from core.crm.words import show_payment_status, show_role
from core.i18n import _
from core.text import clean_line
from tui.widgets.cells import cell_len, fit
from tui.widgets.days import short_weekday_name
from tui.widgets.title_line import Span

_GLYPHS = {"PAID": "●", "DEPOSIT": "◐", "UNPAID": "○", "CANCELLED": "⊘"}
_TONES = {"PAID": "good", "DEPOSIT": "busy", "UNPAID": "plain", "CANCELLED": "off"}
_STATUS_CELLS = 17
_MONEY_CELLS = 12


def number_of(event: Event) -> str:
    """Return the number that people say, `#12`; a mark while there is none."""
    return f"#{event.event_short_id}" if event.event_short_id else "#…"


def day_of(event: Event) -> str:
    """Return the day with its weekday, `Tue 2026-02-10`."""
    if not event.date:
        return _("no date")
    return f"{short_weekday_name(date.fromisoformat(event.date))} {event.date}"


def services_of(event: Event) -> str:
    """Return the services on one line."""
    return clean_line(" · ".join(show_role(role) for role in event.roles))


def money_of(event: Event, currency: str) -> str:
    """Return the amount with its currency; empty while it is unknown."""
    payment = event.payment
    return "" if payment.amount is None else show_amount(
        payment.amount, clean_line(payment.currency or currency)
    )  # fmt: skip


def payment_spans(event: Event, currency: str) -> tuple[Span, ...]:
    """Return amount and status in columns."""
    status = event.payment.status
    said = f"  {_GLYPHS[status]} {show_payment_status(status)}"
    tone = "off" if event.is_archived else _TONES[status]
    if event.is_archived:
        said = "  ▣ " + _("archived")
    money = money_of(event, currency)
    amount = " " * max(0, _MONEY_CELLS - cell_len(money)) + money
    return ((amount, "strong"), (fit(said, _STATUS_CELLS), tone))


def event_spans(event: Event) -> tuple[Span, ...]:
    """Return number, day, time and services."""
    tone = "off" if event.is_archived or event.payment.status == "CANCELLED" else "plain"
    about = services_of(event) or clean_line(event.address or event.notes or "")
    return (
        (fit(number_of(event), 6), "key" if tone == "plain" else tone),
        (fit(day_of(event), 16), tone),
        (fit(event.start_time or "", 7), tone),
        (about, tone),
    )


__all__ = ["day_of", "event_spans", "money_of", "number_of", "payment_spans", "services_of"]
