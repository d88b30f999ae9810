"""`doctor --repair`: tells and mends whatever does not follow from the events."""

import asyncio
import tempfile
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bridge.doctor.examine import examine
from bridge.triggers.repair import repair
from bridge.triggers.settle import settle_event
from core.crm.save import create_event
from core.model.ids import client_path
from core.paths import DataFolder
from core.store.open import open_store
from core.store.port import Create, Query, Update
from tests.bridge.crm.world import PHONE, World, party


async def test_what_was_spoilt_is_told_and_mended(world: World) -> None:
    for n in range(3):
        await world.save(f"r{n}", party(f"2026-02-1{n}"))
    await world.triggers.catch_up()
    sound = await world.everything()
    assert await repair(world.context, write=False) == []
    second = next(
        e for e in await world.store.query(Query("evenimente")) if e.data["eventShortId"] == 2
    )
    await world.store.commit([
        Update(client_path(PHONE), {"lifetimeSpendAll": 5, "eventsCount": 9}),
        Update(second.path, {"rolesBySlot": {"09A": second.data["rolesBySlot"]["02A"]}}),
        Create("clients/+40700000000", {"phoneE164": "+40700000000", "eventsCount": 3}),
    ])  # fmt: skip
    told = await repair(world.context, write=False)
    assert f"{client_path(PHONE)}: eventsCount, lifetimeSpendAll" in told
    assert f"{second.path}: rolesBySlot" in told
    assert await repair(world.context, write=True) == told
    assert await repair(world.context, write=False) == []
    mended = await world.everything()
    assert mended.pop("clients/+40700000000")["eventsCount"] == 0
    assert mended == sound


async def test_a_number_given_twice_stays_with_the_older_event(world: World) -> None:
    first = (await world.save("a", party())).stored.event.event_id
    second = (await world.save("b", party("2026-03-01"))).stored.event.event_id
    await world.triggers.catch_up()
    await world.store.commit([
        Update(f"evenimente/{second}", {"eventShortId": 1}),
        Update("counters/evenimente", {"value": 0}),
    ])  # fmt: skip
    assert await repair(world.context, write=True)
    assert (await world.event(first)).event.event_short_id == 1
    assert (await world.event(second)).event.event_short_id == 2
    assert await repair(world.context, write=False) == []


def test_the_doctor_finds_events_that_no_bridge_has_seen() -> None:
    async def save(folder: DataFolder) -> None:
        folder.prepare()
        async with open_store(folder) as store:
            await create_event(store, party(), uid="ana", client_request_id="r")

    with tempfile.TemporaryDirectory() as name:
        folder = DataFolder(Path(name) / "data")
        asyncio.run(save(folder))
        lines: list[str] = []
        assert examine(folder, lines.append) == 1
        assert any("eventShortId" in line for line in lines)
        assert examine(folder, lines.append, repair=True) in (0, 1)
        lines.clear()
        examine(folder, lines.append)
        assert any("Events and clients agree" in line for line in lines)


changes = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.one_of(
            st.tuples(st.just("phone"), st.integers(0, 1)),
            st.tuples(
                st.just("status"), st.sampled_from(["UNPAID", "DEPOSIT", "PAID", "CANCELLED"])
            ),
            st.tuples(st.just("amount"), st.sampled_from([None, 0, 100.1, 200.2, 333.33])),
            st.tuples(st.just("archived"), st.booleans()),
            st.tuples(st.just("date"), st.sampled_from([None, "2026-01-04", "2026-06-01"])),
        ),
        st.booleans(),
    ),
    max_size=8,
)


@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(changes)
def test_any_order_of_changes_gives_what_the_events_add_up_to(
    steps: list[tuple[int, tuple[str, object], bool]],
) -> None:
    """Change events, with the triggers running in between or not: a repair finds nothing."""
    fields = {
        "phone": "phoneE164", "status": "payment.status", "amount": "payment.amount",
        "archived": "isArchived", "date": "date",
    }  # fmt: skip
    phones = (PHONE, "+40799999999")

    async def live() -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with World(Path(folder), datetime(2026, 1, 5, tzinfo=UTC)) as world:
                for n in range(3):
                    await world.save(f"r{n}", party(amount="50.5", deposit="20"))
                ids = sorted(e.id for e in await world.store.query(Query("evenimente")))
                for which, (kind, value), settle in steps:
                    wanted = phones[value] if kind == "phone" and isinstance(value, int) else value
                    await world.store.commit(
                        [Update(f"evenimente/{ids[which]}", {fields[kind]: wanted})]
                    )
                    if settle:
                        await world.triggers.catch_up()
                await world.triggers.catch_up()
                assert await repair(world.context, write=False) == []
                expected: dict[str, Decimal] = {}
                for document in await world.store.query(Query("evenimente")):
                    data = document.data
                    if not data["isArchived"] and data["payment"]["status"] != "CANCELLED":
                        amount = Decimal(str(data["payment"]["amount"] or 0))
                        phone = data["phoneE164"]
                        expected[phone] = expected.get(phone, Decimal(0)) + amount
                for client in await world.store.query(Query("clients")):
                    total = Decimal(str(client.data["lifetimeSpendAll"]))
                    assert total == expected.get(client.id, 0)

    asyncio.run(live())


atoms = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(), st.text(max_size=6),
    st.sampled_from([1e20, "lei", "__a__", " EUR ", "PAID", "DEPOSIT", "INCASAT", "2026-02-10",
                     "10-02-2026", "18:00", "9999999999", "1e20", "`x`", "a.b", "09A"]),
)  # fmt: skip
parts = st.sampled_from([
    "A", "01A", "amount", "currency", "status", "deposit", "suma", "stare", "avans", "moneda",
    "roleType", "label", "slot", "startTime", "rol",
])  # fmt: skip
values = st.recursive(
    atoms,
    lambda held: st.lists(atoms, max_size=3) | st.dictionaries(parts, held, max_size=4),
    max_leaves=8,
)
fields_of_events = st.sampled_from([
    "schemaVersion", "numarEveniment", "eventShortId", "data", "date", "adresa", "parentName",
    "rolesBySlot", "roluriPeSlot", "roluri", "incasare", "payment", "esteArhivat", "isArchived",
    "notes", "childAge", "source", "updatedAt", "createdBy", "archivedAt", "telefonClientE164",
])  # fmt: skip


@settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
@given(st.lists(st.dictionaries(fields_of_events, values, max_size=8), min_size=1, max_size=3))
@example([{"schemaVersion": 3, "payment": {"amount": 9.3e18}}])
@example([{"schemaVersion": 3, "payment": {"amount": 5, "currency": "__a__"}}])
def test_whatever_another_program_wrote_is_settled_once_and_for_all(
    written: list[dict[str, Any]],
) -> None:
    async def live() -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with World(Path(folder), datetime(2026, 1, 5, tzinfo=UTC)) as world:
                for n, data in enumerate(written):
                    await world.store.commit(
                        [Create(f"evenimente/e{n}", data | {"phoneE164": PHONE})]
                    )
                for n in range(len(written)):
                    await settle_event(world.context, f"e{n}")
                for n in range(len(written)):
                    assert (await settle_event(world.context, f"e{n}")).paths == ()

    asyncio.run(live())
