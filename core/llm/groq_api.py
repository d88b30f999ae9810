"""One request to Groq's chat completions, and what its answer or error means.

The SDK only carries the request: it neither retries nor judges what comes back. Sources: SDK 1.7.0,
and console.groq.com/docs for errors, structured outputs and reasoning.
"""

import ipaddress
import logging
import math
import ssl
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from core.clock import Clock
from core.errors import SettingsError
from core.i18n import _
from core.llm.errors import (
    KeyRefused,
    LlmError,
    MalformedAnswer,
    ModelUnknown,
    RateLimited,
    RequestRefused,
    RequestTooLarge,
    SchemaUnsupported,
    Unavailable,
)
from core.settings import Llm

if TYPE_CHECKING:
    import groq

_RETRIED = frozenset({408, 409, 498})
"""Time-out, conflict, and flex capacity exceeded; besides 429 and 5xx."""
_GONE = frozenset(
    {
        "model_decommissioned",
        "model_not_found",
        "model_permission_blocked_org",
        "model_permission_blocked_project",
        "model_terms_required",
    }
)


@dataclass(frozen=True, slots=True)
class Completion:
    """What the model wrote, and what it cost."""

    content: str
    tokens: int
    """In and out together."""


class _Message(msgspec.Struct):
    content: str | None = None


class _Choice(msgspec.Struct):
    message: _Message
    finish_reason: str | None = None


class _Usage(msgspec.Struct):
    total_tokens: int = 0


class _Body(msgspec.Struct):
    choices: list[_Choice]
    usage: _Usage | None = None


def api_root(base_url: str) -> str:
    """Return the base URL without the path that the SDK adds itself.

    Raises SettingsError for anything but https, or http to this machine.
    """
    root = base_url.strip().rstrip("/").removesuffix("/openai/v1")
    parts = urlsplit(root)
    local = parts.scheme == "http" and _is_loopback(parts.hostname or "")
    if not parts.hostname or not (parts.scheme == "https" or local):
        raise SettingsError(
            _("base_url under [llm] is not a safe address: {url}.").format(url=base_url),
            hint=_("It starts with https://, as https://api.groq.com does."),
        )
    return root


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """Return the trusted authorities, which take a while to load."""
    import httpx  # noqa: PLC0415 - loaded by now

    return httpx.create_ssl_context()


class GroqApi:
    """A connection to the service; `close` it in the event loop that used it."""

    def __init__(self, settings: Llm, key: str, clock: Clock) -> None:
        """Load the SDK, which takes a moment: not on an event loop."""
        import groq  # noqa: PLC0415 - heavy, and only needed when a model is asked
        import httpx  # noqa: PLC0415 - comes with it

        # At DEBUG the SDK writes whole requests, chats included, into the log.
        logging.getLogger("groq").setLevel(logging.WARNING)
        self._settings = settings
        self._clock = clock
        timeout = httpx.Timeout(settings.request_seconds, connect=settings.connect_seconds)
        # No redirects: a chat goes to the address that was set, and to no other.
        self._client = groq.AsyncGroq(
            api_key=key,
            base_url=api_root(settings.base_url),
            timeout=timeout,
            max_retries=0,
            http_client=httpx.AsyncClient(timeout=timeout, follow_redirects=False, verify=_tls()),
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()

    async def complete(self, request: dict[str, Any]) -> Completion:
        """Send one request. Raises an LlmError that tells whether a repeat can help."""
        import groq  # noqa: PLC0415 - loaded by now

        try:
            raw = await self._client.chat.completions.with_raw_response.create(**request)
        except groq.APITimeoutError:
            raise Unavailable(_("no answer in time")) from None
        except groq.APIConnectionError:
            raise Unavailable(_("the connection failed")) from None
        except groq.APIStatusError as error:
            # The error's own text may quote the request or the answer, so it ends here.
            raise self._meaning(error) from None
        return _read(await raw.read())

    def _meaning(self, error: "groq.APIStatusError") -> LlmError:
        """Return what an error status says. Source: console.groq.com/docs/errors."""
        code, text, parameter = _details(error.body)
        status = error.status_code
        if code in _GONE or (status == 404 and "model" in text):
            return ModelUnknown(self._settings.model)
        if status in {401, 403}:
            return KeyRefused()
        if status == 413 or code in {"request_too_large", "context_length_exceeded"}:
            return RequestTooLarge()
        if status == 429:
            return RateLimited(_retry_after(error.response.headers, self._clock()))
        if status in _RETRIED or status >= 500:
            return Unavailable(_("the service reports error {status}").format(status=status))
        if code in {"json_validate_failed", "output_parse_failed"}:
            return MalformedAnswer("The answer was not valid JSON for the schema.")
        if status in {400, 422} and (
            "response_format" in parameter or "json_schema" in text or "response format" in text
        ):
            return SchemaUnsupported(_("error {status}").format(status=status))
        return RequestRefused(_("error {status}").format(status=status))


def _details(body: object) -> tuple[str, str, str]:
    """Return code, lower-case message and parameter of an error's body, as far as it has them."""
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return "", "", ""
    return (
        str(error.get("code") or ""),
        str(error.get("message") or "")[:2000].lower(),
        str(error.get("param") or ""),
    )


def _retry_after(headers: "Any", now: datetime) -> float | None:
    """Return the seconds that the service asks to wait. Source: RFC 9110, section 10.2.3."""
    value = str(headers.get("retry-after") or "").strip()
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(value) - now).total_seconds()
        except (ValueError, TypeError):
            return None
    return min(max(seconds, 0.0), 86_400.0) if math.isfinite(seconds) else None


def _read(body: bytes) -> Completion:
    """Return the model's text from an answer. Raises Unavailable or MalformedAnswer."""
    try:
        answer = msgspec.json.decode(body, type=_Body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Unavailable(_("it sent something else than an answer")) from None
    tokens = answer.usage.total_tokens if answer.usage else 0
    choice = answer.choices[0] if answer.choices else None
    if choice is not None and choice.finish_reason == "length":
        complaint = "The answer was cut off because it was too long. Be brief."
        raise MalformedAnswer(complaint, tokens=tokens)
    if choice is None or not choice.message.content:
        raise MalformedAnswer("The answer was empty.", tokens=tokens)
    return Completion(choice.message.content, tokens)
