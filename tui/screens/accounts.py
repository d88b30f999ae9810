"""The accounts: are we connected, and how to pair one."""

from typing import ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from core.errors import CapcoadaError
from core.i18n import _, ngettext
from core.model.documents import Account
from core.service.account_list import AccountsState, account_list_query, read_accounts
from core.service.callables import (
    AccountHealth,
    AddAccountRequest,
    DisconnectRequest,
    Payload,
    RegenerateQrRequest,
    Request,
)
from core.service.scope import EVERYTHING
from core.text import clean_line
from tui.commands.accounts import ACCOUNT_COMMANDS
from tui.commands.command import bindings_of
from tui.events import WatchDelivered
from tui.screens.base import PlaceScreen
from tui.screens.dialogs import AskText, Confirm
from tui.widgets.account_card import Moment, account_card

_WATCH = "account-list"
_CLOCK_SECONDS = 1.0
_LONGEST_NAME = 80
_ADMIN_ACTIONS = (
    "add_account", "pair", "phone_code", "reconnect", "disconnect", "log_out", "archive",
)  # fmt: skip


class AccountsScreen(PlaceScreen):
    """Every account with its state and what to do about it."""

    CSS_PATH = "../styles/accounts.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(ACCOUNT_COMMANDS, "accounts")]
    HELP = _(
        "Each account is one WhatsApp number that was linked like another device. "
        "A sentence below it says what to do when it is not connected."
    )

    _list = getters.query_one("#accounts", OptionList)
    _notice = getters.query_one("#accounts-notice", Static)

    state: AccountsState | None = None
    """None until the first snapshot."""
    _scope = EVERYTHING
    """Whose accounts are followed."""
    _wanted_id: str | None = None
    """An account to go to once it is in the list."""
    _doing: str = ""
    """What is being done at this moment."""

    def compose_body(self) -> ComposeResult:
        """Lay out title, cards and the line below them."""
        yield Static(Content(_("Accounts")), id="accounts-title")
        yield Static("", id="accounts-notice")
        yield OptionList(id="accounts", markup=False)

    def on_mount(self) -> None:
        """Follow the accounts, and let the times on the cards go on."""
        self._say(_("Reading the accounts…"))
        self._follow()
        self.world.listen(self, self._world_changed)
        self.set_interval(_CLOCK_SECONDS, self._draw)

    def _follow(self) -> None:
        """Follow the accounts that the operator may see."""
        self._scope = self.world.team.scope
        if self._scope.is_empty:
            self.world.live.unwatch(_WATCH)
            self.state = AccountsState(())
        else:
            query = account_list_query(self._scope)
            self.world.live.watch(_WATCH, query, self, tag=self._scope.tag)

    def _world_changed(self) -> None:
        if self.world.team.scope != self._scope:
            self._follow()
        self.refresh_bindings()
        self._draw()

    @on(WatchDelivered)
    def _delivered(self, event: WatchDelivered) -> None:
        if event.name != _WATCH or event.tag != self._scope.tag:
            return
        before = self.state
        self.state = read_accounts(event.snapshot)
        if not event.snapshot.is_live and not self.state.accounts and before is not None:
            self.state = AccountsState(before.accounts, is_live=False, error=self.state.error)
        self._draw()
        self.refresh_bindings()

    @on(OptionList.OptionHighlighted)
    def _highlighted(self) -> None:
        self._draw()
        self.refresh_bindings()

    def on_resize(self) -> None:
        """Wrap the cards anew."""
        self.call_after_refresh(self._draw)

    # -- drawing ----------------------------------------------------------------------------------

    def _draw(self) -> None:
        if self.state is None or not self.is_current:
            return
        self._say(self._notice_text(self.state))
        ids = [account.account_id for account in self.state.accounts]
        chosen = self._chosen_id if self._chosen_id in ids else next(iter(ids), None)
        cards = [
            self._card(account, is_chosen=account.account_id == chosen)
            for account in self.state.accounts
        ]
        shown = [option.id for option in self._list.options]
        if ids == shown:
            for account_id, card in zip(ids, cards, strict=True):
                option = self._list.get_option(account_id)
                if option.prompt != card:
                    self._list.replace_option_prompt(account_id, card)
            return
        place = self._list.scroll_y
        with self.app.batch_update(), self.prevent(OptionList.OptionHighlighted):
            self._list.set_options(
                Option(card, id=account_id) for account_id, card in zip(ids, cards, strict=True)
            )
            if chosen is not None:
                self._list.highlighted = ids.index(chosen)
            self._list.scroll_to(y=place, animate=False, force=True, immediate=True)
        self._go_to_wanted()
        self.refresh_bindings()

    def _card(self, account: Account, *, is_chosen: bool) -> Content:
        moment = Moment(self.services.clock(), self.services.zone)
        width = max(self._list.scrollable_content_region.width - 1, 20)
        return account_card(
            account, self._health_of(account.account_id), moment, width,
            is_chosen=is_chosen, may_act=self.world.team.is_admin,
            is_bridge_away=self.world.is_bridge_away,
        )  # fmt: skip

    def _health_of(self, account_id: str) -> AccountHealth | None:
        answer = self.world.health.health if self.world.health else None
        if answer is None:
            return None
        return next((each for each in answer.accounts if each.account_id == account_id), None)

    def _notice_text(self, state: AccountsState) -> str:
        if self._doing:
            return self._doing
        lines = []
        if not state.is_live:
            lines.append(_("This may be out of date: {reason}").format(reason=state.error))
        if self.world.health is not None and self.world.is_bridge_away:
            lines.append(self.world.health.problem)
        if state.unreadable:
            text = ngettext(
                "{n} account cannot be read by this version.",
                "{n} accounts cannot be read by this version.",
                state.unreadable,
            )
            lines.append(text.format(n=state.unreadable))
        is_idle = any(each.status != "connected" for each in state.accounts)
        team = self.world.team
        if is_idle and team.is_known and not team.is_admin:
            lines.append(_("Only an admin connects accounts.") + " " + team.whom_to_ask())
        if self.world.team.scope.is_empty:
            lines.append(_("No account is allowed to you yet. An admin can allow some."))
        elif not state.accounts and state.is_live and self.world.team.is_admin:
            lines.append(
                _(
                    "No WhatsApp account yet. Have the phone at hand and press a: you give the "
                    "account a name, a QR code appears, and the phone scans it under "
                    "Settings, Linked devices."
                )
            )
        return "\n".join(lines)

    def _say(self, text: str) -> None:
        self._notice.update(Content(text))
        self._notice.set_class(not text, "-empty")

    # -- the selected account ---------------------------------------------------------------------

    @property
    def _chosen_id(self) -> str | None:
        option = self._list.highlighted_option
        return option.id if option else None

    @property
    def chosen(self) -> Account | None:
        """The account that the cursor is on."""
        if self.state is None or self._chosen_id is None:
            return None
        return self.state.get(self._chosen_id)

    def choose(self, account_id: str) -> None:
        """Put the cursor on an account, as soon as it is there."""
        self._wanted_id = account_id
        self._go_to_wanted()

    def _go_to_wanted(self) -> None:
        ids = [option.id for option in self._list.options] if self.is_mounted else []
        if self._wanted_id in ids:
            self._list.highlighted = ids.index(self._wanted_id)
            self._wanted_id = None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what makes sense for the selected account, and all of it to admins alone."""
        if action in _ADMIN_ACTIONS and not self.world.team.is_admin:
            return False
        account = self.chosen
        match action:
            case "pair" | "phone_code" | "reconnect":
                return account is not None and account.status != "connected"
            case "disconnect":
                return account is not None and account.status in (
                    "connected", "connecting", "qr_ready", "disconnected",
                )  # fmt: skip
            case "log_out":
                return account is not None and account.jid is not None
            case "archive":
                return account is not None
        return True

    @on(OptionList.OptionSelected)
    def _selected(self) -> None:
        if self.check_action("pair", ()):
            self.action_pair()

    # -- actions ----------------------------------------------------------------------------------

    @work(group="account-dialog", exclusive=True)
    async def action_add_account(self) -> None:
        """Ask for a name, make the account, and go on to its QR code."""
        name = await self.app.push_screen_wait(
            AskText(
                _("Add a WhatsApp account"),
                _("Name, as your people call it:"),
                check=_check_name,
                placeholder=_("for example: Bookings"),
            )
        )
        if name is None:
            return
        self._doing = _("Adding {name}…").format(name=name)
        self._draw()
        try:
            answer = await self.services.bridge.call(AddAccountRequest(name=name))
        except CapcoadaError as error:
            self._complain(error)
            return
        finally:
            self._doing = ""
        self.choose(answer.account_id)
        if self.is_active:
            self._show_pairing(answer.account_id)
        else:  # its operator went on to something else, which is not to be covered
            text = _("{name} was added as {account}: enter pairs it under F2.")
            said = text.format(name=name, account=answer.account_id)
            self.notify(said, markup=False)

    def action_pair(self) -> None:
        """Show the pairing of the selected account; begin a round if none is running."""
        account = self.chosen
        if account is None:
            return
        if account.status not in ("qr_ready", "connecting"):
            self._ask_bridge(RegenerateQrRequest(account_id=account.account_id))
        self._show_pairing(account.account_id)

    def action_phone_code(self) -> None:
        """Pair the selected account by a code typed on the phone."""
        if (account := self.chosen) is not None:
            self._show_pairing(account.account_id, ask_phone=True)

    def action_reconnect(self) -> None:
        """Connect the selected account again."""
        if (account := self.chosen) is not None:
            self._ask_bridge(RegenerateQrRequest(account_id=account.account_id))

    def action_disconnect(self) -> None:
        """Stop the selected account; it stays linked."""
        if (account := self.chosen) is not None:
            self._ask_bridge(DisconnectRequest(account_id=account.account_id))

    @work(group="account-dialog", exclusive=True)
    async def action_log_out(self) -> None:
        """Unlink the selected account from the phone, once confirmed."""
        if (account := self.chosen) is None:
            return
        question = _("Log out {account}?").format(account=_title(account))
        consequence = _(
            "The phone unlinks this device. Conversations stay here; to go on, the account must "
            "be paired again."
        )
        if await self.app.push_screen_wait(Confirm(question, consequence)):
            self._ask_bridge(DisconnectRequest(account_id=account.account_id, log_out=True))

    @work(group="account-dialog", exclusive=True)
    async def action_archive(self) -> None:
        """Put the selected account away, once confirmed."""
        if (account := self.chosen) is None:
            return
        question = _("Archive {account}?").format(account=_title(account))
        consequence = _(
            "It is disconnected and leaves this list. Its conversations stay; nothing is deleted."
        )
        if await self.app.push_screen_wait(Confirm(question, consequence)):
            self._ask_bridge(DisconnectRequest(account_id=account.account_id, archive=True))

    @work(group="account-call")
    async def _ask_bridge(self, request: Request[Payload]) -> None:
        try:
            await self.services.bridge.call(request)
        except CapcoadaError as error:
            self._complain(error)

    def _complain(self, error: CapcoadaError) -> None:
        self.notify(str(error), severity="error", markup=False)

    def _show_pairing(self, account_id: str, *, ask_phone: bool = False) -> None:
        from tui.screens.pairing import PairingScreen  # noqa: PLC0415 - only who pairs needs it

        screen = PairingScreen(self.services, self.world, account_id, ask_phone=ask_phone)
        self.app.push_screen(screen)


def _check_name(text: str) -> str:
    name = clean_line(text)
    if not name:
        raise CapcoadaError(_("The account needs a name."))
    if len(name) > _LONGEST_NAME:
        raise CapcoadaError(_("The name is too long."))
    return name


def _title(account: Account) -> str:
    return f"{account.account_id} {clean_line(account.name)}"
