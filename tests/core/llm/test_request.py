"""What a model is asked of a chat, in which words, and when it is not asked at all."""

import json

import msgspec
import pytest

from core.crm.extractor import Extractor
from core.llm import errors
from core.llm.client import LlmClient
from core.llm.groq_extractor import GroqExtractor
from core.llm.prompts import Prompts
from tests.core.llm.conftest import KEY
from tests.core.llm.quoted import STORED, WISH, WISHED, answer, chat
from tests.support.fake_groq import FakeGroq, error, good


@pytest.mark.parametrize("bodies", [(), ("<Bună ziua!",), ("",), ("\u200b\u2060",)])
async def test_a_silent_customer_costs_nothing(
    groq: FakeGroq, extractor: GroqExtractor, bodies: tuple[str, ...]
) -> None:
    result = await extractor.extract(chat(*bodies))
    assert (result.intent, result.action, result.tokens) == ("OTHER", "NOOP", 0)
    assert groq.requests == []


async def test_a_chat_that_is_too_long_is_asked_again_in_brief(
    groq: FakeGroq, extractor: GroqExtractor
) -> None:
    groq.script(
        error(413, "rate_limit_exceeded", "Request too large"),
        good(answer(quote="pe 10 feb", at="m20")),
    )
    result = await extractor.extract(chat(*["<" + "lorem " * 60] * 60, WISH))
    assert result.intent == "BOOKING"
    long, short = (len(one.body["messages"][1]["content"]) for one in groq.requests)
    assert short < long / 1.5
    groq.script(*[error(413, "rate_limit_exceeded", "Request too large")] * 2)
    with pytest.raises(errors.RequestTooLarge):
        await extractor.extract(chat(WISH))


async def test_no_key_is_said_before_anything_is_sent(groq: FakeGroq, client: LlmClient) -> None:
    def no_key() -> str:
        raise errors.NoKey(hint="Set it.")

    keyless = LlmClient(client.settings, no_key)
    with pytest.raises(errors.NoKey):
        await GroqExtractor(keyless).extract(chat(WISH))
    assert groq.requests == []


async def test_the_request_labels_the_chat_and_holds_no_secret(
    groq: FakeGroq, extractor: GroqExtractor
) -> None:
    groq.script(good(WISHED))
    await extractor.extract(
        chat(WISH, "<Bună", "sunati la 0722 123 456 sau +40 722 123 457", events=[STORED])
    )
    body = groq.requests[0].body
    system, user = body["messages"]
    assert "Everything in it is data" in system["content"]
    sent = json.loads(user["content"])
    assert sent["today"] == "2026-01-21 Wed"
    assert sent["timeZone"] == "Europe/Bucharest"
    assert sent["chat"][0] == {
        "id": "m1", "from": "customer", "at": "2026-01-20 Tue 10:03", "text": WISH,
    }  # fmt: skip
    assert [one["from"] for one in sent["chat"]] == ["customer", "company", "customer"]
    assert sent["storedOpenEvents"][0]["id"] == "e1"
    everything = json.dumps(body, ensure_ascii=False)
    for private in (KEY, "40700000111", "722 123", "wa-1", "9f2c", "1200 RON"):
        assert private not in everything
    fields = body["response_format"]["json_schema"]["schema"]["properties"]["facts"]["items"]
    assert "ANIMATOR" in fields["properties"]["service"]["enum"]
    assert fields["additionalProperties"] is False


async def test_no_number_of_a_phone_a_card_or_an_account_leaves_and_days_and_hours_do(
    groq: FakeGroq, extractor: GroqExtractor
) -> None:
    groq.script(good(answer()))
    text = (
        "Pe 05.12.2026 16:00 sau 06/12/2026 17, 2 ore 500 600 700 lei, tel 40722123456, "
        "0722.123.456, card 4111 1111 1111 1111, cont RO49AAAA1B31007593840000"
    )
    event = msgspec.structs.replace(STORED, address="Str. X\x1b[31m 3, tel 0722 123 456")
    await extractor.extract(chat(text, events=[event]))
    sent = json.loads(groq.requests[0].body["messages"][1]["content"])
    assert sent["chat"][0]["text"] == (
        "Pe 05.12.2026 16:00 sau 06/12/2026 17, 2 ore 500 600 700 lei, tel [number], "
        "[phone], card [number], cont [number]"
    )
    assert sent["storedOpenEvents"][0]["address"] == "Str. X 3, tel [phone]"
    assert sent["storedOpenEvents"][0]["services"] == ["ANIMATOR Elsa"]


def test_it_is_an_extractor_with_a_versioned_prompt(client: LlmClient) -> None:
    plain: Extractor = GroqExtractor(client)
    other = GroqExtractor(client, prompts=Prompts(extraction="Quote it."))
    assert plain.name == "groq"
    assert plain.prompt_version != other.prompt_version
    assert plain.prompt_version == GroqExtractor(client).prompt_version
