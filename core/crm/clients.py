"""The client document (`clients/{phoneE164}`): what a client's events add up to.

PAID counts its amount as paid, DEPOSIT its deposit; archived and CANCELLED events count nowhere.
Always computed anew from all events, never by adding to what is there, so that repeated or
reordered changes cannot make it drift.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec

from core.crm.events import Event
from core.crm.money import from_number, to_number
from core.model.documents import Model
from core.store.port import Document

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Spend:
    """Money in one currency."""

    paid: Decimal = _NOTHING
    all: Decimal = _NOTHING
    """What the events cost, paid or not."""
    outstanding: Decimal = _NOTHING
    """What is still to be paid."""

    def __add__(self, other: "Spend") -> "Spend":
        return Spend(
            self.paid + other.paid, self.all + other.all, self.outstanding + other.outstanding
        )


@dataclass(frozen=True, slots=True)
class Totals:
    """What events add up to."""

    currency: str
    """The business's own, which an amount without a currency is in."""
    events_count: int = 0
    by_currency: dict[str, Spend] = field(default_factory=dict)
    last_event_at: str | None = None
    """ISO date of the latest event, which may lie ahead."""
    next_event_at: str | None = None
    """ISO date of the first event from today on."""

    @property
    def spend(self) -> Spend:
        """The money in the business's own currency."""
        return self.by_currency.get(self.currency, Spend())


class Client(Model, frozen=True, kw_only=True):
    """`clients/{phoneE164}`, for reading; money is converted by `read_client`."""

    phone_e164: str = msgspec.field(name="phoneE164")
    display_name: str = ""
    lifetime_spend_paid: Decimal = _NOTHING
    lifetime_spend_all: Decimal = _NOTHING
    spend_by_currency: dict[str, dict[str, Decimal]] = msgspec.field(default_factory=dict)
    """Currency to `paid` and `all`."""
    outstanding: Decimal = _NOTHING
    events_count: int = 0
    last_event_at: str | None = None
    next_event_at: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


def counts(event: Event) -> bool:
    """Whether an event counts at all: neither archived nor cancelled."""
    return event.is_open


def spend_of(event: Event) -> Spend:
    """Return the money of one event that counts."""
    payment = event.payment
    amount = payment.amount or _NOTHING
    paid = _NOTHING
    if payment.status == "PAID":
        paid = amount
    elif payment.status == "DEPOSIT":
        paid = payment.deposit or _NOTHING
    return Spend(paid, amount, max(amount - paid, _NOTHING))


def add_up(events: Iterable[Event], *, currency: str, today: date) -> Totals:
    """Return what events add up to; `today` is the date in the business's time zone."""
    counted = [event for event in events if counts(event)]
    by_currency: dict[str, Spend] = {}
    for event in counted:
        money = spend_of(event)
        if money != Spend():
            name = event.payment.currency or currency
            by_currency[name] = by_currency.get(name, Spend()) + money
    days = sorted(event.date for event in counted if event.date)
    return Totals(
        currency=currency,
        events_count=len(counted),
        by_currency=dict(sorted(by_currency.items())),
        last_event_at=days[-1] if days else None,
        next_event_at=next((day for day in days if day >= today.isoformat()), None),
    )


def client_fields(phone_e164: str, display_name: str, totals: Totals) -> dict[str, Any]:
    """Return the fields of a client document, but for its times."""
    return {
        "phoneE164": phone_e164,
        "displayName": display_name,
        "lifetimeSpendPaid": to_number(totals.spend.paid),
        "lifetimeSpendAll": to_number(totals.spend.all),
        "spendByCurrency": {
            currency: {"paid": to_number(money.paid), "all": to_number(money.all)}
            for currency, money in totals.by_currency.items()
        },
        "outstanding": to_number(totals.spend.outstanding),
        "eventsCount": totals.events_count,
        "lastEventAt": totals.last_event_at,
        "nextEventAt": totals.next_event_at,
    }


def read_client(document: Document) -> Client:
    """Read a client document, money as exact amounts."""
    data = document.data
    spends = data.get("spendByCurrency") or {}
    return Client(
        phone_e164=document.id,
        display_name=data.get("displayName") or "",
        lifetime_spend_paid=from_number(data.get("lifetimeSpendPaid")) or _NOTHING,
        lifetime_spend_all=from_number(data.get("lifetimeSpendAll")) or _NOTHING,
        spend_by_currency={
            currency: {part: from_number(amount) or _NOTHING for part, amount in spend.items()}
            for currency, spend in spends.items()
        },
        outstanding=from_number(data.get("outstanding")) or _NOTHING,
        events_count=data.get("eventsCount") or 0,
        last_event_at=data.get("lastEventAt"),
        next_event_at=data.get("nextEventAt"),
        created_at=data.get("createdAt"),
        updated_at=data.get("updatedAt"),
    )
