"""The bridge asks Groq when there is a key, and does without it when that fails."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from msgspec.structs import replace

from bridge.crm.ask_callable import ask_about_client
from bridge.crm.extract_callable import extract_event
from core.llm.groq_extractor import GroqExtractor
from core.llm.prompts import DEFAULT_PROMPTS, version_of
from core.model.ids import extraction_path
from core.service.callables import AskRequest, ExtractAnswer, ExtractRequest
from core.service.errors import CallRefused
from core.settings import Llm, Settings
from core.store.port import Create
from tests.bridge.crm.test_ask_callable import fill
from tests.bridge.crm.test_extract_callable import FIRST, THREAD, chat
from tests.bridge.crm.world import PHONE, World
from tests.support.fake_groq import FakeGroq, error, good, running

REPLY = {
    "intent": "BOOKING", "action": "CREATE_EVENT", "intentQuote": "Vreau",
    "intentMessageId": "m1", "targetEventId": None,
    "facts": [{"field": "date", "quote": "10 feb", "messageId": "m1", "acceptedIn": None,
               "service": None}],
}  # fmt: skip


@pytest.fixture
def groq() -> Iterator[FakeGroq]:
    with running() as fake:
        yield fake


@pytest.fixture
def settings(groq: FakeGroq, tmp_path: Path) -> Settings:
    key = tmp_path / "groq.key"
    key.write_text("gsk_file", encoding="utf-8")
    key.chmod(0o600)
    return Settings(llm=Llm(base_url=groq.url, key_file=str(key), max_retries=0))


async def extract(
    world: World, settings: Settings, engine: Literal["groq"] | None = None
) -> ExtractAnswer:
    request = ExtractRequest(thread_id=THREAD, account_id="WA-01", engine=engine)
    return await extract_event(world.store, settings, lambda: world.now, "ana", request)


async def test_a_draft_by_groq_is_on_record_and_asked_once(
    world: World, groq: FakeGroq, settings: Settings
) -> None:
    groq.script(good(REPLY, tokens=640))
    await chat(world.store, FIRST)
    answer = await extract(world, settings)
    again = await extract(world, settings)
    assert (answer.engine, answer.model) == ("groq", "openai/gpt-oss-120b")
    assert answer.draft_event is not None
    assert answer.draft_event.date == "2026-02-10"
    assert (again.cached, again.draft_event) == (True, answer.draft_event)
    assert len(groq.requests) == 1
    record = await world.store.get(extraction_path(THREAD, "m1"))
    assert record is not None
    assert record.data["tokens"] == 640
    assert record.data["promptVersion"] == version_of(DEFAULT_PROMPTS.for_extraction())
    assert record.data["extractorVersion"] == GroqExtractor.version


async def test_the_stored_prompt_is_used(world: World, groq: FakeGroq, settings: Settings) -> None:
    groq.script(good(REPLY), good(REPLY))
    await chat(world.store, FIRST)
    await extract(world, settings)
    await world.store.commit([Create("app_config/ai_prompts", {"extraction": "Citează."})])
    assert not (await extract(world, settings)).cached
    systems = [request.body["messages"][0]["content"] for request in groq.requests]
    assert systems[0] != systems[1]
    assert systems[1].startswith("Citează.")


async def test_a_refused_key_is_told_and_the_rules_stand_in(
    world: World, groq: FakeGroq, settings: Settings
) -> None:
    groq.script(error(401, "invalid_api_key", "Invalid API Key"))
    await chat(world.store, FIRST)
    answer = await extract(world, settings)
    assert answer.engine == "rules"
    assert any("does not accept the key" in reason for reason in answer.reasons)


async def test_without_a_key_the_rules_read_and_groq_says_what_it_needs(
    world: World, groq: FakeGroq, settings: Settings
) -> None:
    settings = Settings(llm=replace(settings.llm, key_file="/nowhere/groq.key"))
    await chat(world.store, FIRST)
    assert (await extract(world, settings)).engine == "rules"
    with pytest.raises(CallRefused) as caught:
        await extract(world, settings, "groq")
    assert caught.value.status == "FAILED_PRECONDITION"
    assert "GROQ_API_KEY" in caught.value.hint
    assert groq.requests == []


async def test_an_answer_is_worded_by_the_model_and_checked(
    world: World, groq: FakeGroq, settings: Settings
) -> None:
    await fill(world)
    groq.script(
        good({"text": "A cheltuit 2200 RON, la #1 și #2.", "shortIds": [1, 2]}),
        good({"text": "Valoarea totală este 2100 RON, la #1 și #2.", "shortIds": [1, 2]}),
    )
    request = AskRequest(phone_e164=PHONE, question="Cât a cheltuit?")
    answer = await ask_about_client(world.store, settings, lambda: world.now, request)
    assert answer.answer == "Valoarea totală este 2100 RON, la #1 și #2."
    assert (answer.engine, len(answer.sources)) == ("groq", 2)
    second = json.loads(groq.requests[1].body["messages"][1]["content"])
    assert any("2200" in word for word in second["rejectedWords"])


async def test_a_model_that_keeps_inventing_gives_way_to_the_facts(
    world: World, groq: FakeGroq, settings: Settings
) -> None:
    await fill(world)
    invented = good({"text": "A cheltuit 2200 RON.", "shortIds": [9]})
    groq.script(invented, invented)
    request = AskRequest(phone_e164=PHONE, question="Cât a cheltuit?")
    answer = await ask_about_client(world.store, settings, lambda: world.now, request)
    assert answer.engine == "facts"
    assert "2100 RON" in answer.answer
    assert "2200" not in answer.answer
    assert len(groq.requests) == 2
