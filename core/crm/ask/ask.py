"""Answers a question: by a model whose words are checked, else from the facts alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from core.crm.ask.answers import Answer, Source, answer_from_facts, sources_of
from core.crm.ask.facts import ClientFacts
from core.crm.ask.phrases import Language
from core.crm.ask.questions import understand
from core.crm.ask.verify import objections
from core.errors import CapcoadaError
from core.i18n import _
from core.text import clean_text

ATTEMPTS: Final = 2
"""How often a model may word an answer before the facts speak for themselves."""
_LONGEST_ANSWER = 4000


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a model would answer."""

    text: str
    short_ids: tuple[int, ...] = ()
    """The events that it says it rests on."""


class Answerer(Protocol):
    """A model that words answers; it only ever sees the facts and the question."""

    @property
    def name(self) -> str:
        """The engine, such as `groq`."""
        ...

    async def answer(self, question: str, facts: ClientFacts, rejected: Sequence[str]) -> Proposal:
        """Word an answer to the question in its language.

        `rejected` is what was wrong with the answer before: words in it that the data do not hold.
        Raises a CapcoadaError when it cannot. It must not block the event loop and must end when
        cancelled.
        """
        ...


async def ask(
    question: str, facts: ClientFacts, *, answerer: Answerer | None, language: Language
) -> Answer:
    """Return an answer in which every number, date and short id is in the client's data."""
    plain = answer_from_facts(facts, question, language=language)
    if answerer is None:
        return plain
    rejected: list[str] = []
    reason = ""
    for _attempt in range(ATTEMPTS):
        try:
            proposal = await answerer.answer(question, facts, rejected)
        except CapcoadaError as error:
            reason = error.message
            break
        text = clean_text(proposal.text).strip()[:_LONGEST_ANSWER]
        rejected = objections(text, facts) or _wrong_sources(proposal, facts)
        if text and not rejected:
            return Answer(text, _sources(proposal, facts, question, language), answerer.name)
        reason = _("The model's answer held what the client's data do not.")
    told = _("{why} This is computed from the data.").format(why=reason)
    return Answer(plain.text, plain.sources, plain.engine, (told,))


def _wrong_sources(proposal: Proposal, facts: ClientFacts) -> list[str]:
    known = {event.event_short_id for event in facts.events}
    return [f"#{number}" for number in proposal.short_ids if number not in known]


def _sources(
    proposal: Proposal, facts: ClientFacts, question: str, language: Language
) -> tuple[Source, ...]:
    """Return the events that a model named; all when it named none."""
    named = [event for event in facts.events if event.event_short_id in proposal.short_ids]
    spoken = understand(question, language=language, this_year=facts.today.year).language
    return sources_of(named or facts.events, spoken)
