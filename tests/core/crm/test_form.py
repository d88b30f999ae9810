"""The event's form: a draft below, what the operator wrote on top, and services in a line."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from msgspec.structs import replace as replace_role

from core.crm.catalogue import load_catalogue
from core.crm.draft import EventDraft, Payment, Role
from core.crm.events import Event, EventPayment, EventRole, EventSource, StoredEvent
from core.crm.form import EventForm, RoleLine
from core.crm.role_text import read_roles
from core.crm.slots import put_in_slots
from core.crm.words import show_kind, show_role
from core.i18n import use_language

DRAFT = EventDraft(
    date="2026-02-10",
    start_time="18:00",
    roles=[Role(role_type="ANIMATOR", label="Elsa")],
    payment=Payment(amount=Decimal(1200)),
)


def form(draft: EventDraft | None = DRAFT) -> EventForm:
    made = EventForm(load_catalogue(), client_request_id="r", zone=UTC, phone_e164="+40712345678")
    if draft is not None:
        made.propose(draft, phone_e164=None, source=EventSource(thread_id="T"), request_id="q")
    return made


def test_a_draft_is_a_new_event_in_the_business_currency() -> None:
    filled = form().filled()
    assert filled.errors == {}
    assert filled.event.payment == EventPayment(amount=Decimal(1200), currency="RON")
    assert filled.event.phone_e164 == "+40712345678"
    assert list(filled.event.roles_by_slot) == ["01A"]


def test_what_was_written_survives_another_draft() -> None:
    made = form()
    made.write("parentName", "Ana")
    made.write("startTime", "19")
    newer = EventDraft(date="2026-02-11", start_time="17:00")
    made.propose(newer, phone_e164=None, source=EventSource(), request_id="q2")
    event = made.filled().event
    assert (event.date, event.start_time, event.parent_name) == ("2026-02-11", "19:00", "Ana")


def test_writing_what_is_there_anyway_is_nothing_written() -> None:
    made = form()
    made.write("startTime", "19:00")
    assert made.is_touched
    made.write("startTime", "18:00")
    made.write_roles(made.lines)
    assert not made.is_touched


def test_what_was_discarded_comes_back_the_newest_first_until_the_event_is_saved() -> None:
    made = form()
    made.start_over()
    assert made.discarded == []  # nothing was written
    made.write("startTime", "19:00")
    made.write_roles([*made.lines, RoleLine("popcorn")])
    made.start_over()
    made.write("parentName", "Ana")
    made.start_over()
    assert not made.is_touched
    made.take_back()
    assert made.written == {"parentName": "Ana"}
    made.take_back()
    assert made.written == {"parentName": "Ana", "startTime": "19:00"}
    assert [line.text for line in made.lines][1:] == ["popcorn"]
    made.start_over()
    made.settle(StoredEvent(made.below, datetime(2026, 1, 19, tzinfo=UTC)))
    made.take_back()
    assert not made.is_touched


def test_what_cannot_be_used_is_told_by_field() -> None:
    made = form()
    made.write("date", "31.02.2026")
    made.write("payment.status", "DEPOSIT")
    assert set(made.filled().errors) == {"date", "payment.deposit"}


def test_a_stored_event_shows_its_changes_and_settles() -> None:
    slots = put_in_slots([EventRole(role_type="ANIMATOR", label="Elsa", note="tall")], 4)
    event = Event(event_id="e", event_short_id=4, date="2026-02-10", roles_by_slot=slots)
    stored = StoredEvent(event, datetime(2026, 1, 1, tzinfo=UTC))
    made = form(None)
    made.aim(stored)
    made.write("address", "Str. X nr 3")
    made.write_roles([*made.lines, RoleLine("popcorn")])
    assert [change.field for change in made.changes()] == ["address", "rolesBySlot"]
    roles = made.filled().event.roles_by_slot
    assert list(roles) == ["04A", "04B"]
    assert roles["04A"].note == "tall"
    made.settle(replace(stored, event=made.filled().event))
    assert not made.is_touched
    assert made.changes() == []


def test_advice_compares_with_what_is_stored() -> None:
    paid = EventPayment(amount=Decimal(900), currency="RON", status="PAID")
    it = form(None)
    it.aim(StoredEvent(Event(event_id="e1", payment=paid), datetime(2026, 1, 1, tzinfo=UTC)))
    assert "payment.status" not in it.advice(date(2026, 2, 1), [])
    it.write("payment.amount", "1000")
    assert "900 RON" in it.advice(date(2026, 2, 1), [])["payment.status"]


def test_advice_tells_what_is_past_and_what_clashes() -> None:
    other = Event(event_id="o", date="2026-02-10", start_time="18:30", parent_name="Ioana")
    advice = form().advice(date(2026, 2, 11), [other])
    assert "has passed" in advice["date"]
    assert "Ioana" in advice["startTime"]
    assert "address" in advice


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Elsa", [("ANIMATOR", "Elsa", None, None)]),
        ("animator Spiderman", [("ANIMATOR", "Spiderman", None, None)]),
        ("Spiderman + Elsa", [("ANIMATOR", "Spiderman", None, None),
                              ("ANIMATOR", "Elsa", None, None)]),
        ("vată de zahăr 19:00", [("COTTON_CANDY", None, "19:00", None)]),
        ("cotton candy 19.30 (90 min)", [("COTTON_CANDY", None, "19:30", 90)]),
        ("magician Bob", [("OTHER", "magician Bob", None, None)]),
        ("castel gonflabil verde", [("OTHER", "castel gonflabil verde", None, None)]),
        ("  ", []),
    ],
)  # fmt: skip
def test_services_are_read_from_a_line(
    text: str, expected: list[tuple[str, str | None, str | None, int | None]]
) -> None:
    roles = read_roles(text, load_catalogue())
    assert [(r.role_type, r.label, r.start_time, r.duration_min) for r in roles] == expected


def test_an_untouched_line_keeps_everything_of_its_service() -> None:
    base = EventRole(slot="04B", role_type="ANIMATOR", label="Elsa", note="tall", status="ok")
    assert read_roles("Animator Elsa tall", load_catalogue(), base=base) == [base]
    (changed,) = read_roles("Mickey", load_catalogue(), base=base)
    assert (changed.slot, changed.label, changed.note) == ("04B", "Mickey", "tall")


@pytest.mark.parametrize("language", ["en", "ro"])
def test_the_word_for_another_service_stays_out_of_its_name(language: str) -> None:
    base = EventRole(slot="01A", role_type="OTHER", label="face painting", start_time="18:00",
                     note="glitter")  # fmt: skip
    use_language(language)
    try:
        shown = show_role(base)
        (later,) = read_roles(shown.replace("18:00", "19:00"), load_catalogue(), base=base)
        (renamed,) = read_roles(
            shown.replace("face painting", "hair braids"), load_catalogue(), base=base
        )
    finally:
        use_language("en")
    assert (later.role_type, later.label, later.start_time) == ("OTHER", "face painting", "19:00")
    assert (later.slot, later.note) == ("01A", "glitter")
    assert (renamed.role_type, renamed.label, renamed.start_time) == (
        "OTHER", "hair braids", "18:00",
    )  # fmt: skip


def test_a_line_that_says_only_the_word_for_another_service_is_none() -> None:
    assert read_roles(show_kind("OTHER"), load_catalogue()) == []


@pytest.mark.parametrize("language", ["en", "ro"])
@pytest.mark.parametrize(
    ("kind", "label"),
    [
        ("POPCORN", "roz"),
        ("COTTON_CANDY", "Elsa"),
        ("ANIMATOR", "Zâna  Măseluță"),
        ("OTHER", "pictură pe față"),
        ("BALLOONS", None),
    ],
)
def test_another_hour_leaves_a_service_what_it_is(
    kind: str, label: str | None, language: str
) -> None:
    base = EventRole(slot="04B", role_type=kind, label=label, start_time="18:00", note="tall")
    wanted = replace_role(base, start_time="19:30", duration_min=45)
    use_language(language)
    try:
        line = show_role(base).replace("18:00", "19:30 (45 min)")
        assert read_roles(line, load_catalogue(), base=base) == [wanted]
        timeless = replace_role(base, start_time=None)
        assert read_roles(show_role(timeless), load_catalogue(), base=base) == [timeless]
    finally:
        use_language("en")
