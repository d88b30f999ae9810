"""Why nobody can be proved to sit at the console.

IdentityError
├── SignInRequired        nobody is signed in, or the sign-in holds no more
└── IdentityUnavailable   who can tell is out of reach for now; trying again may help
"""

from core.errors import CapcoadaError


class IdentityError(CapcoadaError):
    """The operator cannot be identified."""


class SignInRequired(IdentityError):
    """Nobody is signed in, or the sign-in holds no more: the operator has to sign in."""


class IdentityUnavailable(IdentityError):
    """The sign-in service is out of reach for now; trying again may help."""
