"""Firebase Auth over its REST API: sign in by password, renew, and look up who somebody is.

https://firebase.google.com/docs/reference/rest/auth. Each call is bounded in time and is made once;
what comes back instead of an answer becomes an IdentityError that holds no secret.
"""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec

from core.i18n import _
from core.identity.errors import (
    IdentityError,
    IdentityUnavailable,
    OperatorDisabled,
    SignInImpossible,
    SignInRequired,
    TooManyAttempts,
    WrongCredentials,
)
from core.identity.secret import Secret

if TYPE_CHECKING:
    import httpx

EMULATOR_VARIABLE = "FIREBASE_AUTH_EMULATOR_HOST"
"""Environment variable: `host:port` of an Auth emulator to sign in at instead of Google."""

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 15.0
_IDENTITY: Final = "identitytoolkit.googleapis.com/v1"
_TOKENS: Final = "securetoken.googleapis.com/v1"

_WRONG: Final = frozenset({
    "EMAIL_NOT_FOUND", "INVALID_EMAIL", "INVALID_LOGIN_CREDENTIALS", "INVALID_PASSWORD",
    "MISSING_EMAIL", "MISSING_PASSWORD",
})  # fmt: skip
_OVER: Final = frozenset({
    "CREDENTIAL_TOO_OLD_LOGIN_AGAIN", "INVALID_ID_TOKEN", "INVALID_REFRESH_TOKEN",
    "MISSING_REFRESH_TOKEN", "TOKEN_EXPIRED", "USER_NOT_FOUND",
})  # fmt: skip
_TOO_MANY: Final = frozenset(
    {"QUOTA_EXCEEDED", "RESOURCE_EXHAUSTED", "TOO_MANY_ATTEMPTS_TRY_LATER"}
)
_NO_PASSWORDS: Final = frozenset({
    "CONFIGURATION_NOT_FOUND", "OPERATION_NOT_ALLOWED", "PASSWORD_LOGIN_DISABLED",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tokens:
    """What proves an operator for a while, and what gets the next proof."""

    uid: str
    id_token: str = field(repr=False)
    refresh_token: Secret
    seconds: float
    """How long the id token holds from when it was asked for."""


@dataclass(frozen=True, slots=True)
class Profile:
    """How an operator is called; empty where not told."""

    email: str
    name: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom the project knows, as its server sees them."""

    uid: str
    email: str
    name: str
    """Empty when not told."""


class FirebaseAuth:
    """The sign-in service of one Google project; `close` it in the event loop that used it."""

    def __init__(self, api_key: str, *, emulator: str = "") -> None:
        """`emulator` is the `host:port` of an Auth emulator; empty for Google itself."""
        self._api_key = api_key or ("emulator" if emulator else "")
        self.emulator = emulator
        self._root = f"http://{emulator}/" if emulator else "https://"
        self._making: asyncio.Task[httpx.AsyncClient] | None = None

    async def sign_in(self, email: str, password: Secret) -> Tokens:
        """Return the tokens of whoever has this password. Raises IdentityError."""
        answer = await self._post(
            f"{_IDENTITY}/accounts:signInWithPassword",
            json={"email": email, "password": password, "returnSecureToken": True},
        )
        if "mfaPendingCredential" in answer:
            raise SignInImpossible(
                _("This account asks for a second factor, which cannot be given here."),
                hint=_("Use an account without one, and allow it only what it needs."),
            )
        return _tokens(answer, "localId", "idToken", "refreshToken", "expiresIn")

    async def renew(self, refresh_token: Secret) -> Tokens:
        """Return new tokens; the refresh token may be another one now. Raises IdentityError."""
        answer = await self._post(
            f"{_TOKENS}/token",
            data={"grant_type": "refresh_token", "refresh_token": refresh_token},
        )
        return _tokens(answer, "user_id", "id_token", "refresh_token", "expires_in")

    async def look_up(self, id_token: str) -> Profile:
        """Return how the operator is called. Raises IdentityError."""
        answer = await self._post(
            f"{_IDENTITY}/accounts:lookup", json={"idToken": Secret(id_token)}
        )
        users = answer.get("users")
        user = users[0] if isinstance(users, list) and users else None
        if not isinstance(user, dict):
            raise _nonsense()
        return Profile(str(user.get("email") or ""), str(user.get("displayName") or ""))

    async def find(self, project: str, email: str, server_token: str) -> Person | None:
        """Return whom a project knows by an e-mail address, as its server may ask; None if nobody.

        Raises IdentityError.
        """
        answer = await self._post(
            f"{_IDENTITY}/projects/{project}/accounts:lookup",
            json={"email": [email]},
            server_token=server_token,
        )
        users = answer.get("users") or []
        if not users:
            return None
        user = users[0] if isinstance(users, list) else None
        if not isinstance(user, dict) or not isinstance(uid := user.get("localId"), str):
            raise _nonsense()
        name = str(user.get("displayName") or "")
        return Person(uid, str(user.get("email") or email), name)

    async def close(self) -> None:
        """Close all connections; harmless when there are none."""
        making, self._making = self._making, None
        if making is not None:
            await (await making).aclose()

    async def _post(
        self,
        path: str,
        *,
        json: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        server_token: str = "",
    ) -> dict[str, Any]:
        """Send a request as JSON or as a form; secrets are revealed only here.

        Whoever has a `server_token` is the project's server; everybody else shows the web API key.
        """
        if not (self._api_key or server_token):
            raise SignInImpossible(
                _("The project's web API key is not set."),
                hint=_("Write it as api_key under [cloud] in settings.toml."),
            )
        client = await self._client()
        import httpx  # noqa: PLC0415 - loaded by now

        try:
            async with asyncio.timeout(TOTAL_SECONDS):
                response = await client.post(
                    self._root + path,
                    params={} if server_token else {"key": self._api_key},
                    headers={"Authorization": f"Bearer {server_token}"} if server_token else {},
                    json=_revealed(json),
                    data=_revealed(data),
                )
        except (TimeoutError, httpx.TimeoutException):
            raise IdentityUnavailable(_("it did not answer in time")) from None
        except (httpx.HTTPError, httpx.InvalidURL):
            # The library's own error may quote the request, so it ends here.
            raise IdentityUnavailable(_("the connection failed")) from None
        if server_token and response.status_code in (401, 403):
            raise SignInImpossible(
                _("The service account may not look people up."),
                hint=_("Give it the role Firebase Authentication Viewer."),
            )
        return _read(response.status_code, response.content)

    async def _client(self) -> "httpx.AsyncClient":
        """Import httpx and read certificates off the loop, when first needed."""
        if self._making is None:
            self._making = asyncio.create_task(
                asyncio.to_thread(_make_client, bool(self.emulator)), name="load the HTTP client"
            )
        try:
            return await asyncio.shield(self._making)
        except (ImportError, ValueError):  # as for socks5://, which httpx cannot do alone
            self._making = None
            raise IdentityUnavailable(_("the proxy of this environment cannot be used")) from None


def emulator_host() -> str:
    """Return where the Auth emulator is; empty when it is not to be used."""
    return os.environ.get(EMULATOR_VARIABLE, "").strip()


def _make_client(is_emulator: bool) -> "httpx.AsyncClient":
    import httpx  # noqa: PLC0415 - the console paints before it needs this

    return httpx.AsyncClient(
        timeout=httpx.Timeout(TOTAL_SECONDS, connect=CONNECT_SECONDS),
        follow_redirects=False,
        trust_env=not is_emulator,  # a company's proxy leads out, not to this machine
        verify=not is_emulator,  # which speaks plain HTTP: certificates need not be read
    )


def _revealed(fields: Mapping[str, object] | None) -> dict[str, object] | None:
    """Return what goes over the wire."""
    if fields is None:
        return None
    return {name: v.reveal() if isinstance(v, Secret) else v for name, v in fields.items()}


def _read(status: int, content: bytes) -> dict[str, Any]:
    """Return an answer. Raises the IdentityError that it stands for if it is none."""
    try:
        answer = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        answer = None
    if not isinstance(answer, dict):
        raise _unavailable(status) if status >= 500 and status != 511 else _nonsense()
    if "error" in answer or status != 200:
        raise _meaning(status, answer.get("error"))
    return answer


def _meaning(status: int, error: object) -> IdentityError:
    """Return what an error body says. Its codes: firebase.google.com/docs/reference/rest/auth."""
    fields = error if isinstance(error, dict) else {}
    message = str(fields.get("message") or "")
    code = message.partition(" ")[0]  # an explanation may follow: "CODE : text"
    if code in _WRONG:
        return WrongCredentials()
    if code == "USER_DISABLED":
        return OperatorDisabled()
    if code in _OVER:
        return SignInRequired()
    if code in _TOO_MANY or status == 429:
        return TooManyAttempts()
    if code in _NO_PASSWORDS:
        return SignInImpossible(
            _("The project does not let anybody sign in by e-mail and password."),
            hint=_("Turn that on in the Firebase console, under Authentication."),
        )
    if status == 403 or "API key" in message or "API_KEY" in str(fields.get("details")):
        return SignInImpossible(
            _("The project's web API key is refused."),
            hint=_(
                "Check api_key under [cloud] in settings.toml; it is in the project's settings."
            ),
        )
    if status >= 500 or status == 408:
        return _unavailable(status)
    if not fields:
        return _nonsense()
    is_code = code.isascii() and code.replace("_", "").isupper()  # else it may quote anything
    return SignInImpossible(
        _("The sign-in service refuses this: {code}.").format(code=code if is_code else status),
        hint=_("See that this version of capcoada is not too old."),
    )


def _tokens(answer: Mapping[str, Any], uid: str, token: str, refresh: str, seconds: str) -> Tokens:
    """Read tokens by the names that the endpoint gives them. Raises IdentityUnavailable."""
    values = [answer.get(name) for name in (uid, token, refresh)]
    try:
        holds = float(answer.get(seconds, ""))
    except (TypeError, ValueError):
        holds = 0.0
    if not all(isinstance(value, str) and value for value in values) or not 0 < holds < 1e6:
        raise _nonsense()
    return Tokens(str(values[0]), str(values[1]), Secret(str(values[2])), holds)


def _unavailable(status: int) -> IdentityUnavailable:
    return IdentityUnavailable(_("it reports error {status}").format(status=status))


def _nonsense() -> IdentityUnavailable:
    """Return the error for what is no answer of the service: a page of a hotel's network, say."""
    return IdentityUnavailable(
        _("something else answered, perhaps this network's own page that wants to be opened first")
    )
