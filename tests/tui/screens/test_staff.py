"""The operators' screen by keys: adding, changing, deactivating, and what each look says."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

from msgspec.structs import replace

from core.model.documents import StaffProfile
from core.model.ids import staff_path
from core.service.callables import FindOperatorAnswer, FindOperatorRequest
from core.service.errors import CallRefused
from core.service.staff import STAFF_QUERY, read_profiles
from core.settings import Cloud
from core.store.port import Store, Update
from tests.support.bridge import ScriptedBridge
from tests.support.desk import Desk, console
from tests.support.staff import a_profile, admin, staff
from tests.tui.screens.test_accounts import connected
from tui.app import CapcoadaApp
from tui.screens.staff import StaffScreen
from tui.screens.staff_form import StaffForm

BOB = a_profile("bob", "WA-01")


@asynccontextmanager
async def operators(
    folder: Path,
    *people: StaffProfile,
    size: tuple[int, int] = (80, 24),
    bridge: ScriptedBridge | None = None,
) -> AsyncIterator[Desk]:
    """Open the screen as Ana, the admin of two accounts."""
    accounts = connected(), connected("WA-02", "Rezervă")
    async with console(folder, *accounts, size=size, bridge=bridge) as desk:
        writes = [staff(each.uid, *each.allowed_account_ids, role=each.role,
                        is_active=each.is_active) for each in people]  # fmt: skip
        await desk.store.commit([admin("local", name="Ana"), *writes])
        await desk.press("f8")
        await desk.until(lambda: isinstance(desk.screen, StaffScreen))
        await desk.shows("Ana")
        yield desk


async def profiles(store: Store) -> dict[str, StaffProfile]:
    return read_profiles(await store.query(STAFF_QUERY))


async def test_it_lists_who_works_here_and_what_each_may_do(tmp_path: Path) -> None:
    gone = a_profile("zed", "WA-01", is_active=False)
    async with operators(tmp_path, BOB, gone, a_profile("dan")) as desk:
        await desk.shows("● Bob")
        lines = [line for line in desk.text().splitlines() if "●" in line or "○" in line]
        words = [" ".join(line.replace("▌", "").split()) for line in lines[1:]]
        assert words == [
            "● Ana you admin, all accounts", "● Bob WA-01", "● Dan no account yet",
            "○ Zed deactivated",
        ]  # fmt: skip
        assert "3 active" in desk.text()


async def test_whoever_is_alone_is_told_how_to_begin(tmp_path: Path) -> None:
    async with operators(tmp_path) as desk:
        await desk.shows("Press a to let a colleague work with you")


async def test_somebody_new_is_added_by_keys_alone(tmp_path: Path) -> None:
    async with operators(tmp_path) as desk:
        await desk.press("a")
        await desk.shows("User ID")
        await desk.write("mihai")
        await desk.press("down")
        await desk.write("Mihai Pop")
        await desk.press("down")
        await desk.write("M1")
        await desk.press("down", "down", "down", "down", "right")
        await desk.shows("Rezervă: seen and answered")
        await desk.press("ctrl+s")
        await desk.shows("● Mihai Pop  M1")
        assert (await profiles(desk.store))["mihai"] == StaffProfile(
            uid="mihai", display_name="Mihai Pop", code="M1", allowed_account_ids=["WA-02"]
        )


async def test_what_cannot_be_saved_says_why_and_where(tmp_path: Path) -> None:
    async with operators(tmp_path, BOB) as desk:
        await desk.press("a", "ctrl+s")
        await desk.shows("That is no user ID.")
        await desk.write("bob")
        await desk.press("ctrl+s")
        await desk.shows("The operator needs a name.")
        await desk.write("Bob B")
        await desk.press("ctrl+s")
        await desk.shows("There is an operator with this user ID already.")
        assert (await profiles(desk.store))["bob"] == BOB


async def test_an_admin_needs_no_accounts(tmp_path: Path) -> None:
    async with operators(tmp_path, BOB) as desk:
        await desk.press("down", "enter")
        await desk.shows("Petreceri București: seen and answered")
        await desk.press("down", "down", "down", "right")
        await desk.hides("Petreceri București")
        await desk.press("ctrl+s")
        await desk.shows("Saved.")
        assert (await profiles(desk.store))["bob"].is_admin


async def test_one_who_changed_meanwhile_is_not_written_over(tmp_path: Path) -> None:
    async with operators(tmp_path, BOB) as desk:
        await desk.press("down", "enter")
        await desk.shows("Petreceri București: seen and answered")
        await desk.store.commit([Update(staff_path("bob"), {"code": "B7"})])
        await desk.write("X")
        await desk.press("ctrl+s")
        await desk.shows("Somebody else changed this operator meanwhile.")
        await desk.press("escape")
        await desk.shows("Leave without saving?")
        await desk.press("n")
        await desk.hides("Leave without saving?")
        await desk.press("ctrl+q")
        await desk.shows("Leave without saving?")
        await desk.press("n")
        await desk.hides("Leave without saving?")
        await desk.press("escape", "y")
        await desk.until(lambda: isinstance(desk.screen, StaffScreen))
        bob = (await profiles(desk.store))["bob"]
        assert (bob.code, bob.display_name) == ("B7", "Bob")


async def test_deactivating_asks_first_and_can_be_taken_back(tmp_path: Path) -> None:
    async with operators(tmp_path, BOB) as desk:
        await desk.press("down", "d")
        await desk.shows("Deactivate Bob?")
        await desk.press("n")
        assert (await profiles(desk.store))["bob"].is_active
        await desk.press("d", "y")
        await desk.shows("○ Bob")
        assert not (await profiles(desk.store))["bob"].is_active
        await desk.press("r")
        await desk.shows("● Bob")
        assert (await profiles(desk.store))["bob"] == BOB


async def test_nobody_takes_their_own_rights(tmp_path: Path) -> None:
    async with operators(tmp_path, BOB) as desk:
        await desk.press("d", "r")
        assert isinstance(desk.screen, StaffScreen)
        await desk.press("enter")
        await desk.until(lambda: isinstance(desk.screen, StaffForm))
        assert "Role" not in desk.text()
        assert "User ID" not in desk.text()


async def test_whoever_is_no_admin_any_more_sees_nothing(tmp_path: Path) -> None:
    async with operators(tmp_path, BOB) as desk:
        await desk.shows("● Bob")
        await desk.store.commit([Update(staff_path("local"), {"role": "operator"})])
        await desk.shows("Only an admin manages the operators.")
        assert "Bob" not in desk.text()
        await desk.press("a", "enter", "d")
        assert isinstance(desk.screen, StaffScreen)
        await desk.press("f3", "f8")
        assert desk.app.current_mode == "inbox"


async def test_a_small_window_reaches_every_field(tmp_path: Path) -> None:
    async with operators(tmp_path, BOB, size=(60, 18)) as desk:
        await desk.press("a")
        await desk.until(lambda: isinstance(desk.screen, StaffForm))
        await desk.press(*["down"] * 9)
        await desk.shows("Rezervă: not seen")


async def test_in_a_team_an_e_mail_address_is_enough(tmp_path: Path) -> None:
    bridge = ScriptedBridge()
    found = FindOperatorAnswer(uid="x7Gh2", email="dan@example.com", name="Dan D")
    bridge.on(FindOperatorRequest, lambda _request: found)
    async with operators(tmp_path, bridge=bridge) as desk:
        # The documents stay on this machine: only the form has to know of a project.
        services = cast(CapcoadaApp, desk.app).services
        services.settings = replace(services.settings, cloud=Cloud(project="demo"))
        await desk.press("a")
        await desk.shows("Their e-mail address")
        await desk.write("dan@example.com")
        await desk.press("ctrl+s")
        await desk.shows("● Dan D")
        assert (await profiles(desk.store))["x7Gh2"] == StaffProfile(
            uid="x7Gh2", email="dan@example.com", display_name="Dan D"
        )
        bridge.on(FindOperatorRequest, CallRefused("NOT_FOUND", "Nobody signs in with this."))
        await desk.press("a")
        await desk.shows("Their e-mail address")
        await desk.write("nimeni@example.com")
        await desk.press("ctrl+s")
        await desk.shows("Nobody signs in with this.")
