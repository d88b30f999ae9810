"""Who a handle acts as: an operator by their sign-in, or the server by a service account."""

import asyncio
from pathlib import Path
from typing import Any, Final, Protocol

from core.i18n import _
from core.store.errors import StoreUnavailable, Unauthenticated

_SCOPE: Final = "https://www.googleapis.com/auth/datastore"


class Credential(Protocol):
    """Gives the token that proves who asks."""

    async def token(self, *, refused: str = "") -> str:
        """Return a bearer token; a new one when the server did not take `refused`.

        Raises CapcoadaError when there is none to be had.
        """
        ...


class EmulatorOwner:
    """The server itself, as every emulator of Firestore knows it."""

    async def token(self, *, refused: str = "") -> str:
        """Return the word that emulators let do everything."""
        return "owner"


class ServiceAccount:
    """A service account: its key file, or what Google's libraries find on this machine."""

    def __init__(self, key_file: Path | None = None, *, scope: str = _SCOPE) -> None:
        """`scope` is what it is for: the database, unless said otherwise."""
        self._key_file = key_file
        self._scope = scope
        self._credentials: Any = None
        self._lock = asyncio.Lock()

    async def token(self, *, refused: str = "") -> str:
        """Return a token that holds for some minutes. Raises Unauthenticated, StoreUnavailable."""
        async with self._lock:
            found = self._credentials
            if found is None or not found.valid or found.token == refused:
                found = self._credentials = await asyncio.to_thread(self._renewed)
            token: str = found.token
            return token

    def _renewed(self) -> Any:
        """Return credentials with a new token; may ask the network, and blocks meanwhile."""
        from google.auth.exceptions import (  # noqa: PLC0415 - only where a service account is used
            DefaultCredentialsError,
            GoogleAuthError,
            TransportError,
        )
        from google.auth.transport.requests import Request  # noqa: PLC0415

        try:
            found = self._credentials or self._found()
            found.refresh(Request())
        except TransportError as error:
            raise StoreUnavailable(
                _("Google's sign-in cannot be reached."), hint=_("Check the network.")
            ) from error
        except DefaultCredentialsError as error:
            raise Unauthenticated(
                _("This machine has no Google credentials."),
                hint=_("Set cloud.credentials_file to the service account's key."),
            ) from error
        except (GoogleAuthError, OSError, ValueError) as error:
            raise Unauthenticated(
                _("The service account cannot sign in."),
                hint=_("Check cloud.credentials_file, and that its key was not withdrawn."),
            ) from error
        return found

    def _found(self) -> Any:
        if self._key_file is None:
            import google.auth  # noqa: PLC0415

            return google.auth.default(scopes=[self._scope])[0]
        from google.oauth2.service_account import Credentials  # noqa: PLC0415

        # The key signs the token here: nobody has to be asked for it.
        return Credentials.from_service_account_file(  # type: ignore[no-untyped-call]
            str(self._key_file), scopes=[self._scope], always_use_jwt_access=True
        )
