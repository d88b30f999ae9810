"""Who calls the bridge: the port that proves a bearer token, and its local kind."""

import re
from dataclasses import dataclass
from typing import Protocol

from core.i18n import _
from core.identity.session import LOCAL_TOKEN_PREFIX
from core.service.errors import CallRefused

_BEARER = re.compile(r"Bearer +([\x21-\x7e]+)")
_LOCAL = re.compile(re.escape(LOCAL_TOKEN_PREFIX) + r"([A-Za-z0-9_.@-]{1,128})")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls."""

    uid: str


class TokenVerifier(Protocol):
    """Tells whose token a call carries."""

    async def verify(self, token: str) -> Caller:
        """Return whose token this is.

        Raises CallRefused: UNAUTHENTICATED for a token that proves nothing, UNAVAILABLE when that
        cannot be told for now.
        """
        ...


class LocalVerifier:
    """Believes whoever can open the data folder's own socket; for no other listener."""

    async def verify(self, token: str) -> Caller:
        """Return the operator that a token names."""
        named = _LOCAL.fullmatch(token)
        if named is None:
            raise unauthenticated()
        return Caller(uid=named[1])


def bearer_token(authorization: str) -> str:
    """Return the token of an Authorization header. Raises CallRefused without one."""
    bearer = _BEARER.fullmatch(authorization)
    if bearer is None:
        raise unauthenticated()
    return bearer[1]


def unauthenticated() -> CallRefused:
    """Return the refusal of a call without a proof; it tells nothing of what was wrong."""
    return CallRefused(
        "UNAUTHENTICATED",
        _("The call does not say who calls."),
        hint=_("Sign in again; console and bridge must be set to the same project."),
    )
