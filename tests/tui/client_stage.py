"""A client with three events, and the way to the profile."""

from core.model.ids import client_path
from core.store.port import Set, Write
from tests.support.console import Stage
from tests.tui.crm_stage import PHONE, booking, event

EVENTS: list[Write] = [
    event("e1", date="2026-02-10", startTime="18:00", eventShortId=1, parentName="Maria Ionescu",
          payment={"amount": 1200, "currency": "RON"},
          rolesBySlot={"01A": {"slot": "01A", "roleType": "ANIMATOR", "label": "Elsa"}}),
    event("e2", date="2026-03-20", startTime="17:00", eventShortId=2,
          payment={"amount": 900, "currency": "RON", "status": "PAID"}),
    event("e3", date="2025-12-06", eventShortId=3, isArchived=True),
]  # fmt: skip
CLIENT = Set(client_path(PHONE), {
    "phoneE164": PHONE, "displayName": "Maria Ionescu", "lifetimeSpendPaid": 900,
    "lifetimeSpendAll": 2100, "outstanding": 1200, "eventsCount": 2,
    "lastEventAt": "2026-03-20", "nextEventAt": "2026-02-10",
    "spendByCurrency": {"RON": {"paid": 900, "all": 2100}},
})  # fmt: skip
ALL = [*booking(), *EVENTS, CLIENT]


async def profile(stage: Stage, sign: str = "#1") -> None:
    await stage.pilot.press("p")
    await stage.until(lambda: sign in stage.text())
