"""What the tests of the language model share: a scripted service and a time that never waits."""

from collections.abc import Iterator

import msgspec
import pytest

from core.llm.client import LlmClient
from core.llm.groq_extractor import GroqExtractor
from core.settings import Llm
from tests.support.fake_groq import FakeGroq, running

KEY = "gsk_secret_1234567890"


class JumpingTime:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def groq() -> Iterator[FakeGroq]:
    with running() as fake:
        yield fake


@pytest.fixture
def time() -> JumpingTime:
    return JumpingTime()


@pytest.fixture
def client(groq: FakeGroq, time: JumpingTime) -> LlmClient:
    return make_client(groq, time)


def make_client(groq: FakeGroq, time: JumpingTime, settings: Llm | None = None) -> LlmClient:
    """Return a client of the scripted service."""
    return LlmClient(
        msgspec.structs.replace(settings or Llm(), base_url=groq.url),
        lambda: KEY,
        monotonic=time.monotonic,
        sleep=time.sleep,
        jitter=lambda: 0.5,
    )


@pytest.fixture
def extractor(client: LlmClient) -> GroqExtractor:
    return GroqExtractor(client)
