"""The person at the console: an id, a name, and a token that proves both to others."""

from typing import Protocol

import msgspec

LOCAL_TOKEN_PREFIX = "local."  # noqa: S105 - what a token begins with, not a token
"""Begins the token of somebody who needs no proof, because only they can open the socket."""


class Session(Protocol):
    """One operator's identity for as long as they sit here."""

    @property
    def uid(self) -> str:
        """The operator's id, as in `staffProfiles/{uid}` and `createdBy`."""
        ...

    @property
    def email(self) -> str:
        """The address they sign in with; empty where there is no sign-in."""
        ...

    @property
    def name(self) -> str:
        """What they are called; empty when not told."""
        ...

    @property
    def problem(self) -> str:
        """Why no token is to be had for now, in one sentence; empty while one is, or none asked."""
        ...

    @property
    def token_at_hand(self) -> str:
        """A token that needs no waiting; empty when there is none."""
        ...

    async def token(self, *, refused: str = "") -> str:
        """Return a bearer token that holds for some minutes.

        `refused` is the token that a server did not take: it is renewed, unless that was done
        meanwhile. Who gets a refusal again gives up. Raises IdentityError.
        """
        ...

    async def sign_out(self) -> None:
        """Forget the operator on this machine; harmless when nobody is signed in."""
        ...

    async def close(self) -> None:
        """Let go of connections; the operator stays signed in."""
        ...


class LocalSession(msgspec.Struct, frozen=True):
    """Whoever sits at a machine that keeps its data to itself."""

    uid: str = "local"
    name: str = ""
    email: str = ""

    @property
    def problem(self) -> str:
        """There is always a token."""
        return ""

    @property
    def token_at_hand(self) -> str:
        """The token that the bridge takes from its own socket alone."""
        return LOCAL_TOKEN_PREFIX + self.uid

    async def token(self, *, refused: str = "") -> str:
        """Return the same."""
        return self.token_at_hand

    async def sign_out(self) -> None:
        """There is nothing to forget."""

    async def close(self) -> None:
        """There is nothing to let go of."""
