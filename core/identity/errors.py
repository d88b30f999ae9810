"""Why nobody can be proved to sit at the console.

IdentityError
├── SignInRequired          nobody is signed in, or the sign-in holds no more
│   └── OperatorDisabled    an administrator closed this operator's way in
├── WrongCredentials        e-mail and password do not belong together
├── TooManyAttempts         the service takes no further attempt for a while
├── SignInImpossible        the project or the settings let nobody in like this
├── IdentityUnavailable     the service is out of reach for now; trying again may help
└── SignInNotKept           it holds, but only until the console is closed
"""

from core.errors import CapcoadaError
from core.i18n import _


class IdentityError(CapcoadaError):
    """The operator cannot be identified."""


class SignInRequired(IdentityError):
    """Nobody is signed in, or the sign-in holds no more: the operator has to sign in."""

    def __init__(self, message: str = "", *, hint: str = "") -> None:
        super().__init__(
            message or _("Your sign-in holds no more."), hint=hint or _("Sign in again.")
        )


class OperatorDisabled(SignInRequired):
    """An administrator closed this operator's way in."""

    def __init__(self) -> None:
        super().__init__(
            _("This account is disabled."), hint=_("Ask whoever looks after your team's accounts.")
        )


class WrongCredentials(IdentityError):
    """E-mail and password do not belong together; which of them is wrong is not told."""

    def __init__(self) -> None:
        super().__init__(
            _("E-mail or password is wrong."),
            hint=_("Check both; capital letters count in the password."),
        )


class TooManyAttempts(IdentityError):
    """The service takes no further attempt for a while."""

    def __init__(self) -> None:
        super().__init__(
            _("There were too many attempts."), hint=_("Wait a few minutes, then try again.")
        )


class SignInImpossible(IdentityError):
    """The project, or the settings here, let nobody in like this; trying again changes nothing."""


class IdentityUnavailable(IdentityError):
    """The sign-in service is out of reach for now; trying again may help."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            _("The sign-in service cannot be reached: {reason}.").format(reason=reason),
            hint=_("Check the network, then try again."),
        )


class SignInNotKept(IdentityError):
    """The sign-in holds, but only until the console is closed."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            _("The sign-in cannot be kept: {reason}.").format(reason=reason),
            hint=_("You will be asked again at the next start."),
        )
