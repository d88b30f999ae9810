"""What the demo's company has booked already: agenda and profiles have something to show."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from core.clock import Clock
from core.crm.draft import PaymentStatus
from core.crm.events import Event, EventPayment, EventSource
from core.crm.save import create_event
from core.crm.slots import EventRole, put_in_slots
from core.identity.session import LocalSession
from core.model.ids import Jid, make_thread_id
from core.paths import DataFolder
from core.settings import Settings
from core.store.open import open_operator_store

_BOOKINGS: Final = Path(__file__).with_name("demo_bookings.toml")


class Booking(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One event of the company's, as the file has it."""

    phone: str
    account: str
    days: int
    start: str
    parent: str
    address: str
    services: list[tuple[str, str]]
    """Kind and label; an empty label is none."""
    amount: int
    status: PaymentStatus
    weekday: int | None = None
    minutes: int | None = None
    child: str | None = None
    age: int | None = None
    children: int | None = None
    deposit: int | None = None
    notes: str | None = None


class _Bookings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    bookings: list[Booking]


def read_bookings() -> list[Booking]:
    """Return the company's bookings."""
    return msgspec.toml.decode(_BOOKINGS.read_bytes(), type=_Bookings).bookings


async def add_bookings(folder: DataFolder, settings: Settings, clock: Clock) -> None:
    """Save the bookings that a demo's store does not hold yet. Raises StoreError."""
    session = LocalSession(settings.operator.uid, settings.operator.name)
    today = clock().astimezone(ZoneInfo(settings.business.time_zone)).date()
    async with open_operator_store(folder, settings, session, clock=clock) as store:
        for number, booking in enumerate(read_bookings(), 1):
            event = event_of(booking, today, settings.business.currency)
            await create_event(
                store, event, uid=session.uid, client_request_id=f"demo-booking-{number}"
            )


def event_of(booking: Booking, today: date, currency: str) -> Event:
    """Return a booking as the event that it is for a demo that begins `today`."""
    day = today + timedelta(days=booking.days)
    if booking.weekday is not None:
        day -= timedelta(days=(day.isoweekday() - booking.weekday) % 7)
    roles = [EventRole(role_type=kind, label=label or None) for kind, label in booking.services]
    customer = Jid.parse(f"{booking.phone.removeprefix('+')}@s.whatsapp.net")
    return Event(
        phone_e164=booking.phone,
        parent_name=booking.parent,
        child_name=booking.child,
        child_age=booking.age,
        num_children=booking.children,
        date=day.isoformat(),
        start_time=booking.start,
        duration_min=booking.minutes,
        address=booking.address,
        roles_by_slot=put_in_slots(roles, None),
        payment=EventPayment(
            amount=Decimal(booking.amount),
            currency=currency,
            status=booking.status,
            deposit=None if booking.deposit is None else Decimal(booking.deposit),
        ),
        notes=booking.notes,
        source=EventSource(
            thread_id=make_thread_id(booking.account, customer), account_id=booking.account
        ),
    )
