"""A form that was written down comes back as it was, and is the same event when it is saved."""

from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest

from core.crm.catalogue import load_catalogue
from core.crm.draft import EventDraft, Payment, Role
from core.crm.events import Event, EventPayment, EventRole, EventSource, StoredEvent
from core.crm.form import EventForm, RoleLine
from core.crm.kept_form import bring_back, write_down

STORED = StoredEvent(
    Event(
        event_id="e1",
        event_short_id=4,
        date="2026-02-10",
        phone_e164="+40712345678",
        roles_by_slot={"04A": EventRole(slot="04A", role_type="ANIMATOR", label="Elsa")},
        payment=EventPayment(amount=Decimal("1200.50"), currency="EUR"),
        created_at=datetime(2026, 1, 19, 12, 30, 0, 123456, tzinfo=UTC),
    ),
    update_time=datetime(2026, 1, 19, 12, 30, 0, 123456, tzinfo=UTC),
    is_legacy=True,
    leftovers=("data", "adresa"),
)
DRAFT = EventDraft(
    start_time="18:00",
    roles=[Role(role_type="POPCORN")],
    dropped_roles=[Role(role_type="ANIMATOR", label="Elsa")],
    payment=Payment(amount=Decimal("99.90")),
)


def form(request_id: str) -> EventForm:
    return EventForm(load_catalogue(), client_request_id=request_id, zone=UTC)


@pytest.mark.parametrize("target", [None, STORED])
@pytest.mark.parametrize("draft", [None, DRAFT])
@pytest.mark.parametrize("is_undecided", [False, True])
def test_it_comes_back_as_it_was(
    target: StoredEvent | None, draft: EventDraft | None, *, is_undecided: bool
) -> None:
    before = form("r1")
    if draft is not None:
        source = EventSource(thread_id="T", account_id="WA-01", extraction_id="M1")
        before.propose(draft, phone_e164="+40712345678", source=source, request_id="q1")
    before.aim(target)
    before.write("startTime", "19")
    before.write("notes", "două\nrânduri 🎉")
    before.write("payment.amount", "not a number")
    before.write_roles([*before.lines, RoleLine("popcorn")])
    after = form("r2")
    content = write_down(before, is_undecided=is_undecided)
    assert bring_back(content, after) is is_undecided
    assert after.filled() == before.filled()
    assert after.changes() == before.changes()
    assert after.on_top == before.on_top
    assert after.source == before.source
    assert after.target == target
    assert after.client_request_id == before.client_request_id
    assert after.is_touched


@pytest.mark.parametrize("content", [b"{}", b"[]", b'{"texts":{"date":1}}'])
def test_what_another_version_wrote_fills_in_nothing(content: bytes) -> None:
    made = form("r1")
    with pytest.raises(msgspec.ValidationError):
        bring_back(content, made)
    assert not made.is_touched
