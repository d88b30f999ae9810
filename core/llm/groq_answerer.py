"""The answerer that asks a model: it words facts that code computed, and code checks its words."""

from collections.abc import Sequence
from typing import Any

import msgspec

from core.crm.ask.ask import Proposal
from core.crm.ask.facts import ClientFacts, as_data
from core.crm.resolve.phones import hide_numbers
from core.llm.client import LlmClient, Message, Session
from core.llm.errors import RequestTooLarge
from core.llm.prompts import DEFAULT_PROMPTS, Prompts, version_of
from core.llm.schemas import WordedAnswer, answer_schema
from core.text import clean_line, clean_text

ATTEMPT_SECONDS = 20.0
"""How long one attempt may take; a rejected answer is followed by a second one."""
_LONGEST_QUESTION = 1000
_LONGEST_TEXT = 300
"""Characters of one text of an event."""
_MOST_EVENTS, _FEW_EVENTS = 120, 25
"""How many of the newest events are told, and how many when the service finds that too much."""
_MOST_REJECTED = 20
_NOT_SENT = frozenset({"phoneE164", "eventId"})


class GroqAnswerer:
    """Words answers with a language model; implements core.crm.ask.ask.Answerer."""

    name = "groq"

    def __init__(self, client: LlmClient, *, prompts: Prompts = DEFAULT_PROMPTS) -> None:
        self._client = client
        self._prompt = prompts.for_answers()

    @property
    def prompt_version(self) -> str:
        """The name of the prompt's text."""
        return version_of(self._prompt)

    async def answer(self, question: str, facts: ClientFacts, rejected: Sequence[str]) -> Proposal:
        """Return a worded answer, unchecked; `rejected` were words that the facts do not hold.

        Raises an LlmError, or SettingsError.
        """
        async with self._client.session(ATTEMPT_SECONDS) as session:
            try:
                said = await self._ask(session, question, facts, rejected, _MOST_EVENTS)
            except RequestTooLarge:
                said = await self._ask(session, question, facts, rejected, _FEW_EVENTS)
        return Proposal(text=clean_text(said.text), short_ids=tuple(said.short_ids))

    async def _ask(
        self,
        session: Session,
        question: str,
        facts: ClientFacts,
        rejected: Sequence[str],
        most_events: int,
    ) -> WordedAnswer:
        document = {
            "question": hide_numbers(clean_line(question[:_LONGEST_QUESTION])),
            "rejectedWords": [clean_line(word)[:80] for word in rejected[:_MOST_REJECTED]],
            "facts": told_facts(facts, most_events),
        }
        messages: list[Message] = [
            {"role": "system", "content": self._prompt},
            {"role": "user", "content": msgspec.json.encode(document).decode()},
        ]
        return await session.ask(messages, WordedAnswer, answer_schema())


def told_facts(facts: ClientFacts, most_events: int) -> dict[str, Any]:
    """Return the facts as a model gets them: no phone numbers or internal ids, bounded texts."""
    told: dict[str, Any] = _bounded(as_data(facts))
    events = told["events"]
    if len(events) > most_events:
        told["events"] = events[:most_events]
        told["olderEventsNotListed"] = len(events) - most_events
    return told


def _bounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _bounded(part) for key, part in value.items() if key not in _NOT_SENT}
    if isinstance(value, list):
        return [_bounded(part) for part in value]
    return hide_numbers(clean_text(value))[:_LONGEST_TEXT] if isinstance(value, str) else value
