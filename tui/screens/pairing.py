"""The pairing of one account: its QR code or phone code, and how long it is still good."""

from typing import ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import ContentSwitcher, Static

from core.errors import CapcoadaError
from core.i18n import _
from core.model.conditions import explain
from core.model.documents import Account
from core.model.ids import account_path
from core.phones import parse_phone
from core.service.account_list import condition_of, read_account
from core.service.callables import PairPhoneRequest, RegenerateQrRequest
from core.text import clean_line
from tui.commands.accounts import ACCOUNT_COMMANDS
from tui.commands.command import bindings_of
from tui.events import WatchDelivered
from tui.screens.base import PlaceScreen
from tui.screens.dialogs import AskText
from tui.services import Services
from tui.widgets.big_code import BigCode
from tui.widgets.qr import QrCode
from tui.world import World

_WATCH = "pairing"
_SOON_SECONDS = 5
_STEPS_CELLS = 38
"""Columns of the steps beside the code, as the style sheet has it."""


class PairingScreen(PlaceScreen):
    """Shows the account's QR code as the bridge renews it, until the phone has scanned it."""

    CSS_PATH = "../styles/accounts.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(ACCOUNT_COMMANDS, "pairing")]
    AUTO_FOCUS = ""
    HELP = _(
        "On the phone: WhatsApp, Settings, Linked devices, Link a device; then point the camera at "
        "the code. The code renews itself. Where it does not fit, the phone code does the same."
    )

    _switcher = getters.query_one("#pairing-stage", ContentSwitcher)
    _qr = getters.query_one(QrCode)
    _code = getters.query_one(BigCode)
    _clock = getters.query_one("#pairing-clock", Static)
    _message = getters.query_one("#pairing-message", Static)
    _title = getters.query_one("#pairing-title", Static)

    def __init__(
        self, services: Services, world: World, account_id: str, *, ask_phone: bool = False
    ) -> None:
        super().__init__(services, world)
        self._account_id = account_id
        self._ask_phone = ask_phone
        self._account: Account | None = None
        self._is_paired = False

    def compose_body(self) -> ComposeResult:
        """Lay out title, steps, the code or a message, and the countdown."""
        yield Static("", id="pairing-title")
        with Horizontal(id="pairing-body"):
            yield Static(Content(_steps()), id="pairing-steps")
            with Vertical():
                with ContentSwitcher(id="pairing-stage", initial="pairing-message"):
                    yield Static("", id="pairing-message")
                    yield QrCode(id="pairing-qr")
                    with Vertical(id="pairing-code-box"):
                        yield Static(Content(_code_steps()), id="pairing-code-help")
                        yield BigCode()
                yield Static("", id="pairing-clock")

    def on_mount(self) -> None:
        """Follow the account, and count down."""
        self._qr.way_out = _("Or press k and pair by a code that you type on the phone.")
        self._say(_("Asking WhatsApp for a QR code…"))
        self.world.live.watch(_WATCH, account_path(self._account_id), self)
        self.set_interval(1.0, self._tick)
        if self._ask_phone:
            self.action_phone_code()

    def on_screen_resume(self) -> None:
        """Leave, if the phone has scanned while something else was on the screen."""
        if self._is_paired:
            self.call_after_refresh(self.action_leave)

    def on_unmount(self) -> None:
        """Follow the account no longer."""
        self.world.live.unwatch(_WATCH)

    @on(WatchDelivered)
    def _delivered(self, event: WatchDelivered) -> None:
        if event.name != _WATCH or not event.snapshot.documents:
            return
        self._account = account = read_account(event.snapshot.documents[0])
        if account is None:
            self._say(_("This account cannot be read by this version."))
            return
        self._title.update(
            Content(
                _("Pair {account}").format(
                    account=f"{account.account_id} · {clean_line(account.name)}"
                )
            )
        )
        if account.status == "connected":
            self._paired(account)
            return
        self._tick()

    # -- drawing ----------------------------------------------------------------------------------

    def _tick(self) -> None:
        """Show what the account's document says at this moment."""
        account = self._account
        if account is None or account.status == "connected":
            return
        remaining = self._remaining(account)
        if account.pairing_code and account.status in ("qr_ready", "connecting"):
            self._code.code = account.pairing_code
            self._show("pairing-code-box", _("Waiting for the phone…"))
        elif account.status == "qr_ready" and account.qr_code and remaining != 0:
            self._qr.payload = account.qr_code
            self._show("pairing-qr", _countdown(remaining), soon=(remaining or 99) <= _SOON_SECONDS)
        else:
            self._qr.payload = ""
            self._say(_waiting(account))

    def _remaining(self, account: Account) -> int | None:
        """Seconds until the QR code runs out; None when the bridge did not say."""
        if account.qr_expires_at is None:
            return None
        left = (account.qr_expires_at - self.services.clock()).total_seconds()
        return max(0, int(left + 0.999))

    def _place_steps(self) -> None:
        """Show the steps beside the QR code that they are about, where there is room for both."""
        matrix = self._qr.matrix if self._switcher.current == "pairing-qr" else None
        has_room = matrix is not None and self.size.width >= _STEPS_CELLS + matrix.size.width
        self.set_class(has_room, "-with-steps")

    def on_resize(self) -> None:
        """Lay out anew."""
        self._place_steps()

    def _show(self, stage: str, clock: str, *, soon: bool = False) -> None:
        self._switcher.current = stage
        self._place_steps()
        self._clock.update(Content(clock))
        self._clock.set_class(soon, "-soon")
        self.refresh_bindings()

    def _say(self, text: str) -> None:
        self._message.update(Content(text))
        self._show("pairing-message", "")

    def _paired(self, account: Account) -> None:
        """Say once that the phone has scanned, and leave, or as soon as this is looked at again."""
        if self._is_paired:
            return
        self._is_paired = True
        text = _("{account} is connected; its conversations are coming in.").format(
            account=account.account_id
        )
        self.notify(text, markup=False)
        if self.is_active:
            self.dismiss()

    # -- actions ----------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to invert only what is shown."""
        return action != "invert" or (self._switcher.current == "pairing-qr" and self._qr.fits)

    def action_leave(self) -> None:
        """Go back to the accounts; the pairing goes on."""
        self.dismiss()

    def action_invert(self) -> None:
        """Swap what the glyphs draw."""
        self._qr.inverted = not self._qr.inverted

    @work(group="pairing-call", exclusive=True)
    async def action_new_qr(self) -> None:
        """Begin a new round of QR codes."""
        self._say(_("Asking WhatsApp for a QR code…"))
        try:
            await self.services.bridge.call(RegenerateQrRequest(account_id=self._account_id))
        except CapcoadaError as error:
            self._say(str(error))

    @work(group="pairing-dialog", exclusive=True)
    async def action_phone_code(self) -> None:
        """Ask for the phone's number, and WhatsApp for a code."""
        region = self.services.settings.business.region
        phone = await self.app.push_screen_wait(
            AskText(
                _("Pair by phone code"),
                _("The phone number of this WhatsApp account, with its country code:"),
                check=lambda text: parse_phone(text, region),
                placeholder="+40 712 345 678",
            )
        )
        if phone is None:
            return
        self._say(_("Asking WhatsApp for a code…"))
        try:
            answer = await self.services.bridge.call(
                PairPhoneRequest(account_id=self._account_id, phone=phone)
            )
        except CapcoadaError as error:
            self.notify(str(error), severity="error", markup=False)
            self._tick()
            return
        self._code.code = answer.pairing_code
        self._show("pairing-code-box", _("Waiting for the phone…"))


def _countdown(remaining: int | None) -> str:
    if remaining is None:
        return _("Scan the code with the phone.")
    return _("Valid for {n} s; then a new one comes by itself.").format(n=remaining)


def _waiting(account: Account) -> str:
    """Return what is to be said while there is no code to show."""
    if account.status == "qr_ready":
        return _("This code has run out; a new one is on its way…")
    if account.status == "connecting":
        return _("Asking WhatsApp for a QR code…")
    code = condition_of(account)
    said = explain(code) if code else _("There is no pairing going on.")
    return said + "\n\n" + _("g asks for a new QR code, k pairs by phone code.")


def _steps() -> str:
    return "\n\n".join(
        (
            _("On the phone:"),
            _("1  Open WhatsApp."),
            _("2  Settings, Linked devices, Link a device."),
            _("3  Point the camera at this code."),
            _("Then stay near it for a minute: the history comes first."),
            _("Not read? Press i to invert it, or k for a phone code."),
        )
    )


def _code_steps() -> str:
    return _(
        "On the phone: WhatsApp, Settings, Linked devices, Link a device, "
        "Link with phone number instead. Then type this code:"
    )
