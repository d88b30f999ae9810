"""Whoever calls is answered in their language, whatever the bridge speaks."""

from pathlib import Path

import pytest

from bridge.server.language import wanted_language
from bridge.tasks import start_task
from bridge.whatsapp.protocol import QrCode, Reply
from core.i18n import speaking, spoken_language, use_language
from core.service.callables import AddAccountRequest, PairPhoneRequest, SendRequest
from core.service.errors import CallRefused
from tests.support.office import ANA, an_office
from tests.support.waiting import until


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", ""),
        ("ro", "ro"),
        ("RO-ro", "ro"),
        ("ro-Latn-RO , en;q=0.5", "ro"),
        ("en;q=0.8, ro", "ro"),
        ("ro;q=0.2,en;q=0.9", "en"),
        ("de, fr;q=0.9", ""),
        ("de, ro;q=0.001", "ro"),
        ("ro;q=0", ""),
        ("*", ""),
        ("ro;q=7, en", "en"),
        ("ro;q=high", ""),
        ("../../etc/passwd", ""),
        (",;=q,,ro,", "ro"),
        ("ro" * 4000, ""),
        ("ȓo", ""),
    ],
)
def test_the_language_that_a_header_asks_for(accepted: str, language: str) -> None:
    assert wanted_language(accepted) == language


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("ro", "Nu există o astfel de conversație."),
        ("en", "There is no such conversation."),
    ],
)
@pytest.mark.parametrize("bridge_speaks", ["ro", "en"])
async def test_a_console_is_refused_in_its_own_words(
    tmp_path: Path, language: str, said: str, bridge_speaks: str
) -> None:
    request = SendRequest(
        thread_id="WA-01__1@s.whatsapp.net", account_id="WA-01", to_jid="1@s.whatsapp.net",
        text="Da", client_message_id="1",
    )  # fmt: skip
    async with an_office(tmp_path) as office:
        use_language(bridge_speaks)
        try:
            with speaking(language), pytest.raises(CallRefused) as caught:
                await office.client.call(request)
        finally:
            use_language("en")
    assert (caught.value.status, caught.value.message) == ("NOT_FOUND", said)


async def test_whoever_asks_for_no_language_hears_the_bridge_s_own(tmp_path: Path) -> None:
    async with an_office(tmp_path) as office:
        use_language("ro")
        try:
            _status, answer = await office.post("nothing", headers=ANA, json={"data": {}})
        finally:
            use_language("en")
        assert answer["error"]["message"] == "Nu există apelul nothing."


async def test_what_a_call_starts_goes_on_in_the_bridge_s_language() -> None:
    heard: list[str] = []

    async def work() -> None:
        heard.append(spoken_language())

    with speaking("ro"):
        await start_task("work", work)
    assert heard == ["en"]


async def test_a_worker_s_reason_is_told_in_the_caller_s_words(tmp_path: Path) -> None:
    async with an_office(tmp_path) as office:
        await office.client.call(AddAccountRequest(name="Principal"))
        await until(lambda: bool(office.workers))
        worker = office.workers[-1]
        worker.answers = lambda _command: Reply(
            command_id=0, failure="refused", detail="Already paired."
        )
        worker.says(QrCode(payload="2@one", seconds_valid=60))
        for language, said in (("ro", "Deja asociat."), ("en", "Already paired.")):
            with speaking(language), pytest.raises(CallRefused) as caught:
                await office.client.call(PairPhoneRequest(account_id="WA-01", phone="0712345678"))
            assert caught.value.message == said
