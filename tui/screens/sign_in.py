"""Signing in: e-mail, password, and in one line what is wrong and what helps."""

from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from core.errors import CapcoadaError
from core.i18n import _
from core.identity.errors import SignInNotKept, WrongCredentials
from core.identity.firebase import FirebaseSession
from core.identity.secret import Secret
from core.text import clean_line
from tui.commands import bindings_of
from tui.commands.sign_in import SIGN_IN_COMMANDS
from tui.later import later
from tui.widgets.key_bar import KeyBar

_LONGEST_EMAIL = 254
_LONGEST_PASSWORD = 4096


class SignInScreen(ModalScreen[None]):
    """Covers everything until somebody has signed in; then it closes."""

    CSS_PATH = "../styles/sign_in.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(SIGN_IN_COMMANDS, "sign-in")]
    VERTICAL_BREAKPOINTS: ClassVar[list[tuple[int, str]] | None] = [  # type: ignore[misc]
        (0, "-short"),
        (20, "-tall"),
    ]
    AUTO_FOCUS = ""
    HELP = _(
        "Your e-mail address and password are those of your team's Google project; whoever looks "
        "after it makes accounts and sets new passwords. They are sent to Google alone. The "
        "console stays signed in until you sign out."
    )

    _email = getters.query_one("#sign-in-email", Input)
    _password = getters.query_one("#sign-in-password", Input)
    _problem = getters.query_one("#sign-in-problem", Static)
    _note = getters.query_one("#sign-in-note", Static)

    def __init__(self, session: FirebaseSession, project: str, why: str = "") -> None:
        """`why` says, in a sentence, why somebody who was signed in is asked again."""
        super().__init__()
        self._session = session
        self._project = project
        self._why = why
        self._may_go_on = False

    def compose(self) -> ComposeResult:
        """Lay out head, fields and what is to be said about them, in the middle."""
        with VerticalScroll(id="sign-in-middle", can_focus=False), Vertical(id="sign-in-box"):
            yield Static("capcoada", id="sign-in-brand")
            yield Static(Content(_about(self._project, self._session.emulator)), id="sign-in-about")
            yield Static(Content(self._why), id="sign-in-why")
            yield Static(Content(_("E-mail")), classes="sign-in--label")
            yield Input(
                clean_line(self._session.email), id="sign-in-email", max_length=_LONGEST_EMAIL
            )
            yield Static(Content(_("Password")), classes="sign-in--label")
            yield Input(id="sign-in-password", password=True, max_length=_LONGEST_PASSWORD)
            yield Static("", id="sign-in-problem")
            yield Static("", id="sign-in-note")
        yield KeyBar()

    def on_mount(self) -> None:
        """Go to what is still to be written."""
        self.query_one("#sign-in-why").display = bool(self._why)
        (self._password if self._email.value else self._email).focus()

    @on(Input.Changed)
    def _changed(self) -> None:
        """Take back what was said as soon as something else is written."""
        if not self._may_go_on:
            self._say("", "")

    def action_reveal(self) -> None:
        """Show the password, or hide it."""
        self._password.password = not self._password.password

    def action_sign_in(self) -> None:
        """Go on to what is missing, else sign in; an attempt under way gives way to this one."""
        email = self._email.value.strip()
        if self._may_go_on:
            self.dismiss()
        elif not email:
            self._email.focus()
            self._say("", _("Write the e-mail address of your account."))
        elif not self._password.value:
            self._password.focus()
            if self.focused is self._password and self._email.value:
                self._say("", _("Write your password."))
        else:
            self._say("", _("Signing in…"))
            self.run_worker(
                later(self._sign_in, email, Secret(self._password.value)),
                name="sign-in",
                group="sign-in",
                exclusive=True,
                description="signs the operator in",
            )

    async def _sign_in(self, email: str, password: Secret) -> None:
        try:
            await self._session.sign_in(email, password)
        except SignInNotKept as error:
            self._may_go_on = True
            self._say(error.message, error.hint + " " + _("Enter goes on."))
        except CapcoadaError as error:
            self._say(error.message, error.hint)
            if isinstance(error, WrongCredentials):
                self._password.focus()
                self._password.action_select_all()
        else:
            self.dismiss()

    def _say(self, problem: str, note: str) -> None:
        self._problem.update(Content(problem))
        self._note.update(Content(note))


def _about(project: str, emulator: str) -> str:
    """Return where somebody is about to sign in."""
    if emulator:
        return _("Sign in to {project} at the Auth emulator on {host}").format(
            project=project, host=emulator
        )
    return _("Sign in to {project}").format(project=project)
