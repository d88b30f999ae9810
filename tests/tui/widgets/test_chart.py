"""What the bars of a client's profile stand for."""

from datetime import date
from decimal import Decimal

from msgspec.structs import replace

from core.crm.events import Event, EventPayment
from tui.widgets.client.chart import spend_by_month

TODAY = date(2026, 3, 1)


def event(day: str, amount: int, currency: str = "RON") -> Event:
    payment = EventPayment(amount=Decimal(amount), currency=currency)
    return Event(event_id=day, date=day, payment=payment)


def test_the_bars_stand_for_what_counts() -> None:
    off = EventPayment(amount=Decimal(700), currency="RON", status="CANCELLED")
    kept = [event("2026-02-10", 1200), event("2026-02-20", 300), event("2025-06-07", 450)]
    other = [
        replace(event("2026-02-11", 5000), is_archived=True),
        replace(event("2027-01-01", 900), is_archived=True),
        replace(event("2026-02-12", 700), payment=off),
        event("2026-02-13", 80, "EUR"),
    ]
    bars = spend_by_month([*kept, *other], currency="RON", today=TODAY)
    assert bars == spend_by_month(kept, currency="RON", today=TODAY)
    assert {bar[:2]: bar[2] for bar in bars if bar[2]} == {(2026, 2): 1500, (2025, 6): 450}
    assert bars[-1][:2] == (2026, 3)
