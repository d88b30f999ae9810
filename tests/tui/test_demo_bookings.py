"""What the demo's company has booked already."""

import tomllib
from datetime import UTC, date, datetime
from pathlib import Path

from core.crm.catalogue import load_catalogue
from core.crm.events import Event, read_event
from core.crm.validation import check_event
from core.model.ids import EVENTS
from core.paths import DataFolder
from core.settings import Settings
from core.store.open import open_store
from core.store.port import Query, Update
from tui.demo_bookings import add_bookings, event_of, read_bookings

FRIDAY = datetime(2026, 11, 27, 9, tzinfo=UTC)
COMPANY = Path(__file__).parents[2] / "bridge" / "simulator" / "company.toml"


async def booked(folder: DataFolder) -> dict[str, Event]:
    async with open_store(folder) as store:
        found = await store.query(Query(EVENTS))
    return {document.path: read_event(document).event for document in found}


async def test_they_are_there_once_however_often_the_demo_starts(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.prepare()
    await add_bookings(folder, Settings(), lambda: FRIDAY)
    first = await booked(folder)
    assert len(first) == len(read_bookings())
    changed = next(iter(first))
    async with open_store(folder) as store:
        await store.commit([Update(changed, {"notes": "as the operator has it"})])
    await add_bookings(folder, Settings(), lambda: FRIDAY.replace(day=30))
    again = await booked(folder)
    assert again.pop(changed).notes == "as the operator has it"
    first.pop(changed)
    assert again == first


def test_each_is_an_event_that_an_operator_could_have_saved() -> None:
    services = {service.role_type for service in load_catalogue().services}
    for booking in read_bookings():
        event = event_of(booking, FRIDAY.date(), "RON")
        assert check_event(event) == {}
        assert {role.role_type for role in event.roles} <= services


def test_each_is_of_a_customer_who_writes_to_that_account() -> None:
    company = tomllib.loads(COMPANY.read_text(encoding="utf-8"))
    customers = {(one["phone"], one["account"]) for one in company["customers"]}
    assert {(one.phone, one.account) for one in read_bookings()} <= customers


def test_the_party_that_a_customer_thanks_for_was_on_a_saturday() -> None:
    elena = read_bookings()[0]
    event = event_of(elena, date(2026, 11, 27), "RON")
    assert event.date == "2026-10-24"
    assert date(2026, 10, 24).isoweekday() == elena.weekday
