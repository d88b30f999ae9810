"""Signing in: e-mail, password, and in one line what is wrong and what helps."""

from typing import ClassVar, Protocol

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from core.errors import CapcoadaError
from core.i18n import _
from core.identity.errors import SignInNotKept, WrongCredentials
from core.identity.secret import Secret
from core.text import clean_line
from tui.commands.command import bindings_of
from tui.commands.sign_in import SIGN_IN_COMMANDS
from tui.later import later
from tui.screens.form import FormScreen
from tui.widgets.key_bar import KeyBar

_LONGEST_EMAIL = 254
_LONGEST_PASSWORD = 4096


class SignIn(Protocol):
    """What of a session is asked here."""

    @property
    def email(self) -> str:
        """The address of whoever was signed in; empty for nobody."""
        ...

    @property
    def emulator(self) -> str:
        """The `host:port` of the Auth emulator that is used; empty for Google itself."""
        ...

    async def sign_in(self, email: str, password: Secret) -> None:
        """Sign somebody in. Raises IdentityError."""
        ...


class SignInScreen(FormScreen[None]):
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

    def __init__(self, session: SignIn, project: str, why: str = "") -> None:
        """`why` says, in a sentence, why somebody who was signed in is asked again."""
        super().__init__()
        self._session = session
        self._project = project
        self._why = why
        self._may_go_on = False
        """Whether they are signed in, and only have to be told that it will not last."""
        self._said_about = ("", "")
        """What was written when the last thing was said."""

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
        if self._said_about != self._written:
            self._say("", "")

    @property
    def _written(self) -> tuple[str, str]:
        return self._email.value, self._password.value

    def action_reveal(self) -> None:
        """Show the password, or hide it."""
        self._password.password = not self._password.password

    def action_other_field(self) -> None:
        """Go to the other field.

        At once, as the keys of this screen are looked up ahead of letters that are still on their
        way to a field: what is typed next must not end up in the field before, where a password
        would be seen.
        """
        self.set_focus(self._email if self.focused is self._password else self._password)

    def action_sign_in(self) -> None:
        """Go on to the password; from there, sign in once both fields have all their letters."""
        if self.focused is self._email:
            self.set_focus(self._password)
        else:
            self._password.call_later(self._email.call_later, self._begin)

    def _begin(self) -> None:
        """Sign in, or say what is missing; an attempt under way gives way to this one."""
        email = self._email.value.strip()
        if self._may_go_on:
            self.close()
        elif not email:
            self.set_focus(self._email)
            self._say("", _("Write the e-mail address of your account."))
        elif not self._password.value:
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
                self.set_focus(self._password)
                self._password.action_select_all()
        else:
            self.close()

    def _say(self, problem: str, note: str) -> None:
        self._said_about = self._written
        self._problem.update(Content(problem))
        self._note.update(Content(note))


def _about(project: str, emulator: str) -> str:
    """Return where somebody is about to sign in."""
    where = [_("Sign in to {project}").format(project=project)]
    if emulator:
        where.append(_("Auth emulator at {host}").format(host=emulator))
    return "\n".join(where)
