"""What a client's data hold, computed: the only ground that an answer may stand on."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from core.crm.clients import Spend, Totals, add_up, counts, spend_of
from core.crm.events import Event, event_data
from core.crm.money import to_number


@dataclass(frozen=True, slots=True)
class ClientFacts:
    """A client's events and what they add up to; `today` is the business's date."""

    phone_e164: str
    name: str
    today: date
    totals: Totals
    events: tuple[Event, ...]
    """Those that count, the latest date first, undated ones last."""
    left_out: tuple[Event, ...] = ()
    """Cancelled and archived ones."""

    @property
    def currency(self) -> str:
        """The business's own currency."""
        return self.totals.currency

    @property
    def past(self) -> tuple[Event, ...]:
        """Events before today, the latest first."""
        return tuple(e for e in self.events if e.date and e.date < self.today.isoformat())

    @property
    def coming(self) -> tuple[Event, ...]:
        """Events from today on, the nearest first."""
        ahead = (e for e in self.events if e.date and e.date >= self.today.isoformat())
        return tuple(sorted(ahead, key=lambda event: (event.date or "", event.start_time or "")))

    def only(self, events: Iterable[Event]) -> "ClientFacts":
        """Return the facts about some of the events alone."""
        return gather(
            events,
            phone_e164=self.phone_e164,
            name=self.name,
            currency=self.currency,
            today=self.today,
        )


def gather(
    events: Iterable[Event], *, phone_e164: str, name: str, currency: str, today: date
) -> ClientFacts:
    """Return the facts about a client from all of their events."""
    listed = sorted(events, key=lambda e: (e.date or "", e.start_time or "", e.event_id))
    listed.reverse()
    return ClientFacts(
        phone_e164=phone_e164,
        name=name,
        today=today,
        totals=add_up(listed, currency=currency, today=today),
        events=tuple(event for event in listed if counts(event)),
        left_out=tuple(event for event in listed if not counts(event)),
    )


def by_year(facts: ClientFacts) -> dict[int, Totals]:
    """Return what the events of each year add up to, the latest year first."""
    years = sorted({int(e.date[:4]) for e in facts.events if e.date}, reverse=True)
    return {
        year: facts.only(e for e in facts.events if e.date and int(e.date[:4]) == year).totals
        for year in years
    }


@dataclass(frozen=True, slots=True)
class ServiceUse:
    """How often a client had a service."""

    role_type: str
    events: tuple[Event, ...]
    labels: tuple[str, ...]
    """Characters and variants, without repeats."""


def by_service(facts: ClientFacts) -> list[ServiceUse]:
    """Return the services of the events, those in most events first.

    A price belongs to an event as a whole, so money is not divided among its services.
    """
    types = {role.role_type for event in facts.events for role in event.roles}
    uses = []
    for role_type in types:
        having = tuple(
            event for event in facts.events if any(r.role_type == role_type for r in event.roles)
        )
        labels = [
            role.label for event in having for role in event.roles
            if role.role_type == role_type and role.label
        ]  # fmt: skip
        uses.append(ServiceUse(role_type, having, tuple(dict.fromkeys(labels))))
    return sorted(uses, key=lambda use: (-len(use.events), use.role_type))


def as_data(facts: ClientFacts) -> dict[str, Any]:
    """Return the facts as JSON-like data, for a model to word an answer from."""
    return {
        "phoneE164": facts.phone_e164,
        "displayName": facts.name,
        "today": facts.today.isoformat(),
        "totals": _totals(facts.totals),
        "byYear": {str(year): _totals(totals) for year, totals in by_year(facts).items()},
        "byService": [
            {"roleType": use.role_type, "events": len(use.events), "labels": list(use.labels)}
            for use in by_service(facts)
        ],
        "lastEvent": facts.past[0].event_short_id if facts.past else None,
        "nextEvent": facts.coming[0].event_short_id if facts.coming else None,
        "events": [_event(event) for event in facts.events],
        "cancelledOrArchived": len(facts.left_out),
    }


def _totals(totals: Totals) -> dict[str, Any]:
    return {
        "events": totals.events_count,
        "currency": totals.currency,
        **_spend(totals.spend),
        "byCurrency": {name: _spend(spend) for name, spend in totals.by_currency.items()},
    }


def _spend(spend: Spend) -> dict[str, int | float | None]:
    return {
        "paid": to_number(spend.paid),
        "all": to_number(spend.all),
        "outstanding": to_number(spend.outstanding),
    }


_TOLD = (
    "eventId", "eventShortId", "date", "startTime", "durationMin", "address", "parentName",
    "childName", "childAge", "numChildren", "payment",
)  # fmt: skip
"""What a model gets to see; notes are free text and might speak to it."""


def _event(event: Event) -> dict[str, Any]:
    data = event_data(event)
    told = {name: data[name] for name in _TOLD if data[name] is not None}
    told["payment"] = {name: value for name, value in data["payment"].items() if value is not None}
    told["payment"] |= _spend(spend_of(event))
    told["services"] = [
        {"roleType": role.role_type, **({"label": role.label} if role.label else {})}
        for role in event.roles
    ]
    result: dict[str, Any] = msgspec.to_builtins(told)
    return result
