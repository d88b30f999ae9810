"""The agenda by keys: week and day, clashes, moving, and going on to form, profile and chat."""

from datetime import date
from pathlib import Path

import pytest

from core.model.documents import Account
from tests.support.console import Stage, console
from tests.support.desk import console as desk_console
from tests.tui.crm_stage import T, booking, event
from tui.screens.agenda import AgendaScreen

EVENTS = [
    event("a", date="2026-01-20", startTime="17:00", eventShortId=1, parentName="Ana",
          address="Str. A", source={"threadId": T}),
    event("b", date="2026-01-20", startTime="18:00", eventShortId=2, parentName="Bogdan"),
    event("c", date="2026-01-25", startTime="11:00", eventShortId=3, parentName="Carmen"),
    event("d", date="2026-01-28", startTime="11:00", eventShortId=4, parentName="Dan"),
    event("x", date="2026-01-20", startTime="17:00", eventShortId=9, isArchived=True),
]  # fmt: skip


async def agenda(stage: Stage, sign: str) -> None:
    await stage.pilot.press("f6")
    await stage.until(lambda: sign in stage.text())


@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
async def test_the_week_with_its_clashes(tmp_path: Path, size: tuple[int, int]) -> None:
    async with console(tmp_path, EVENTS, size=size) as stage:
        await agenda(stage, "Ana")
        text = stage.text()
        assert "week 4, 19 January – 25 January 2026" in text
        assert "today, Monday 19 January" in text
        assert "3 events" in text
        assert "⚠ 2 events clash" in text
        assert "with #2" in text
        assert "with #1" in text
        assert "#9" not in text
        assert "Dan" not in text


async def test_an_event_without_a_start_shows_the_hour_of_its_first_service(tmp_path: Path) -> None:
    roles = {
        slot: {"slot": slot, "roleType": "ANIMATOR", "startTime": clock, "durationMin": 60}
        for slot, clock in (("07A", "18:00"), ("07B", "19:00"))
    }
    lone = event("r", date="2026-01-21", eventShortId=7, parentName="Radu", rolesBySlot=roles)
    bare = event("s", date="2026-01-21", eventShortId=8, parentName="Sanda")
    async with console(tmp_path, [lone, bare], size=(80, 24)) as stage:
        await agenda(stage, "Radu")
        assert "18:00–20:00  #7" in stage.text()
        assert "no time      #8" in stage.text()


async def test_a_week_that_is_not_read_yet_counts_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with console(tmp_path, EVENTS, size=(80, 24)) as stage:
        monkeypatch.setattr(stage.app.world.live, "watch", lambda *_given, **_named: None)
        await agenda(stage, "loading…")
        assert "0 events" not in stage.text()


async def test_moving_by_week_and_day_and_back_to_today(tmp_path: Path) -> None:
    async with console(tmp_path, EVENTS, size=(80, 24)) as stage:
        await agenda(stage, "Ana")
        await stage.pilot.press("right")
        await stage.until(lambda: "Dan" in stage.text() and "Ana" not in stage.text())
        await stage.pilot.press(".")
        await stage.until(lambda: "Ana" in stage.text())
        await stage.pilot.press("w")
        await stage.until(lambda: "Tuesday 20 January" in stage.text() and "Ana" in stage.text())
        assert "Carmen" not in stage.text()
        await stage.pilot.press("right")
        await stage.until(lambda: "No event on this day." in stage.text())
        await stage.until(lambda: "Edit" not in stage.text())  # as there is none
        await stage.pilot.press("]", "[", "left", "w")
        await stage.until(lambda: "Carmen" in stage.text())


async def test_it_follows_the_store_and_keeps_the_selection(tmp_path: Path) -> None:
    async with console(tmp_path, EVENTS, size=(80, 24)) as stage:
        await agenda(stage, "Carmen")
        await stage.pilot.press("down", "down")
        await stage.store.commit([event("e", date="2026-01-19", startTime="09:00",
                                        eventShortId=5, parentName="Elena")])  # fmt: skip
        await stage.until(lambda: "Elena" in stage.text())
        await stage.pilot.press("enter")
        await stage.until(lambda: "saved as #3" in stage.text())


async def test_from_an_event_to_its_profile_and_chat(tmp_path: Path) -> None:
    async with console(tmp_path, [*booking(), *EVENTS], size=(120, 36)) as stage:
        await agenda(stage, "Ana")
        await stage.pilot.press("p")
        await stage.until(lambda: "Booked" in stage.text() and "#3" in stage.text())
        await stage.pilot.press("o")
        await stage.until(lambda: "Vreau pe 10 feb" in stage.text())
        await agenda(stage, "Ana")
        await stage.pilot.press("o")
        await stage.until(lambda: "Vreau pe 10 feb" in stage.text())


async def test_days_that_a_held_key_only_passes_are_not_asked_of_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with console(tmp_path, EVENTS, size=(80, 24)) as stage:
        await agenda(stage, "Ana")
        rests: list[float] = []

        def noted(*_target: object, rest_seconds: float, **_options: object) -> None:
            rests.append(rest_seconds)  # and nothing comes

        monkeypatch.setattr(stage.app.world.live, "watch", noted)
        await stage.pilot.press("right", "right", "left")
        first, *others = rests
        assert first == 0
        assert len(others) == 2
        assert all(rest > 0 for rest in others)


async def test_a_key_held_for_ever_ends_at_a_day_that_can_be_named(tmp_path: Path) -> None:
    async with console(tmp_path, EVENTS, size=(80, 24)) as stage:
        await agenda(stage, "Ana")
        screen = stage.app.screen
        assert isinstance(screen, AgendaScreen)
        for far in (date.min, date.max):
            screen._go_to(far)
            await stage.pilot.press("right" if far == date.max else "left")
            await stage.until(lambda: "free" in stage.text())
            await stage.pilot.press(".")
            await stage.until(lambda: "Ana" in stage.text())


async def test_after_midnight_another_day_is_today(tmp_path: Path) -> None:
    async with desk_console(tmp_path, place="agenda") as desk:
        await desk.shows("today, Monday 19 January")
        desk.clock.advance(days=1)
        await desk.put(Account(account_id="WA-01", name="x", status="connected"))
        await desk.shows("today, Tuesday 20 January")
