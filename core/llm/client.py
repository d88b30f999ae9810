"""Asks a model within one deadline: repeats what a repeat can help, and fails clearly otherwise."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Literal, TypedDict, TypeVar

import msgspec

from core.clock import Clock, system_clock
from core.llm.errors import (
    DeadlineExceeded,
    MalformedAnswer,
    RateLimited,
    SchemaUnsupported,
    Unavailable,
)
from core.llm.groq_api import GroqApi
from core.settings import Llm

_STRICT = ("openai/gpt-oss-",)
"""Models that can be held to a JSON schema. Source: console.groq.com/docs/structured-outputs."""
_REASONING = ("openai/gpt-oss-",)
"""Models that take `reasoning_effort` low, medium and high."""
_FIRST_WAIT = 0.5
_LONGEST_WAIT = 8.0
_ECHO = 4000
"""How much of a wrong answer is sent back to be mended."""

Shape = TypeVar("Shape", bound=msgspec.Struct)


class Message(TypedDict):
    """One message of a request."""

    role: Literal["system", "user", "assistant"]
    content: str


class LlmClient:
    """One model of one service; serves many calls at once.

    `key` is called when a session opens, so that a key that is added later is found.
    """

    def __init__(
        self,
        settings: Llm,
        key: Callable[[], str],
        *,
        clock: Clock = system_clock,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.settings = settings
        self._key = key
        self._clock = clock
        self.monotonic = monotonic
        self.sleep = sleep
        self.jitter = jitter
        self.strict = settings.model.startswith(_STRICT)
        """Whether the model is held to a JSON schema; turns false when the service says no."""

    @asynccontextmanager
    async def session(self, seconds: float | None = None) -> AsyncIterator["Session"]:
        """Open the time that one extraction or answer may take; `seconds` if less than is set.

        Raises NoKey, or SettingsError for a base URL that is not safe.
        """
        begun = self.monotonic()
        limit = min(self.settings.total_seconds, seconds or self.settings.total_seconds)
        api = await asyncio.to_thread(lambda: GroqApi(self.settings, self._key(), self._clock))
        try:
            yield Session(self, api, begun, limit)
        finally:
            await api.close()


class Session:
    """The requests of one call, which share a deadline."""

    def __init__(self, client: LlmClient, api: GroqApi, begun: float, limit: float) -> None:
        self._client = client
        self._settings = client.settings
        self._api = api
        self._begun = begun
        self._limit = limit
        self.tokens = 0
        """What all requests took so far, in and out together."""
        self.requests = 0

    @property
    def latency_ms(self) -> int:
        """How long the session has lasted, in milliseconds."""
        return round((self._client.monotonic() - self._begun) * 1000)

    def _left(self) -> float:
        return self._limit - (self._client.monotonic() - self._begun)

    async def ask(
        self, messages: list[Message], shape: type[Shape], schema: dict[str, Any]
    ) -> Shape:
        """Return the model's answer as a `shape`; a wrong answer may be mended once.

        Raises an LlmError.
        """
        try:
            return _parse(await self._complete(messages, schema), shape)
        except MalformedAnswer as error:
            mending = _mending(error, schema)
        return _parse(await self._complete([*messages, *mending], schema), shape)

    async def _complete(self, messages: list[Message], schema: dict[str, Any]) -> str:
        """Send one request until it succeeds, cannot succeed, or the time is over."""
        failures = 0
        while True:
            left = self._left()
            if left <= 0:
                raise DeadlineExceeded(self._limit)
            self.requests += 1
            strict = self._client.strict
            try:
                async with asyncio.timeout(left):
                    done = await self._api.complete(self._request(messages, schema, strict=strict))
            except TimeoutError:
                raise DeadlineExceeded(self._limit) from None
            except MalformedAnswer as error:
                self.tokens += error.tokens
                raise
            except SchemaUnsupported:
                if not strict:
                    raise
                self._client.strict = False
            except (RateLimited, Unavailable) as error:
                failures += 1
                await self._wait(error, failures)
            else:
                self.tokens += done.tokens
                return done.content

    async def _wait(self, error: RateLimited | Unavailable, failures: int) -> None:
        """Wait before a repeat; raises `error` when a repeat is not due or would come too late."""
        if failures > self._settings.max_retries:
            raise error
        wait = min(_FIRST_WAIT * 2 ** (failures - 1), _LONGEST_WAIT)
        wait *= 0.5 + self._client.jitter()
        if isinstance(error, RateLimited) and error.retry_after is not None:
            wait = error.retry_after + wait / 4
        if wait >= self._left():
            raise error
        await self._client.sleep(wait)

    def _request(
        self, messages: list[Message], schema: dict[str, Any], *, strict: bool
    ) -> dict[str, Any]:
        settings = self._settings
        request: dict[str, Any] = {
            "model": settings.model,
            "messages": messages,
            "temperature": settings.temperature,
            "max_completion_tokens": settings.max_tokens,
            "response_format": {"type": "json_object"},
        }
        if strict:
            request["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": "answer", "strict": True, "schema": schema},
            }
        else:
            request["messages"] = [*messages, _shape_of(schema)]
        if settings.model.startswith(_REASONING):
            request["reasoning_effort"] = settings.reasoning_effort
        return request


def _shape_of(schema: dict[str, Any]) -> Message:
    text = msgspec.json.encode(schema).decode()
    return {"role": "system", "content": f"Answer with one JSON object of this schema: {text}"}


def _mending(error: MalformedAnswer, schema: dict[str, Any]) -> list[Message]:
    """Return a wrong answer and what is wrong with it, for the model to try again."""
    keys = ", ".join(schema.get("required", ()))
    complaint: Message = {
        "role": "user",
        "content": f"That answer cannot be used: {error.complaint} Answer again, with one JSON "
        f"object that has exactly these keys: {keys}.",
    }
    if not error.answer:
        return [complaint]
    return [{"role": "assistant", "content": error.answer[:_ECHO]}, complaint]


def _parse(content: str, shape: type[Shape]) -> Shape:
    """Return a JSON answer as a `shape`. Raises MalformedAnswer, which says what is wrong."""
    text = content.strip()
    if text.startswith("```"):
        text = text.strip("`").removeprefix("json")
    try:
        return msgspec.json.decode(text, type=shape)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise MalformedAnswer(f"{str(error)[:300]}.", answer=content) from None
