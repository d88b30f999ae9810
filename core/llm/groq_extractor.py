"""The extractor that asks a model: it quotes, code checks the quotations and reads the values."""

import asyncio
from pathlib import Path

import msgspec

from core.crm.catalogue import DEFAULT_CATALOGUE, Catalogue, load_catalogue
from core.crm.draft import Extraction, ExtractionInput, Reason
from core.crm.extract.rules.birthdays import take_birthday
from core.crm.extract.rules.result import propose
from core.llm.client import LlmClient, Message, Session
from core.llm.decide import decide
from core.llm.errors import RequestTooLarge
from core.llm.facts import FactReader
from core.llm.prompts import DEFAULT_PROMPTS, Prompts, version_of
from core.llm.reading import Reading, read_chat
from core.llm.schemas import ExtractionAnswer, extraction_schema

ENGINE = "groq"
_MOST_REASONS = 12


class GroqExtractor:
    """Reads chats with a language model; implements core.crm.extractor.Extractor."""

    name = ENGINE
    version = "groq-4"

    def __init__(
        self,
        client: LlmClient,
        *,
        prompts: Prompts = DEFAULT_PROMPTS,
        currency: str = "RON",
        catalogue: Path = DEFAULT_CATALOGUE,
    ) -> None:
        self._client = client
        self._prompt = prompts.for_extraction()
        self._faults = prompts.faults
        self._currency = currency
        self._catalogue = catalogue

    @property
    def prompt_version(self) -> str:
        """The name of the prompt's text."""
        return version_of(self._prompt)

    @property
    def model(self) -> str:
        """The model that is asked."""
        return self._client.settings.model

    async def extract(self, conversation: ExtractionInput) -> Extraction:
        """Return what a chat proposes. Raises an LlmError, or SettingsError.

        A chat in which the customer says nothing is answered without asking.
        """
        catalogue = await asyncio.to_thread(load_catalogue, self._catalogue)
        reading = await asyncio.to_thread(read_chat, conversation, catalogue)
        if not reading.heard:
            return Extraction(
                intent="OTHER", action="NOOP", confidence=0.8, engine=ENGINE, model=self.model,
                tokens=0, reasons=[Reason("not_written")],
            )  # fmt: skip
        async with self._client.session() as session:
            try:
                answer = await self._ask(session, reading, catalogue)
            except RequestTooLarge:
                reading = await asyncio.to_thread(read_chat, conversation, catalogue, brief=True)
                answer = await self._ask(session, reading, catalogue)
            draft = await asyncio.to_thread(
                build, answer, reading, catalogue, currency=self._currency
            )
            return msgspec.structs.replace(
                draft,
                reasons=[*draft.reasons, *self._faults],
                model=self.model,
                tokens=session.tokens,
                latency_ms=session.latency_ms,
            )

    async def _ask(
        self, session: Session, reading: Reading, catalogue: Catalogue
    ) -> ExtractionAnswer:
        messages: list[Message] = [
            {"role": "system", "content": self._prompt},
            {"role": "user", "content": reading.document},
        ]
        kinds = list(dict.fromkeys(service.role_type for service in catalogue.services))
        return await session.ask(messages, ExtractionAnswer, extraction_schema(kinds))


def build(
    answer: ExtractionAnswer, reading: Reading, catalogue: Catalogue, *, currency: str
) -> Extraction:
    """Return the proposal that a model's quotations support, and nothing beside."""
    reader = FactReader(reading.turns, catalogue, currency)
    reader.read(answer.facts)
    turns = list(reading.turns.values())
    quoted = reading.turns.get(answer.intent_message_id)
    events = list(reading.events.values())
    decision = decide(answer, quoted, turns, reader.ledger, events)
    if decision.verdict.intent == "BOOKING":
        take_birthday(turns, reader.ledger)
    shielded = any(turn.shielded for turn in turns)
    draft = propose(decision.verdict, reader.ledger, shielded=shielded, engine=ENGINE)
    reasons = list(draft.reasons)
    if decision.note is not None:
        reasons.append(Reason(decision.note))
    if draft.event is not None:
        reasons += list(dict.fromkeys(reader.dropped))
    return msgspec.structs.replace(
        draft,
        confidence=round(min(draft.confidence, decision.confidence), 2),
        reasons=reasons[:_MOST_REASONS],
    )
