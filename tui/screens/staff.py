"""The operators: who works here, and what may each of them do?"""

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from core.errors import CapcoadaError
from core.i18n import _, ngettext
from core.model.documents import StaffProfile
from core.service.staff import by_name, shown_name
from core.service.staff_edit import switch_profile
from core.text import clean_line
from tui.commands.command import bindings_of
from tui.commands.staff import STAFF_COMMANDS
from tui.screens.base import PlaceScreen
from tui.screens.dialogs import Confirm
from tui.services import Services
from tui.widgets.pick_list import PickLine, PickList
from tui.widgets.title_line import Span, TitleLine
from tui.world import World


class StaffList(PickList):
    """The operators by name, those who left at the end."""

    BINDING_GROUP_TITLE = "Operators"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(STAFF_COMMANDS, "staff-list")]


class StaffScreen(PlaceScreen):
    """Lists the operators; an admin adds, changes, deactivates and reactivates them."""

    CSS_PATH = "../styles/staff.tcss"
    AUTO_FOCUS = "#staff"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(STAFF_COMMANDS, "staff")]
    HELP = _(
        "An admin sees and does everything. An operator sees the conversations of the accounts "
        "allowed to them. Whoever is deactivated is shut out at once; what they did stays."
    )

    def __init__(self, services: Services, world: World) -> None:
        super().__init__(services, world)
        self._head = TitleLine(id="staff-title")
        self.list = StaffList(id="staff")

    def compose_body(self) -> ComposeResult:
        """Put the head above the operators."""
        yield self._head
        yield Static("", id="staff-notice")
        yield self.list

    def on_mount(self) -> None:
        """Follow the operators."""
        self.world.listen(self, self._draw)
        self._draw()

    # -- drawing ----------------------------------------------------------------------------------

    def _draw(self) -> None:
        team = self.world.team
        if not team.is_admin:
            self.list.put([], _("Only an admin manages the operators."))
            self._head.put([(" " + _("Operators"), "strong")], [])
            return
        people = sorted(
            team.profiles.values(), key=lambda each: (not each.is_active, by_name(each))
        )
        self.list.put([_line(each, each.uid == team.uid) for each in people], _("Loading…"))
        active = sum(each.is_active for each in people)
        left: list[Span] = [(" " + _("Operators"), "strong")]
        right: list[Span] = []
        if people:
            said = ngettext("{n} active", "{n} active", active).format(n=active)
            left.append((f"  {said}", "plain"))
        if self.world.store_problem:
            right.append((_("! not live "), "bad"))
        self._head.put(left, right)
        self._say(people)
        self.refresh_bindings()

    def _say(self, people: list[StaffProfile]) -> None:
        text = self.world.store_problem
        if not text and len(people) == 1:
            text = _(
                "You are alone here. Press a to let a colleague work with you: you choose which "
                "accounts they see."
            )
        notice = self.query_one("#staff-notice", Static)
        notice.update(Content(text))
        notice.set_class(not text, "-empty")

    # -- the selected operator --------------------------------------------------------------------

    @property
    def chosen(self) -> StaffProfile | None:
        """The operator that the cursor is on."""
        return self.world.team.profiles.get(self.list.selected_id or "")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what an admin may do with the selected operator."""
        team = self.world.team
        if action == "add_operator":
            return team.is_admin
        if action in ("change_operator", "switch_operator"):
            chosen = self.chosen
            if chosen is None or not team.is_admin:
                return False
            if action == "switch_operator":
                return chosen.uid != team.uid and chosen.is_active != parameters[0]
        return True

    # -- actions ----------------------------------------------------------------------------------

    @work(group="staff-dialog", exclusive=True)
    async def action_add_operator(self) -> None:
        """Ask for somebody new."""
        await self._edit(None)

    @work(group="staff-dialog", exclusive=True)
    async def action_change_operator(self) -> None:
        """Change the selected operator."""
        if (chosen := self.chosen) is not None:
            await self._edit(chosen)

    async def _edit(self, before: StaffProfile | None) -> None:
        from tui.screens.staff_form import StaffForm  # noqa: PLC0415 - when first asked for

        saved = await self.app.push_screen_wait(StaffForm(self.services, self.world, before))
        if saved is not None:
            self.list.select(saved.uid)
            self.notify(_("Saved."), markup=False, timeout=3)

    @work(group="staff-dialog", exclusive=True)
    async def action_switch_operator(self, is_active: bool) -> None:
        """Shut the selected operator out, once confirmed, or let them in again."""
        if (chosen := self.chosen) is None:
            return
        name = shown_name(chosen, chosen.uid)
        if not is_active:
            question = _("Deactivate {name}?").format(name=name)
            consequence = _(
                "Their console closes at once and they can do nothing more here. Conversations "
                "that they answer stay theirs until you hand them over; nothing is deleted."
            )
            if not await self.app.push_screen_wait(Confirm(question, consequence)):
                return
        try:
            await switch_profile(self.services.store, chosen.uid, is_active=is_active)
        except CapcoadaError as error:
            self.notify(str(error), title=_("Not done"), severity="error", markup=False)


def _line(profile: StaffProfile, is_me: bool) -> PickLine:
    """Return an operator on one line."""
    name = shown_name(profile, profile.uid)
    glyph = ("● ", "good") if profile.is_active else ("○ ", "off")
    left: list[Span] = [glyph, (name, "name" if profile.is_active else "muted")]
    if profile.code:
        left.append((f"  {clean_line(profile.code)}", "chip"))
    if is_me:
        left.append(("  " + _("you"), "news"))
    if profile.email and profile.email != name:
        left.append((f"  {clean_line(profile.email)}", "muted"))
    return PickLine(profile.uid, tuple(left), ((f" {_may(profile)} ", "muted"),))


def _may(profile: StaffProfile) -> str:
    """Say in a few words what somebody may do."""
    if not profile.is_active:
        return _("deactivated")
    if profile.is_admin:
        return _("admin, all accounts")
    if not profile.allowed_account_ids:
        return _("no account yet")
    return clean_line(", ".join(profile.allowed_account_ids))
