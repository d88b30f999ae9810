"""One operator over the screen: who they are and what they may do."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from core.errors import CapcoadaError
from core.i18n import _
from core.model.documents import StaffProfile
from core.service.staff import shown_name
from core.service.staff_edit import ProfileUnfit, add_profile, change_profile, checked
from core.text import clean_line
from tui.commands.command import bindings_of
from tui.commands.everywhere import HELP
from tui.commands.staff import STAFF_COMMANDS
from tui.later import later
from tui.screens.form import FormScreen
from tui.services import Services
from tui.widgets.crm_panel.field import ChoiceRow, Row, TextRow
from tui.widgets.key_bar import KeyBar
from tui.widgets.title_line import TitleLine
from tui.world import World

_ACCOUNT = "account "
"""Begins the names of the rows of accounts."""


class StaffForm(FormScreen[StaffProfile | None]):
    """Adds an operator or changes one; the answer is the profile that was saved."""

    CSS_PATH = "../styles/staff.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings_of(STAFF_COMMANDS, "staff-form"),
        HELP.binding,
        # With priority, so that what is typed right after them goes into the next field.
        Binding("up,shift+tab", "step(-1)", show=False, priority=True),
        Binding("down,tab,enter", "step(1)", show=False, priority=True),
    ]

    def __init__(self, services: Services, world: World, before: StaffProfile | None) -> None:
        super().__init__()
        self._services = services
        self._world = world
        self._before = before
        shown = before or StaffProfile(uid="")
        roles = {"operator": _("operator"), "admin": _("admin: sees and does everything")}
        self._rows: dict[str, Row] = {
            "uid": TextRow("uid", _("User ID"), shown.uid),
            "display_name": TextRow("display_name", _("Name"), shown.display_name),
            "code": TextRow("code", _("Code"), shown.code),
            "email": TextRow("email", _("E-mail"), shown.email),
            "role": ChoiceRow("role", _("Role"), roles, shown.role),
        }
        for account_id, name in self._accounts(shown).items():
            field = _ACCOUNT + account_id
            options = {"no": _("{name}: not seen"), "yes": _("{name}: seen and answered")}
            named = {key: text.format(name=name) for key, text in options.items()}
            value = "yes" if account_id in shown.allowed_account_ids else "no"
            self._rows[field] = ChoiceRow(field, account_id, named, value)
        if before is not None:
            del self._rows["uid"]
        if before is not None and before.uid == world.team.uid:
            del self._rows["role"]
        self._first = self.values

    def _accounts(self, shown: StaffProfile) -> dict[str, str]:
        """Return the accounts to choose from, by id: those there are, and those allowed before."""
        names = {each.account_id: each.name for each in self._world.accounts}
        return {
            each: names.get(each, each) for each in sorted({*names, *shown.allowed_account_ids})
        }

    def compose(self) -> ComposeResult:
        """Lay out head, fields, what is wrong, and keys."""
        with Vertical(id="staff-box"):
            yield TitleLine(id="staff-form-title")
            with VerticalScroll(can_focus=False):
                yield from self._rows.values()
            yield Static("", id="staff-problem")
        yield KeyBar()

    def on_mount(self) -> None:
        """Go to the first field."""
        name = shown_name(self._before, self._before.uid) if self._before else _("new")
        title = self.query_one("#staff-form-title", TitleLine)
        uid = self._before.uid if self._before else ""
        title.put([(" " + _("Operator"), "strong"), (f"  {name}", "plain")], [(f"{uid} ", "muted")])
        if "uid" in self._rows:
            note = _("Their e-mail address, or the User UID that Firebase Authentication shows.")
            local = _("The operator.uid in settings.toml of their console.")
            self._rows["uid"].mark(note if self._is_cloud else local, "muted", "", is_written=False)
        self._show_accounts()
        self.action_step(0)

    @property
    def _is_cloud(self) -> bool:
        """Whether operators sign in, and so are known by an e-mail address."""
        return bool(self._services.settings.cloud.project)

    @property
    def values(self) -> dict[str, str]:
        """What is written, by row."""
        return {field: row.value for field, row in self._rows.items()}

    @property
    def is_unsaved(self) -> bool:
        """Whether anything is written that is not saved."""
        return self.values != self._first

    def _profile(self) -> StaffProfile:
        """Return what is written as a profile."""
        values = self.values
        before = self._before or StaffProfile(uid=values.get("uid", ""))
        role = values.get("role", before.role)
        allowed = [field.removeprefix(_ACCOUNT) for field, value in values.items()
                   if field.startswith(_ACCOUNT) and value == "yes"]  # fmt: skip
        return StaffProfile(
            uid=before.uid,
            email=values["email"],
            display_name=values["display_name"],
            code=values["code"],
            role="admin" if role == "admin" else "operator",
            allowed_account_ids=allowed,
            is_active=before.is_active,
        )

    # -- moving and drawing -----------------------------------------------------------------------

    def action_step(self, count: int) -> None:
        """Go to the next or the previous field."""
        rows = [row for row in self._rows.values() if row.display]
        here = next((n for n, row in enumerate(rows) if row.has_focus_within), 0)
        target = rows[max(0, min(here + count, len(rows) - 1))]
        self.set_focus(target.children[0])
        target.scroll_visible(animate=False)

    @on(Row.Changed)
    def _changed(self, event: Row.Changed) -> None:
        event.stop()
        self._say("")
        if event.row.field == "role":
            self._show_accounts()

    def _show_accounts(self) -> None:
        """Ask for accounts only where they matter."""
        is_admin = self._profile().is_admin
        for field, row in self._rows.items():
            row.display = not (field.startswith(_ACCOUNT) and is_admin)

    def _say(self, text: str) -> None:
        self.query_one("#staff-problem", Static).update(Content(text))

    # -- saving and leaving -----------------------------------------------------------------------

    def action_save(self) -> None:
        """Check and write the profile."""
        self.run_worker(
            later(self._save), name="staff-save", group="staff-save", exclusive=True,
            description="writes a staff profile",
        )  # fmt: skip

    async def _save(self) -> None:
        team, store = self._world.team, self._services.store
        try:
            if self._is_cloud and "@" in self.values.get("uid", ""):
                await self._look_up(self.values["uid"].strip())
            profile = checked(self._profile(), team.profiles.values(), team.uid)
            if self._before is None:
                await add_profile(store, profile)
            elif profile != self._before:
                await change_profile(store, self._before, profile)
        except ProfileUnfit as error:
            self._say(str(error))
            if (row := self._rows.get(error.field)) is not None:
                self.set_focus(row.children[0])
        except CapcoadaError as error:
            self._say(str(error))
        else:
            self.close(profile)

    async def _look_up(self, email: str) -> None:
        """Put the user ID in the place of an e-mail address, and fill in what is told with it.

        Raises CapcoadaError.
        """
        from core.service.callables import FindOperatorRequest  # noqa: PLC0415 - by few

        self._say(_("Looking for {email}…").format(email=email))
        found = await self._services.bridge.call(FindOperatorRequest(email=email))
        told = {"uid": found.uid, "email": found.email, "display_name": found.name}
        for field, text in told.items():
            if field == "uid" or not self._rows[field].value.strip():
                self._rows[field].put(clean_line(text))
        self._say("")

    def action_leave(self) -> None:
        """Close; what was written is given up only after a question."""
        self.leave(self.close)
