"""What a client's events add up to, against sums done by hand in whole cents."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import EPOCH
from core.crm.clients import add_up, client_fields, read_client
from core.crm.events import event_of
from core.crm.money import currency_code
from core.store.port import Document
from core.store.values import plain_value

TODAY = date(2026, 2, 3)
PHONE = "+40712345678"


class Written(NamedTuple):
    """What a document holds, and what it means."""

    data: Any
    value: Any


def _written_sum(cents: int, form: int) -> Written:
    """Write a sum as one program or another does."""
    forms: list[Any] = [cents / 100, f"{cents // 100}.{cents % 100:02d}"]
    if cents % 100 == 0:
        forms += [cents // 100, f" {cents // 100} "]
    return Written(forms[form % len(forms)], cents)


no_sums = st.sampled_from(
    [None, True, "", "o mie", "1.200,50", float("nan"), float("inf"), 1e20, -1e300, 2**63 - 1, {}]
).map(lambda data: Written(data, None))
sums = st.one_of(
    st.builds(_written_sum, st.integers(0, 10**9), st.integers(0, 3)),
    st.builds(_written_sum, st.sampled_from([0, 1, 10, 99, 100, 120_000]), st.integers(0, 3)),
    no_sums,
)
currencies = st.sampled_from([
    Written(None, "RON"), Written("RON", "RON"), Written("lei", "RON"), Written(" Leu.", "RON"),
    Written("EUR", "EUR"), Written("euro", "EUR"), Written("€", "EUR"), Written("usd", "USD"),
    Written("__x__", "RON"), Written("", "RON"), Written(7, "RON"), Written("RON lei", "RON"),
])  # fmt: skip
days = st.one_of(
    st.dates(date(2025, 12, 1), date(2026, 4, 1)).map(lambda day: Written(day.isoformat(), day)),
    st.dates(date(2026, 1, 1), date(2026, 3, 1)).map(
        lambda day: Written(day.strftime("%d-%m-%Y"), day)
    ),
    st.sampled_from([None, "", "mâine", "2026-02-30", 20260210]).map(lambda d: Written(d, None)),
)
statuses = st.sampled_from([
    Written("UNPAID", "UNPAID"), Written("DEPOSIT", "DEPOSIT"), Written("PAID", "PAID"),
    Written("CANCELLED", "CANCELLED"), Written(None, "UNPAID"), Written("paid?", "UNPAID"),
])  # fmt: skip


class Party(NamedTuple):
    """An event as it is written, and what it means."""

    amount: Written
    deposit: Written
    currency: Written
    status: Written
    day: Written
    is_archived: bool

    def document(self, version: int) -> dict[str, Any]:
        """Return its document, in the names of version 2 or 3."""
        if version == 3:
            payment = {
                "amount": self.amount.data, "deposit": self.deposit.data,
                "currency": self.currency.data, "status": self.status.data,
            }  # fmt: skip
            return {
                "schemaVersion": 3, "date": self.day.data, "payment": payment,
                "isArchived": self.is_archived,
            }  # fmt: skip
        state = {"UNPAID": "NEINCASAT", "DEPOSIT": "Avans", "PAID": "INCASAT"}
        income = {
            "suma": self.amount.data, "avans": self.deposit.data, "moneda": self.currency.data,
            "stare": state.get(self.status.value, "Anulat"),
        }  # fmt: skip
        return {"data": self.day.data, "incasare": income, "esteArhivat": self.is_archived}


parties = st.lists(
    st.tuples(st.builds(Party, sums, sums, currencies, statuses, days, st.booleans()),
              st.sampled_from([2, 3])),
    max_size=6,
)  # fmt: skip


def by_hand(told: list[Party]) -> dict[str, Any]:
    """Return the client's fields, money in cents."""
    paid: defaultdict[str, int] = defaultdict(int)
    booked, owed = paid.copy(), paid.copy()
    count, dates = 0, []
    for one in told:
        if one.is_archived or one.status.value == "CANCELLED":
            continue
        count += 1
        dates += [one.day.value] if one.day.value else []
        price = one.amount.value or 0
        got = {"PAID": price, "DEPOSIT": one.deposit.value or 0}.get(one.status.value, 0)
        paid[one.currency.value] += got
        booked[one.currency.value] += price
        owed[one.currency.value] += price - got if got < price else 0
    ahead = [day for day in dates if day >= TODAY]
    return {
        "lifetimeSpendPaid": paid["RON"],
        "lifetimeSpendAll": booked["RON"],
        "outstanding": owed["RON"],
        "spendByCurrency": {
            name: {"paid": paid[name], "all": booked[name]}
            for name in booked if paid[name] or booked[name]
        },
        "eventsCount": count,
        "lastEventAt": max(dates).isoformat() if dates else None,
        "nextEventAt": min(ahead).isoformat() if ahead else None,
    }  # fmt: skip


def cents(amount: float) -> int:
    """Return a document's number in cents; it must be one of two decimals at most."""
    exact = Decimal(str(amount)) * 100
    assert exact == int(exact)
    return int(exact)


def in_cents(fields: dict[str, Any]) -> dict[str, Any]:
    """Return a client's fields with money in cents."""
    money = ("lifetimeSpendPaid", "lifetimeSpendAll", "outstanding")
    by_currency = {
        name: {part: cents(amount) for part, amount in spend.items()}
        for name, spend in fields["spendByCurrency"].items()
    }
    return fields | {name: cents(fields[name]) for name in money} | {"spendByCurrency": by_currency}


@given(parties, st.randoms(use_true_random=False))
def test_a_client_is_what_the_events_add_up_to(told: list[tuple[Party, int]], random: Any) -> None:
    events = [event_of(one.document(version), f"e{n}") for n, (one, version) in enumerate(told)]
    random.shuffle(events)
    fields = client_fields(PHONE, "Ana", add_up(events, currency="RON", today=TODAY))
    names = {"phoneE164": PHONE, "displayName": "Ana"}
    assert in_cents(fields) == names | by_hand([one for one, _version in told])
    assert plain_value(fields) == fields, "a store takes it"
    client = read_client(Document(f"clients/{PHONE}", fields, EPOCH, EPOCH))
    assert client.lifetime_spend_all == add_up(events, currency="RON", today=TODAY).spend.all


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("RON", "RON"), ("lei", "RON"), ("LEI", "RON"), (" Roni ", "RON"), ("Euro", "EUR"),
        ("€", "EUR"), ("£", "GBP"), ("chf", "CHF"), ("dolari", "USD"), ("RON.", "RON"),
        ("", None), ("lei grei", None), ("R0N", None), ("__a__", None), ("łłł", None),
    ],
)  # fmt: skip
def test_a_currency_is_known_by_its_name(word: str, code: str | None) -> None:
    assert currency_code(word) == code
