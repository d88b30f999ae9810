"""What an event may look like when an operator writes it, change by change."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.crm.events import Event, EventPayment, EventRole, EventSource, event_data, read_event
from core.crm.save import upgraded
from core.crm.slots import put_in_slots
from core.model.documents import StaffProfile, to_data
from core.store.port import Document
from core.store.rules import evaluate
from core.store.rules.lookups import Lookups
from core.store.rules.ruleset import Asking, Auth, Change, Ruleset, WriteMethod
from tests.core.store.rules.asking import NOW

EARLIER = NOW - timedelta(days=1)
UIDS = ("ana", "dan")
_STAFF = {
    f"staffProfiles/{uid}": Document(
        f"staffProfiles/{uid}", to_data(StaffProfile(uid=uid)), NOW, NOW
    )
    for uid in UIDS
}


def may_write(before: dict[str, Any] | None, after: dict[str, Any], uid: str = "ana") -> bool:
    asking = Asking(Auth(uid), NOW, Lookups(_STAFF.get))
    method: WriteMethod = "create" if before is None else "update"
    change = Change(before, after)
    return Ruleset.packaged().judge_write(method, "evenimente/e1", change, asking).is_allowed


def new(uid: str = "ana", **fields: Any) -> dict[str, Any]:
    """Return everything that a new event can hold."""
    event = Event(
        event_id="e1", phone_e164="+40712345678", phone_raw="0712 345 678", parent_name="Maria",
        child_name="Vlad", child_age=6, child_dob="2020-02-10", num_children=15, date="2026-02-10",
        start_time="18:00", duration_min=120, address="Str. X nr 3", notes="la etaj",
        roles_by_slot=put_in_slots([EventRole(role_type="ANIMATOR", label="Elsa")], None),
        payment=EventPayment(
            amount=Decimal("1200.50"), currency="RON", method="cash", deposit=Decimal(300)
        ),
        source=EventSource(thread_id="t", account_id="a", client_request_id="r"),
        created_at=NOW, updated_at=NOW, created_by=uid, updated_by=uid,
    )  # fmt: skip
    return event_data(event) | fields


def stored(**fields: Any) -> dict[str, Any]:
    """Return an event that dan made yesterday, which has its number."""
    stamps = {"createdAt": EARLIER, "updatedAt": EARLIER, "eventShortId": 12}
    return new("dan") | stamps | fields


def edited(**fields: Any) -> dict[str, Any]:
    """Return that event as ana changes it now."""
    return stored() | {"updatedAt": NOW, "updatedBy": "ana"} | fields


MINIMAL = {"createdBy": "ana", "isArchived": False, "schemaVersion": 3}


def test_a_new_event_may_hold_everything_or_next_to_nothing() -> None:
    assert may_write(None, new())
    assert may_write(None, MINIMAL)
    assert may_write(None, MINIMAL | {"schemaVersion": 2, "data": "10-02-2026", "adresa": "X"})
    assert may_write(None, new("stranger"), "stranger")


@pytest.mark.parametrize(
    "fields",
    [
        {"createdBy": "dan"}, {"createdBy": None}, {"isArchived": True}, {"isArchived": None},
        {"isArchived": "false"}, {"schemaVersion": 1}, {"schemaVersion": 4}, {"schemaVersion": "3"},
        {"schemaVersion": None}, {"createdAt": EARLIER}, {"updatedAt": EARLIER},
        {"createdAt": None},
        {"updatedBy": "dan"}, {"eventShortId": 1}, {"eventId": "other"}, {"eventId": None},
        {"archivedAt": NOW}, {"archivedBy": "ana"}, {"archiveReason": "x"}, {"sofer": "D1"},
        {"phoneE164": "0712345678"}, {"phoneE164": 40712345678}, {"phoneE164": "+4071234567x"},
        {"date": "10-02-2026"}, {"date": NOW}, {"date": 20260210}, {"startTime": "18"},
        {"startTime": "18:00:00"}, {"startTime": "31:00"}, {"childDob": "2020"}, {"childAge": "6"},
        {"childAge": 6.5}, {"numChildren": True}, {"durationMin": [1]}, {"parentName": 5},
        {"parentName": "x" * 501}, {"childName": {}}, {"address": ["a"]}, {"address": "x" * 1001},
        {"notes": "x" * 20_001}, {"notes": b"x"}, {"phoneRaw": "0" * 201}, {"rolesBySlot": []},
        {"rolesBySlot": {f"{n}A": {} for n in range(101)}}, {"rolesBySlot": "01A"},
        {"source": "chat"}, {"source": {str(n): 1 for n in range(11)}}, {"payment": None},
        {"payment": 1200}, {"payment": {"suma": 1}}, {"payment": {"amount": "1200"}},
        {"payment": {"amount": -1}}, {"payment": {"deposit": True}},
        {"payment": {"currency": "lei"}},
        {"payment": {"status": "FREE"}}, {"payment": {"status": None}}, {"payment": {"method": 1}},
        {"payment": {"method": "x" * 501}},
    ],
)  # fmt: skip
def test_a_new_event_may_not_hold(fields: dict[str, Any]) -> None:
    assert not may_write(None, new(**fields))
    assert not may_write(None, MINIMAL | fields)


@pytest.mark.parametrize("name", sorted(MINIMAL))
def test_a_new_event_must_say(name: str) -> None:
    assert not may_write(None, {key: value for key, value in new().items() if key != name})


@pytest.mark.parametrize(
    "fields",
    [
        {}, {"notes": "altceva"}, {"notes": None}, {"address": "x" * 1000}, {"date": "2026-03-20"},
        {"startTime": None}, {"childAge": None}, {"phoneE164": "+40722000000"}, {"phoneE164": None},
        {"payment": {"amount": 900, "currency": "EUR", "status": "PAID", "method": None,
                     "deposit": None}},
        {"rolesBySlot": {}}, {"eventId": "e1"},
        {"isArchived": True, "archivedAt": NOW, "archivedBy": "ana", "archiveReason": "dublură"},
        {"isArchived": True, "archivedAt": NOW, "archivedBy": "ana", "archiveReason": None},
    ],
)  # fmt: skip
def test_a_colleague_may_change(fields: dict[str, Any]) -> None:
    assert may_write(stored(), edited(**fields))
    assert not may_write(stored(), edited(**fields, updatedBy="stranger"), "stranger")


@pytest.mark.parametrize(
    "fields",
    [
        {"createdBy": "ana"}, {"createdBy": None}, {"createdAt": NOW}, {"createdAt": None},
        {"eventShortId": 13}, {"eventShortId": None}, {"eventShortId": "12"}, {"eventId": "other"},
        {"source": {}}, {"source": None}, {"source": {"threadId": "other"}},
        {"updatedBy": "dan"}, {"updatedBy": None}, {"updatedAt": EARLIER}, {"updatedAt": None},
        {"schemaVersion": 2}, {"schemaVersion": 4}, {"schemaVersion": None}, {"sofer": "D1"},
        {"numarEveniment": 13}, {"adresa": "x"}, {"roles": []}, {"isArchived": None},
        {"isArchived": 1},
        {"isArchived": True}, {"isArchived": True, "archivedAt": NOW},
        {"isArchived": True, "archivedAt": EARLIER, "archivedBy": "ana"},
        {"isArchived": True, "archivedAt": NOW, "archivedBy": "dan"},
        {"archivedBy": "ana"}, {"archivedAt": NOW}, {"archiveReason": "x"},
        {"isArchived": True, "archivedAt": NOW, "archivedBy": "ana", "archiveReason": 5},
        {"payment": {"amount": 900, "tip": 5}}, {"payment": "900"},
        {"date": "mâine"}, {"childAge": "7"}, {"notes": "x" * 20_001},
        {"rolesBySlot": None, "x": 1},
    ],
)  # fmt: skip
def test_nobody_may_change(fields: dict[str, Any]) -> None:
    assert not may_write(stored(), edited(**fields))
    own = {"createdBy": "ana"}
    assert fields == own or not may_write(stored() | own, edited() | own | fields)


def test_an_archiving_is_taken_back_whole_and_kept_as_it_was() -> None:
    archive = {
        "isArchived": True, "archivedAt": EARLIER, "archivedBy": "dan", "archiveReason": "dublură",
    }  # fmt: skip
    nothing = {"archivedAt": None, "archivedBy": None, "archiveReason": None}
    before = stored(**archive)
    assert may_write(before, edited(**archive, notes="x"))
    assert may_write(before, edited(**nothing, isArchived=False))
    for left in nothing:
        kept = nothing | {left: archive[left]}
        assert not may_write(before, edited(**kept, isArchived=False))
    assert not may_write(before, edited(**archive | {"archiveReason": "altceva"}))


def test_whoever_made_it_may_change_it_without_being_staff() -> None:
    before = stored(createdBy="stranger")
    after = edited(createdBy="stranger", updatedBy="stranger", notes="x")
    assert may_write(before, after, "stranger")
    assert not may_write(before, after | {"updatedBy": "ana"}, "stranger")


def test_what_another_program_left_is_no_obstacle() -> None:
    odd = {"childAge": "6", "sofer": "D1", "date": "mâine", "rolesBySlot": [1], "notes": 5}
    payment = {"amount": "o mie", "status": "FREE", "tip": 5}
    before = stored(**odd, payment=payment)
    assert may_write(before, edited(**odd, payment=payment, address="alta"))
    assert may_write(before, edited(**odd, payment=payment | {"deposit": 100}))
    assert not may_write(before, edited(**odd, payment=payment | {"amount": "două mii"}))
    assert not may_write(before, edited(**odd | {"childAge": "7"}, payment=payment))


VERSION_2: list[dict[str, Any]] = [
    {
        "schemaVersion": 2, "data": "10-02-2026", "adresa": "Str. X", "numeParinte": "Maria",
        "sarbatoritNume": "Vlad", "sarbatoritVarsta": "6", "telefonClientE164": "0712345678",
        "numarEveniment": "12", "roluriPeSlot": {"12A": {"tipRol": "animator"}},
        "incasare": {"suma": 1200, "stare": "INCASAT", "metoda": "cash"}, "esteArhivat": True,
        "arhivatLa": EARLIER, "arhivatDe": "dan", "motivArhivare": "dublură", "creatDe": "dan",
        "creatLa": EARLIER, "sofer": "D1",
    },
    {"schemaVersion": 2, "createdBy": "dan", "createdAt": EARLIER, "isArchived": False,
     "eventShortId": 12, "data": "10.02.2026", "numarEveniment": 12},
    {"data": "cândva", "creatLa": "ieri", "numarEveniment": "doisprezece", "numarCopii": "15",
     "source": {"threadId": "t"}, "roles": [{"label": "Elsa"}], "arhivatLa": "ieri"},
    {},
]  # fmt: skip


@pytest.mark.parametrize("before", VERSION_2)
def test_version_2_becomes_version_3(before: dict[str, Any]) -> None:
    base = read_event(Document("evenimente/e1", before, EARLIER, EARLIER))
    after = dict(before)
    for name, value in upgraded(base, base.event).items():
        if name in base.leftovers:
            del after[name]
        else:
            after[name] = value
    after |= {"updatedAt": NOW, "updatedBy": "ana"}
    assert may_write(before, after)
    assert may_write(before, after | {"notes": "mutat"})
    for taken in ({"createdBy": "ana"}, {"eventShortId": 99}, {"createdAt": NOW}):
        assert not may_write(before, after | taken)
    assert not may_write(after | {"updatedAt": EARLIER}, before | {"updatedBy": "ana"})


def test_version_2_may_stay_version_2() -> None:
    before = VERSION_2[0]
    own = {"updatedAt": NOW, "updatedBy": "ana", "createdBy": "dan"}
    assert may_write(before, before | own | {"adresa": "Str. Y"})
    assert not may_write(before, before | own | {"adresa": 5})
    assert not may_write(before, before | own | {"createdBy": "ana"})


def test_the_largest_event_stays_far_from_the_limit_of_expressions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(evaluate, "MOST_EXPRESSIONS", 750)
    assert may_write(None, new())
    everything = new(
        phoneRaw="1", parentName="1", childName="1", childAge=1, childDob="2020-01-01",
        numChildren=1, date="2026-01-01", startTime="01:00", durationMin=1, address="1", notes="1",
        phoneE164="+40700000000", rolesBySlot={}, isArchived=True, archivedAt=NOW, archivedBy="ana",
        archiveReason="1",
        payment={"amount": 1, "currency": "EUR", "status": "PAID", "method": "1", "deposit": 1},
    )  # fmt: skip
    kept = {"createdAt": EARLIER, "createdBy": "dan", "eventShortId": 12}
    assert may_write(stored(), everything | kept)
