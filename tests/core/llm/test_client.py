"""Every way in which the service answers, and what the client makes of it."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import msgspec
import pytest

from core.errors import SettingsError
from core.llm import errors
from core.llm.client import LlmClient, Message
from core.llm.groq_api import api_root
from core.settings import Llm
from tests.core.llm.conftest import KEY, JumpingTime, make_client
from tests.support import fake_groq
from tests.support.fake_groq import PATH, FakeGroq, Step, cut_off, error, good, slow


class Fruit(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    count: int


SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "count": {"type": "integer"}},
    "required": ["name", "count"],
    "additionalProperties": False,
}
ASKED: list[Message] = [
    {"role": "system", "content": "Name a fruit."},
    {"role": "user", "content": "a private chat"},
]
PEAR = {"name": "pear", "count": 2}
BUSY = error(429, "rate_limit_exceeded", "Rate limit reached")


async def ask(client: LlmClient) -> Fruit:
    async with client.session() as session:
        return await session.ask(ASKED, Fruit, SCHEMA)


async def test_an_answer_comes_back_with_what_it_cost(
    groq: FakeGroq, client: LlmClient, time: JumpingTime
) -> None:
    groq.script(good(PEAR, tokens=120))
    async with client.session() as session:
        time.now += 1.5
        assert await session.ask(ASKED, Fruit, SCHEMA) == Fruit("pear", 2)
        assert (session.tokens, session.latency_ms, session.requests) == (120, 1500, 1)


async def test_the_request_is_what_the_service_documents(groq: FakeGroq, client: LlmClient) -> None:
    groq.script(good(PEAR))
    await ask(client)
    (request,) = groq.requests
    assert request.path == PATH
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert request.body == {
        "model": "openai/gpt-oss-120b",
        "messages": ASKED,
        "temperature": 0.0,
        "max_completion_tokens": 4096,
        "reasoning_effort": "low",
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "answer", "strict": True, "schema": SCHEMA},
        },
    }


async def test_a_model_without_schemas_is_asked_for_json_in_words(
    groq: FakeGroq, time: JumpingTime
) -> None:
    client = make_client(groq, time, Llm(model="qwen/qwen3.6-27b"))
    groq.script(good("```json\n" + msgspec.json.encode(PEAR).decode() + "\n```"))
    assert await ask(client) == Fruit("pear", 2)
    body = groq.requests[0].body
    assert body["response_format"] == {"type": "json_object"}
    assert "reasoning_effort" not in body
    assert '"additionalProperties":false' in body["messages"][-1]["content"]


async def test_a_refused_schema_falls_back_to_json_and_is_remembered(
    groq: FakeGroq, client: LlmClient, time: JumpingTime
) -> None:
    text = "This model does not support response format `json_schema`."
    groq.script(error(400, "", text, param="response_format"), good(PEAR), good(PEAR))
    assert await ask(client) == await ask(client) == Fruit("pear", 2)
    kinds = [request.body["response_format"]["type"] for request in groq.requests]
    assert kinds == ["json_schema", "json_object", "json_object"]
    assert time.slept == []


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (error(401, "invalid_api_key", "Invalid API Key"), errors.KeyRefused),
        (error(403, "", "Forbidden"), errors.KeyRefused),
        (error(400, "model_decommissioned", "The model has been"), errors.ModelUnknown),
        (error(403, "model_permission_blocked_org", "Blocked"), errors.ModelUnknown),
        (error(404, "model_not_found", "The model `x` does not exist"), errors.ModelUnknown),
        (error(413, "request_too_large", "Request Entity Too Large"), errors.RequestTooLarge),
        (error(413, "rate_limit_exceeded", "Request too large for model"), errors.RequestTooLarge),
        (error(400, "context_length_exceeded", "Reduce the length"), errors.RequestTooLarge),
        (error(400, "", "'temperature' is too high"), errors.RequestRefused),
        (error(422, "", "Unprocessable"), errors.RequestRefused),
        (error(307, "", "", location="http://127.0.0.1:9/"), errors.RequestRefused),
    ],
)
async def test_what_a_repeat_cannot_help_fails_at_once(
    groq: FakeGroq, client: LlmClient, time: JumpingTime, step: Step, kind: type[Exception]
) -> None:
    groq.script(step)
    with pytest.raises(kind) as caught:
        await ask(client)
    assert isinstance(caught.value, errors.LlmError)
    assert caught.value.hint
    assert len(groq.requests) == 1
    assert time.slept == []


async def test_a_busy_service_is_asked_again_after_the_time_it_names(
    groq: FakeGroq, client: LlmClient, time: JumpingTime
) -> None:
    groq.script(
        error(429, "rate_limit_exceeded", "Rate limit reached", retry_after="7"), good(PEAR)
    )
    assert await ask(client) == Fruit("pear", 2)
    (wait,) = time.slept
    assert 7 <= wait < 8


async def test_the_time_may_be_named_as_a_date(groq: FakeGroq, time: JumpingTime) -> None:
    now = datetime(2026, 2, 3, 9, 0, tzinfo=UTC)
    at = format_datetime(now + timedelta(seconds=20), usegmt=True)
    client = LlmClient(
        Llm(base_url=groq.url), lambda: KEY, clock=lambda: now, monotonic=time.monotonic,
        sleep=time.sleep, jitter=lambda: 0.0,
    )  # fmt: skip
    groq.script(error(429, "rate_limit_exceeded", "", retry_after=at), good(PEAR))
    await ask(client)
    (wait,) = time.slept
    assert 20 <= wait < 21


@pytest.mark.parametrize("value", ["soon", "nan", "inf", ""])
async def test_a_senseless_time_is_none(
    groq: FakeGroq, client: LlmClient, time: JumpingTime, value: str
) -> None:
    groq.script(error(429, "rate_limit_exceeded", "", retry_after=value), good(PEAR))
    await ask(client)
    assert time.slept == [0.5]


async def test_a_wait_beyond_the_deadline_is_a_failure_that_says_how_long(
    groq: FakeGroq, client: LlmClient, time: JumpingTime
) -> None:
    groq.script(error(429, "rate_limit_exceeded", "Rate limit", retry_after="120"))
    with pytest.raises(errors.RateLimited) as caught:
        await ask(client)
    assert caught.value.retry_after == 120
    assert "120" in caught.value.hint
    assert time.slept == []
    assert len(groq.requests) == 1


async def test_repeats_wait_longer_each_time_and_end(
    groq: FakeGroq, client: LlmClient, time: JumpingTime
) -> None:
    groq.script(*[BUSY] * 9)
    with pytest.raises(errors.RateLimited):
        await ask(client)
    assert time.slept == [0.5, 1.0, 2.0]
    assert len(groq.requests) == 4


@pytest.mark.parametrize(
    "step",
    [
        error(500, "internal_server_error", "boom"),
        error(503, "service_unavailable", "down"),
        error(498, "flex_capacity_exceeded", "busy"),
        cut_off(),
        fake_groq.raw(b"<html>proxy</html>"),
        fake_groq.raw(b'{"choices": 7}'),
    ],
)
async def test_a_broken_service_is_asked_again(
    groq: FakeGroq, client: LlmClient, time: JumpingTime, step: Step
) -> None:
    groq.script(step, good(PEAR))
    assert await ask(client) == Fruit("pear", 2)
    assert time.slept == [0.5]
    groq.script(*[step] * 4)
    with pytest.raises(errors.Unavailable):
        await ask(client)


async def test_nobody_listening_is_unavailable(time: JumpingTime, groq: FakeGroq) -> None:
    groq.url = "http://127.0.0.1:1"
    with pytest.raises(errors.Unavailable):
        await ask(make_client(groq, time))
    assert len(time.slept) == 3


async def test_a_slow_service_ends_with_the_request_and_with_the_deadline(
    groq: FakeGroq, time: JumpingTime
) -> None:
    groq.script(*[slow(groq)] * 3)
    one_request = Llm(request_seconds=0.05, max_retries=1)
    with pytest.raises(errors.Unavailable):
        await ask(make_client(groq, time, one_request))
    with pytest.raises(errors.DeadlineExceeded):
        await ask(make_client(groq, time, Llm(total_seconds=0.05)))
    assert len(groq.requests) == 3


async def test_waits_count_towards_the_deadline(groq: FakeGroq, time: JumpingTime) -> None:
    seconds = Llm(total_seconds=10)
    groq.script(
        error(429, "rate_limit_exceeded", "", retry_after="6"),
        error(429, "rate_limit_exceeded", "", retry_after="6"),
    )
    with pytest.raises(errors.RateLimited):
        await ask(make_client(groq, time, seconds))
    assert len(time.slept) == 1


async def test_a_cancelled_call_ends_at_once(groq: FakeGroq, client: LlmClient) -> None:
    groq.script(slow(groq))
    task = asyncio.create_task(ask(client))
    assert await asyncio.to_thread(groq.reached.wait, 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize(
    "wrong",
    [
        good("{not json"),
        good("[1, 2]"),
        good({"name": "pear"}),
        good({"name": 7, "count": "two"}),
        good({**PEAR, "more": 1}),
        good(""),
        good("[" * 100_000),
        fake_groq.empty_choices(),
        fake_groq.truncated('{"name": "pe'),
        error(400, "json_validate_failed", "Failed to validate JSON"),
        fake_groq.raw(fake_groq.completion(None)),
    ],
)
async def test_a_wrong_answer_is_mended_once(
    groq: FakeGroq, client: LlmClient, time: JumpingTime, wrong: Step
) -> None:
    groq.script(wrong, good(PEAR))
    assert await ask(client) == Fruit("pear", 2)
    complaint = groq.requests[1].body["messages"][-1]
    assert complaint["role"] == "user"
    assert "cannot be used" in complaint["content"]
    assert "name, count" in complaint["content"]
    assert len(msgspec.json.encode(groq.requests[1].body)) < 8000
    groq.script(wrong, wrong)
    with pytest.raises(errors.MalformedAnswer):
        await ask(client)
    assert time.slept == []


async def test_an_answer_of_thoughts_alone_is_asked_to_be_brief(
    groq: FakeGroq, client: LlmClient
) -> None:
    groq.script(fake_groq.truncated(""), good(PEAR))
    assert await ask(client) == Fruit("pear", 2)
    assert "Be brief" in groq.requests[1].body["messages"][-1]["content"]


async def test_an_answer_that_was_cut_off_costs_too(groq: FakeGroq, client: LlmClient) -> None:
    groq.script(fake_groq.truncated('{"name": "pe'), good(PEAR, tokens=120))
    async with client.session() as session:
        await session.ask(ASKED, Fruit, SCHEMA)
        assert session.tokens == 240


async def test_neither_key_nor_chat_gets_into_logs_or_errors(
    groq: FakeGroq, client: LlmClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("groq").setLevel(logging.DEBUG)
    groq.script(error(400, "", f"You said: a private chat with {KEY}"))
    with pytest.raises(errors.RequestRefused) as caught:
        await ask(client)
    assert caught.value.__suppress_context__
    for secret in (KEY, "a private chat"):
        assert secret not in caplog.text
        assert secret not in str(caught.value)
        assert secret not in repr(caught.value)


@pytest.mark.parametrize(
    ("given", "root"),
    [
        ("https://api.groq.com", "https://api.groq.com"),
        ("https://api.groq.com/openai/v1/", "https://api.groq.com"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost:8080/", "http://localhost:8080"),
    ],
)
def test_the_base_url_is_taken_without_its_path(given: str, root: str) -> None:
    assert api_root(given) == root


@pytest.mark.parametrize(
    "given", ["http://api.groq.com", "ftp://127.0.0.1", "api.groq.com", "", "https://"]
)
def test_a_base_url_that_would_show_the_key_is_refused(given: str) -> None:
    with pytest.raises(SettingsError):
        api_root(given)
