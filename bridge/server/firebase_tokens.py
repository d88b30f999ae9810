"""Whether an id token of Firebase proves who calls: its signature, for whom, by whom, and when.

The rules are those of firebase.google.com/docs/auth/admin/verify-id-tokens. The Auth emulator signs
nothing: its tokens are taken only by a verifier that was made for it.
"""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import msgspec

from bridge.server.google_keys import GoogleKeys, KeysUnavailable
from bridge.server.verifiers import Caller, unauthenticated
from core.clock import Clock
from core.i18n import _
from core.service.errors import CallRefused

LEEWAY = timedelta(seconds=30)
"""By how much the clocks of Google and of this machine may differ."""
_ALGORITHM: Final = "RS256"
_ISSUER: Final = "https://securetoken.google.com/"
_LONGEST_UID: Final = 128

_log = logging.getLogger(__name__)


class FirebaseVerifier:
    """Takes tokens that Google signed for one project."""

    def __init__(self, project: str, keys: GoogleKeys, clock: Clock) -> None:
        self._project = project
        self._keys = keys
        self._clock = clock

    async def verify(self, token: str) -> Caller:
        """Return whose token this is.

        Raises CallRefused: UNAUTHENTICATED, or UNAVAILABLE while Google's keys cannot be had.
        """
        import jwt  # noqa: PLC0415 - only a bridge of a project needs it

        try:
            key_id = jwt.get_unverified_header(token).get("kid", "")
            key = await self._keys.key(key_id)
            if key is None:
                raise _refused("it names a key that Google does not have")
            signed = jwt.PyJWS().decode_complete(token, key, algorithms=[_ALGORITHM])
        except jwt.InvalidTokenError as error:
            raise _refused(type(error).__name__) from error
        except KeysUnavailable as error:
            raise CallRefused(
                "UNAVAILABLE",
                _("The bridge cannot check who calls: it does not reach Google."),
                hint=_("Try again in a minute; see that the bridge has a network."),
            ) from error
        return _caller(signed["payload"], self._project, self._clock)


class EmulatorVerifier:
    """Takes unsigned tokens as the Auth emulator makes them; for development alone."""

    def __init__(self, project: str, clock: Clock) -> None:
        self._project = project
        self._clock = clock

    async def verify(self, token: str) -> Caller:
        """Return whose token this is. Raises CallRefused."""
        import jwt  # noqa: PLC0415 - only a bridge of a project needs it

        try:
            parts = jwt.PyJWS().decode_complete(token, options={"verify_signature": False})
        except jwt.InvalidTokenError as error:
            raise _refused(type(error).__name__) from error
        if parts["header"].get("alg") != "none" or parts["signature"]:
            raise _refused("it is not one of the emulator")
        return _caller(parts["payload"], self._project, self._clock)


def _caller(payload: bytes, project: str, clock: Clock) -> Caller:
    """Return who a token is about, whose claims all hold now. Raises CallRefused."""
    claims = _claims(payload)
    now = clock().timestamp()
    leeway = LEEWAY.total_seconds()
    if claims.get("aud") != project:
        raise _refused("it is for another project")
    if claims.get("iss") != _ISSUER + project:
        raise _refused("another issuer made it")
    if _moment(claims, "exp") <= now - leeway:
        raise _refused("it has run out")
    if _moment(claims, "iat") > now + leeway:
        raise _refused("it is of the future")
    if _moment(claims, "auth_time") > now + leeway:
        raise _refused("its sign-in is of the future")
    uid = claims.get("sub")
    if not isinstance(uid, str) or not 0 < len(uid) <= _LONGEST_UID or "/" in uid:
        raise _refused("it is about nobody")
    return Caller(uid=uid)


def _claims(payload: bytes) -> Mapping[str, Any]:
    try:
        claims = msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _refused("it says nothing") from error
    if not isinstance(claims, dict):
        raise _refused("it says nothing")
    return claims


def _moment(claims: Mapping[str, Any], name: str) -> float:
    """Return a claim's seconds since the epoch. Raises CallRefused for anything else."""
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _refused(f"it does not tell its {name}")
    return value


def _refused(reason: str) -> CallRefused:
    """Return a refusal; why is for the log, not for who tries."""
    _log.info("a token was refused: %s", reason)
    return unauthenticated()
