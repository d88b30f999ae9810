"""Events that the demo company has booked, settled as the bridge would: numbers, sums, history."""

from datetime import timedelta
from decimal import Decimal

from bridge.triggers.settle import Context, settle_event
from core.crm.draft import PaymentStatus
from core.crm.events import Event, EventPayment, EventSource, event_data
from core.crm.slots import EventRole, put_in_slots
from core.model.ids import Jid, event_path, make_thread_id
from core.settings import Business
from core.store.port import Set, Store
from screenshots.company import NOW, clock


def _role(role_type: str, label: str | None = None) -> EventRole:
    return EventRole(role_type=role_type, label=label)


def _paid(
    amount: int, status: PaymentStatus = "UNPAID", deposit: int | None = None
) -> EventPayment:
    return EventPayment(
        amount=Decimal(amount),
        currency="RON",
        status=status,
        deposit=None if deposit is None else Decimal(deposit),
    )


def _booked(
    phone: str, parent: str, date: str, start: str, payment: EventPayment, *roles: EventRole,
    **fields: object,
) -> Event:  # fmt: skip
    thread_id = make_thread_id("WA-01", Jid.of_phone(phone))
    return Event(
        phone_e164=phone, parent_name=parent, date=date, start_time=start, payment=payment,
        roles_by_slot=put_in_slots(roles, None), source=EventSource(thread_id=thread_id),
        **fields,  # type: ignore[arg-type]
    )  # fmt: skip


ELENA = "+40700010004"
"""The customer who has booked most often."""
SIMONA = "+40700010013"
"""The customer who changes what she has booked."""

BOOKINGS = (
    _booked(ELENA, "Elena Marinescu", "2025-06-14", "11:00", _paid(900, "PAID"),
            _role("ANIMATOR", "Moana"), _role("BALLOONS"), child_name="Mara",
            address="Bd. Pipera 8, ap. 21"),
    _booked(ELENA, "Elena Marinescu", "2025-12-13", "16:30", _paid(1300, "PAID"),
            _role("ANIMATOR", "Anna"), _role("COTTON_CANDY"), child_name="Mara", child_age=7,
            address="Bd. Pipera 8, ap. 21"),
    _booked("+40700010003", "Radu", "2026-01-25", "12:00", _paid(500),
            _role("ANIMATOR", "Batman"), child_name="David", child_age=7, duration_min=120,
            address="Str. Nuferilor 3, Voluntari"),
    _booked(SIMONA, "Simona P.", "2026-01-24", "12:00", _paid(600),
            _role("ANIMATOR", "Minnie"), duration_min=120, address="Str. Zorilor 5"),
    _booked("+40700010015", "Paul G", "2026-01-22", "18:00", _paid(1500, "DEPOSIT", 500),
            _role("ARCADE"), duration_min=240, address="Str. Doamnei 11"),
    _booked("+40700010009", "Gabriela Nistor", "2026-01-24", "13:30", _paid(399),
            _role("ANIMATOR", "Masha"), duration_min=90, child_name="Daria", child_age=4,
            address="Șos. Olteniței 40, bl. 6"),
    _booked("+40700010014", "Nicoleta Văduva", "2026-01-20", "17:00", _paid(500, "DEPOSIT", 200),
            _role("ANIMATOR", "Sofia"), duration_min=90, address="Str. Mureș 9"),
    _booked(ELENA, "Elena Marinescu", "2026-02-04", "11:00", _paid(1100, "DEPOSIT", 200),
            _role("ANIMATOR", "Elsa"), _role("ANIMATOR", "Olaf"), child_name="Ilinca", child_age=4,
            duration_min=120, address="Bd. Pipera 8, ap. 21"),
)  # fmt: skip
"""In the order in which they were booked."""


async def book(store: Store) -> None:
    """Save the events and settle each."""
    context = Context(store, Business(), clock)
    booked_at = NOW - timedelta(days=7)
    for number, event in enumerate(BOOKINGS, 1):
        event_id = f"booking-{number:02}"
        stamps = {"createdAt": booked_at, "createdBy": "local",
                  "updatedAt": booked_at, "updatedBy": "local"}  # fmt: skip
        data = event_data(event) | {"eventId": event_id} | stamps
        await store.commit([Set(event_path(event_id), data)])
        await settle_event(context, event_id)
