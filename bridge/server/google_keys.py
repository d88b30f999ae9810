"""Google's public keys that sign Firebase's id tokens: fetched, kept as long as they hold.

Source: firebase.google.com/docs/auth/admin/verify-id-tokens, "using a third-party JWT library"; the
same keys as the page's certificates, in the form of RFC 7517.
"""

import asyncio
import logging
import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from core.clock import Clock

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

KEYS_URL = (
    "https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com"
)
FETCH_SECONDS = 10.0
PAUSE = timedelta(minutes=1)
"""Least time between two fetches, whatever asks for one: a made-up key id costs Google nothing."""
_FIRST_PAUSE = timedelta(seconds=5)
"""The same while there is no key at all, and nobody can be let in."""
_DEFAULT_AGE = timedelta(hours=1)
"""How long keys hold that come without a word about it."""
_LONGEST_AGE = timedelta(days=1)
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age=(\d{1,9})(?=[\s,]|$)")

_log = logging.getLogger(__name__)


class KeysUnavailable(Exception):
    """No key was ever fetched, and none can be for now."""


class GoogleKeys:
    """The keys by their ids; old ones serve while Google is out of reach."""

    def __init__(self, clock: Clock, *, url: str = KEYS_URL) -> None:
        self._clock = clock
        self._url = url
        self._keys: dict[str, RSAPublicKey] = {}
        self._hold_until: datetime | None = None
        self._tried_at: datetime | None = None
        self._fetching: asyncio.Task[None] | None = None

    async def key(self, key_id: str) -> "RSAPublicKey | None":
        """Return the key of this id; None when Google has none. Raises KeysUnavailable."""
        now = self._clock()
        is_stale = self._hold_until is None or now >= self._hold_until
        pause = PAUSE if self._keys else _FIRST_PAUSE
        # abs: a clock that was set back keeps nobody out until it has caught up.
        is_due = self._tried_at is None or abs(now - self._tried_at) >= pause
        if (is_stale or key_id not in self._keys) and (is_due or self._fetching is not None):
            await asyncio.shield(self._fetch_once())
        if not self._keys:
            raise KeysUnavailable
        return self._keys.get(key_id)

    def _fetch_once(self) -> "asyncio.Task[None]":
        """Return the fetch that is under way, or begin one."""
        if self._fetching is None:
            self._fetching = asyncio.create_task(self._fetch(), name="fetch Google's keys")
        return self._fetching

    async def _fetch(self) -> None:
        """Take new keys in the place of the old ones, or keep those and say why."""
        self._tried_at = self._clock()
        try:
            keys, age = await _get(self._url)
        except Exception as error:  # another's network, and another's answer
            _log.warning("Google's keys were not fetched: %s", error or type(error).__name__)
        else:
            self._keys = keys
            self._hold_until = self._tried_at + age
        finally:
            self._fetching = None


async def _get(url: str) -> "tuple[dict[str, RSAPublicKey], timedelta]":
    """Fetch the keys, and how long they hold."""
    import aiohttp  # noqa: PLC0415 - only a bridge of a project asks

    limit = aiohttp.ClientTimeout(total=FETCH_SECONDS)
    async with (
        aiohttp.ClientSession(timeout=limit, trust_env=True) as http,
        http.get(url, allow_redirects=False) as answer,
    ):
        answer.raise_for_status()
        return _read(await answer.json()), _age(answer.headers.get("Cache-Control", ""))


def _read(answer: Any) -> "dict[str, RSAPublicKey]":
    """Return the RSA keys of a JSON Web Key set. Raises ValueError when it holds none."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey  # noqa: PLC0415
    from jwt.algorithms import RSAAlgorithm  # noqa: PLC0415

    listed = answer.get("keys") if isinstance(answer, dict) else None
    keys: dict[str, RSAPublicKey] = {}
    for each in listed if isinstance(listed, list) else ():
        key = RSAAlgorithm.from_jwk(each) if each.get("kty") == "RSA" else None
        if isinstance(key, RSAPublicKey):
            keys[str(each["kid"])] = key
    if not keys:
        raise ValueError("the answer holds no keys")
    return keys


def _age(cache_control: str) -> timedelta:
    found = _MAX_AGE.search(cache_control.lower())
    return min(timedelta(seconds=int(found[1])), _LONGEST_AGE) if found else _DEFAULT_AGE
